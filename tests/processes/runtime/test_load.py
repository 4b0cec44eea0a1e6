"""The load harness itself, for some seconds: it measures what it says, and the engine keeps up."""

from __future__ import annotations

from pathlib import Path

from tests.load.dispute.drawings import BOOKINGS
from tests.load.dispute.run import run


def test_a_light_load_is_carried_and_measured(tmp_path: Path) -> None:
    result = run(f"sqlite:///{tmp_path / 'load.sqlite3'}", workers=1, rate=0.2, seconds=15, warm_up=5)
    figures = result.figures
    assert result.sustained, result
    assert figures["instances_per_s"] > 0.1 * BOOKINGS
    assert figures["flow_nodes_per_s"] > 10 * figures["instances_per_s"]
    assert figures["tasks_per_s"] > figures["instances_per_s"]
    assert 0 < figures["step_p50_ms"] <= figures["step_p95_ms"] <= figures["step_p99_ms"]
    assert figures["steps_per_s"] > figures["instances_per_s"], "a job lands in a step, and its instance's end in another"
    assert 0 <= figures["timer_lag_p99_ms"] < 5_000
    assert 1 < figures["statements_per_node"] < 20
    assert figures["bytes_per_dispute"] > 100_000
