"""Operations that multiply and sum: matrix products, and their generalisation, `einsum`.

`matmul` has its own rules, because nothing is called more often. All else is made of two primitives that read labels:

    relabel(x, "ij->ji", shape)            one array: transposed, summed, its diagonal taken; or repeated, put on a diagonal
    contract(a, b, "ij,jk->ik", shape)     two arrays: multiplied where labels agree, summed over labels the result lacks

A result may have a label no operand has (it is repeated along it), or one label twice (it lies on a diagonal). With these
two freedoms the gradient is the same operation with the result and an operand exchanged:

    da = contract(g, b, "ik,jk->ij"),     db = contract(a, g, "ij,ik->jk")

Read next: `products.py`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels import product, rounded_once
from autograd.ops.indexing import zeros
from autograd.ops.shapes import as_array, reshape
from autograd.primitive import primitive

# ---- the matrix product -------------------------------------------------------------------------------------------


def matmul_to_a(g: Any, a_shape: tuple[int, ...], b: Any) -> Any:
    """da = g b^T. Vectors take part as matrices of one row or column. (CS231n, backpropagation: dL/dx = dL/dy w^T.)"""
    if len(a_shape) > 1 and b.ndim > 1:
        return product(g, b.swapaxes(-1, -2))
    if b.ndim == 1:
        return g[..., None] * b
    return product(b, g[..., None])[..., 0]


def matmul_to_b(g: Any, b_shape: tuple[int, ...], a: Any) -> Any:
    """db = a^T g. If one matrix b met a stack of a's, their rows make one tall a, and its product sums over the stack."""
    if a.ndim > 1 and len(b_shape) > 1:
        if a.ndim == 2 or len(b_shape) > 2:
            return product(a.swapaxes(-1, -2), g)
        rows = math.prod(a.shape[:-1])
        return product(reshape(a, (rows, a.shape[-1])).swapaxes(0, 1), reshape(g, (rows, b_shape[1])))
    if a.ndim > 1:
        return product(reshape(g, -1), reshape(a, (math.prod(a.shape[:-1]), a.shape[-1])))
    return a[:, None] * g[..., None, :] if len(b_shape) > 1 else a * g


matmul = primitive(product, name="matmul", a=matmul_to_a, b=matmul_to_b, broadcasts=True, linear=True)

# ---- products by labels -------------------------------------------------------------------------------------------


@lru_cache(1024)
def exchanged(labels: str, slot: int) -> str:
    """The labels of the gradient: result and operand `slot` change places. 'ij,jk->ik' becomes 'ik,jk->ij' for slot 0."""
    operands, result = labels.split("->")
    terms = operands.split(",")
    terms[slot], result = result, terms[slot]
    return ",".join(terms) + "->" + result


@primitive(x=lambda g, x_shape, labels: relabel(g, exchanged(labels, 0), x_shape), linear=True)
def relabel(x: Any, labels: str, shape: tuple[int, ...]) -> Any:
    """One array with its axes in the order of the new labels. A label that is left out is summed over, a new one repeats,
    and one that is named twice stands for a diagonal, before the arrow or behind it.

    shape:  of the result. If it has 1 where x has more, the sum is taken.
    """
    term, result = labels.split("->")
    lengths = dict(zip(result, shape))
    core = "".join([c for c in dict.fromkeys(result) if c in term and (lengths[c] != 1 or x.shape[term.index(c)] == 1)])
    return laid_out(np.einsum(f"{term}->{core}", x), core, result, shape)


@primitive(a=lambda g, b, a_shape, labels: contract(g, b, exchanged(labels, 0), a_shape),
           b=lambda g, a, b_shape, labels: contract(a, g, exchanged(labels, 1), b_shape), linear=True)
def contract(a: Any, b: Any, labels: str, shape: tuple[int, ...]) -> Any:
    """Two arrays multiplied where their labels agree, and summed over the labels that the result lacks, by matrix products.

    shape:  of the result. If it has 1 where an operand has more, the sum is taken.
    """
    return contracted(as_array(a), as_array(b), labels, tuple(shape))


@rounded_once
def contracted(a: Any, b: Any, labels: str, shape: tuple[int, ...]) -> Any:
    """`contract`, of arrays."""
    plan = planned(labels, a.shape, b.shape, shape)
    if plan.swapped:
        a, b = b, a
    a, b = plan.left(a), plan.right(b)
    if plan.way == "multiply":
        y = a * b
    elif plan.way == "dot":
        y = np.einsum("ij,ij->i", a, b).reshape(plan.product)
    else:
        y = (a @ b).reshape(plan.product).transpose(plan.order)
    return laid_out(y, plan.core, plan.result, shape)


