"""Who has a task: taken, given back, given by somebody, handed on. One conditional update each: of two people
at once exactly one gets it, without waiting for the lock of the instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import formats, timezone

from processes import ports
from processes.bpmn.model import Task as TaskElement
from processes.catalog import selectors as catalog
from processes.errors import AlreadyDone, AlreadyTaken, Invalid, NotAllowed, NotFound
from processes.inbox import news
from processes.inbox.models import TaskPassed
from processes.inbox.reading import task_of
from processes.inbox.standing import closed_sentence, standing_of
from processes.inbox.substitution import acts_for
from processes.inbox.supervision import may_supervise
from processes.inbox.visibility import meant_for, offered, tasks_seen
from processes.ports import Subject
from processes.prepared import Prepared
from processes.runtime import services
from processes.runtime.models import STATUS, Task, TaskCandidate
from processes.runtime.nodes.human import source
from processes.spoken import gettext as _

_about: Prepared[tuple[str]] = Prepared(
    lambda pk: Task.objects.filter(pk=pk).values_list("process__subject_type"), UUID
)


def claim(*, task_id: UUID, user: Any) -> Task:
    """Take an offered task. AlreadyTaken, AlreadyDone, NotAllowed (or NotFound) with the reason."""
    with transaction.atomic():
        about = _about.first(task_id)
        on_offer = about is not None and Task.objects.filter(offered(user, about=about[0]), pk=task_id).exists()
        if not on_offer:
            absent = _absent_offered(task_id, user)
            if absent is not None:
                with ports.audit().acting(acting_for=absent):
                    return _take_for(task_id, user, absent)
        if not on_offer or services.take(task_id=task_id, user=user) is None:
            raise _why_not(task_id, user, about=about[0] if about is not None else None)
        task = task_of(task_id)
        _give(task, user)
    return task


def _absent_offered(task_id: UUID, user: Any) -> Any | None:
    """The absent person to whom a task is offered by name, if the person stands in for them and may do it."""
    if not ports.people().standing_in_for(user, ports.now()):
        return None
    task = Task.objects.filter(pk=task_id, owner__isnull=True).first()
    return acts_for(task, user) if task is not None else None


def _take_for(task_id: UUID, user: Any, absent: Any) -> Task:
    """The task becomes the absent person's; whoever stands in works on it until they are back."""
    if services.take(task_id=task_id, user=absent) is None:
        raise _why_not(task_id, user, about=None)
    task = task_of(task_id)
    _give(task, absent)
    return task


def _why_not(task_id: UUID, user: Any, *, about: str | None) -> Exception:
    meant = about is not None and Task.objects.filter(meant_for(user, about=about), pk=task_id).exists()
    if not meant and not Task.objects.filter(tasks_seen(user), pk=task_id).exists():
        return NotFound(_("There is no such task, or it is none of yours."))
    task = task_of(task_id)
    closed = closed_sentence(task)
    if closed:
        return AlreadyDone(closed)
    if task.owner_id == user.pk:
        return AlreadyTaken(_("You have this task already."))
    if task.owner_id is not None:
        return AlreadyTaken(
            _("%(person)s has just taken this task.") % {"person": ports.people().display(task.owner)}
        )
    if task.candidates.filter(user=user, excluded=True).exists():
        return NotAllowed(_("You did the step that this one checks. Somebody else has to look at it (four eyes)."))
    return NotAllowed(standing_of(task, user).sentence)


def release(*, task_id: UUID, user: Any) -> Task:
    """Give a task back to those it was offered to."""
    with transaction.atomic():
        task = task_of(task_id)
        standing = standing_of(task, user)
        if not task.is_open:
            raise AlreadyDone(standing.sentence)
        if not (standing.may_release or (task.owner_id is not None and may_supervise(task.process, user))):
            raise NotAllowed(standing.sentence or _("This task was given to you alone. Hand it on instead."))
        if not task.candidates.filter(excluded=False).exclude(user_id=task.owner_id).exists():
            raise NotAllowed(_("This task was given to one person alone. Hand it on instead."))
        with ports.audit().acting(acting_for=standing.acting_for):
            changed = Task.objects.filter(pk=task_id, status=STATUS.ASSIGNED, owner=task.owner_id).update(
                status=STATUS.NEW, owner=None, assigned=None, followup_at=None
            )
            if not changed:
                raise AlreadyDone(_("This task has been finished or taken away meanwhile."))
            ports.grants().take(source=source(task))
            news.renew(task_id)
    return task_of(task_id)


def assign(*, task_id: UUID, to: Any, user: Any, note: str = "", kind: str = TaskPassed.Kind.GIVEN, tell: bool = True) -> Task:
    """Give a task to a person; for whoever supervises the process or leads the people it is offered to."""
    with transaction.atomic():
        task = task_of(task_id)
        if not (may_supervise(task.process, user) or leads(task, user)):
            raise NotAllowed(_("You may not give this task to somebody. Ask the lead of the team."))
        return _hand(task, to, TaskPassed(kind=kind, by=user, note=note), tell=tell)


