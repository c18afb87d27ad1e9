"""Which sign does an operation have?

In a circuit a gate shows '×', 'exp', and with a constant '+1', '1/x', 'x²', as on the blackboard. Here is also said for which
operations the order of the operands does not matter, and which of them only change the shape.

Read next: `view.py`.
"""

from __future__ import annotations

from autograd.drawing.graph import GraphNode
from autograd.drawing.numerals import short

COMMUTATIVE = {"+", "add", "multiply", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "hypot", "equal", "not_equal",
               "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor", "inner", "vdot"}
"""Operations whose operands may change places: their wires need no labels. (`+` adds gradients up, in `backward_view.py`.)"""

SHAPE_ONLY = {"reshape", "transpose", "moveaxis", "swapaxes", "broadcast_to", "expand_dims", "squeeze", "identity", "copy"}
"""Operations whose result has the numbers of their operand, in another shape: they are shown as chips."""

SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "neg", "maximum": "max", "minimum": "min",
         "reciprocal": "1/x", "absolute": "|x|", "sqrt": "√", "square": "x²", "power": "xʸ", "sum": "Σ"}
POWERS = {"2": "x²", "3": "x³", "4": "x⁴", "−1": "1/x", "0.5": "√"}


def gate(node: GraphNode) -> str:
    """The sign in a gate: '×', 'exp', and with a constant '+1', '1/x', 'x²'."""
    sign = SIGNS.get(node.op, node.op)
    constants = [operand.source < 0 for operand in node.operands]
    if len(constants) != 2 or not any(constants):
        return sign
    text = node.operands[constants.index(True)].text
    c = "c" if text == "const" else short(text)
    if constants[1]:
        if node.op == "power":
            return POWERS.get(c, f"x^{c}")
        signed = {"add": f"−{c[1:]}", "subtract": f"+{c[1:]}"}
        if c.startswith("−") and node.op in signed:
            return signed[node.op]
    elif node.op in ("subtract", "divide", "power"):
        return {"subtract": f"{c}−x", "divide": f"{c}/x", "power": f"{c}^x"}[node.op]
    return f"{sign}{c}" if len(sign) == 1 else f"{sign} {c}"
