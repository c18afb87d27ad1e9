"""Do dependencies point one way?

Imports are read from the source. Those inside functions count too, but not those for type checkers.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

from autograd import ops

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd", "nn", "optim")
FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
         for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}

# Later layers may import earlier ones. A name stands for the module and all below it; the longest that fits counts.
LAYERS = [["autograd"], ["optim", "nn"], ["nn.models", "nn.data"], ["nn.training"]]
NUMPY_IN_NN = ("nn.init", "nn.data", "nn.training")
ALWAYS = {"numpy", "autograd", "nn", "optim", *sys.stdlib_module_names}


def imports(name):
    """(module, line, is it at the top of the file) for each import of a file that runs."""
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]

    def walk(node, top):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                yield from ((alias.name, child.lineno, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                parts = package.split(".")
                base = ".".join(parts[: len(parts) - child.level + 1]) if child.level else ""
                module = ".".join(filter(None, [base, child.module]))
                inner = [f"{module}.{alias.name}" for alias in child.names]
                yield from ((full if full in FILES else module, child.lineno, top) for full in inner)
            else:
                yield from walk(child, top and not isinstance(child, (ast.FunctionDef, ast.Lambda, ast.AsyncFunctionDef)))

    return walk(tree, True)


def layer(name):
    best = max((prefix for row in LAYERS for prefix in row if name == prefix or name.startswith(prefix + ".")), key=len)
    return next(i for i, row in enumerate(LAYERS) if best in row), best


@pytest.mark.parametrize("name", FILES)
def test_imports_point_one_way(name):
    height, area = layer(name)
    for module, line, _ in imports(name):
        if module.split(".")[0] not in PACKAGES:
            continue
        below, other = layer(module)
        assert below < height or other == area, f"{FILES[name]}:{line}: {name} must not import {module}"
        if other == "optim" and area != "optim":
            assert area == "nn.training", f"{FILES[name]}:{line}: of nn only nn.training uses optim"


@pytest.mark.parametrize("name", [name for name in FILES if name.split(".")[0] == "nn" and not name.startswith(NUMPY_IN_NN)])
def test_nn_is_built_from_ops(name):
    for module, line, _ in imports(name):
        assert module.split(".")[0] != "numpy", f"{FILES[name]}:{line}: modules are built purely from ops; numpy belongs into nn/init.py"


@pytest.mark.parametrize("name", FILES)
def test_numpy_alone_is_needed(name):
    for module, line, top in imports(name):
        assert not top or module.split(".")[0] in ALWAYS | ({"hypothesis", "pytest"} if name.startswith("autograd.testing") else set()), (
            f"{FILES[name]}:{line}: {module} is an extra, to be imported where it is used")


ENGINE = ["autograd.node", "autograd.tensor", "autograd.primitive", "autograd.ops", "autograd.operators", "autograd.functional"]
"""The spine of the engine, each importing at the top only what stands before it."""


@pytest.mark.parametrize("i", range(len(ENGINE)))
def test_the_engine_has_a_spine(i):
    for name in FILES:
        if name == ENGINE[i] or name.startswith(ENGINE[i] + "."):
            for module, line, top in imports(name):
                later = [m for m in ENGINE[i + 1:] if module == m or module.startswith(m + ".")]
                assert not (top and later), f"{FILES[name]}:{line}: {name} imports {module} at the top, which stands above it"


def test_every_file_says_what_it_answers():
    for name, path in FILES.items():
        source = path.read_text(encoding="utf-8")
        doc = ast.get_docstring(ast.parse(source))
        assert doc, f"{path} has no docstring"
        if path.name != "__init__.py":
            question = "?" in doc.split("\n\n")[0] or name.startswith("autograd.ops")
            assert question, f"{path}: the docstring opens with the question that it answers"


def test_the_reading_order():
    """`autograd/__init__.py` names every file of the engine, and along the spine each file names the next."""
    page = ast.get_docstring(ast.parse(FILES["autograd"].read_text(encoding="utf-8")))
    for name in FILES:
        if name.count(".") == 1 and name.startswith("autograd."):
            file = FILES[name]
            listed = f"{file.parent.name}/" if file.name == "__init__.py" else file.name
            assert listed in page, f"{name} is not in the reading order"
    spine = [line.split()[0] for line in page.splitlines() if line.startswith("    ") and ".py" in line][:10]
    for here, following in zip(spine, spine[1:]):
        text = (FILES["autograd"].parent / here).read_text(encoding="utf-8")
        assert f"Read next: `{following}`" in text or f"Read next: `../{following}`" in text, f"{here} should name {following} next"


def test_the_index_asks_what_the_files_ask():
    """Each file of the engine has one line of the page, which is the question that its docstring opens with."""
    page = ast.get_docstring(ast.parse(FILES["autograd"].read_text(encoding="utf-8")))
    lines = [line.split(maxsplit=1) for line in page.splitlines() if re.match(r"    \S+(\.py|/) ", line)]
    names = [name for name, _ in lines]
    assert len(names) == len(set(names)), "a file is named twice"
    for name, asked in lines:
        if name.endswith(".py") and "/" not in name:
            doc = ast.get_docstring(ast.parse((FILES["autograd"].parent / name).read_text(encoding="utf-8")))
            assert doc.split("?")[0].lower() == asked.removesuffix("?").lower(), f"{name} answers another question than the index says"


def test_the_operations_are_read_in_the_order_of_their_page():
    page = ast.get_docstring(ast.parse(FILES["autograd.ops"].read_text(encoding="utf-8")))
    names = re.findall(r"^    (\S+\.py) ", page, re.MULTILINE)
    here = FILES["autograd.ops"].parent
    assert sorted(names) == sorted(path.name for path in here.glob("*.py") if path.name != "__init__.py"), "one line for each file"
    for name, following in zip(names, names[1:]):
        doc = ast.get_docstring(ast.parse((here / name).read_text(encoding="utf-8")))
        assert f"`{following}`" in doc[doc.index("Read next:"):], f"{name} should name {following} next"


def test_what_is_named_to_be_read_next_is_there():
    for path in FILES.values():
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for target in re.findall(r"Read next: `([^`]+)`", doc):
            assert (path.parent / target).exists() or (ROOT / target).exists(), f"{path} sends its reader to {target}"


def test_no_function_has_the_name_of_its_file():
    """Once the file is imported, `ops.name` would be the module."""
    assert not [file for file, names in ops.LATER.items() if file in names]
