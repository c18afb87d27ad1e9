"""How is a model trained, in each library?

As its users write it: the modules and the optimiser of the library; `zero_grad` (which sets gradients to None in both),
forward, cross-entropy, `backward`, `step`. `build(nn, parameter)` makes the same model of either library's modules, which have
the same names; `parameter` makes a weight of an array. Checkpointed, each of the model's `blocks` is computed again in the backward pass.

The first step is done here, before anything is compared or timed: it compiles what is compiled. So what is compared with the reference
is the second step, a replay, and its loss is right only if the first step's gradients and update were.

Read next: `mlp.py`.
"""

from functools import partial


def ours(build, x, labels, compiling=False, checkpointed=False, name="SGD", **options):
    """Our training step; compiled as a whole if so wanted."""
    import autograd
    import nn
    import optim
    from nn import functional as F

    model = build(nn, nn.Parameter)
    for block in model.blocks if checkpointed else ():
        block.forward = autograd.checkpoint(block.forward)
    optimizer = getattr(optim, name)(model.parameters(), **options)
    return our_step(lambda x, labels: F.cross_entropy(model(x), labels), optimizer, list(model.parameters()), x, labels, compiling)


def our_step(loss_of, optimizer, parameters, x, labels, compiling=False):
    """The step of one optimiser down one loss; its results are the loss and the parameters."""
    import autograd
    from autograd import tensor

    def train(x, labels):
        optimizer.zero_grad()
        loss = loss_of(x, labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    if compiling:
        train = autograd.compile(train)
    x = tensor(x)

    def step():
        loss = train(x, labels)
        value = loss.item()
        return lambda: (value, *(p.data for p in parameters))

    step()
    return step


def theirs(build, x, labels, last=False, compiling=False, checkpointed=False, name="SGD", **options):
    """PyTorch's training step; with channels last, or its model compiled, if so wanted."""
    import torch
    import torch.nn.functional as F
    from torch.utils.checkpoint import checkpoint

    model = build(torch.nn, lambda array: torch.nn.Parameter(torch.tensor(array)))
    for block in model.blocks if checkpointed else ():
        block.forward = partial(checkpoint, block.forward, use_reentrant=False)
    x, labels = torch.tensor(x), torch.tensor(labels)
    if last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = getattr(torch.optim, name)(model.parameters(), **options)
    forward = torch.compile(model) if compiling else model
    return their_step(lambda x, labels: F.cross_entropy(forward(x), labels), optimizer, list(model.parameters()), x, labels)


def their_step(loss_of, optimizer, parameters, x, labels):
    """The same of PyTorch's."""

    def step():
        optimizer.zero_grad()
        loss = loss_of(x, labels)
        loss.backward()
        optimizer.step()
        value = loss.item()
        return lambda: (value, *(p.detach().numpy() for p in parameters))

    step()
    return step


def our_gradients(build, arrays, x, g, compiling=False):
    """Forward and backward of a layer of ours: its result, and the gradients of x and of its parameters, in the order of `arrays`."""
    import autograd
    import nn
    from autograd import tensor

    model = build(nn)
    model.load_state_dict(arrays)
    parameters, x, g = dict(model.named_parameters()), tensor(x, requires_grad=True), tensor(g)

    def both():
        x.grad = None
        model.zero_grad()
        y = model(x)
        y.backward(g)
        return y.detach()

    if compiling:
        both = autograd.compile(both)

    def step():
        y = both()
        return lambda: (y.data, x.grad.data, *(parameters[name].grad.data for name in arrays))

    step()
    return step


def their_gradients(build, arrays, x, g, compiling=False):
    """The same of a layer of PyTorch's."""
    import torch
    from torch import tensor

    model = build(torch.nn)
    model.load_state_dict({name: tensor(array) for name, array in arrays.items()})
    parameters, x, g = dict(model.named_parameters()), tensor(x, requires_grad=True), tensor(g)
    forward = torch.compile(model) if compiling else model

    def step():
        x.grad = None
        model.zero_grad()
        y = forward(x)
        y.backward(g)
        return lambda: (y.detach().numpy(), x.grad.numpy(), *(parameters[name].grad.numpy() for name in arrays))

    step()
    return step


def jax_gradients(layer, arrays, x, g):
    """The same of a function of x and the arrays, compiled by JAX."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    @jax.jit
    def both(g, *given):
        y, back = jax.vjp(layer, *given)
        return y, *back(g)

    given = [jnp.asarray(array) for array in (g, x, *arrays)]

    def step():
        found = jax.block_until_ready(both(*given))
        return lambda: [np.asarray(array) for array in found]

    step()
    return step
