"""What can gradients do for physics?

    python examples/physics.py

Two programs in plain NumPy, which know nothing of networks:

    a double pendulum   its equations of motion, with their signs so easily wrong, are compared with derivatives of the Lagrangian
                        L = T - V (`grad`, `hessian`, `jvp`). It is simulated, filmed with noise, and its two lengths are found again
                        from the film by Gauss and Newton, with derivatives that went through the whole simulation
    a hanging chain     of rigid links takes the shape of least energy. Newton's method finds it with the `hessian`, and beside it the
                        force on the nail; with many links it is the catenary y = a cosh(x / a)

It takes seconds. The folder `out/` then holds pendulum.png and chain.png.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd import grad, hessian, jvp

Array = np.ndarray[Any, Any]
GRAVITY = 9.81


# ---- the double pendulum ----------------------------------------------------------------------------------------------


def positions(q: Any, lengths: Any) -> tuple[Any, Any, Any, Any]:
    """Where both masses are, x and y, for the angles q."""
    x, y = lengths[0] * np.sin(q[0]), -lengths[0] * np.cos(q[0])
    return x, y, x + lengths[1] * np.sin(q[1]), y - lengths[1] * np.cos(q[1])


def lagrangian(q: Any, v: Any, lengths: Any) -> Any:
    """Kinetic minus potential energy of two masses of 1 kg; q are the angles, v their speeds."""
    first, second = (lengths[0] * v[0]) ** 2, (lengths[1] * v[1]) ** 2
    kinetic = first + second / 2 + lengths[0] * lengths[1] * v[0] * v[1] * np.cos(q[0] - q[1])
    _, y1, _, y2 = positions(q, lengths)
    return kinetic - GRAVITY * (y1 + y2)


def by_euler_and_lagrange(q: Any, v: Any, lengths: Any) -> Any:
    """d/dt dL/dv = dL/dq, that is  (d2L/dv2) a = dL/dq - (d/dq dL/dv) v,  solved for the accelerations a."""
    turning = jvp(lambda q: grad(lagrangian, 1)(q, v, lengths), (q,), (v,))[1]
    return np.linalg.solve(hessian(lagrangian, 1)(q, v, lengths), grad(lagrangian, 0)(q, v, lengths) - turning)


def acceleration(q: Any, v: Any, lengths: Any) -> Any:
    """The same, worked out as in a textbook, which is faster."""
    cos, sin = np.cos(q[0] - q[1]), np.sin(q[0] - q[1])
    first = -lengths[1] * v[1] ** 2 * sin - 2 * GRAVITY * np.sin(q[0])
    second = lengths[0] * v[0] ** 2 * sin - GRAVITY * np.sin(q[1])
    scale = 2 - cos**2
    return np.stack([(first - cos * second) / (lengths[0] * scale), (2 * second - cos * first) / (lengths[1] * scale)])


def swing(lengths: Any, steps: int, dt: float) -> tuple[Any, Any]:
    """Angles and speeds at each time, (steps + 1, 2) each, from rest at 70 and 50 degrees. (Leapfrog, made for forces with speeds.)"""
    q, v = np.radians(np.array([70.0, 50.0])), np.zeros(2)
    angles, speeds = [q], [v]
    for _ in range(steps):
        half = v + dt / 2 * acceleration(q, v, lengths)
        q = q + dt * half
        v = half + dt / 2 * acceleration(q, half, lengths)
        angles.append(q)
        speeds.append(v)
    return np.stack(angles), np.stack(speeds)


def film(lengths: Any, steps: int, dt: float) -> Any:
    """What a camera sees: the place of the lower mass at each time, in one row."""
    q = swing(lengths, steps, dt)[0]
    _, _, x, y = positions(q.T, lengths)
    return np.concatenate([x, y])


def fitted(seen: Array, guess: Array, dt: float, rounds: int) -> list[Array]:
    """The lengths that explain the film best, from a guess: Gauss and Newton, J'J step = -J'r."""
    lengths, path = guess, [guess]
    for _ in range(rounds):
        def model(lengths: Any) -> Any:
            return film(lengths, len(seen) // 2 - 1, dt)

        columns = [jvp(model, (lengths,), (direction,)) for direction in np.eye(2)]  # two columns are cheaper than all rows
        r, J = columns[0][0] - seen, np.stack([column for _, column in columns], axis=1)
        lengths = lengths - np.linalg.solve(J.T @ J, J.T @ r)
        path.append(lengths)
    return path


# ---- the hanging chain ------------------------------------------------------------------------------------------------


def chain(angles: Any, length: float) -> tuple[Any, Any]:
    """Where the joints of a chain are, (links + 1,) each, whose links have these slopes; it starts at (0, 0)."""
    link = length / len(angles)
    start = np.zeros(1)
    return (np.concatenate([start, np.cumsum(link * np.cos(angles))]), np.concatenate([start, np.cumsum(link * np.sin(angles))]))


def hanging(links: int, length: float, distance: float) -> tuple[Array, Array, list[float]]:
    """The slopes of the links at rest, the force on the nail at the far end, and how far from rest Newton's method was in each step.

    At rest the energy is the least of all chains that end at the nail. With a multiplier for each coordinate of the nail (Lagrange),
    that is a point where the gradient of energy + force . (end - nail) is zero; and the multipliers are the force.
    """
    def function(unknown: Any) -> Any:
        angles, force = unknown[:links], unknown[links:]
        x, y = chain(angles, length)
        energy = np.sum(y[1:] + y[:-1]) / 2 / links  # each link weighs 1 / links
        return energy + force[0] * (x[-1] - distance) + force[1] * y[-1]

    unknown = np.concatenate([np.linspace(-1, 1, links), np.array([-0.3, -0.5])])
    norms = []
    for _ in range(30):
        slope = grad(function)(unknown)
        norms.append(float(np.linalg.norm(slope)))
        if norms[-1] < 1e-12:
            break
        unknown = unknown - np.linalg.solve(hessian(function)(unknown), slope)
    return unknown[:links], -unknown[links:], norms


def catenary(length: float, distance: float) -> float:
    """The a of y = a cosh(x / a) for a rope of this length between nails at one height: length = 2 a sinh(distance / 2 a)."""
    def excess(a: Any) -> Any:
        return 2 * a * np.sinh(distance / (2 * a)) - length

    a = distance / 4
    for _ in range(30):
        a = a - excess(a) / grad(excess)(a)
    return float(a)


# ---- the program ------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Run the example; returns what was found."""
    parser = argparse.ArgumentParser(description="A double pendulum from its Lagrangian, and a chain from its energy.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--steps", type=int, default=100, help="of the simulation")
    parser.add_argument("--dt", type=float, default=0.01, help="seconds per step")
    parser.add_argument("--links", type=int, default=40, help="of the chain")
    parser.add_argument("--seed", type=int, default=0, help="of the noise of the camera")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for what is written")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)

    # ---- the pendulum: simulate, film, and find the lengths again ----
    truth = np.array([1.0, 0.7])
    states = rng.uniform(-3, 3, (20, 2, 2))
    apart = max(float(np.abs(acceleration(a, b, truth) - by_euler_and_lagrange(a, b, truth)).max()) for a, b in states)
    print(f"double pendulum: the textbook's accelerations and those of the Lagrangian differ by at most {apart:.0e}")
    q, v = swing(truth, options.steps, options.dt)
    energy = np.array([lagrangian(a, b, truth) - 2 * lagrangian(a, 0 * b, truth) for a, b in zip(q, v)])  # T + V = L + 2 V
    drift = float(np.ptp(energy) / np.ptp([lagrangian(a, 0 * b, truth) for a, b in zip(q, v)]))
    print(f"    {options.steps * options.dt:.1f} s of it: the energy wobbles by {drift:.2%} of what goes to and fro")
    seen = film(truth, options.steps, options.dt)
    seen = seen + 0.02 * rng.standard_normal(seen.shape)
    path = fitted(seen, np.array([0.8, 1.1]), options.dt, rounds=5)
    for number, lengths in enumerate(path):
        print(f"    round {number}: lengths {lengths[0]:.4f} m, {lengths[1]:.4f} m")
    error = float(np.abs(path[-1] - truth).max())
    print(f"    they were {truth[0]} m and {truth[1]} m: wrong by {1000 * error:.1f} mm, on a film with 20 mm of noise\n")

    # ---- the chain: least energy ----
    length, distance = 2.0, 1.2
    angles, force, norms = hanging(options.links, length, distance)
    a = catenary(length, distance)
    x, y = chain(angles, length)
    rope = a * np.cosh((x - distance / 2) / a) - a * np.cosh(distance / (2 * a))
    gap = float(np.abs(y - rope).max())
    print(f"hanging chain: {len(norms) - 1} steps of Newton's method; the gradient went " + ", ".join(f"{n:.0e}" for n in norms[-4:]))
    print(f"    the far nail holds half of the weight, {force[1]:.4f}, and pulls with {force[0]:.4f}; on a rope {a / length:.4f}")
    print(f"    {options.links} links are at most {1000 * gap:.2f} mm away from y = a cosh(x / a), a = {a:.4f} m")

    look(path[0], path[-1], seen, (x, y, rope), norms, options)
    return {"apart": apart, "drift": drift, "error": error, "gap": gap, "steps": float(len(norms) - 1), "weight": float(force[1]),
            "pull": float(force[0]), "rope": a / length}


