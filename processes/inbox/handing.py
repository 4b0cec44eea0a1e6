"""Many tasks of one person to others: each in a transaction of its own, with a line for each that says what came of it.

A few are handed over at once; more in the background, while whoever asked for it sees how far it has come. A task goes to
one person, or to whoever of the absent person's team may do it and has least open work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, F, QuerySet

from processes import ports
from processes.errors import Invalid, NotAllowed, NotFound, ProcessError
from processes.inbox import taking
from processes.inbox.models import HandingOver, TaskPassed
from processes.inbox.reading import task_of
from processes.inbox.supervision import SUPERVISORS
from processes.inbox.work import WorkItem
from processes.runtime.jobs import enqueue
from processes.runtime.models import Task
from processes.spoken import gettext as _
from processes.spoken import kept, told

AT_ONCE = 50
MOST = 5_000
MOST_NOTE = 500
RUN = "processes.inbox.handing.run"


@dataclass(frozen=True)
class Outcome:
    """What came of one task: who has it now, or why it stayed."""

    task_id: UUID
    title: str
    to: str
    why: str


def may_hand_over(user: Any, giver: Any) -> bool:
    """Whether somebody may hand a person's work to others: their own, that of people they lead, or by role."""
    if user is None or not user.is_active:
        return False
    if user.is_superuser or user.pk == giver.pk or SUPERVISORS & set(ports.people().roles_of(user)):
        return True
    return bool(ports.people().manager_of(giver) == user)


def open_work(user: Any, *, of: Any) -> QuerySet[Task]:
    """The open tasks that a person has, the most urgent first, for whoever may hand them over; NotAllowed for others."""
    if not may_hand_over(user, of):
        raise NotAllowed(_("You may not see the work of %(person)s: you do not lead them.") % {"person": ports.people().display(of)})
    return _open(of).order_by(F("due_at").asc(nulls_last=True), "-priority", "id")


def items_of(user: Any, *, of: Any, limit: int = 200) -> list[WorkItem]:
    """That work as lines of the inbox, at most `limit`."""
    from processes.inbox.selectors import HEAVY, item_of

    now = ports.now()
    rows = open_work(user, of=of).select_related("process__definition", "owner").defer(*HEAVY)
    return [item_of(row, now) for row in rows[:limit]]


def open_counts(people: Sequence[Any]) -> dict[int, int]:
    """How many open tasks each of several people has, in one query."""
    rows = Task.objects.human().waiting().filter(owner__in=[person.pk for person in people]).order_by()
    return {row["owner"]: row["n"] for row in rows.values("owner").annotate(n=Count("pk"))}


def _open(person: Any) -> QuerySet[Task]:
    return Task.objects.human().waiting().filter(owner=person)


def hand_over(*, user: Any, of: Any, to: Any = None, tasks: Sequence[UUID] | None = None, note: str = "") -> HandingOver:
    """Hand over open tasks of a person (all of them, or those named) to `to`, or, without, to the team by load.

    Up to fifty are handed over before this returns, more in the background. NotAllowed, Invalid.
    """
    rows = open_work(user, of=of)
    said = note.strip()
    if len(said) > MOST_NOTE:
        raise Invalid(_("Say it shorter: a note has %(n)d characters at most.") % {"n": MOST_NOTE})
    if to is not None and to.pk == of.pk:
        raise Invalid(_("Choose somebody else."), errors={"to": _("Choose somebody else.")})
    if tasks is not None:
        rows = rows.filter(pk__in=list(tasks)[:MOST])
    chosen = [str(pk) for pk in rows.values_list("pk", flat=True)[:MOST]]
    if not chosen:
        raise Invalid(_("Choose at least one open task to hand over."), errors={"tasks": _("Choose one.")})
    with transaction.atomic():
        row = HandingOver.objects.create(by=user, giver=of, to=to, note=said, tasks=chosen)
        if len(chosen) > AT_ONCE:
            enqueue(RUN, str(row.pk), key=f"hand-over:{row.pk}")
    if len(chosen) <= AT_ONCE:
        run(str(row.pk))
        row.refresh_from_db()
    return row


