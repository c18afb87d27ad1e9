"""What is the layout tried on?

Small networks that everyone knows, with and without frames, with the crossings that Graphviz' `dot` draws of them; long ones for
the clock. `python -m tests.drawing.layout_fixtures` prints what is measured; with `dot`, it counts dot's crossings anew.

Read next: `test_layout.py`.
"""

import json
import pathlib
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.drawing.layout import Placement, Size, place

HERE = pathlib.Path(__file__).parent
Point = tuple[int, int]
Segment = tuple[int, int, int, int]


class Graph(NamedTuple):
    """What `place` takes."""

    sizes: list[Size]
    wires: list[tuple[int, int, int]]
    frame_of: list[int]
    frames: list[tuple[int, int]]
    direction: str = "TB"
    wrap: int = 0

    def placement(self) -> Placement:
        """Where all of it stands."""
        return place(self.sizes, self.wires, self.frame_of, self.frames, self.direction, wrap=self.wrap)


class Sketch:
    """A graph on its way: each call of `op` adds a box and its wires, `frame` opens a frame."""

    def __init__(self, framed: bool = False, circuit: bool = False) -> None:
        self.framed, self.circuit = framed, circuit
        self.names: list[str] = []
        self.frame_names: list[str] = []
        self.sizes: list[Size] = []
        self.wires: list[tuple[int, int, int]] = []
        self.frame_of: list[int] = []
        self.frames: list[tuple[int, int]] = []
        self.here = -1

    def op(self, name: str, *operands: int) -> int:
        """A box; wires from these."""
        width = 7 * len(name)
        size = Size(max(34, width + 10), 34, 60) if self.circuit and operands else Size(width + 6, 16, 60) if self.circuit else \
            Size(width + 24, 36 if operands else 22)
        self.sizes.append(size)
        self.names.append(name)
        self.frame_of.append(self.here)
        self.wires += [(operand, len(self.sizes) - 1, slot) for slot, operand in enumerate(operands)]
        return len(self.sizes) - 1

    def frame(self, title: str) -> "Sketch":
        """`with sketch.frame("Linear"):` what is made inside is in the frame."""
        if self.framed:
            self.frames.append((self.here, 7 * len(title)))
            self.frame_names.append(title)
            self.here = len(self.frames) - 1
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self.framed:
            self.here = self.frames[self.here][0]

    def graph(self, direction: str = "TB") -> Graph:
        """All of it."""
        return Graph(self.sizes, self.wires, self.frame_of, self.frames, direction)


# ---- the six ---------------------------------------------------------------------------------------------------------------


def neuron(s: Sketch) -> None:
    """CS231n's sigmoid neuron."""
    w0, x0, w1, x1, w2 = (s.op(name) for name in ("w0", "x0", "w1", "x1", "w2"))
    z = s.op("+", s.op("+", s.op("×", w0, x0), s.op("×", w1, x1)), w2)
    s.op("1/x", s.op("+1", s.op("exp", s.op("×-1", z))))


def linear(s: Sketch, x: int, name: str) -> int:
    """A layer as operations."""
    with s.frame(f"Linear {name}"):
        return s.op("add (8, 64)", s.op("matmul (8, 64)", x, s.op(f"{name}.weight")), s.op(f"{name}.bias"))


def mlp(s: Sketch) -> None:
    """Three layers and a loss."""
    x = s.op("x")
    for i in range(3):
        x = linear(s, x, f"fc{i}")
        if i < 2:
            x = s.op("relu", x)
    s.op("cross_entropy", x, s.op("labels"))


def conv(s: Sketch, x: int, name: str) -> int:
    """Convolution, normalisation."""
    with s.frame(f"ConvNorm {name}"):
        y = s.op("conv2d (8, 64, 32, 32)", x, s.op(f"{name}.weight"))
        return s.op("batch_norm", y, s.op("γ"), s.op("β"))


def residual(s: Sketch) -> None:
    """Two residual blocks, the second with a convolution beside it."""
    x = s.op("relu", conv(s, s.op("image"), "stem"))
    for i in range(2):
        with s.frame(f"BasicBlock {i}"):
            y = conv(s, s.op("relu", conv(s, x, "conv1")), "conv2")
            x = s.op("relu", s.op("add", y, conv(s, x, "down") if i else x))
    s.op("mean", x)


def inception(s: Sketch) -> None:
    """Four branches, put together."""
    x = s.op("input")
    with s.frame("Inception"):
        branches = [s.op("relu", conv(s, x, "1x1"))]
        for k in ("3x3", "5x5"):
            with s.frame(f"branch {k}"):
                branches.append(s.op("relu", conv(s, s.op("relu", conv(s, x, f"{k}.reduce")), k)))
        branches.append(s.op("relu", conv(s, s.op("max_pool", x), "pool")))
        x = s.op("concat", *branches)
    s.op("dropout", x)


