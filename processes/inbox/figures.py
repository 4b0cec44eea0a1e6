"""How a process does, in a few figures that anybody reads: how many come, how long they take, where time passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, Min, OuterRef, Sum

from processes import ports
from processes.inbox.visibility import seen_instances
from processes.runtime.models import PROCESS, STATUS, Task

WEEKS = 8
MOST_MEASURED = 5_000
FEWEST = 5
"""With fewer ended instances than this nothing is said about how long one takes."""


@dataclass(frozen=True)
class Figures:
    """What is going on in a process, as far as the person may see it.

    `weekly` is how many begin a week, `half_done` the time in which half are done, `slow_step` the step of people
    at which most time passes and `slow_share` its part of all such time in per cent; `there` counts the open steps
    by element id.
    """

    running: int
    late: int
    weekly: float
    half_done: timedelta | None
    slow_step: Mapping[str, str]
    slow_share: int
    there: Mapping[str, int]


def figures_of(user: Any, key: str) -> Figures:
    """The figures of a process over the last eight weeks, or since its first instance if that is later."""
    now = ports.now()
    seen = seen_instances(user).filter(definition__key=key).order_by()
    first = seen.aggregate(first=Min("created"))["first"] or now
    since = max(first, now - timedelta(weeks=WEEKS))
    weeks = max(1.0, (now - since) / timedelta(weeks=1))
    ended = seen.filter(outcome="completed", finished__gte=since).order_by("-finished").values_list("created", "finished")
    spans = [finished - created for created, finished in ended[:MOST_MEASURED]]
    tasks = Task.objects.human().filter(Exists(seen.filter(pk=OuterRef("process_id"))), is_body=False).order_by()
    waiting = tasks.open()
    slow, share = _slowest(tasks.filter(status=STATUS.DONE, finished__gte=since))
    return Figures(
        running=seen.filter(status=PROCESS.NEW).count(),
        late=waiting.filter(due_at__lt=now).values("process").distinct().count(),
        weekly=seen.filter(created__gte=since).count() / weeks,
        half_done=median(spans) if len(spans) >= FEWEST else None,
        slow_step=slow, slow_share=share,
        there=dict(waiting.values_list("node_id").annotate(n=Count("pk"))),
    )  # fmt: skip


def _slowest(done: Any) -> tuple[Mapping[str, str], int]:
    spent = ExpressionWrapper(F("finished") - F("created"), output_field=DurationField())
    rows = list(done.values("node_id").annotate(spent=Sum(spent)).order_by("-spent"))
    whole = sum((row["spent"] for row in rows if row["spent"]), timedelta())
    if not rows or not whole:
        return {}, 0
    newest = done.filter(node_id=rows[0]["node_id"]).order_by("-finished").values_list("labels", flat=True).first()
    return newest or {"en": rows[0]["node_id"]}, round(100 * (rows[0]["spent"] / whole))
