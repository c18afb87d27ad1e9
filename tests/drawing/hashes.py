"""What does every fixture look like, in one line each? `python -m tests.drawing.hashes > tests/drawing/hashes.txt`

SHA-256 of every format that this package writes by itself. The list is the same on every machine, Python and hash seed; where it
changes, a picture changed. In a page the packed data counts unpacked, since packers differ.
"""

import hashlib
import json

from autograd import draw
from autograd.drawing import Drawing
from autograd.drawing.payload import packed, payload_of
from tests.drawing.fixtures import FIXTURES


def unpacked(g: Drawing) -> str:
    """A page with its data as text."""
    page, data = g.to_html(), packed(g)
    assert page.count(data) == 1
    return page.replace(data, json.dumps(payload_of(g)))


def main() -> None:
    for name, make in FIXTURES.items():
        result, _alive = make()
        g = draw(result)
        forms = {"dot": g.to_dot(), "json": g.to_json(), "svg": g.to_svg(engine="builtin"), "txt": g.to_text(width=100),
                 "html": unpacked(g)}
        for form, text in forms.items():
            print(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}.{form}")


if __name__ == "__main__":
    main()
