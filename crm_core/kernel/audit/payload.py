"""What the triggers are told: who acts, where, and what the time is if the clock is moved."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from crm_core.kernel import acting
from crm_core.kernel.acting import Acting
from processes import ports


def payload(*, moment: datetime | None) -> str:
    """The acting context as compact JSON; `at` is there only when a moment is given."""
    return _text(acting.current(), moment)


@lru_cache(maxsize=64)
def _text(who: Acting, moment: datetime | None) -> str:
    """The same for every row that one person writes in one moment, so it is composed once."""
    told: dict[str, object] = {}
    if moment is not None:
        told["at"] = moment.isoformat(sep=" ")
    if who.actor_id is not None:
        told["actor"] = who.actor_id
    if who.acting_for_id is not None:
        told["acting_for"] = who.acting_for_id
    for name, value in (
        ("instance", who.instance_id),
        ("task", who.task_id),
        ("action", who.action),
        ("reason", who.reason),
        ("request", who.request_id),
    ):
        if value:
            told[name] = value
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def moved_moment() -> datetime | None:
    """The clock's time when it is not the machine's own, else None: then the database knows it."""
    clock = ports.clock()
    return None if isinstance(clock, ports.SystemClock) else clock.now()
