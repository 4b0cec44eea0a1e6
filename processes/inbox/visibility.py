"""Who may see which work, as SQL conditions: rows of candidates, and the policies of subjects.

Every list, counter and single look-up of people's work is one of these filters, the single one run for one id,
so that they can never disagree. Nothing here runs a query per row.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from processes import ports
from processes.catalog.models import ProcessDefinition
from processes.inbox.offers import NOBODY, own_offers
from processes.inbox.substitution import stood_in
from processes.runtime.models import PROCESS, STATUS, ProcessInstance, Task, TaskCandidate

OVERSEERS = frozenset({"administrator", "process_owner", "auditor"})
"""Roles that see every instance, whatever its subject."""


def oversees(user: Any) -> bool:
    """Whether the person sees all instances by role."""
    if user is None or not user.is_active:
        return False
    return bool(user.is_superuser or OVERSEERS & set(ports.people().roles_of(user)))


def subject_visible(user: Any, prefix: str = "", *, about: str | None = None) -> Q:
    """Rows whose subject's policy lets the person see it; no subject type that is not registered.

    `prefix` leads from the filtered model to the instance ("process__" from a task). `about` says that only rows
    about this type are asked for, which spares the policies of all others.
    """
    condition = NOBODY
    kinds = ports.subjects().all() if about is None else [kind for kind in [ports.subjects().get(about)] if kind]
    for kind in kinds:
        rows = kind.visible(user)
        if rows is not None:
            seen = rows.order_by().filter(pk=OuterRef(f"{prefix}subject_id"))
            condition |= Q(**{f"{prefix}subject_type": kind.key}) & Q(Exists(seen))
    return condition


def offered(user: Any, *, about: str | None = None) -> Q:
    """Tasks the person may take now: meant for them, and nobody has them. `about` as in `subject_visible`."""
    return Q(
        owner__isnull=True, status=STATUS.NEW, process__status=PROCESS.NEW, process__suspended=False
    ) & meant_for(user, about=about)


def meant_for(user: Any, *, about: str | None = None) -> Q:
    """Tasks offered to the person, whoever has them by now: a candidate, not excluded (four eyes), and the subject
    visible to them. `about` as in `subject_visible`."""
    excluded = TaskCandidate.objects.filter(task=OuterRef("pk"), excluded=True, user=user)
    return (
        Q(Exists(own_offers(user)))
        & ~Q(Exists(excluded))
        & (Q(process__subject_type="") | subject_visible(user, "process__", about=about))
    )


def instances_seen(user: Any) -> Q:
    """Instances the person may see: by the subject's policy, by having worked on them, having started them,
    owning the process, by role, or by standing in for somebody who has work in them."""
    if user is None or not user.is_active:
        return NOBODY
    if oversees(user):
        return ~NOBODY
    # What is one's own is a short list, read once from its index; asked per instance it would walk all its tasks.
    owned = Task.objects.filter(owner=user).values("process")
    finished = Task.objects.filter(completed_by=user).values("process")
    named = TaskCandidate.objects.filter(user=user, excluded=False).values("task__process")
    processes = ProcessDefinition.objects.filter(owner=user).values("pk")
    mine = Q(started_by=user) | Q(definition__in=processes) | Q(pk__in=owned) | Q(pk__in=finished) | Q(pk__in=named)
    theirs = stood_in(user)
    if theirs != NOBODY:
        mine |= Q(pk__in=Task.objects.filter(theirs).values("process"))
    return mine | subject_visible(user)


def seen_instances(user: Any) -> QuerySet[ProcessInstance]:
    """The instances the person may see, readable whatever became of their versions."""
    return ProcessInstance.objects.stored().filter(instances_seen(user))


def tasks_seen(user: Any) -> Q:
    """Tasks the person may look at: own ones, done ones, offered ones, those of absent people for whom they stand in,
    those of instances they may see."""
    if user is None or not user.is_active:
        return NOBODY
    if oversees(user):
        return ~NOBODY
    instances = ProcessInstance.objects.filter(instances_seen(user), pk=OuterRef("process_id"))
    return Q(owner=user) | Q(completed_by=user) | offered(user) | stood_in(user) | Q(Exists(instances))
