"""`make load`: how much a machine carries, on SQLite and PostgreSQL, with one worker and two.

    python -m tests.load.dispute [--db postgresql] [--workers 2] [--minutes 1] [--rate 1]

Without `--db` and `--workers` every combination is run. Figures go into build/load.json; old output is removed first, and the
file appears only when every run came to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from tests.bench.engine import on_postgresql, on_sqlite
from tests.load.dispute.run import Result, run

OUTPUT = Path("build/load.json")
AIMS = {"flow_nodes_per_s": 560, "instances_per_s": 51, "tasks_per_s": 100}
LATEST_TIMER = 2000


def main() -> int:
    options = argparse.ArgumentParser(description="Load the product at a steady rate.")
    options.add_argument("--db", choices=["sqlite", "postgresql"], action="append")
    options.add_argument("--workers", type=int, action="append")
    options.add_argument("--minutes", type=float, default=1.0)
    options.add_argument("--rate", type=float, default=1.0, help="disputes a second")
    given = options.parse_args()
    OUTPUT.unlink(missing_ok=True)
    found: dict[str, float] = {}
    for database in given.db or ["sqlite", "postgresql"]:
        for workers in given.workers or [1, 2]:
            result = measured(database, workers, given.rate, given.minutes * 60)
            print(told(f"{database}, {workers} workers, {given.rate:g} disputes a second, {given.minutes:g} minutes", result), flush=True)
            found |= {f"{name}.{database}.{workers}": value for name, value in result.figures.items()}
            found[f"sustained.{database}.{workers}"] = float(result.sustained)
    OUTPUT.parent.mkdir(exist_ok=True)
    partial = OUTPUT.with_suffix(".part")
    partial.write_text(json.dumps(found, indent=1, sort_keys=True))
    partial.replace(OUTPUT)
    return 0


def measured(database: str, workers: int, rate: float, seconds: float) -> Result:
    """A run on a database of its own."""
    if database == "sqlite":
        with on_sqlite() as url:
            return run(url, workers=workers, rate=rate, seconds=seconds)
    server = os.environ.get("REDRAW_TEST_POSTGRESQL")
    if not server:
        raise SystemExit("PostgreSQL is not there: set REDRAW_TEST_POSTGRESQL, or choose --db sqlite.")
    with on_postgresql(server, "_load") as url:
        return run(url, workers=workers, rate=rate, seconds=seconds)


def told(title: str, result: Result) -> str:
    """The figures of a run in words."""
    f = result.figures
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    carried = "sustained" if result.sustained else "NOT sustained"
    return "\n".join((
        f"{title}: {carried}, {result.open_before} disputes open before, {result.open_after} after, {result.incidents} incidents",
        f"  {f['flow_nodes_per_s']:.0f} flow nodes, {f['instances_per_s']:.1f} instances, {f['tasks_per_s']:.1f} tasks a second"
        f" (aim: {AIMS['flow_nodes_per_s']}, {AIMS['instances_per_s']}, {AIMS['tasks_per_s']})",
        f"  a step: p50 {f['step_p50_ms']:.1f} ms, p95 {f['step_p95_ms']:.1f} ms, p99 {f['step_p99_ms']:.1f} ms; {f['steps_per_s']:.0f} a second",
        f"  timers late by p50 {f['timer_lag_p50_ms']:.0f} ms, p95 {f['timer_lag_p95_ms']:.0f} ms,"
        f" p99 {f['timer_lag_p99_ms']:.0f} ms (aim: {LATEST_TIMER})",
        f"  {f['statements_per_node']:.1f} statements for each flow node; a dispute adds {f['bytes_per_dispute'] / 1024:.0f} KB;"
        f" load of the machine {load}",
    ))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