def look(guess: Array, found: Array, seen: Array, hung: tuple[Array, Array, Array], norms: list[float],
         options: argparse.Namespace) -> None:
    """Pictures of both."""
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        print(f"no pictures: {missing}. pip install \"onetape[plot]\"")
        return
    options.out.mkdir(parents=True, exist_ok=True)

    picture = Figure(figsize=(8.4, 3.6), layout="constrained")
    left, right = picture.subplots(1, 2)
    q = swing(found, options.steps, options.dt)[0]
    x1, y1, x2, y2 = positions(q.T, found)
    for i in range(0, len(q), max(len(q) // 10, 1)):
        left.plot([0, x1[i], x2[i]], [0, y1[i], y2[i]], "o-", color="0.75", markersize=4, linewidth=1)
    left.plot(x2, y2, color="tab:blue")
    left.set(title="a double pendulum", xlabel="x / m", ylabel="y / m", aspect="equal")
    time, half = options.dt * np.arange(len(q)), len(q)
    right.plot(time, seen[:half], ".", color="0.6", markersize=4, label="filmed")
    right.plot(time, film(guess, options.steps, options.dt)[:half], "--", color="tab:orange", label="first guess")
    right.plot(time, x2, color="tab:blue", label="fitted")
    right.set(title="the lower mass", xlabel="time / s", ylabel="x / m")
    right.legend(frameon=False)
    picture.savefig(options.out / "pendulum.png", dpi=120)

    picture = Figure(figsize=(8.4, 3.6), layout="constrained")
    left, right = picture.subplots(1, 2)
    x, y, rope = hung
    left.plot(x, rope, color="tab:orange", linewidth=4, alpha=0.5, label="a cosh(x / a)")
    left.plot(x, y, ".-", color="tab:blue", markersize=4, linewidth=1, label=f"{len(x) - 1} links")
    left.set(title="a hanging chain", xlabel="x / m", ylabel="y / m", aspect="equal")
    left.legend(frameon=False)
    right.semilogy(norms, "o-", color="tab:blue", markersize=4)
    right.set(title="Newton's method", xlabel="step", ylabel="length of the gradient")
    picture.savefig(options.out / "chain.png", dpi=120)
    print(f"\nwrote pendulum.png and chain.png into {options.out}")


if __name__ == "__main__":
    main()
