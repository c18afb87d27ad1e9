"""Do the benchmarks measure what they say? Every workload of ours, run once, agrees with NumPy; nothing here looks at a clock."""

import json

import pytest

from benchmarks import report, workloads
from benchmarks.peers import OURS, PEERS
from benchmarks.rounds import Effort, Row, Worker, agree, measure

SMOKE = [(name, variant, ours) for name in workloads.NAMES for variant in workloads.load(name).SMOKE for ours in ("onetape", "compiled")
         if hasattr(workloads.load(name), ours)]


@pytest.mark.parametrize("name, variant, ours", SMOKE)
def test_ours_agrees_with_numpy(name, variant, ours):
    workload = workloads.load(name)
    expected = workload.reference(*workload.inputs(variant))
    step = getattr(workload, ours)(*workload.inputs(variant))
    results = step()
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