def handing_over(pk: UUID, *, user: Any) -> HandingOver:
    """A handing over, for whoever asked for it or may do so; NotFound for others."""
    found = HandingOver.objects.select_related("by", "giver", "to").filter(pk=pk).first()
    if found is None or not (found.by_id == user.pk or may_hand_over(user, found.giver)):
        raise NotFound(_("There is no such handing over."))
    return found


def outcomes(row: HandingOver) -> list[Outcome]:
    """What came of each task so far, those that stayed first. One query for the people."""
    ids = {one["to"] for one in row.results if one.get("to")}
    people = get_user_model()._default_manager.in_bulk(list(ids))
    show = ports.people().display
    found = [
        Outcome(UUID(one["task"]), ports.text(one["labels"]), show(people.get(one.get("to"))), told(one.get("why")))
        for one in row.results
    ]
    return sorted(found, key=lambda one: not one.why)


def run(pk: str) -> None:
    """Hand over what has not been looked at yet. Made again after a crash it goes on where it stood."""
    row = HandingOver.objects.select_related("by", "giver", "to").get(pk=pk)
    if row.state == HandingOver.State.DONE:
        return
    seen = {one["task"] for one in row.results}
    load = _Load(row)
    for task_id in row.tasks:
        if task_id not in seen:
            row.results.append(_one(row, UUID(task_id), load))
            row.save(update_fields=["results"])
    row.state, row.finished = HandingOver.State.DONE, ports.now()
    row.save(update_fields=["state", "finished"])
    _tell(row)


def _one(row: HandingOver, task_id: UUID, load: _Load) -> dict[str, Any]:
    """One task: given, or the sentence why not. Somebody may have finished it meanwhile, or it may be closed to the team."""
    labels: Any = {}
    try:
        with ports.audit().acting(user=row.by, action="task.hand_over", task=task_id, reason=row.note), transaction.atomic():
            task = task_of(task_id)
            labels = task.labels or {"en": task.node_id}
            if task.is_open and task.owner_id != row.giver_id:
                raise NotAllowed(_("%(person)s does not have it any more.") % {"person": ports.people().display(row.giver)})
            to = row.to or load.least(task)
            pass_on = taking.delegate if row.by_id == row.giver_id else taking.assign
            pass_on(task_id=task_id, to=to, user=row.by, note=row.note, kind=TaskPassed.Kind.HANDED_OVER, tell=False)
    except ProcessError as error:
        return {"task": str(task_id), "labels": labels, "to": None, "why": kept(error.sentence)}
    load.add(to)
    return {"task": str(task_id), "labels": labels, "to": to.pk, "why": None}


class _Load:
    """Who of the team has how much open work, kept while tasks go out."""

    def __init__(self, row: HandingOver) -> None:
        people = ports.people()
        mates = [person for person in people.mates_of(row.giver) if person.pk != row.giver_id] if row.to is None else []
        self.mates = {person.pk for person in people.available(mates, ports.now())}
        self.open = open_counts(mates) if mates else {}

    def least(self, task: Task) -> Any:
        """Whoever of the team may do a task and has least; NotAllowed when there is nobody."""
        able = [person for person in taking.colleagues(task) if person.pk in self.mates]
        if not able:
            raise NotAllowed(_("Nobody of the team who is there may do this. Choose a person."))
        return min(able, key=lambda person: (self.open.get(person.pk, 0), person.pk))

    def add(self, person: Any) -> None:
        """One more."""
        self.open[person.pk] = self.open.get(person.pk, 0) + 1


def _tell(row: HandingOver) -> None:
    """One notice for each who got something, instead of one for each task."""
    given: dict[int, int] = {}
    for one in row.results:
        if one["to"]:
            given[one["to"]] = given.get(one["to"], 0) + 1
    for person in get_user_model()._default_manager.filter(pk__in=given):
        ports.notifier().notify(
            users=[person], kind="handed_over",
            context={"title": str(given[person.pk]), "key": f"handed-over:{row.pk}"},
        )  # fmt: skip
