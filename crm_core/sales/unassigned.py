"""Work that waits for somebody: open records without an owner, each with why the last choice found nobody.

Nothing falls out silently: a record that no rule has looked at yet, and one that its owner gave back, stand here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy

from crm_core.kernel.access.policies import policy_for
from crm_core.sales.models import AssignmentLedger, Lead
from crm_core.sales.models.leads import OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class Queue:
    """A kind of work that can wait for somebody: its rows, the role that does it, and the field that says since when."""

    key: str
    label: Any
    model: Any
    role: str
    waiting: Callable[[], QuerySet[Any]]
    since: str = "received_at"


def _leads() -> QuerySet[Lead]:
    return Lead.objects.filter(status__in=OPEN_STATUSES, owner__isnull=True)


queues: dict[str, Queue] = {
    "lead": Queue("lead", gettext_lazy("leads"), Lead, "sales_representative", _leads),
}
"""By the type of what is assigned; other domains add theirs when they register."""


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A record that waits: since when, what the last choice said, and when it will be asked again (None: no rule has
    looked at it, or none is waiting)."""

    queue: Queue
    record: Any
    since: datetime
    last: AssignmentLedger | None
    attempts: int

    @property
    def given_back(self) -> bool:
        """Whether somebody had it and does not any more."""
        return self.last is not None and self.last.chosen_id is not None


def unassigned(user: Any, key: str, *, newest_first: bool = False, action: str = "view") -> QuerySet[Any]:
    """The records of a queue that wait for somebody and on which the person may do `action`, longest waiting first."""
    queue = queues[key]
    rows = policy_for(queue.model).rows(user, action).filter(pk__in=queue.waiting().order_by().values("pk"))
    ledger = AssignmentLedger.objects.filter(subject_type=key, subject_id=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(last_assignment=Subquery(ledger.values("pk")[:1]))
    since = F(queue.since)
    return rows.order_by(since.desc() if newest_first else since.asc(), "-pk" if newest_first else "pk")


def with_reasons(key: str, records: Iterable[Any]) -> list[Unassigned]:
    """What is to be said about records of `unassigned`; two queries, however many there are."""
    listed, queue = list(records), queues[key]
    rows = AssignmentLedger.objects.select_related("chosen").in_bulk([one.last_assignment for one in listed if one.last_assignment])
    tries = dict(
        AssignmentLedger.objects.filter(subject_type=key, subject_id__in=[one.pk for one in listed], chosen__isnull=True)
        .order_by()
        .values_list("subject_id")
        .annotate(Count("pk"))
    )
    return [
        Unassigned(queue, one, getattr(one, queue.since), rows.get(one.last_assignment), tries.get(one.pk, 0))
        for one in listed
    ]
