"""The figures of a run: counted in the rows of the database, and read from what the processes noted of themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.running import Running

WORK = ("serviceTask", "userTask")
"""Elements that count as tasks."""


@dataclass(frozen=True)
class Window:
    """The time that is measured, in seconds since 1970."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin

    def holds(self, column: str) -> str:
        """The condition that a moment lies in it, in SQL of either database."""
        first, last = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f") for at in (self.begin, self.end))
        return f"{column} >= '{first}' AND {column} < '{last}'"


def share_under(values: list[float], share: float) -> float:
    """The value that this share of them stays under; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def measured(house: Running, window: Window, gauges: Path) -> dict[str, float]:
    """Everything that is reported of a window, by name."""
    nodes = _count(house, "process_runtime_task", f"status = 'DONE' AND {window.holds('finished')}")
    tasks = _count(house, "process_runtime_task", f"kind IN {WORK} AND status = 'DONE' AND NOT is_body AND {window.holds('finished')}")
    ended = _count(house, "process_runtime_processinstance", f"outcome = 'completed' AND {window.holds('finished')}")
    steps, statements = _noted(gauges, window)
    lags = [lag * 1000 for lag in _lags(house, window)]
    return {
        "flow_nodes_per_s": nodes / window.seconds, "tasks_per_s": tasks / window.seconds,
        "instances_per_s": ended / window.seconds,
        **{f"step_p{p}_ms": share_under(steps, p / 100) * 1000 for p in (50, 95, 99)},
        **{f"timer_lag_p{p}_ms": share_under(lags, p / 100) for p in (50, 95, 99)},
        "statements_per_node": statements / max(nodes, 1), "steps_per_s": len(steps) / window.seconds,
    }  # fmt: skip


def open_disputes(house: Running) -> int:
    """Disputes that have begun and not ended."""
    return _count(house, "process_runtime_processinstance", "status = 'NEW' AND parent_task_id IS NULL")


def incidents(house: Running) -> int:
    """Steps that failed."""
    return _count(house, "process_runtime_task", "status = 'ERROR'")


def bytes_of(house: Running) -> int:
    """The size of the database."""
    if house.url.startswith("sqlite"):
        return int(house.rows("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size")[0][0])
    return int(house.rows("SELECT pg_database_size(current_database())")[0][0])


def _count(house: Running, table: str, where: str) -> int:
    return int(house.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


def _noted(gauges: Path, window: Window) -> tuple[list[float], int]:
    """The seconds of the steps that began in the window, and the statements sent in it."""
    steps: list[float] = []
    statements = 0
    for file in gauges.glob("*.jsonl"):
        for line in file.read_text().splitlines():
            note: dict[str, Any] = json.loads(line)
            steps += [seconds for began, seconds in note["steps"] if window.begin <= began < window.end]
            statements += note["statements"] if window.begin <= note["at"] < window.end else 0
    return steps, statements


def _lags(house: Running, window: Window) -> list[float]:
    """The seconds by which timers fired after their moment."""
    fired = f"kind = 'intermediateCatchEvent' AND scheduled IS NOT NULL AND {window.holds('finished')}"
    if house.url.startswith("sqlite"):
        late = "(julianday(finished) - julianday(scheduled)) * 86400.0"
    else:
        late = "extract(epoch FROM finished - scheduled)::float"
    return [float(lag) for (lag,) in house.rows(f"SELECT {late} FROM process_runtime_task WHERE {fired}")]


