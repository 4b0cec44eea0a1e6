"""Reads of people's work: the inbox's pages and counters, and what the page of a task shows.

A page is one query, whatever its length. The order is the same everywhere: what is due first comes first, of
what is due together the higher priority, then the older; what has no limit comes after, by priority.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from processes import ports
from processes.errors import Invalid
from processes.inbox.clock_state import standstill_of
from processes.inbox.models import InstanceFollower, SavedView
from processes.inbox.substitution import stood_in
from processes.inbox.task_page import TaskForm, task_form
from processes.inbox.visibility import instances_seen, offered
from processes.inbox.work import (
    MOST_COUNTED,
    Counts,
    ItemSubject,
    Page,
    WorkItem,
    cursor_of,
    place_of,
    reason_of,
    urgency_of,
)
from processes.runtime.models import STATUS, ProcessInstance, Task
from processes.spoken import gettext as _

__all__ = [
    "TaskForm", "count", "counts_for", "done_for", "item_of", "saved_views", "standing_in_for", "task_form", "work_for",
]  # fmt: skip

BOXES = ("mine", "teams", "following", "standing_in", "done")
MOST_ITEMS = 200
HEAVY = (
    "flow_task", "data", "error", "draft",
    "process__flow_class", "process__data", "process__error", "process__end_reason", "process__end_labels", "process__clock",
)  # fmt: skip


def work_for(
    user: Any,
    *,
    box: str = "mine",
    process: str | None = None,
    step: str | None = None,
    customer: int | None = None,
    due: str | None = None,
    search: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of a person's work, most urgent first ("done": the latest first).

    `box` is "mine", "teams", "following", "standing_in" (what absent people have for whom the person stands in) or
    "done"; `process` a process key, `step` an element id, `customer`
    the id of an account, `due` one of "late", "hour", "today", "week", "none", "snoozed"; `search` looks into titles
    and business keys; `after` is the cursor of the page before. Invalid when one of them makes no sense.
    """
    rows = _filtered(_box(user, box, due), user, process, step, customer, due, search)
    size = max(1, min(limit, MOST_ITEMS))
    if box == "done":
        rows = rows.order_by("-finished", "-id")
        if after:
            finished, pk = place_of(after, datetime, UUID)
            rows = rows.filter(Q(finished__lt=finished) | Q(finished=finished, id__lt=pk))
    else:
        rows = rows.order_by(F("due_at").asc(nulls_last=True), "-priority", "id")
        if after:
            rows = rows.filter(_behind(*place_of(after, datetime, int, UUID)))
    found = list(rows.select_related("process__definition", "owner").defer(*HEAVY)[: size + 1])
    cursor = None
    if len(found) > size:
        last = found[size - 1]
        cursor = cursor_of(last.finished, last.pk) if box == "done" else cursor_of(last.due_at, last.priority, last.pk)
    now = ports.now()
    return Page([item_of(row, now) for row in found[:size]], cursor)


def counts_for(user: Any) -> Counts:
    """How many items stand in a person's boxes, each counted to a thousand."""
    return Counts(*(count(user, box=box) for box in ("mine", "teams", "following", "standing_in")))


def count(user: Any, *, box: str) -> int:
    """How many items stand in one box, counted to a thousand; no query for who stands in for nobody."""
    if box == "standing_in" and not standing_in_for(user):
        return 0
    return _box(user, box, None).order_by()[:MOST_COUNTED].count()


def standing_in_for(user: Any) -> list[ports.StandIn]:
    """The people who are absent now and for whom the person stands in."""
    return ports.people().standing_in_for(user, ports.now()) if user is not None and user.is_active else []


def done_for(user: Any, *, limit: int = 50) -> list[Task]:
    """What others did in the person's stead while they were away, the latest first."""
    rows = Task.objects.human().filter(completed_for=user, status=STATUS.DONE).order_by("-finished", "-id")
    return list(rows.select_related("process__definition", "completed_by", "completed_for").defer(*HEAVY)[:limit])


def saved_views(user: Any) -> QuerySet[SavedView]:
    """The person's saved views in their order."""
    return SavedView.objects.filter(user=user)


