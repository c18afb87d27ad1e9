"""How is a rule said with names and numbers?

    formula("g * b", {"g": "∂y", "b": "x0"})       '∂y · x0'
    formula("g * b", {"g": "0.20", "b": "−1.00"})  '0.20 · (−1.00)'

A rule is Python, as its author wrote it. It is written as on the blackboard: a dot for a product, a real minus sign, `^` for a
power, and whatever stands for a name in its place, in parentheses where it is negative. A rule that is told in words instead
("g where a was taken, half of it at a tie") stays as it is, with g said as ∂y.

Read next: `steps.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache

SIGNS = ((" ** ", "^"), (" * ", " · "), (" @ ", " @ "), ("-", "−"))
INFIX = {"add": "{} + {}", "subtract": "{} − {}", "multiply": "{} · {}", "divide": "{} / {}", "power": "{}^{}", "negative": "−{}",
         "positive": "{}", "square": "{}^2", "reciprocal": "1 / {}"}
"""Operations that are written between or around their operands. All others are written as calls."""


def formula(rule: str, names: Mapping[str, str]) -> str:
    """A rule with these texts in place of its names. In words, if its author told it in words."""
    template = parsed(rule)
    if template is None:
        return re.sub(r"\bg\b", lambda _: names.get("g", "g"), rule)
    return tidy(re.sub(r"\x00(\w+)\x00", lambda found: bracketed(names.get(found[1], found[1])), template))


def names_in(rule: str) -> tuple[str, ...]:
    """The names that a rule mentions, in their order; those of functions too."""
    return tuple(dict.fromkeys(re.findall(r"\x00(\w+)\x00", parsed(rule) or ""))) or tuple(dict.fromkeys(re.findall(r"\b[a-z]\w*\b", rule)))


def told_in_words(rule: str) -> bool:
    """Is this a sentence, and no expression that can be computed?"""
    return parsed(rule) is None


@cache
def parsed(rule: str) -> str | None:
    """The rule on the blackboard, with a mark around each name; None if it is no expression."""
    try:
        tree = ast.parse(rule, mode="eval")
    except (SyntaxError, ValueError):
        return None
    return written(ast.unparse(ast.fix_missing_locations(Marked().visit(tree))))


class Marked(ast.NodeTransformer):
    """Puts a mark around each name of a value, and writes 0 for zeros_like(g)."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(f"\x00{node.id}\x00", node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node) == "zeros_like(g)":
            return ast.Constant(0)
        if not isinstance(node.func, ast.Name):  # a function keeps its name; in g.sum(), g is a value
            node.func = self.visit(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        return node


def written(text: str) -> str:
    for python, sign in SIGNS:
        text = text.replace(python, sign)
    return text


def call(op: str, operands: list[str]) -> str:
    """'2.00 · (−1.00)', 'exp(1.00)': an operation on these operands."""
    pattern = INFIX.get(op, "")
    if pattern.count("{}") == len(operands):
        return tidy(pattern.format(*map(bracketed, operands)))
    return f"{op}({', '.join(operands)})"


def bracketed(text: str) -> str:
    """A negative number, or one with an exponent, in parentheses; anything else as it is."""
    return f"({text})" if re.match(r"[−-]", text) else text


def tidy(text: str) -> str:
    """Without parentheses that nobody needs: around all of it, around an argument, or two pairs."""
    text = re.sub(r"\(\(([^()]*)\)\)", r"(\1)", text)
    text = re.sub(r"(?<=[(,] )\(([^()]*)\)(?=[,)])|(?<=\w\()\(([^()]*)\)(?=[,)])", lambda m: m[1] or m[2], text)
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text