def laid_out(y: Any, core: str, result: str, shape: tuple[int, ...]) -> Any:
    """An array with the labels `core` (different ones, in order), repeated and put on diagonals until it has the labels `result`."""
    if core == result and y.shape == shape:
        return y[()]
    distinct = dict(zip(result, shape))
    y = y[tuple([slice(None) if c in core else None for c in distinct])]
    y = np.broadcast_to(y, tuple(distinct.values()))
    if len(distinct) < len(result):
        z = zeros(shape, y)
        np.einsum(f"{result}->{''.join(distinct)}", z)[...] = y  # a view of z
        return z
    return y[()]


# ---- how to contract ----------------------------------------------------------------------------------------------


class Prepared:
    """What one operand goes through first.

    diagonal:     what to tell `np.einsum` if a label is named twice, else None
    sums:         axes that neither the other operand nor the result has
    order, shape: of the axes, and of the stack of matrices they are grouped into
    """

    __slots__ = ("diagonal", "sums", "order", "shape")

    def __init__(self, term: str, lengths: dict[str, int], order: list[str], shape: list[int]) -> None:
        distinct = "".join(dict.fromkeys(term))
        left = [c for c in distinct if c in lengths]
        self.diagonal = f"{term}->{distinct}" if distinct != term else None
        self.sums = tuple([i for i, c in enumerate(distinct) if c not in lengths])
        self.order = tuple([left.index(c) for c in order])
        self.shape = tuple(shape)

    def __call__(self, x: Any) -> Any:
        if self.diagonal is not None:
            x = np.einsum(self.diagonal, x)
        if self.sums:
            x = x.sum(self.sums)
        return x.transpose(self.order).reshape(self.shape)


class Plan:
    """How to contract two operands of known shapes.

    swapped:        is the second operand the left one? (Then the product comes out in the order asked for.)
    left, right:    what each operand goes through first
    way:            'matmul', 'dot' (a stack of inner products), or 'multiply' (nothing is summed)
    product, order: the shape of the product with all its axes, and how they are permuted to the labels `core`
    result:         the labels of the result
    """

    __slots__ = ("swapped", "left", "right", "way", "product", "order", "core", "result")

    def __init__(self, labels: str, a_shape: tuple[int, ...], b_shape: tuple[int, ...], shape: tuple[int, ...]) -> None:
        operands, self.result = labels.split("->")
        terms = operands.split(",")
        a, b = dict(zip(terms[0], a_shape)), dict(zip(terms[1], b_shape))
        wanted = dict(zip(self.result, shape))
        # An axis of length 1 that the other operand has too takes no part: it is summed away.
        a = {c: n for c, n in a.items() if n != 1 or c not in b}
        b = {c: n for c, n in b.items() if n != 1 or c not in a}
        lengths = {**a, **b}
        self.core = "".join([c for c in wanted if c in lengths and (wanted[c] != 1 or lengths[c] == 1)])
        a, b = ({c: n for c, n in a.items() if c in b or c in self.core}, {c: n for c, n in b.items() if c in a or c in self.core})
        own = [self.core.index(c) for c in self.core if c not in b], [self.core.index(c) for c in self.core if c not in a]
        self.swapped = own[1] < own[0] and bool(own[1])
        if self.swapped:
            terms, a, b = terms[::-1], b, a
        stack = [c for c in self.core if c in a and c in b]
        rows, columns = [c for c in self.core if c not in b], [c for c in self.core if c not in a]
        summed = [c for c in a if c not in self.core]

        def size(group: list[str]) -> int:
            return math.prod([lengths[c] for c in group])

        made = stack + rows + columns
        if not summed:
            self.way, made = "multiply", list(self.core)
            orders = [[c for c in self.core if c in mine] for mine in (a, b)]
            shapes = [[mine.get(c, 1) for c in self.core] for mine in (a, b)]
        else:
            orders = [stack + rows + summed, stack + summed + columns]
            batch = [size(stack)] if stack else []
            if stack and not rows and not columns:
                self.way, shapes = "dot", [[*batch, size(summed)]] * 2
            else:
                self.way, shapes = "matmul", [[*batch, size(rows), size(summed)], [*batch, size(summed), size(columns)]]
        self.left, self.right = (Prepared(*each) for each in zip(terms, (a, b), orders, shapes))
        self.product = tuple([lengths[c] for c in made])
        self.order = tuple([made.index(c) for c in self.core])


planned = lru_cache(4096)(Plan)