def lstm(s: Sketch) -> None:
    """Four steps of an LSTM cell."""
    w, u, b = s.op("W"), s.op("U"), s.op("b")
    h, c = s.op("h0"), s.op("c0")
    for t in range(4):
        x = s.op(f"x{t}")
        with s.frame(f"LSTMCell {t}"):
            z = s.op("add", s.op("add", s.op("matmul", x, w), s.op("matmul", h, u)), b)
            i, f, g, o = (s.op(f"split {k}", z) for k in range(4))
            i, f, g, o = s.op("sigmoid", i), s.op("sigmoid", f), s.op("tanh", g), s.op("sigmoid", o)
            c = s.op("add", s.op("mul", f, c), s.op("mul", i, g))
            h = s.op("mul", o, s.op("tanh", c))
    s.op("loss", h)


def attention(s: Sketch) -> None:
    """A transformer's block: attention and two layers, each beside the way through."""
    x = s.op("x")
    with s.frame("Attention"):
        n = s.op("layer_norm", x)
        q, k, v = (s.op("heads", linear(s, n, name)) for name in "qkv")
        scores = s.op("softmax", s.op("scale", s.op("matmul", q, s.op("transpose", k))))
        y = linear(s, s.op("merge", s.op("matmul", scores, v)), "out")
    x = s.op("add", x, y)
    with s.frame("FeedForward"):
        y = linear(s, s.op("gelu", linear(s, s.op("layer_norm", x), "up")), "down")
    s.op("add", x, y)


def alternating(s: Sketch) -> None:
    """Two modules that use each other in turn: contracted, they make a cycle."""
    x = s.op("x")
    if s.framed:
        s.frames += [(-1, 60), (-1, 60)]
        s.frame_names += ["A", "B"]
    for k in range(4):
        s.here = k % 2 if s.framed else -1
        x = s.op("relu", s.op("linear", x, s.op(f"w{k}")))
    s.here = -1
    s.op("loss", x)


SIX: dict[str, Callable[[Sketch], None]] = {"neuron": neuron, "mlp": mlp, "residual": residual, "inception": inception,
                                           "lstm": lstm, "attention": attention}
DOT = {"neuron": 0, "mlp": 0, "residual": 0, "inception": 2, "lstm": 13, "attention": 1}  # crossings in dot's drawings


def sketched(draw: Callable[[Sketch], None], framed: bool = False, circuit: bool = False) -> Sketch:
    """A sketch of it."""
    sketch = Sketch(framed, circuit)
    draw(sketch)
    return sketch


def small_graphs() -> dict[str, Graph]:
    """All the small ones, flat and framed, both ways."""
    graphs = {"neuron": sketched(neuron, circuit=True).graph("LR")}
    for name, draw in (*SIX.items(), ("alternating", alternating)):
        for framed in (False, True):
            for direction in ("TB", "LR"):
                graphs[f"{name}{' framed' * framed} {direction}"] = sketched(draw, framed).graph(direction)
    return graphs


# ---- long ones -------------------------------------------------------------------------------------------------------------


def rnn(steps: int) -> Graph:
    """A recurrent network whose three parameters are used at each step."""
    s = Sketch()
    w, u, b, h = s.op("W"), s.op("U"), s.op("b"), s.op("h0")
    for t in range(steps):
        h = s.op("tanh", s.op("add", s.op("add", s.op("matmul", s.op(f"x{t}"), w), s.op("matmul", h, u)), b))
    s.op("loss", h)
    return s.graph()


def layers(count: int) -> Graph:
    """About so many boxes: residual layers, each with its own parameters."""
    s = Sketch()
    x = s.op("x")
    while len(s.sizes) < count:
        y = x
        for _ in range(2):
            y = s.op("relu", s.op("add", s.op("matmul", y, s.op("weight")), s.op("bias")))
        x = s.op("add", y, x)
    return s.graph()


def tangle(count: int, seed: int, framed: int = 0) -> Graph:
    """A random graph: each box has up to three operands among the 30 before it; so many nested frames, some of them in cycles."""
    r = random.Random(seed)
    frames = [(r.randrange(-1, k) if k else -1, r.randrange(20, 90)) for k in range(framed)]
    sizes = [Size(r.randrange(20, 120), r.randrange(16, 50), r.choice((0, 0, 20))) for _ in range(count)]
    wires = []
    for i in range(1, count):
        for slot in range(r.randrange(4)):
            wires.append((r.randrange(max(0, i - 30), i), i, slot))
    here, frame_of = -1, []
    for _ in range(count):
        if framed and r.random() < 0.3:
            here = r.randrange(-1, framed)
        frame_of.append(here)
    return Graph(sizes, wires, frame_of, frames, r.choice(("TB", "LR")))