def delegate(
    *, task_id: UUID, to: Any, user: Any, note: str = "", kind: str = TaskPassed.Kind.DELEGATED, tell: bool = True
) -> Task:
    """Hand one's own task on, or that of somebody for whom one stands in, to a colleague who may do it."""
    with transaction.atomic():
        task = task_of(task_id)
        closed = closed_sentence(task)
        if closed:
            raise AlreadyDone(closed)
        standing = standing_of(task, user)
        if task.owner_id is None or not standing.may_complete:
            raise NotAllowed(standing.sentence)
        if to.pk == task.owner_id:
            raise Invalid(_("Choose somebody else."), errors={"to": _("Choose somebody else.")})
        passed = TaskPassed(kind=kind, by=user, acting_for=standing.acting_for, note=note)
        with ports.audit().acting(acting_for=standing.acting_for):
            return _hand(task, to, passed, tell=tell)


def came_from(task: Task, user: Any) -> Any | None:
    """The colleague from whom a task was handed on to the person who has it, to whom it can be handed back."""
    if task.owner_id != user.pk or not task.is_open:
        return None
    last = TaskPassed.objects.filter(task=task.pk).select_related("giver").order_by("-at", "-pk").first()
    if last is None or last.to_id != user.pk or last.kind not in (TaskPassed.Kind.DELEGATED, TaskPassed.Kind.HANDED_OVER):
        return None
    return last.giver if last.giver is not None and last.giver.is_active and last.giver_id != user.pk else None


def hand_back(*, task_id: UUID, user: Any, note: str) -> Task:
    """Give a task back to the colleague from whom it was handed on."""
    with transaction.atomic():
        task = task_of(task_id)
        before = came_from(task, user)
        if before is None:
            raise NotAllowed(closed_sentence(task) or _("This was not handed on to you by a colleague. Hand it on instead."))
        return _hand(task, before, TaskPassed(kind=TaskPassed.Kind.HANDED_BACK, by=user, note=note))


def leads(task: Task, user: Any) -> bool:
    """Whether the person is the manager of its owner, or of everybody it is offered to."""
    people = ports.people()
    if task.owner is not None:
        return bool(people.manager_of(task.owner) == user)
    offers = TaskCandidate.objects.filter(task=task, excluded=False).select_related("group", "user")
    members: list[Any] = []
    for offer in offers:
        members += [offer.user] if offer.user is not None else _members(offer)
    return bool(members) and all(people.manager_of(member) == user for member in members if member != user)


def _members(offer: TaskCandidate) -> Sequence[Any]:
    return ports.people().members(offer.group.name, offer.scope_key) if offer.group is not None else []


def colleagues(task: Task) -> list[Any]:
    """The people who may do a task, in a stable order: whom it can be handed to."""
    excluded = set(task.candidates.filter(excluded=True).values_list("user_id", flat=True))
    found: dict[Any, Any] = {}
    for offer in task.candidates.filter(excluded=False).select_related("group", "user"):
        for member in [offer.user] if offer.user is not None else _members(offer):
            if member is not None and member.is_active and member.pk not in excluded:
                found[member.pk] = member
    return [found[pk] for pk in sorted(found)]


def _hand(task: Task, to: Any, passed: TaskPassed, *, tell: bool = True) -> Task:
    closed = closed_sentence(task)
    if closed:
        raise AlreadyDone(closed)
    _demand_there(to)
    if to.pk not in {person.pk for person in colleagues(task)}:
        raise NotAllowed(
            _("%(person)s may not do this task: it is not offered to them, or they did the step that it checks.")
            % {"person": ports.people().display(to)}
        )
    now = ports.now()
    changed = Task.objects.filter(pk=task.pk, status__in=[STATUS.NEW, STATUS.ASSIGNED], owner=task.owner_id).update(
        status=STATUS.ASSIGNED, owner=to, assigned=now, followup_at=None
    )
    if not changed:
        raise AlreadyTaken(_("Somebody else has changed this task just now. Look at it again."))
    ports.grants().take(source=source(task))
    news.renew(task.pk)
    passed.task, passed.giver, passed.to, passed.at = task, task.owner, to, now
    passed.save()
    task = task_of(task.pk)
    _give(task, to)
    if not tell:
        return task
    ports.notifier().notify(
        users=[to], kind="assigned",
        context={"title": task.labels or task.node_id, "task_id": task.pk, "key": f"assigned:{task.pk}:{now.isoformat()}"},
    )  # fmt: skip
    return task


def _demand_there(to: Any) -> None:
    """NotAllowed for who is away: work handed to them would wait."""
    people, now = ports.people(), ports.now()
    if people.is_available(to, now):
        return
    away = people.away([to], now).get(to.pk)
    words = {"person": people.display(to)}
    if away is None or away.back is None:
        raise NotAllowed(_("%(person)s is not there. Choose somebody who is.") % words)
    words["date"] = formats.date_format(timezone.localtime(away.back).date(), "DATE_FORMAT")
    raise NotAllowed(_("%(person)s is away and back on %(date)s. Choose somebody who is there.") % words)


def _give(task: Task, user: Any) -> None:
    """The step's rights on its subject, for whoever has the task."""
    instance = task.process
    element = catalog.model_of(instance.version).nodes.get(task.node_id)
    if isinstance(element, TaskElement) and element.task.grants and instance.subject_id is not None:
        ports.grants().give(
            user=user, subject=Subject(instance.subject_type, instance.subject_id), actions=element.task.grants,
            source=source(task),
        )  # fmt: skip
