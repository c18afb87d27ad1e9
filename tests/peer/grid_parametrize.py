"""Weights made of other parameters."""

from tests.peer.comparison import compare, normal


def made(kind, layer, **options):
    """A layer with a computed weight; singular vectors that both sides start from."""
    def build(nn):
        home = nn.parametrize if hasattr(nn, "parametrize") else nn.utils.parametrizations
        module = getattr(home, kind)(layer(nn), **options)
        state = {name: value * 0 + 0.5 if name.endswith(("_u", "_v")) else value for name, value in module.state_dict().items()}
        module.load_state_dict(state)
        return module
    return build


def linear(nn):
    return nn.Linear(4, 3)


def conv(nn):
    return nn.Conv2d(2, 3, 2)


def transposed(nn):
    return nn.ConvTranspose1d(2, 3, 2)


X, IMAGE = normal(5, 4), normal(2, 2, 3, 3)
BOTH = ("train", "eval")

GRID = [
    *[compare(f"weight_norm of Linear, dim={dim}", build=made("weight_norm", linear, dim=dim), inputs=[X]) for dim in (0, 1, None)],
    compare("weight_norm of Conv2d", build=made("weight_norm", conv), inputs=[IMAGE]),
    compare("spectral_norm of Linear", build=made("spectral_norm", linear), inputs=[X], modes=BOTH),
    compare("spectral_norm of Linear, 3 steps", build=made("spectral_norm", linear, n_power_iterations=3, dim=1), inputs=[X], modes=BOTH),
    compare("spectral_norm of Conv2d", build=made("spectral_norm", conv), inputs=[IMAGE], modes=BOTH),
    compare("spectral_norm of a bias", build=made("spectral_norm", linear, name="bias"), inputs=[X]),
    compare("spectral_norm of ConvTranspose1d", build=made("spectral_norm", transposed), inputs=[normal(2, 2, 4)]),
]
