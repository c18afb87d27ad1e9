"""Does the README tell the truth? Its Python blocks run, in order, as one program; what it links to exists.

The same for the pages of docs/. A line that ends in `  # -> text` must evaluate to what prints as that text.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```python[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
CLAIM = re.compile(r"^(\S.*?)\s+# -> (.*)$", re.MULTILINE)


def blocks(page):
    """The code blocks of a page, each moved to its place by blank lines, so that errors name the line of the page."""
    text = page.read_text()
    return ["\n" * text[: found.start(1)].count("\n") + found.group(1) for found in BLOCK.finditer(text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_code_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what a block saves lands here
    namespace = {"__name__": page.stem}
    for block in blocks(page):
        exec(compile(block, str(page), "exec"), namespace)
        for expression, text in CLAIM.findall(block):
            inner = re.fullmatch(r"print\((.*)\)", expression)
            assert str(eval(inner.group(1) if inner else expression, namespace)) == text.strip(), expression


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing, f"{page.name} links to {missing}"
