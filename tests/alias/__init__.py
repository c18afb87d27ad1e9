"""By which routes can memory be written, and does a gradient notice?

A *route* gets hold of memory that the tape may look at, as users do by mistake or on purpose (the caller's own array,
`x.data`, a view, DLPack, the optimiser's step, ...), and writes to it. Every route is tried on every primitive, and got hold
of before the operation and after it. A cell of this matrix is

    refused   the write raised an error, or the backward pass did
    right     the gradient is that of the values that were recorded
    WRONG     anything else; there must be none

    routes.py      the routes
    matrix.py      one cell
    test_alias.py  all cells
    table.py       the matrix, as text: `python -m tests.alias.table`, with PyTorch's column beside ours
    pytorch.json   that column, frozen by `tests/peer/alias.py`, which needs torch
"""
