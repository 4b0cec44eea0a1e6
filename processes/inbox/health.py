"""How healthy a process is: when it last began, what failed of late, and whether that is more than before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from processes import ports
from processes.catalog.models import ProcessDefinition
from processes.inbox.visibility import seen_instances
from processes.runtime.indexed import FAILED
from processes.runtime.models import Task

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Health:
    """Of one process, as the person may see it: when the newest began, how many steps or whole instances failed in the
    last seven days (`failed`) and in the seven before (`before`): ended in an error, or failed and not put right yet."""

    last: datetime | None = None
    failed: int = 0
    before: int = 0

    @property
    def trend(self) -> int:
        """1 when more fails than the week before, -1 when less does, 0 when as much."""
        return (self.failed > self.before) - (self.failed < self.before)


def health(user: Any, *, key: str | None = None) -> dict[str, Health]:
    """By process key; three queries, whatever their number."""
    now = ports.now()
    seen = seen_instances(user)
    chosen = ProcessDefinition.objects.filter(key=key) if key else ProcessDefinition.objects.all()
    newest = seen.filter(definition=OuterRef("pk")).order_by("-created").values("created")[:1]
    last = dict(chosen.order_by().values_list("key", Subquery(newest)))
    ended = seen.filter(FAILED, finished__gte=now - 2 * WEEK, definition__in=chosen.values("pk")).order_by()
    of_ended = ended.values("definition__key").annotate(
        now=Count("pk", filter=Q(finished__gte=now - WEEK)), before=Count("pk", filter=Q(finished__lt=now - WEEK))
    )
    open_rows = Task.objects.incidents().filter(created__gte=now - 2 * WEEK).filter(
        Exists(seen.filter(pk=OuterRef("process_id"), definition__in=chosen.values("pk")))
    )
    of_open = open_rows.order_by().values("process__definition__key").annotate(
        now=Count("pk", filter=Q(created__gte=now - WEEK)), before=Count("pk", filter=Q(created__lt=now - WEEK))
    )
    failed: dict[str, tuple[int, int]] = {}
    for name, rows in (("definition__key", of_ended), ("process__definition__key", of_open)):
        for row in rows:
            had = failed.get(row[name], (0, 0))
            failed[row[name]] = had[0] + row["now"], had[1] + row["before"]
    return {name: Health(moment, *failed.get(name, (0, 0))) for name, moment in last.items()}
