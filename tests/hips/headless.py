"""How does published code run where there is no screen, and end when enough was printed?

    python headless.py FILE LINES [watch]

runs a script, or the Python blocks of a Markdown document one after the other, as they are: with matplotlib's Agg canvas and without
pauses, with numpy.random seeded, in the current folder. It stops after LINES lines of output (0: never). Nothing is changed in the
file. (In documents that Python 3 cannot read, `print "..."` is read as Python 2 did.) With `watch`, what scripts plot and minimise
without printing it is printed: lines that start with `~`.

Read next: `published.py`.
"""

import ast
import doctest
import io
import re
import runpy
import sys
import time
import warnings

import numpy as np


class Enough(BaseException):
    """As many lines were printed as somebody wants to see."""


class Counted(io.TextIOBase):
    """A stream that raises `Enough` at the end of a line."""

    def __init__(self, stream, lines):
        self.stream, self.left = stream, lines

    def write(self, text):
        self.stream.write(text)
        if self.left:
            self.left -= text.count("\n")
            if self.left <= 0:
                raise Enough
        return len(text)

    def flush(self):
        self.stream.flush()


def without_a_screen(watch):
    try:
        import matplotlib
        from matplotlib import pyplot
    except ImportError:
        return
    matplotlib.use("Agg")
    for name in ("pause", "show", "draw"):
        setattr(pyplot, name, lambda *args, **kwargs: None)
    if watch:
        plot = pyplot.plot

        def watched(*args, **kwargs):
            print("~", *[float(np.sum(np.abs(np.asarray(arg, float)))) for arg in args if not isinstance(arg, str)])
            return plot(*args, **kwargs)

        pyplot.plot = watched


def watch_minimize():
    import scipy.optimize

    minimize = scipy.optimize.minimize

    def watched(fun, *args, **kwargs):
        def seen(x):
            value, gradient = fun(x)
            print("~", float(np.sum(value)), float(np.linalg.norm(gradient)))
            return value, gradient

        return minimize(seen, *args, **kwargs)

    scipy.optimize.minimize = watched


def run_document(path):
    """The blocks between ```python and ```, in one namespace."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    namespace = {"__name__": "__main__"}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S):
        if block.lstrip().startswith(">>>"):
            for example in doctest.DocTestParser().get_examples(block):
                exec(compile(example.source, path, "single"), namespace)
        else:
            run_block(block, namespace)


def called(statement):
    """Python 2's print statement as a call. (One in the tutorial lacks a parenthesis.)"""
    return f"print({statement[1]}" + ")" * (1 + statement[1].count("(") - statement[1].count(")"))


def run_block(block, namespace):
    """Run a block, unless it only sketches something and names what is not there."""
    block = re.sub(r'^print (".*?,.*)$', called, block, flags=re.M)
    try:
        exec(compile(ast.parse(block), "<block>", "exec"), namespace)
    except (ImportError, NameError, SyntaxError) as error:
        print(f"left out: {type(error).__name__} {error}", file=sys.stderr)


def main(path, lines, watch):
    warnings.simplefilter("ignore")
    without_a_screen(watch)
    if watch:
        watch_minimize()
    np.random.seed(0)
    sys.path.insert(0, path.rpartition("/")[0])
    sys.argv = [path]
    out, start = sys.stdout, time.perf_counter()
    sys.stdout = Counted(out, lines)
    try:
        if path.endswith(".md"):
            run_document(path)
        else:
            runpy.run_path(path, run_name="__main__")
    except Enough:
        pass
    finally:
        sys.stdout = out
        print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), "watch" in sys.argv[3:])
