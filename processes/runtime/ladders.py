"""The ladder of a limit: which rungs there are, and doing one.

A step has its own ladder, else that of its process, else that of the house; the shares at which its drawing warns are rungs
that tell who has it. Only what stands still in a version or in the rows of the house is asked, so a rung is found again
after a restart.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from processes import ports
from processes.bpmn.extensions import Rung
from processes.bpmn.nodes import Activity
from processes.bpmn.read_extensions import words
from processes.prepared import Prepared
from processes.runtime.clock_models import ClockEvent, HouseRung
from processes.runtime.failures import Failure
from processes.runtime.models import WAITING, ProcessInstance, Task, TaskCandidate
from processes.spoken import kept

if TYPE_CHECKING:
    from processes.runtime.step import Step

log = logging.getLogger(__name__)

MOST_TOLD = 50
"""How many people one rung tells at most: a task may be offered to a whole company."""

_house: Prepared[HouseRung] = Prepared(lambda: HouseRung.objects.order_by("share"))


def limit_of(step: Step, holder: Task | ProcessInstance) -> tuple[str, str]:
    """The limit that the drawing gives a step or the instance, and which time counts; empty when it gives none."""
    ext = _ext(step, holder)
    return (ext.limit, ext.limit_time) if ext is not None else ("", "")


def ladder_of(step: Step, holder: Task | ProcessInstance) -> list[Rung]:
    """The rungs that count, lowest first, one for each share."""
    ext = _ext(step, holder)
    own = getattr(ext, "ladder", ()) or step.flow._model.process.ext.ladder or house_ladder()
    found = {rung.share: rung for rung in own if rung.share > 0}
    for share in getattr(ext, "warn", ()):
        if share > 0:
            found.setdefault(share, Rung(at=str(share), notify=("assignee",)))
    return [found[share] for share in sorted(found)]


def house_ladder() -> tuple[Rung, ...]:
    """The ladder of the house, for drawings that have none."""
    return tuple(
        Rung(at=str(row.share), notify=words(row.notify), priority=row.priority)
        for row in _house.all()
    )


def climb(step: Step, holder: Task | ProcessInstance, rung: Rung) -> tuple[str, dict[str, Any]]:
    """Do one rung; gives the kind of event and what was done. What cannot be done is told, and stops nothing."""
    data: dict[str, Any] = {}
    try:
        if rung.priority:
            data["priority"] = [holder.priority, _raise(step, holder, rung.priority)]
        if rung.role and isinstance(holder, Task) and holder.is_human and holder.status in WAITING:
            step.node(holder).activation(step, holder).pass_to(rung.role)
            data["role"] = rung.role
        told = people_of(step, holder, rung.notify)
        if told:
            _tell(step, holder, rung, told)
            data["told"] = [person.pk for person in told]
    except Failure as failure:
        log.error("A rung at %s %% of a limit failed: %s", rung.share, failure.sentence)
        return ClockEvent.Kind.FAILED, {**data, "error": kept(failure.sentence)}
    return ClockEvent.Kind.RUNG, data


# --- who -------------------------------------------------------------------------------------------------------
def people_of(step: Step, holder: Task | ProcessInstance, whom: tuple[str, ...]) -> list[Any]:
    """The people meant by assignee, lead, owner or roles, each once."""
    port, found = ports.people(), {}
    for word in whom:
        if word == "assignee":
            people = _at_work(step, holder)
        elif word == "lead":
            people = port.managers_of(_at_work(step, holder))
        elif word == "owner":
            people = [step.instance.definition.owner]
        else:
            place = step.node(holder).place(step, holder) if isinstance(holder, Task) else ""
            people = (port.members(word, place) if place else []) or port.members(word)
        found.update({person.pk: person for person in people if person is not None and person.is_active})
    return list(found.values())[:MOST_TOLD]


def _at_work(step: Step, holder: Task | ProcessInstance) -> list[Any]:
    """Who has the work, else everybody it is offered to; of an instance, of all its open steps."""
    if isinstance(holder, Task):
        rows = [holder]
    else:
        step.load_all()
        rows = [row for row in step.rows.values() if row.is_human and row.is_open]
    people = {row.owner_id: row.owner for row in rows if row.owner_id is not None}
    unclaimed = [row.pk for row in rows if row.owner_id is None]
    offers = TaskCandidate.objects.filter(task__in=unclaimed) if unclaimed else TaskCandidate.objects.none()
    excluded = set(offers.filter(excluded=True).values_list("user_id", flat=True))
    for offer in offers.filter(excluded=False).select_related("group", "user"):
        members = [offer.user] if offer.group is None else ports.people().members(offer.group.name, offer.scope_key)
        people.update({person.pk: person for person in members if person is not None and person.pk not in excluded})
    return list(people.values())[:MOST_TOLD]


# --- what ------------------------------------------------------------------------------------------------------
def _tell(step: Step, holder: Task | ProcessInstance, rung: Rung, told: list[Any]) -> None:
    kind = "warned" if rung.share < 100 else "due" if rung.share == 100 else "overdue"
    task = holder if isinstance(holder, Task) else None
    title = (task.labels or task.node_id) if task is not None else step.instance.title or step.instance.labels
    began = holder.limit_started_at
    ports.notifier().notify(
        users=told, kind=kind,
        context={
            "title": title, "task_id": task.pk if task is not None else "", "subject": step.subject,
            "instance_id": step.instance.pk,
            "key": f"clock:{holder.pk}:{began.timestamp() if began else 0:.0f}:{rung.share}",
        },
    )  # fmt: skip


def _raise(step: Step, holder: Task | ProcessInstance, text: str) -> int:
    """Set the priority; that of an instance goes to its open work as well."""
    rows: list[Task] = [holder] if isinstance(holder, Task) else []
    if isinstance(holder, ProcessInstance):
        step.load_all()
        rows = [row for row in step.rows.values() if row.is_human and row.is_open]
        holder.priority = changed(holder.priority, text)
        step.touch_instance("priority")
    for row in rows:
        row.priority = changed(row.priority, text)
        step.touch(row, "priority")
    return holder.priority


def changed(priority: int, text: str) -> int:
    """A priority as a rung changes it: “+20” and “-20” are steps, another number is the priority itself."""
    number = int(text)
    return max(0, min(100, priority + number if text[0] in "+-" else number))


def _ext(step: Step, holder: Task | ProcessInstance) -> Any:
    """Our attributes that hold the limit."""
    if isinstance(holder, ProcessInstance):
        return step.flow._model.process.ext
    element = step.node(holder).element
    return element.task if isinstance(element, Activity) else None
