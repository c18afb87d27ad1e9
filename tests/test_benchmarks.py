"""Do the benchmarks measure what they say? Every workload of ours, run once, agrees with NumPy; nothing here looks at a clock."""

import json
from functools import cache

import numpy as np
import pytest

from benchmarks import picture, report, workloads
from benchmarks.__main__ import within
from benchmarks.peers import OURS, PEERS
from benchmarks.rounds import Effort, Row, Worker, agree, measure

SMOKE = [(name, variant, ours) for name in workloads.NAMES for variant in workloads.load(name).SMOKE for ours in ("onetape", "compiled")
         if hasattr(workloads.load(name), ours)]


@cache
def reference(name, variant):
    workload = workloads.load(name)
    return workload.reference(*workload.inputs(variant))


@pytest.mark.parametrize("name, variant, ours", SMOKE)
def test_ours_agrees_with_numpy(name, variant, ours):
    workload = workloads.load(name)
    expected = reference(name, variant)
    step = getattr(workload, ours)(*workload.inputs(variant))
    results = workloads.results(step)
    if getattr(workload, "SELF_TIMED", False):
        assert results > 0
    else:
        agree(results, expected, workload.TOLERANCE)


@pytest.mark.parametrize("name", workloads.NAMES)
def test_workloads_are_complete(name):
    workload = workloads.load(name)
    assert workload.__doc__ and workload.SMOKE and set(workload.SMOKE) <= set(workload.VARIANTS)
    assert all(workload.count(variant) >= 1 for variant in workload.VARIANTS)
    for variant, peer, *ours in workload.GOALS:
        assert variant in workload.VARIANTS and peer in PEERS and hasattr(workload, peer)
        assert all(name in OURS and hasattr(workload, workloads.way(name)) for name in ours)


@pytest.mark.parametrize("ours", ["onetape", "compiled"])
def test_checkpoints_change_memory_alone(ours):
    """The same losses and weights, from a small batch."""
    workload = workloads.load("vgg_small")
    x, labels, weights, _ = workload.inputs("batch 32")
    usual, again = (workloads.results(getattr(workload, ours)(x[:2], labels[:2], weights, checkpointed)) for checkpointed in (False, True))
    assert len(usual) == len(again) == 1 + len(weights)
    for a, b in zip(usual, again):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["layers", "operations"])
def test_operations_one_by_one_are_forward_and_both(name):
    workload = workloads.load(name)
    assert all(f"{op} {mode}" in workload.VARIANTS for op in workload.TABLE for mode in ("forward", "both"))
    variant = next(v for v in workload.SMOKE if v.startswith(("softmax", "sum of rows")))
    given = workload.inputs(variant)
    y, *gradients = workload.reference(*given)
    assert len(gradients) == len(given[2])
    only, = workload.reference(*workload.inputs(variant.replace("both", "forward")))
    np.testing.assert_array_equal(y, only)


def test_plain_numpy_against_differences():
    """The gradients of what everything else is compared with."""
    from benchmarks.workloads import plain

    rng = np.random.default_rng(0)
    image, kernel, ones = rng.normal(size=(2, 4, 6, 6)), rng.normal(size=(6, 2, 3, 3)), np.ones((4, 1, 1))
    labels, table = rng.integers(0, 5, 3), rng.normal(size=(3, 5))
    for f, arrays in ((lambda x, w: plain.conv(x, w, 2, 1, 2), [image, kernel]), (lambda x: plain.max_pool(x, 3, 2, 1), [image]),
                      (lambda x: plain.avg_pool(x, 2), [image]), (lambda x: plain.softmax(x), [table]),
                      (lambda x: plain.log_softmax(x), [table]), (lambda x: plain.cross_entropy(x, labels), [table]),
                      (lambda x, w, b: plain.normalised(x, w, b, (0, 2, 3)), [image, 2 * ones, ones]),
                      (lambda x, w, b: plain.conv_norm(x, w, b, b), [image, rng.normal(size=(3, 4, 3, 3)), np.ones(3)]),
                      (lambda x, w, b: plain.linear(x, w, b), [table, rng.normal(size=(5, 2)), rng.normal(size=2)])):
        y, back = f(*arrays)
        g = rng.normal(size=np.shape(y))
        found = back(g)
        found = found if isinstance(found, tuple) else (found,)
        ways = [rng.normal(size=a.shape) for a in arrays]
        if len(found) > len(arrays):  # one array was given twice
            found = (*found[:2], found[2] + found[3])
        high, low = (f(*[a + 1e-6 * sign * d for a, d in zip(arrays, ways)])[0] for sign in (1, -1))
        expected = np.sum(g * (high - low)) / 2e-6
        assert np.isclose(sum(np.sum(d * a) for d, a in zip(ways, found)), expected, rtol=1e-5, atol=1e-7)


