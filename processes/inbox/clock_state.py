"""How a clock stands, for lists and pages: read from the row that has it, without a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from processes.runtime.clock_models import Clocked


@dataclass(frozen=True)
class Standstill:
    """A clock that stands still: since when, what is left of the limit (less than nothing when it was late) in the time
    that counts for it, why (`labels` by language and a `note`), and until when, where that was said."""

    since: datetime
    left: timedelta
    working: bool
    labels: Mapping[str, str]
    note: str
    until: datetime | None


def standstill_of(row: Clocked) -> Standstill | None:
    """How the clock of a row stands still; None when it runs, or when there is none."""
    clock: Mapping[str, Any] = row.clock or {}
    if row.paused_at is None:
        return None
    until = clock.get("until")
    return Standstill(
        since=row.paused_at, left=timedelta(microseconds=clock.get("left", 0)), working=bool(clock.get("working")),
        labels=clock.get("labels") or {}, note=str(clock.get("note") or ""),
        until=datetime.fromisoformat(until) if until else None,
    )  # fmt: skip
