"""The clock of a step and of a whole instance: it begins, stands still, runs again, and comes to the rungs of its ladder.

One implementation for both: what has the clock is a `Clocked` row, a task or the instance itself. Everything happens
inside a step, under the lock of the instance, so of two who look at a clock at once one finds nothing more to do. What is
left of a limit is measured in the time that counts for it, so a pause over a holiday costs and gives nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from processes.bpmn.extensions import Rung
from processes.bpmn.nodes import EventDefinition
from processes.calendars import WorkCalendar
from processes.runtime import ladders
from processes.runtime.clock_models import CLOCK, ClockEvent
from processes.runtime.models import ProcessInstance, Task
from processes.runtime.nodes.waiting import WaitingNode
from processes.runtime.scope import evaluate_attribute
from processes.runtime.timing import calendar_for, moment

if TYPE_CHECKING:
    from processes.runtime.step import Step

Holder = Task | ProcessInstance
MICRO = timedelta(microseconds=1)
Kind = ClockEvent.Kind


def begin(step: Step, holder: Holder, *, user_id: int | None = None) -> None:
    """Let the limit that the drawing gives run from now on; nothing happens without one, or when it runs already.

    `user_id` is who is about to get the step. Failure when the limit is no moment.
    """
    text, time = ladders.limit_of(step, holder)
    if not text or holder.limit_started_at is not None:
        return
    task = _task(holder)
    place = f"{task.node_id}/limit" if task is not None else "limit"
    value = evaluate_attribute(step, text, task, place=place)
    if value is None:
        return
    working = time == "working"
    calendar = step.calendar_of(user_id, "") if working and user_id is not None else calendar_for(step, task, working=working)
    holder.limit_started_at = step.now
    due = moment(step, value, start=step.now, calendar=calendar, place=place)
    holder.clock = {"working": working, "whole": max(0, calendar.between(step.now, due) // MICRO), "last": 0}
    _set(step, holder, due, calendar)


def restart(step: Step, task: Task) -> None:
    """Let the limit of a step begin anew, as the drawing says now."""
    began = task.limit_started_at
    task.due_at = task.limit_started_at = task.warn_at = task.clock_at = task.paused_at = task.clock = None
    begin(step, task)
    _touch(step, task)
    if began is not None or task.limit_started_at is not None:
        _note(step, task, Kind.BEGUN)


def pause(
    step: Step, holder: Holder, *, reason: str, labels: dict[str, str], note: str, until: datetime | None, awaits: str
) -> None:
    """Let the clock stand still, with the reason; until a moment, or until a message comes, where that is given."""
    clock = _clock(step, holder)
    if holder.due_at is None:
        raise ValueError("Only a clock that runs can be stopped.")
    calendar = _calendar(step, holder)
    clock.update(
        left=calendar.between(step.now, holder.due_at) // MICRO, reason=reason, labels=labels, note=note,
        by=step.user.pk if step.user is not None else None, until=until.isoformat() if until else None, awaits=awaits,
    )  # fmt: skip
    holder.paused_at, holder.due_at, holder.warn_at, holder.clock_at = step.now, None, None, until
    _touch(step, holder)
    _note(step, holder, Kind.PAUSED, reason=reason, labels=labels, note=note, until=until, awaits=awaits)
    task = _task(holder)
    if task is not None:
        _hold_timers(step, task)


def resume(step: Step, holder: Holder, *, note: str = "") -> None:
    """Let a clock that stands still run again: what was left is left from now on."""
    since, clock = holder.paused_at, _clock(step, holder)
    calendar = _calendar(step, holder)
    due = calendar.add_time(step.now, clock.pop("left") * MICRO)
    for name in ("reason", "labels", "note", "by", "until", "awaits"):
        clock.pop(name, None)
    holder.paused_at = None
    _set(step, holder, due, calendar)
    stood = calendar.between(since, step.now) // MICRO if since is not None else 0
    _note(step, holder, Kind.RESUMED, note=note, data={"since": since.isoformat() if since else None, "stood": stood})
    task = _task(holder)
    if task is not None:
        _let_timers_run(step, task)


def stop(step: Step, holder: Holder) -> None:
    """What has the clock is over (or has failed): one that stands still tells when it would have been due."""
    if holder.paused_at is not None:
        resume(step, holder)


def look(step: Step, holder: Holder) -> bool:
    """Do what the clock has come to by now: the end of a pause, or rungs. True when it did something."""
    at = holder.clock_at
    if at is None or at > step.now:
        return False
    if holder.paused_at is not None:
        resume(step, holder)
        return True
    calendar, clock = _calendar(step, holder), _clock(step, holder)
    clock.pop("stumbles", None)
    for rung in ladders.ladder_of(step, holder):
        if rung.share > clock["last"] and holder.due_at is not None:
            planned = moment_of(rung.share, holder.due_at, clock["whole"], calendar)
            if planned > step.now:
                break
            clock["last"] = rung.share
            kind, data = ladders.climb(step, holder, rung)
            _note(step, holder, kind, share=rung.share, data=data, once=_once(holder, rung))
    _next_look(step, holder, calendar)
    _touch(step, holder)
    return True


def moment_of(share: int, due: datetime, whole: int, calendar: WorkCalendar) -> datetime:
    """When so many per cent of a limit have passed that is due at a moment; `whole` is its length in microseconds."""
    start = calendar.add_time(due, -whole * MICRO)
    return calendar.add_time(start, whole * share // 100 * MICRO).astimezone(UTC)


def awaited(name: str, subject_type: str, subject_id: int) -> str:
    """The text under which a pause waits for a message about a record."""
    return f"{name}:{subject_type}:{subject_id}"[:255]


# --- inside --------------------------------------------------------------------------------------------------
def _set(step: Step, holder: Holder, due: datetime, calendar: WorkCalendar) -> None:
    holder.due_at = due
    _next_look(step, holder, calendar)
    _touch(step, holder)


def _next_look(step: Step, holder: Holder, calendar: WorkCalendar) -> None:
    """When the next rung comes, and when the limit counts as nearly over: at the first rung before its end."""
    clock, due = _clock(step, holder), holder.due_at
    if due is None:
        raise ValueError("A clock that stands still has no next rung.")
    ladder = ladders.ladder_of(step, holder)
    following = next((rung for rung in ladder if rung.share > clock["last"]), None)
    holder.clock_at = moment_of(following.share, due, clock["whole"], calendar) if following is not None else None
    early = next((rung.share for rung in ladder if rung.share < 100), None)
    holder.warn_at = moment_of(early, due, clock["whole"], calendar) if early is not None and clock["whole"] else None


def _calendar(step: Step, holder: Holder) -> WorkCalendar:
    return calendar_for(step, _task(holder), working=_clock(step, holder)["working"])


def _clock(step: Step, holder: Holder) -> dict[str, Any]:
    """What the clock keeps; of a limit from before clocks were kept, what the drawing and its moments tell."""
    if holder.clock is None:
        working = ladders.limit_of(step, holder)[1] == "working"
        calendar = calendar_for(step, _task(holder), working=working)
        whole = 0
        if holder.due_at is not None and holder.limit_started_at is not None:
            whole = max(0, calendar.between(holder.limit_started_at, holder.due_at) // MICRO)
        holder.clock = {"working": working, "whole": whole, "last": 0}
    kept: dict[str, Any] = holder.clock
    return kept


def _task(holder: Holder) -> Task | None:
    return holder if isinstance(holder, Task) else None


def _touch(step: Step, holder: Holder) -> None:
    if isinstance(holder, Task):
        step.touch(holder, *CLOCK)
    else:
        step.touch_instance(*CLOCK)


def _once(holder: Holder, rung: Rung) -> str:
    began = holder.limit_started_at
    return f"{holder.pk}:{began.isoformat() if began else ''}:{rung.share}"


def _note(step: Step, holder: Holder, kind: str, **more: Any) -> None:
    task = _task(holder)
    step.clock_events.append(
        ClockEvent(
            instance_id=step.instance.pk, task_id=task.pk if task is not None else None, kind=kind, at=step.now,
            by_id=step.user.pk if step.user is not None else None, due_at=holder.due_at, **more,
        )
    )  # fmt: skip


# --- timers on the border ---------------------------------------------------------------------------------------
def _hold_timers(step: Step, task: Task) -> None:
    """Timers that count from when the step began stand still with it; a date stays a date."""
    for row in step.armed_by(task):
        definition = _timer(step, row)
        if definition is None or definition.timer == "timeDate" or row.scheduled is None:
            continue
        calendar = calendar_for(step, row, working=definition.time == "working")
        row.data["clock_left"] = calendar.between(step.now, row.scheduled) // MICRO
        row.next_attempt_at = None
        step.touch(row, "data", "next_attempt_at")


def _let_timers_run(step: Step, task: Task) -> None:
    for row in step.armed_by(task):
        definition = _timer(step, row)
        if definition is None or "clock_left" not in row.data:
            continue
        calendar = calendar_for(step, row, working=definition.time == "working")
        row.scheduled = row.next_attempt_at = calendar.add_time(step.now, row.data.pop("clock_left") * MICRO)
        step.touch(row, "data", "scheduled", "next_attempt_at")


def _timer(step: Step, row: Task) -> EventDefinition | None:
    node = step.node(row)
    definition = node.definition_of(row) if isinstance(node, WaitingNode) else None
    return definition if definition is not None and definition.kind == "timer" else None
