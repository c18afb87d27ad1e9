"""How is a rule shown?

As its author wrote it: `rule_text(rule)` finds the body of a lambda in the source file, so that `print(exp)`, the generated
code and the pictures all say `g * y`. A rule that takes more than a line is a function with a name; its docstring opens with
the formula, and that is shown. Nothing here runs unless something is printed, and for each rule it runs once.

Read next: `errors.py`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

    from autograd.primitive import Rule

NO_DERIVATIVE = "no derivative"


@cache
def rule_text(rule: Rule | None) -> str:
    """The formula of a rule as its author wrote it: the body of a lambda, or what the docstring of a function opens with; without
    one, its name and arguments."""
    if rule is None:
        return NO_DERIVATIVE
    if rule.__name__ == "<lambda>":
        return lambda_text(rule.__code__)
    return first_sentence(rule.__doc__ or "") or f"{rule.__name__}({', '.join(arguments(rule.__code__))})"


def first_sentence(doc: str) -> str:
    """'da = g b^T. Vectors take part ...' says 'g b^T'."""
    sentence = re.split(r"(?<!\.)\.(?=\s|$)", " ".join(doc.split()), maxsplit=1)[0]  # the dots in x[0] ... x[k] end none
    return re.sub(r"^d\w+ = ", "", sentence)


def arguments(code: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


def lambda_text(code: Any) -> str:
    """The body of a lambda, from the source file; '<lambda>' where there is none (in an interactive session, say)."""
    import ast
    import inspect

    try:
        lines, _ = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return "<lambda>"
    for tree in parse_around("".join(lines)):
        lambdas = [found for found in ast.walk(tree) if isinstance(found, ast.Lambda) and argument_names(found) == arguments(code)]
        for exactly in (True, False):
            alike = [found for found in lambdas if same_code(found, code, exactly)]
            if alike:
                return ast.unparse(alike[0].body)
    return "<lambda>"


def argument_names(found: ast.Lambda) -> tuple[str, ...]:
    return tuple(argument.arg for argument in found.args.args)


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


def same_code(found: ast.Lambda, code: Any, exactly: bool) -> bool:
    """Two lambdas of one declaration may take the same names; the compiled bytes tell them apart. (A call of `np.f` compiles in
    two ways, and one is only known where `np` was imported: then the names and constants must do.)"""
    import ast

    compiled = compile(ast.Expression(found), "<rule>", "eval").co_consts
    return any((c.co_code == code.co_code or not exactly) and c.co_consts == code.co_consts and c.co_names == code.co_names
               for c in compiled if hasattr(c, "co_code"))