def test_no_more_effort_than_a_workload_wants():
    assert within(Effort(rounds=15, launches=3), workloads.load("layers")).launches == 1
    assert within(Effort(rounds=2), workloads.load("layers")).rounds == 2
    assert within(Effort(), workloads.load("mlp")) == Effort()


def made_up(name, variant, **seconds):
    workload = workloads.load(name)
    goals = {f"{ours} {peer}": goal for (of, peer, *who), goal in workload.GOALS.items() if of == variant for ours in who or ["onetape"]}
    return Row(name, variant, f"{name} {variant}", workload.UNIT, goals=goals, seconds={k: [v] * 3 for k, v in seconds.items()})


def test_a_report_has_goals_then_workloads_then_pictures(tmp_path):
    rows = [made_up("mlp", "batch 1", onetape=0.4, compiled=0.2, torch=1.0, jax=0.1),
            made_up("mlp", "adam batch 32", onetape=0.4, torch=1.0), made_up("layers", "softmax both", onetape=2.0, torch=1.0),
            made_up("import_time", "engine", onetape=0.05), made_up("peak_memory", "mlp batch 1024", onetape=3e7, torch=6e7)]
    rows[-1].measures = "bytes"
    rows[1].problems["jax"] = "it ended"
    text = report.write(rows, {}, Effort(), tmp_path)
    assert "3 of 4 are met" not in text and "3 of 5 are met" in text  # jax's is missed; import's to torch is not measured
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    assert ["mlp batch 1", "onetape, compiled", "jax.jit", "1.2", "2.00", "**missed**"] in lines
    assert ["import_time engine", "onetape", "", "60 ms", "50 ms", "met"] in lines
    assert ["import_time engine", "onetape", "PyTorch", "0.1", "", "not measured"] in lines
    assert ["", "onetape, compiled", "200 ms", "0.20 (0.20 - 0.20)", "2.00 (2.00 - 2.00)"] in lines
    assert ["", "onetape", "30 MB", "0.50 (0.50 - 0.50)"] in lines and ["mlp batch 1024", "the peer's memory", "", "60 MB"] in lines
    assert text.index("## Goals") < text.index("### mlp") < text.index("### layers")
    assert "* mlp adam batch 32, jax.jit: not measured: it ended" in text
    pytest.importorskip("matplotlib")
    assert "adam batch 32" in (tmp_path / "ratios.svg").read_text() and "softmax both" in (tmp_path / "operations.svg").read_text()
    assert set(picture.SHAPES) == set(PEERS) and set(picture.COLOURS) == set(OURS)


def test_a_row_and_its_report(tmp_path):
    """The whole way with one library: process, check, rounds, table."""
    effort = Effort(turn=0.001, rounds=2, launches=1, threads=1)
    row = measure("chain_scalar", "", ["onetape"], effort)
    assert not row.problems and len(row.seconds["onetape"]) == 2
    assert "chain scalar" in report.write([row], {"mygrad": "there is no network"}, effort, tmp_path)
    assert json.loads((tmp_path / "table.json").read_text())["rows"][0]["workload"] == "chain_scalar"
    assert "MyGrad was left out: there is no network" in (tmp_path / "table.md").read_text()


def test_a_wrong_result_is_not_timed():
    worker = Worker("chain_scalar", "", "onetape", threads=1)
    try:
        worker.ask("")
        with pytest.raises(RuntimeError, match="result 1 is off by"):
            right = workloads.load("chain_scalar").reference(0.01, 1.0001, 0.5)
            worker.check((right[0], 2 * right[1], right[2]), 1e-10)
    finally:
        worker.close()


def test_ratio_is_the_median_within_rounds():
    row = Row("w", "", "w", "op", goals={"onetape torch": 0.5}, seconds={"onetape": [1.0, 10.0, 3.0], "torch": [2.0, 20.0, 4.0]})
    assert row.ratio("torch") == (0.5, 0.5, 0.625)
    assert report.lines(row)[0][-1] == "0.5 met"


def test_durations_have_units():
    assert [report.duration(s) for s in (2.5, 0.0123, 4.56e-6, 7.8e-8)] == ["2.5 s", "12.3 ms", "4.56 us", "78 ns"]
