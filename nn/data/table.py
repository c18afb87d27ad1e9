"""How do tables become a data set?

    CSVDataset    lines of text, one sample in each
    NpzDataset    NumPy's archive of arrays

In a table from life something is missing, and something is no number. Both are errors that name the line, unless you say what to do.

Read next: `preprocessing.py`.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from nn.data.dataset import ArrayDataset
from nn.data.draws import Array

MISSING = {"", "na", "nan", "n/a", "null", "none", "?"}
"""What stands in a cell without a value, in small letters."""


class CSVDataset(ArrayDataset):
    """Lines of a text file: inputs float32 (N, columns), and targets.

    path:       the file, in UTF-8
    target:     the column of the targets, by its name or its number (from 0; -1 is the last one); None for no targets
    header:     does the first line hold the names of the columns? None looks whether it holds numbers
    delimiter:  what stands between the cells
    missing:    what to do about cells without a value: 'error', 'drop' the line, 'mean' of the column, or a number to put there
    task:       'classes' or 'numbers'; 'auto' takes whole numbers and names as classes. Names are numbered in alphabetical order
    transform, target_transform:  as for `ArrayDataset`

    columns:    the names of the input columns, if there is a header
    classes:    the names of the classes, if they have names

    Raises ValueError, naming file and line, for a line with too few or too many cells, and for a cell that is no number.
    """

    def __init__(self, path: str | os.PathLike[str], target: str | int | None = -1, header: bool | None = None, delimiter: str = ",",
                 missing: str | float = "error", task: str = "auto", transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None) -> None:
        if isinstance(missing, str) and missing not in ("error", "drop", "mean"):
            raise ValueError(f"missing is 'error', 'drop', 'mean' or a number, and not {missing!r}")
        if task not in ("auto", "classes", "numbers"):
            raise ValueError(f"task is 'auto', 'classes' or 'numbers', and not {task!r}")
        self.path = Path(path)
        rows, lines = read_rows(self.path, delimiter)
        width = len(rows[0])
        names = rows[0] if isinstance(target, str) or header or (header is None and is_header(rows[0], target)) else None
        if names is not None:
            rows, lines = rows[1:], lines[1:]
        if not rows:
            raise ValueError(f"{self.path} has no samples{', only a header' if names else ''}")
        column = None if target is None else column_of(target, names, width, self.path)
        features = [i for i in range(width) if i != column]
        if not features:
            raise ValueError(f"{self.path}, line {lines[0]}: there is one column only, {rows[0][0]!r:.40}, so there are targets and no "
                             f"inputs. Is {delimiter!r} what stands between the cells? If not, say delimiter=';' or what it is")
        labels = None if column is None else [row[column].strip() for row in rows]
        inputs = np.array([[self._number(row[i], line, i, names) for i in features] for row, line in zip(rows, lines)], np.float64)
        inputs = inputs.reshape(len(rows), len(features))
        gone = np.isnan(inputs)
        no_label = np.array([label.lower() in MISSING for label in labels]) if labels is not None else np.zeros(len(rows), bool)
        self.lines = np.array(lines)
        kept = np.ones(len(rows), bool)
        if missing == "drop":
            kept = ~(gone.any(axis=1) | no_label)
        elif no_label.any() or (missing == "error" and gone.any()):
            row = int(np.flatnonzero(no_label | gone.any(axis=1))[0])
            place = column if no_label[row] else features[int(np.flatnonzero(gone[row])[0])]
            raise ValueError(f"{self.path}, line {lines[row]}: there is no value in {called(place, names)}. Write missing='drop' to leave "
                             f"such lines out{'' if no_label[row] else ', or mean or a number to fill them'}")
        elif missing == "mean":
            if gone.all(axis=0).any():
                empty = features[int(np.flatnonzero(gone.all(axis=0))[0])]
                raise ValueError(f"{self.path}: {called(empty, names)} has no value at all, so there is no mean to fill in")
            inputs = np.where(gone, np.nanmean(inputs, axis=0), inputs)
        else:
            inputs = np.where(gone, missing, inputs)
        if not kept.any():
            raise ValueError(f"{self.path}: there is a value missing in every line")
        self.lines, inputs = self.lines[kept], inputs[kept]
        self.columns = None if names is None else [names[i] for i in features]
        arrays, classes = [inputs.astype(np.float32)], None
        if labels is not None:
            values, classes = self._targets([label for label, keep in zip(labels, kept) if keep], task)
            arrays.append(values)
        super().__init__(*arrays, transform=transform, target_transform=target_transform, classes=classes)

    def describe(self, index: int) -> str:
        return f"{self.path}, line {self.lines[index]}"

    def _number(self, cell: str, line: int, column: int, names: Sequence[str] | None) -> float:
        try:
            return float(cell)
        except ValueError:
            if cell.strip().lower() in MISSING:
                return np.nan
            raise ValueError(f"{self.path}, line {line}: {cell!r} in {called(column, names)} is no number. A column of names needs numbers "
                             "in their place; if it holds the targets, say target=") from None

    def _targets(self, labels: list[str], task: str) -> tuple[Array, list[str] | None]:
        """Targets as int64 classes, with names if they have such, or as float32 numbers."""
        try:
            values = np.array([float(label) for label in labels])
        except ValueError:
            if task == "numbers":
                bad = next(i for i, label in enumerate(labels) if not is_number(label))
                raise ValueError(f"{self.path}, line {self.lines[bad]}: the target {labels[bad]!r} is no number") from None
            names = sorted(set(labels))
            return np.array([names.index(label) for label in labels], np.int64), names
        whole = bool((values == np.rint(values)).all())
        if task == "classes" and not whole:
            raise ValueError(f"{self.path}: targets that are classes are names or whole numbers, and "
                             f"{values[values != np.rint(values)][0]} is neither")
        return (values.astype(np.int64) if whole and task != "numbers" else values.astype(np.float32)), None


class NpzDataset(ArrayDataset):
    """Arrays of a .npz file, as they were saved by `numpy.savez`.

    path:   the file
    names:  which arrays are inputs, targets, ...; default: those of the file, if they are at most two
    transform, target_transform, num_classes:  as for `ArrayDataset`

    Raises ValueError, naming the file, if it is damaged or holds Python objects, KeyError for a name that is not in it.
    """

    def __init__(self, path: str | os.PathLike[str], names: Sequence[str] | None = None, transform: Callable[..., Any] | None = None,
                 target_transform: Callable[..., Any] | None = None, num_classes: int | None = None) -> None:
        self.path = Path(path)
        arrays = autograd.load(self.path)
        if not isinstance(arrays, dict) or not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise ValueError(f"{self.path} holds no plain arrays, but a state that autograd.save() wrote")
        if names is None and len(arrays) > 2:
            raise ValueError(f"{self.path} holds {', '.join(arrays)}: say which are inputs and targets, names=('x', 't')")
        for name in names or ():
            if name not in arrays:
                raise KeyError(f"{self.path} has no array {name!r}; it holds {', '.join(arrays)}")
        super().__init__(*(arrays[name] for name in names or arrays), transform=transform, target_transform=target_transform,
                         num_classes=num_classes)

    def describe(self, index: int) -> str:
        return f"sample {index} of {self.path}"


# ---- lines and cells ----------------------------------------------------------------------------------------------


def read_rows(path: Path, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The cells of each line that is not empty, and the numbers of the lines."""
    rows: list[list[str]] = []
    lines = []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
            for row in reader:
                if not row or row == [""]:
                    continue
                if rows and len(row) != len(rows[0]):
                    raise ValueError(f"{path}, line {reader.line_num}: {len(row)} cells, where the first line has {len(rows[0])}. Is "
                                     f"{delimiter!r} what stands between them?")
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8 ({error})") from error
    if not rows:
        raise ValueError(f"{path} is empty")
    return rows, lines


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_header(row: Sequence[str], target: str | int | None) -> bool:
    """Does a line hold names? The targets may be names in any line, so they do not count, unless there is nothing else."""
    cells = [cell for i, cell in enumerate(row) if not isinstance(target, int) or i != target % len(row)] or row
    return any(not is_number(cell) and cell.strip().lower() not in MISSING for cell in cells)


def column_of(target: str | int, names: Sequence[str] | None, width: int, path: Path) -> int:
    if isinstance(target, str):
        stripped = [name.strip() for name in names or ()]
        if target not in stripped:
            raise KeyError(f"{path} has no column {target!r}; there are {', '.join(stripped)}")
        return stripped.index(target)
    if not -width <= target < width:
        raise IndexError(f"{path} has {width} columns, and no column {target}")
    return target % width


def called(column: int | None, names: Sequence[str] | None) -> str:
    return f"column {names[column]!r}" if names is not None and column is not None else f"column {column}"
