"""Work that somebody does in the stead of an absent person, as one SQL condition.

Nothing is moved and nothing granted: while somebody is away, what they have is also for whoever stands in, by the rows as
they are at that moment. So the substitute's right to a task begins and ends with the absence, and with the task, in the
same transaction. What the drawing closes to a person (four eyes) stays closed when they act for somebody else.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from processes import ports
from processes.inbox.offers import NOBODY, named_for, own_offers
from processes.runtime.models import PROCESS, STATUS, Task, TaskCandidate
from processes.spoken import gettext as _

MOST = 1_000
"""Tasks of absent people that count for one person's rights at once."""


def stood_in(user: Any, *, person: int | None = None) -> Q:
    """Waiting tasks that the person may do for somebody who is absent now: of the processes they were named for, with a
    role that they have, and not closed to them (`_closed`). `person` is the id of one absent person, if only theirs are asked for."""
    absent = [one for one in _absent(user) if person is None or one.person.pk == person]
    if not absent:
        return NOBODY
    theirs = NOBODY
    for one in absent:
        theirs |= _work_of(one)
    roles = ports.people().roles_of(user)
    running = Q(process__status=PROCESS.NEW, process__suspended=False, status__in=(STATUS.NEW, STATUS.ASSIGNED), is_body=False)
    return running & theirs & (Q(role="") | Q(role__in=roles)) & ~_closed(user)


def named_for_work(user: Any, *, person: int | None = None) -> Q:
    """Waiting tasks of absent people for whom the person was named, whether they may do them or not."""
    theirs = NOBODY
    for one in _absent(user):
        if person is None or one.person.pk == person:
            theirs |= _work_of(one)
    return theirs


def _absent(user: Any) -> list[ports.StandIn]:
    if user is None or not user.is_active:
        return []
    return [one for one in ports.people().standing_in_for(user, ports.now()) if one.person.pk != user.pk]


def _work_of(one: ports.StandIn) -> Q:
    """What an absent person has, and what is offered to them by name."""
    work = Q(owner=one.person) | (Q(owner__isnull=True, status=STATUS.NEW) & Q(Exists(named_for(one.person))))
    if one.only:
        return work & Q(process__definition__key__in=one.only)
    return work & ~Q(process__definition__key__in=one.without) if one.without else work


def _closed(user: Any) -> Q:
    """What a person may do for nobody: a step that the drawing closes to them (four eyes), a second voice where several
    are asked, and a step of a process that they began themselves and could not take on their own (their own request)."""
    excluded = TaskCandidate.objects.filter(task=OuterRef("pk"), excluded=True, user=user)
    said = Task.objects.filter(
        Q(owner=user) | Q(completed_by=user), process=OuterRef("process"), node_id=OuterRef("node_id"), parent=OuterRef("parent")
    )
    own_request = Q(process__started_by=user) & ~Q(Exists(own_offers(user)))
    return Q(Exists(excluded)) | (Q(loop_counter__isnull=False) & Q(Exists(said))) | own_request


def acts_for(task: Task, user: Any) -> Any | None:
    """The absent person for whom somebody may do a task now; None for one's own work and other people's."""
    if user is None or task.owner_id == user.pk:
        return None
    for one in _absent(user):
        if task.owner_id in (None, one.person.pk) and Task.objects.filter(stood_in(user, person=one.person.pk), pk=task.pk).exists():
            return one.person
    return None


def why_not(task: Task, user: Any) -> str:
    """Why somebody who stands in for the owner of a task may not do it all the same; empty when they do not stand in."""
    absent = next((one.person for one in _absent(user) if one.person.pk == task.owner_id), None)
    if absent is None or not Task.objects.filter(named_for_work(user, person=absent.pk), pk=task.pk).exists():
        return ""
    words = {"absent": ports.people().display(absent)}
    if Task.objects.filter(_closed(user), pk=task.pk).exists():
        return _("You stand in for %(absent)s, but not here: you did the step that this one checks, or it is your own request. "
                 "Somebody else has to look at it (four eyes).") % words  # fmt: skip
    return _("You stand in for %(absent)s, but this needs a role that you do not have. Their lead can hand it over.") % words


def stood_in_tasks(user: Any) -> list[UUID]:
    """The ids of the tasks that a person may do for absent people now, in a fixed number of queries."""
    return list(Task.objects.human().filter(stood_in(user)).order_by("pk").values_list("pk", flat=True)[:MOST])


def open_roles_of(user: Any) -> dict[str, int]:
    """How many open tasks a person has, by the role that each needs; those that need none are left out."""
    rows = Task.objects.human().waiting().filter(owner=user).exclude(role="").order_by()
    return {row["role"]: row["n"] for row in rows.values("role").annotate(n=Count("pk"))}