def chain(count: int) -> Graph:
    """One after another."""
    return Graph([Size(60, 30)] * count, [(i, i + 1, 0) for i in range(count - 1)], [-1] * count, [])


# ---- geometry, exact -------------------------------------------------------------------------------------------------------


def turn(a: Point, b: Point, c: Point) -> int:
    """On which side of a line a point is."""
    side = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (side > 0) - (side < 0)


def cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two segments cross, each inside the other."""
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def passes(a: Point, b: Point, box: Segment) -> bool:
    """Whether a segment meets the inside of a box."""
    x, y, width, height = box
    if max(a[0], b[0]) <= x or min(a[0], b[0]) >= x + width or max(a[1], b[1]) <= y or min(a[1], b[1]) >= y + height:
        return False
    sides = {turn(a, b, corner) for corner in ((x, y), (x + width, y), (x, y + height), (x + width, y + height))}
    return 1 in sides and -1 in sides


def crossings(lines: list[list[Point]], wires: list[tuple[int, int, int]]) -> int:
    """How often wires cross; those from one box share their way and do not count."""
    segments = sorted((min(a[0], b[0]), max(a[0], b[0]), a, b, wires[w][0]) for w, line in enumerate(lines) for a, b in zip(line, line[1:]))
    total = 0
    for i, (_, end, a, b, source) in enumerate(segments):
        for left, _, c, d, other in segments[i + 1:]:
            if left > end:
                break
            total += other != source and cross(a, b, c, d)
    return total


def dot_crossings(graph: Graph) -> int:
    """The crossings in dot's drawing of the same boxes and wires."""
    text = ["digraph {", "node [shape=box fixedsize=true label=\"\"]"]
    text += [f"{i} [width={size.width / 72} height={size.height / 72}]" for i, size in enumerate(graph.sizes)]
    text += [f"{source} -> {target}" for source, target, _ in graph.wires]
    answer = subprocess.run(["dot", "-Tjson"], input="\n".join([*text, "}"]), capture_output=True, text=True, check=True, timeout=60)
    edges: list[dict[str, Any]] = json.loads(answer.stdout)["edges"]
    lines = []
    for edge in edges:
        spline = next(step for step in edge["_draw_"] if step["op"] == "b")["points"]
        lines.append(flat(spline))
    return crossings(lines, [(int(edge["tail"]), int(edge["head"]), 0) for edge in edges])


def flat(spline: list[list[float]]) -> list[Point]:
    """Points on a spline, in thousandths."""
    points = [(round(1000 * spline[0][0]), round(1000 * spline[0][1]))]
    for k in range(0, len(spline) - 1, 3):
        p = spline[k:k + 4]
        for i in range(1, 17):
            t = i / 16
            b = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3)
            points.append((round(1000 * sum(c * q[0] for c, q in zip(b, p))), round(1000 * sum(c * q[1] for c, q in zip(b, p)))))
    return points


# ---- the table -------------------------------------------------------------------------------------------------------------

LIMITS: dict[str, tuple[Callable[[], Graph], float]] = {
    "1,000 boxes": (lambda: layers(1000), 0.1), "2,000 boxes": (lambda: layers(2000), 0.26), "10,000 boxes": (lambda: layers(10000), 1.5),
    "20,000 boxes": (lambda: layers(20000), 3.9), "rnn60": (lambda: rnn(60), 0.1), "rnn600": (lambda: rnn(600), 0.5),
    "tangle of 1,000": (lambda: tangle(1000, 1), 1.0), "tangle of 1,000 in 60 frames": (lambda: tangle(1000, 2, 60), 1.0)}


def seconds(graph: Graph, times: int = 5) -> float:
    """The median time of the processor for laying it out."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        graph.placement()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def main() -> None:
    """Print what is measured."""
    print(f"{'':30}{'boxes':>8}{'wires':>8}{'seconds':>9}{'limit':>7}")
    for name, (make, limit) in LIMITS.items():
        graph = make()
        print(f"{name:30}{len(graph.sizes):8}{len(graph.wires):8}{seconds(graph):9.3f}{limit:7}", flush=True)
    print(f"\n{'crossings':30}{'stored':>8}{'dot':>8}{'ours':>9}{'framed':>7}")
    for name, draw in SIX.items():
        graph, framed = sketched(draw).graph(), sketched(draw, framed=True).graph()
        ours, inside = (crossings([list(line) for line in g.placement().wires], g.wires) for g in (graph, framed))
        again = dot_crossings(graph) if shutil.which("dot") else "-"
        print(f"{name:30}{DOT[name]:8}{again:>8}{ours:9}{inside:7}")


if __name__ == "__main__":
    main()
