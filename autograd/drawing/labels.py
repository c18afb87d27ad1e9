"""How is a name written so that no format stumbles over it?

A name comes from a user and may hold anything: quotes, tags, line breaks, half a surrogate pair. What no format can hold is
replaced by U+FFFD, what is too long to read is cut, and what a format takes for its own signs is escaped.

Read next: `measure.py`.
"""

from __future__ import annotations

import re

LONGEST = 60
"""Characters of a label in a picture. The whole text is in the title that a mouse shows."""

FORBIDDEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufdd0-\\ufdef\\ufffe\\uffff]")
"""Control characters, lone surrogates and non-characters: XML has no way to write most of them."""


def clean(text: str, longest: int = LONGEST) -> str:
    """Without what cannot be written, and not longer than `longest` (0: however long)."""
    text = FORBIDDEN.sub("\ufffd", text)
    return text if not longest or len(text) <= longest else text[: longest - 1] + "…"


def escaped(text: str, longest: int = LONGEST) -> str:
    """For HTML and SVG, as text or as an attribute."""
    return clean(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")
