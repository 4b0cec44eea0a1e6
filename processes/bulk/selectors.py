"""How far work in bulk is, and what became of its instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from processes.bulk.models import BulkItem, BulkRun
from processes.bulk.services import run_of
from processes.inbox.supervision import supervises_all
from processes.runtime.models import ProcessInstance
from processes.spoken import told

MOST = 200


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """A run with how many of its instances stand in each state."""

    run: BulkRun
    counts: Mapping[str, int]

    @property
    def done(self) -> int:
        """Those whose turn has come."""
        return self.run.total - self.counts.get(BulkItem.State.WAITING, 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one instance: its state, and why it could not be done, in the language in use."""

    instance: ProcessInstance
    state: str
    reason: str


def progress(run_id: UUID, *, user: Any) -> BulkProgress:
    """How far a run is, for who may see it."""
    run = run_of(run_id, user=user)
    return BulkProgress(run, dict(run.items.order_by().values_list("state").annotate(n=Count("pk"))))


def outcomes(run_id: UUID, *, user: Any, state: str, limit: int = MOST) -> list[Outcome]:
    """The first instances of a run that stand in a state, with the reasons."""
    items = run_of(run_id, user=user).items.filter(state=state).select_related("instance__definition")
    rows = items.defer("instance__data", "instance__flow_class").order_by("pk")[:limit]
    return [Outcome(row.instance, row.state, told(row.problem) if row.problem else "") for row in rows]


def runs(user: Any, *, limit: int = 10) -> list[BulkRun]:
    """The newest runs that the person may see."""
    rows = BulkRun.objects.select_related("created_by")
    return list((rows if supervises_all(user) else rows.filter(created_by=user)).order_by("-created_at")[:limit])
