"""The activations: on numbers to both sides of their kinks, on the kinks, and far out."""

from tests.peer.comparison import compare, fixed, normal, uniform

WIDE = uniform(4, 6, low=-8, high=8)
KINKS = fixed([-60.0, -30, -6, -3, -1, -0.5, 0, 0.5, 1, 3, 6, 30, 60], grad=True)

EVERYWHERE = [
    ("Sigmoid", {}), ("Tanh", {}), ("ReLU", {}), ("ReLU", {"inplace": False}), ("ReLU6", {}), ("LeakyReLU", {}),
    ("LeakyReLU", {"negative_slope": 0.2}), ("ELU", {}), ("ELU", {"alpha": 0.5}), ("SELU", {}), ("CELU", {}), ("CELU", {"alpha": 2.0}),
    ("GELU", {}), ("GELU", {"approximate": "tanh"}), ("SiLU", {}), ("Mish", {}), ("Softplus", {}),
    ("Softplus", {"beta": 2.0, "threshold": 5.0}), ("Softsign", {}), ("Softshrink", {}), ("Softshrink", {"lambd": 1.0}),
    ("Hardshrink", {}), ("Hardshrink", {"lambd": 1.0}),
    ("Hardtanh", {}), ("Hardtanh", {"min_val": -3.0, "max_val": 0.5}), ("Hardswish", {}), ("Tanhshrink", {}), ("LogSigmoid", {}),
    ("Threshold", {"threshold": 0.5, "value": -7.0}),
]
FUNCTIONS = [
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "softshrink", "hardshrink",
    "hardtanh", "hardswish", "tanhshrink", "logsigmoid", "sigmoid", "tanh", "rrelu",
]

GRID = [
    *[compare(name, inputs=[x], **options) for name, options in EVERYWHERE for x in (WIDE, KINKS)],
    *[compare(f"functional.{name}", inputs=[normal(3, 2, 2)]) for name in FUNCTIONS],
    # PyTorch's gradient of these multiplies by 1/6 rounded to float32, which is wrong by 1e-8: values only
    *[compare("Hardsigmoid", inputs=[x.constant()]) for x in (WIDE, KINKS)],
    compare("functional.leaky_relu", inputs=[normal(5)], negative_slope=0.3),
    compare("functional.threshold", inputs=[normal(5)], threshold=0.1, value=20.0),
    compare("functional.prelu", inputs=[normal(4, 3), normal(3)]),
    compare("functional.glu", inputs=[normal(4, 6)]),
    *[compare(f"functional.{name}", inputs=[normal(3, 4, 2)], dim=1) for name in ("softmax", "log_softmax", "softmin")],
    *[compare("PReLU", inputs=[x]) for x in (WIDE, KINKS, normal(2, 3, 4, 4))],
    *[compare("PReLU", 3, inputs=[normal(*shape)], init=0.1) for shape in ((2, 3), (2, 3, 4), (2, 3, 4, 4))],
    compare("RReLU", inputs=[WIDE], modes=["eval"]),
    compare("RReLU", 0.3, 0.3, inputs=[WIDE], modes=["train", "eval"]),
    *[compare(name, dim, inputs=[normal(3, 4, 5)]) for name in ("Softmax", "LogSoftmax", "Softmin") for dim in (0, 1, -1)],
    *[compare(name, 1, inputs=[normal(3, 4)]) for name in ("Softmax", "LogSoftmax", "Softmin")],
    *[compare("Softmax2d", inputs=[normal(*shape)]) for shape in ((2, 3, 4, 4), (3, 4, 4))],
    compare("GLU", inputs=[normal(3, 4)]),
    compare("GLU", 1, inputs=[normal(2, 6, 3, 3)]),
]
