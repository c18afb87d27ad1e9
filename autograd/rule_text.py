"""How is a rule shown?

As its author wrote it: `rule_text(rule)` finds the body of a lambda in the source file, so that `print(exp)`, the generated
code and the pictures all say `g * y`. Nothing here runs unless something is printed.

Read next: `errors.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

    from autograd.primitive import Rule


NO_DERIVATIVE = "no derivative"


def rule_text(rule: Rule | None) -> str:
    """The formula of a rule as its author wrote it: the body of a lambda, or the name and arguments of a function."""
    import ast
    import inspect

    if rule is None:
        return NO_DERIVATIVE
    code = rule.__code__
    if rule.__name__ != "<lambda>":
        return f"{rule.__name__}({', '.join(code.co_varnames[: code.co_argcount])})"
    try:
        lines, _ = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return "<lambda>"
    source = "".join(lines)
    for tree in parse_around(source):
        for found in ast.walk(tree):
            if isinstance(found, ast.Lambda) and tuple(a.arg for a in found.args.args) == code.co_varnames[: code.co_argcount]:
                segment = ast.unparse(found.body)
                if same_code(found, code):
                    return segment
    return "<lambda>"


def parse_around(source: str) -> list[ast.AST]:
    """The lines of a lambda are often a fragment of a longer statement: try the ways in which it may parse."""
    import ast
    import textwrap

    source = textwrap.dedent(source).strip()
    attempts = (source, f"({source})", f"f({source.rstrip(',)')})", f"f({source}", f"f({source[:-1]}", source.lstrip("@"),
                f"{source}\ndef f(): pass")
    for attempt in attempts:
        try:
            return [ast.parse(attempt)]
        except SyntaxError:
            continue
    return []


def same_code(found: ast.Lambda, code: Any) -> bool:
    """Two lambdas of one declaration may take the same names; the compiled bytes tell them apart."""
    import ast

    compiled = compile(ast.Expression(found), "<rule>", "eval").co_consts
    return any(getattr(c, "co_code", None) == code.co_code and c.co_consts == code.co_consts and c.co_names == code.co_names
               for c in compiled if hasattr(c, "co_code"))
