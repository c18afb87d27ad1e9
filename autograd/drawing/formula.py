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
from collections.abc import Iterable, Mapping
from functools import cache

from autograd.drawing.graph import MARKS, NOT_COMPUTED, NOT_KEPT, ZERO, GraphIR, GraphNode, Stats
from autograd.drawing.numerals import short, value_text
from autograd.drawing.signs import gate

SIGNS = ((" ** ", "^"), (" * ", " · "), (" @ ", " @ "), ("-", "−"))
INFIX = {"add": "{} + {}", "subtract": "{} − {}", "multiply": "{} · {}", "divide": "{} / {}", "power": "{}^{}", "negative": "−{}",
         "positive": "{}", "square": "{}^2", "reciprocal": "1 / {}"}
"""Operations that are written between or around their operands. All others are written as calls."""

UNKNOWN = {mark for state, mark in MARKS.items() if state != ZERO}
"""What stands for a number that is not known."""


def formula(rule: str, names: Mapping[str, str]) -> str:
    """A rule with these texts in place of its names. In words, if its author told it in words."""
    template = parsed(rule)
    if template is None:
        return re.sub(r"\bg\b", lambda _: names.get("g", "g"), rule)
    return tidy(re.sub(r"\x00(\w+)\x00", lambda found: bracketed(names.get(found[1], found[1])), template))


def names_in(rule: str) -> tuple[str, ...]:
    """The names that a rule mentions, in their order. In a sentence, every word may be one."""
    template = parsed(rule)
    return tuple(dict.fromkeys(re.findall(r"\w+", rule) if template is None else re.findall(r"\x00(\w+)\x00", template)))


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
    if any(isinstance(node, ast.Call) and ast.unparse(node.func) == "g" for node in ast.walk(tree)):
        return None  # 'g (a - b)' is mathematics, and no call
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
    """A negative or a complex number in parentheses; anything else as it is."""
    return f"({text})" if re.match(r"[−-]|.*\d[+−]", text) else text


def tidy(text: str) -> str:
    """Without parentheses that nobody needs: around all of it, around an argument, or two pairs."""
    text = re.sub(r"\(\(([^()]*)\)\)", r"(\1)", text)
    text = re.sub(r"(?<=[(,] )\(([^()]*)\)(?=[,)])|(?<=\w\()\(([^()]*)\)(?=[,)])", lambda m: m[1] or m[2], text)
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


# ---- of the operations in a graph ---------------------------------------------------------------------------------


def said(graph: GraphIR, i: int, slot: int, part: Stats | None) -> str:
    """The rule for one operand in words and numbers: '∂y · x0 = 0.20 · (−1.00) = −0.20'."""
    node, rule = graph.nodes[i], rule_of(graph, graph.nodes[i], slot)
    target = graph.nodes[node.operands[slot].source]
    result = target.type if part is None and target.state == NOT_COMPUTED else described(target, part)
    if not rule:
        return result
    operands = dict(operand_names(graph, node))
    y = result_name(operands.values())
    names = {**dict(node.options), **operands, "g": f"∂{y}", "y": y}
    numbers = {"g": gradient_of(node, node.gradient)[1:],
               **{o.label: known(graph.nodes[o.source]) if o.source >= 0 else constant(o.text) for o in node.operands}, "y": known(node)}
    mentioned = [name for name in numbers if name in names_in(rule)]
    computable = target.size == node.size == 1 and mentioned and not any(numbers[name] in UNKNOWN for name in mentioned)
    if told_in_words(rule):
        given = [" = ".join(dict.fromkeys([names["g"] if name == "g" else name, names[name], numbers[name]])) for name in mentioned]
        return f"{result} ({formula(rule, names)}{'; with ' + ', '.join(given) if computable else ''})"
    numeric = [formula(rule, {**dict(node.options), **numbers})] if computable else []
    return " = ".join(dict.fromkeys([formula(rule, names), *numeric, result]))


def rule_of(graph: GraphIR, node: GraphNode, slot: int) -> str:
    """The rule for one operand, as it is written; '' if the operation is not known here. (Of several in a list it is the same one.)"""
    return graph.rules.get(node.op, {}).get(node.operands[slot].label.partition("[")[0], "")


def operand_names(graph: GraphIR, node: GraphNode) -> list[tuple[str, str]]:
    """What the operation calls its operands, and what we call them: a leaf by its name, a constant by its value, and the result of
    another operation as the operation does ('a', 'x'), or by its number on the tape ('%3') if a leaf here is called so."""
    leaves = {graph.nodes[o.source].name for o in node.operands if o.source >= 0 and graph.nodes[o.source].kind != "op"}
    found = []
    for operand in node.operands:
        if operand.source < 0:
            name = constant(operand.text)
        else:
            source = graph.nodes[operand.source]
            name = source.name if source.kind != "op" or operand.label in {*leaves, ""} else operand.label
        found.append((operand.label, name))
    return found


def result_name(operands: Iterable[str]) -> str:
    return "out" if "y" in operands else "y"


def sign(node: GraphNode, circuit: bool) -> str:
    """'×' where everything is a scalar; else the name of the operation."""
    return gate(node) if circuit else node.op


def constant(text: str) -> str:
    """A constant operand: '2', or 'f32[3]'."""
    return "∅" if text == "const" else short(text)


def known(node: GraphNode) -> str:
    """What is known about a value: '2.00', 'f32[3] rms 3.1e-01', '∅'."""
    if node.size == 1 or node.value is None:
        return value_text(node.value) if node.size == 1 else node.type
    return f"{node.type} {value_text(node.value)}"


def described(node: GraphNode, gradient: Stats | None) -> str:
    """What is known about a gradient of a node: '−0.20', 'f32[3] rms 3.1e-01'."""
    if node.size == 1:
        return gradient_of(node, gradient)[1:]
    return f"{node.type} {gradient_of(node, gradient)[1:]}" if gradient else node.type


def gradient_of(node: GraphNode, stats: Stats | None) -> str:
    """The text below a wire: '∂−0.39', '∂0', '∂rms 3.1e-03'; a mark for a gradient that is not known."""
    if stats is None:
        return "∂" + MARKS.get(node.state, MARKS[NOT_KEPT])
    return "∂" + (value_text(stats) if stats.nans or stats.infs or stats.rms else MARKS[ZERO])