def item_of(row: Task, now: datetime) -> WorkItem:
    """The line of a task whose instance, definition and owner are loaded."""
    instance, still = row.process, standstill_of(row)
    return WorkItem(
        task_id=row.pk,
        title=row.labels or {"en": row.node_id},
        process_key=instance.definition.key,
        process_title=instance.definition.titles or instance.labels,
        instance_id=instance.pk,
        business_key=instance.business_key,
        subject=ItemSubject(instance.subject_type, instance.subject_id, instance.title),
        status=row.status,
        owner_id=row.owner_id,
        owner_name=ports.people().display(row.owner) if row.owner_id else "",
        role=row.role,
        due_at=row.due_at,
        limit_started_at=row.limit_started_at,
        warn_at=row.warn_at,
        standstill=still,
        followup_at=row.followup_at,
        finished_at=row.finished,
        priority=row.priority,
        reason=reason_of(row.due_at, row.priority, now, still=still),
        urgency=urgency_of(row.due_at, row.warn_at, now),
        icon=row.icon,
        badge=row.badge,
        step=row.node_id,
    )


# --- the boxes ----------------------------------------------------------------------------------------
def _box(user: Any, box: str, due: str | None) -> QuerySet[Task]:
    if box not in BOXES:
        raise Invalid(_("There is no box “%(box)s”. Use one of: %(known)s.") % {"box": box, "known": ", ".join(BOXES)})
    human = Task.objects.human()
    if user is None or not user.is_active:
        return human.none()
    if box == "done":
        return human.filter(completed_by=user, status=STATUS.DONE)
    waiting = human.waiting()
    if box == "teams":
        return waiting.filter(offered(user))
    asleep = Q(followup_at__gt=ports.now())
    if box == "standing_in":
        return waiting.filter(asleep if due == "snoozed" else ~asleep, stood_in(user))
    if box == "mine":
        return waiting.filter(asleep if due == "snoozed" else ~asleep, owner=user)
    # Most people follow little: their few instances are found first, and only those asked of the policies.
    followed = list(InstanceFollower.objects.filter(user=user).values_list("instance", flat=True))
    if not followed:
        return human.none()
    seen = ProcessInstance.objects.filter(instances_seen(user), pk__in=followed)
    return waiting.filter(process__in=seen.order_by().values("pk"))


def _filtered(
    rows: QuerySet[Task], user: Any, process: str | None, step: str | None, customer: int | None,
    due: str | None, search: str,
) -> QuerySet[Task]:  # fmt: skip
    if process:
        rows = rows.filter(process__definition__key=process)
    if step:
        rows = rows.filter(node_id=step)
    if customer is not None:
        rows = rows.filter(_of_customer(user, customer))
    if due:
        rows = rows.filter(_due(due))
    for word in search.split()[:5]:
        rows = rows.filter(
            Q(process__title__icontains=word)
            | Q(process__business_key__icontains=word)
            | Q(labels__icontains=word)
        )
    return rows


def _due(due: str) -> Q:
    now = ports.now()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if due == "late":
        return Q(due_at__lte=now)
    if due == "hour":
        return Q(due_at__lte=now + timedelta(hours=1))
    if due == "today":
        return Q(due_at__lt=today + timedelta(days=1))
    if due == "week":
        return Q(due_at__lt=today + timedelta(days=7 - today.weekday()))
    if due == "none":
        return Q(due_at__isnull=True)
    if due == "snoozed":
        return Q(followup_at__gt=now)
    raise Invalid(
        _("“%(due)s” is no choice of due times. Use one of: late, hour, today, week, none, snoozed.") % {"due": due}
    )


def _of_customer(user: Any, customer: int) -> Q:
    """Work about an account: its own instances, and those of visible records that belong to it."""
    condition = Q(process__subject_type="account", process__subject_id=customer)
    for kind in ports.subjects().all():
        rows = kind.visible(user)
        if rows is None or not any(f.name == "account" for f in rows.model._meta.concrete_fields):
            continue
        of_it = rows.order_by().filter(account_id=customer, pk=OuterRef("process__subject_id"))
        condition |= Q(process__subject_type=kind.key) & Q(Exists(of_it))
    return condition


def _behind(due_at: datetime | None, priority: int, pk: UUID) -> Q:
    """Rows that come after a place in the order by due (none last), priority (high first) and id."""
    level = Q(priority__lt=priority) | Q(priority=priority, id__gt=pk)
    if due_at is None:
        return Q(due_at__isnull=True) & level
    return Q(due_at__gt=due_at) | Q(due_at__isnull=True) | (Q(due_at=due_at) & level)
