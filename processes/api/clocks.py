"""Clocks of limits: stopped with a reason, let run again, and what a limit comes to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from processes.api.acting import acting

__all__ = [
    "limit_example",
    "may_pause_clock",
    "pause_clock",
    "pause_instance_clock",
    "pause_reasons",
    "resume_clock",
    "resume_instance_clock",
    "standstill",
    "wrong_in_rung",
]


def pause_reasons() -> list[Any]:
    """The reasons for which a clock may be stopped: key, labels, and the message that ends the pause."""
    from processes.inbox import clock_doors

    return clock_doors.reasons()


def may_pause_clock(task_id: UUID, *, user: Any) -> bool:
    """Whether the person may stop the clock of a task, and let it run."""
    from processes.inbox import clock_doors, reading

    return clock_doors.may_pause(reading.task_of(task_id), user)


def pause_clock(task_id: UUID, *, user: Any, reason: str, note: str = "", until: datetime | None = None) -> None:
    """Let the clock of a step stand still, for one of the reasons. It runs again at `until`, when the message of the
    reason comes, or by `resume_clock`; what was left of the limit is left then. For who has the step, their lead, and
    whoever answers for the process. Raises Invalid, NotAllowed, AlreadyDone."""
    from processes.inbox import clock_doors

    with acting(user, "clock.pause", task=task_id, reason=note):
        clock_doors.pause_task(task_id=task_id, user=user, reason=reason, note=note, until=until)


def resume_clock(task_id: UUID, *, user: Any, note: str = "") -> None:
    """Let the clock of a step run again."""
    from processes.inbox import clock_doors

    with acting(user, "clock.resume", task=task_id, reason=note):
        clock_doors.resume_task(task_id=task_id, user=user, note=note)


def pause_instance_clock(
    instance_id: UUID, *, user: Any, reason: str, note: str = "", until: datetime | None = None
) -> None:
    """Let the clock of a whole instance stand still; those of its steps run on. For whoever answers for the process."""
    from processes.inbox import clock_doors

    with acting(user, "clock.pause", instance=instance_id, reason=note):
        clock_doors.pause_instance(instance_id=instance_id, user=user, reason=reason, note=note, until=until)


def resume_instance_clock(instance_id: UUID, *, user: Any, note: str = "") -> None:
    """Let the clock of a whole instance run again."""
    from processes.inbox import clock_doors

    with acting(user, "clock.resume", instance=instance_id, reason=note):
        clock_doors.resume_instance(instance_id=instance_id, user=user, note=note)


def limit_example(limit: str, *, time: str, user: Any, shares: tuple[int, ...] = ()) -> Any:
    """When a limit that begins now would be due, and when shares of it (per cent) have passed, by the calendar of the
    person: `due`, `shares`, `calendar`, `zone`, `notes`. Invalid for a text that is no duration."""
    from processes.inbox import limit_example as found

    return found.limit_example(limit, time=time, user=user, shares=shares)


def standstill(row: Any) -> Any:
    """How the clock of an instance or a task stands still: since, left, working, labels, note, until; None when it runs or
    when there is none. Asks no database."""
    from processes.inbox import clock_state

    return clock_state.standstill_of(row)


def wrong_in_rung(notify: str, priority: str, *, roles: Collection[str]) -> dict[str, str]:
    """What of a rung of the house's ladder makes no sense: a sentence by field ("notify", "priority")."""
    from processes.inbox import clock_doors

    return clock_doors.wrong_in_rung(notify, priority, roles=roles)
