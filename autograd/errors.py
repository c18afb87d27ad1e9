"""What does an error say?

What was called, with which shapes, inside which module; why it cannot work; what to write instead. The messages that
belong to one place stand there. Here are the ones that wrap somebody else's exception - NumPy's, or a rule's - with
what only the tape knows. Nothing here runs unless something went wrong.

Read next: `suggestions.py`.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.node import get_mode, type_text
from autograd.suggestions import SPOKEN, edit_for

if TYPE_CHECKING:
    from autograd.node import Node
    from autograd.primitive import Primitive

# Exceptions that can be made anew from a message alone, so that `except ValueError` keeps working for the caller.
REWORDED = (np.exceptions.AxisError, IndexError, np.linalg.LinAlgError, FloatingPointError, ZeroDivisionError, ValueError, TypeError)


LIBRARY = ("autograd", "nn", "optim", "numpy", "contextlib")


def user_frame() -> FrameType:
    """Where the library was called from: the innermost frame that is neither ours nor NumPy's."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (frame.f_globals.get("__name__", "").split(".")[0] in LIBRARY
                                        or frame.f_code.co_filename.startswith("<generated")):
        frame = frame.f_back
    return frame


def user_line() -> str:
    """'train.py, line 12'."""
    frame = user_frame()
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"


def argument_text(value: Any) -> str:
    """'f32[2,3]' for an array, the number itself for a number, 'None', a list of these for a list."""
    if isinstance(value, np.ndarray) or (hasattr(value, "shape") and hasattr(value, "dtype")):
        return type_text(value.shape, value.dtype) if value.shape else f"{value!s}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(argument_text(v) for v in value[:6]) + (", ..." if len(value) > 6 else "") + "]"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def call_text(primitive: Primitive, arrays: tuple[Any, ...], params: tuple[Any, ...]) -> str:
    """'sum(x: f32[2,3], axis=5, keepdims=False)'."""
    parts = [f"{name}: {argument_text(array)}" for name, array in zip(primitive.inputs, arrays)]
    parts += [f"{name}={argument_text(value)}" for name, value in zip(primitive.params, params)]
    return f"{primitive.name}({', '.join(parts)})"


def forward_failed(primitive: Primitive, error: Exception, arrays: tuple[Any, ...], params: tuple[Any, ...]) -> Exception:
    """The same exception, saying which operation met it, with what, and in which module."""
    kind = next((kind for kind in REWORDED if isinstance(error, kind)), None)
    if kind is None:
        return error
    scope = get_mode().scope
    place = f"\n  in module {scope}" + (f" ({scope.kind})" if scope.path else "") if scope is not None else ""
    text = str(error).strip().removeprefix(f"{primitive.name}: ")
    edit = edit_for(primitive.name, primitive.broadcasts, arrays, dict(zip(primitive.params, params)), error)
    return kind(f"{SPOKEN.get(primitive.name, primitive.name)}: {text}{'. ' if edit else ''}{edit}\n"
                f"  called as {call_text(primitive, arrays, params)}{place}\n  at {user_line()}")


def called_wrongly(primitive: Primitive, error: TypeError) -> TypeError:
    """Python's complaint about arguments, with those that there are."""
    from autograd.suggestions import keyword_text

    return TypeError(f"{str(error).rstrip('.')}.{keyword_text(str(error), primitive.inputs, primitive.params)}")


def constant_required(primitive: Primitive, slot: str) -> TypeError:
    """An input whose derivative nobody has written down requires grad."""
    return TypeError(f"{primitive.name}: its derivative by {slot} is not known here, and {slot} is a Tensor that requires grad, so a "
                     f"gradient would be lost. If {slot} is a constant, give it as {slot}.detach() or as a number.\n  at {user_line()}")


def no_array(primitive: Primitive, error: AttributeError) -> Exception:
    """The function of a primitive returned something else."""
    kind, _, attribute = str(error).partition("' object has no attribute ")
    if attribute.strip("'") not in ("shape", "dtype"):
        return error
    return TypeError(f"{primitive.name}: its function returned a {kind.strip(chr(39))}, and must return an array: np.array(...) around it")


def node_text(node: Node) -> str:
    """'multiply (%12, f32[4,4], in layer1.0)'."""
    place = f", in {node.scope}" if node.scope is not None else ""
    return f"{node.op} (%{node.id}, {type_text(node.shape, node.dtype)}{place})"


def backward_failed(node: Node, error: Exception) -> Exception:
    """The same exception, saying which operation's gradient met it."""
    if isinstance(error, AttributeError) and "no attribute 'shape'" in str(error):
        error = TypeError(f"a rule returned {str(error).split()[0].strip(chr(39))} instead of an array; where there is no gradient, "
                          "write zeros_like(g)")
    kind = next((kind for kind in REWORDED if isinstance(error, kind)), None)
    if kind is None or getattr(error, "explained", False):
        return error
    explained: Any = kind(f"in the gradient of {node_text(node)}: {error}")
    explained.explained = True
    return explained


def graph_consumed(node: Node) -> RuntimeError:
    return RuntimeError(
        f"this graph was already used by a backward pass: what {node_text(node)} had kept is freed.\n"
        "To go backward twice, write loss.backward(retain_graph=True) the first time; "
        "to accumulate over batches, compute the loss anew for each.")
