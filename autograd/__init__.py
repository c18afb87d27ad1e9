from autograd import operators as _operators
from autograd import ops
from autograd.functional import checkpoint, elementwise_grad, ggnvp, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.node import enable_grad, is_grad_enabled, no_grad
from autograd.primitive import primitive
from autograd.tensor import Tensor, tensor
