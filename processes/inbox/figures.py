"""How a process did of late and how it stands: counts, times and lateness over the instances a person may see.

Times run on the calendar, from the moment a step was reached to the moment it was left. Whatever the number of instances, what is read is bounded: the newest `MOST` of the period.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from processes import ports
from processes.bpmn.model import Model
from processes.catalog.models import ProcessVersion, State
from processes.catalog.selectors import model_of
from processes.inbox.spending import Spent, middle, rates_of, times_of
from processes.inbox.visibility import seen_instances
from processes.runtime.models import PROCESS, STATUS, Task

MOST = 1000
"""Instances that are read for the figures of one process, the newest first."""

SAMPLE = 400
"""Instances, evenly spread over those, whose steps are looked at one by one for times and limits."""

_AROUND = Q(kind__in=("subProcess", "adHocSubProcess", "transaction", "eventSubProcess")) | Q(kind__endswith="Gateway")
"""Elements whose time is that of others: of what is inside, of the other branch, of the event that is waited for."""

_TOOK = ExpressionWrapper(F("finished") - F("created"), output_field=DurationField())


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One element: what is there now, and how it did: `limited` counts work with a limit (of the
    sample), `missed` what came after it. `share` is its part of all time spent, `late_share` the part of
    its work that missed its limit (None where nothing had one), `a_week` how often it was left in a week. `waiting` is the
    median until somebody had it, `working` the median with somebody, `cost` what a week of it costs (None where the drawing
    gives no rate)."""

    node_id: str
    labels: Mapping[str, str]
    kind: str
    now: int = 0
    late: int = 0
    failed: int = 0
    done: int = 0
    limited: int = 0
    missed: int = 0
    median: timedelta | None = None
    waiting: timedelta | None = None
    working: timedelta | None = None
    cost: float | None = None
    share: float = 0.0
    late_share: float | None = None
    a_week: float = 0.0


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end, and how many of the period took it."""

    node_id: str
    labels: Mapping[str, str]
    outcome: str
    count: int
    a_week: float


@dataclass(frozen=True, slots=True)
class Week:
    """One week: begun, finished, the median of those finished, and the part of limits missed in per cent."""

    start: datetime
    begun: int = 0
    finished: int = 0
    median: timedelta | None = None
    late_share: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A process over `weeks` weeks; `by_version` counts what runs. `capped` says that there are more instances than
    the newest `MOST`, which is all that was read."""

    weeks: int
    begun: int
    begun_a_week: float
    finished: int
    median: timedelta | None
    late_share: float | None
    running: int
    late: int
    failed: int
    capped: bool
    by_version: Mapping[UUID, int] = field(default_factory=dict)
    steps: Mapping[str, StepFigures] = field(default_factory=dict)
    flows: Mapping[str, float] = field(default_factory=dict)
    ends: tuple[Ending, ...] = ()
    trend: tuple[Week, ...] = ()

    @property
    def slowest(self) -> StepFigures | None:
        """The step where most of the time passes; None before anything was finished."""
        return max((step for step in self.steps.values() if step.share), key=lambda step: step.share, default=None)


@dataclass(frozen=True, slots=True)
class Pace:
    """A process at a glance."""

    begun_a_week: float
    median: timedelta | None
    begun: tuple[int, ...]


def figures(user: Any, key: str, *, weeks: int = 8) -> Figures:
    """The figures of a process over the last weeks, and how it stands now."""
    now = ports.now()
    since = now - timedelta(weeks=weeks)
    starts = _weeks(now, weeks)
    seen = seen_instances(user).filter(definition__key=key).filter(
        Q(created__gte=since) | Q(finished__gte=since) | Q(status=PROCESS.NEW)
    ).order_by()  # fmt: skip
    rows = list(
        seen.order_by("-created", "-pk")
        .values_list("pk", "created", "finished", "end_node", "end_labels", "outcome", named=True)[: MOST + 1]
    )  # fmt: skip
    read = rows[:MOST]
    begun = [row.created for row in read if row.created >= since]
    ended = [row for row in read if row.finished is not None and row.finished >= since]
    capped = len(rows) > MOST
    length = _length(min((row.created for row in read), default=None), now, weeks)
    passed_by = Task.objects.filter(process__in=[row.pk for row in read], armed=False, finished__gte=since).order_by()
    left = passed_by.filter(is_body=False)
    # Steps that took no time and had no limit are counted; only the others are looked at one by one.
    spent = [
        Spent(*row) for row in left.filter(process__in=[row.pk for row in read[:: -(-len(read) // SAMPLE) or 1]])
        .filter(Q(finished__gt=F("created")) | Q(due_at__isnull=False)).exclude(_AROUND)
        .values_list("node_id", "kind", "status", "created", "assigned", "started", "finished", "due_at")
    ]  # fmt: skip
    current = seen.filter(status=PROCESS.NEW).values("pk") if capped else [row.pk for row in read if row.finished is None]
    by_version = dict(seen.filter(status=PROCESS.NEW).values_list("version").annotate(n=Count("pk")))
    passed = list(
        passed_by.values("node_id", "kind", "arrived_by").annotate(
            came=Count("pk", filter=Q(loop_counter__isnull=True)), done=Count("pk", filter=Q(status=STATUS.DONE, is_body=False))
        )
    )
    flows: Counter[str] = Counter()
    for way in passed:
        flows[way["arrived_by"]] += way["came"]
    steps = _steps(current, passed, spent, length, _model(key))
    limited, missed = (sum(getattr(step, name) for step in steps.values()) for name in ("limited", "missed"))
    return Figures(
        weeks=weeks, begun=len(begun), begun_a_week=len(begun) / length, finished=len(ended),
        median=middle([row.finished - row.created for row in ended]), late_share=100 * missed / limited if limited else None,
        running=sum(by_version.values()), by_version=by_version, late=sum(step.late for step in steps.values()), failed=sum(step.failed for step in steps.values()),
        capped=capped, steps=steps, ends=_ends(ended, length),
        flows={flow: n / length for flow, n in flows.items() if flow and n},
        trend=_trend(starts if not capped else starts[-max(1, int(length)):], begun, ended, spent),
    )  # fmt: skip


def paces(user: Any, *, weeks: int = 8) -> dict[str, Pace]:
    """By process key, for the list of processes. Two queries, whatever their number."""
    now = ports.now()
    since = now - timedelta(weeks=weeks)
    seen = seen_instances(user).order_by()
    starts = _weeks(now, weeks)
    in_week = {
        f"week{at}": Count("pk", filter=Q(created__gte=start, created__lt=start + timedelta(weeks=1)))
        for at, start in enumerate(starts)
    }
    begun = {row["definition__key"]: row for row in seen.filter(created__gte=since).values("definition__key").annotate(
        n=Count("pk"), first=Min("created"), **in_week)}  # fmt: skip
    medians = _medians(seen.filter(finished__gte=since), "definition__key")
    return {
        key: Pace(
            begun_a_week=row["n"] / _length(row["first"], now, weeks) if row else 0.0, median=medians.get(key),
            begun=tuple(row[name] if row else 0 for name in in_week),
        )
        for key in {*begun, *medians} for row in [begun.get(key)]
    }  # fmt: skip


def _length(first: datetime | None, now: datetime, weeks: int) -> float:
    """The weeks that figures are spread over: a process younger than the period has its own, one at least."""
    return float(weeks) if first is None else min(float(weeks), max(1.0, (now - first) / timedelta(weeks=1)))


def _weeks(now: datetime, weeks: int) -> list[datetime]:
    local = timezone.localtime(now)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(weeks))]


def _medians(rows: QuerySet[Any], group: str) -> dict[str, timedelta]:
    """The median time of each group: the row in its middle, found by the database."""
    ranked = rows.annotate(
        took=_TOOK, place=Window(RowNumber(), partition_by=F(group), order_by=_TOOK.asc()),
        size=Window(Count("pk"), partition_by=F(group)),
    )  # fmt: skip
    return dict(ranked.filter(place=(F("size") + 1) / 2).values_list(group, "took"))


def _model(key: str) -> Model | None:
    """The drawing of the version in use, or else of the newest."""
    rows = ProcessVersion.objects.filter(definition__key=key).defer("bpmn", "forms", "tests").order_by("-number")
    found = rows.filter(state=State.PUBLISHED).first() or rows.first()
    return model_of(found) if found is not None else None


def _steps(
    current: Any, passed: list[dict[str, Any]], spent: list[Spent], length: float, model: Model | None
) -> dict[str, StepFigures]:
    there = Task.objects.tokens().filter(process__in=current, is_body=False).order_by().values("node_id", "kind").annotate(
        now=Count("pk"), failed=Count("pk", filter=Q(status=STATUS.ERROR)),
        late=Count("pk", filter=Q(due_at__lt=ports.now())),
    )  # fmt: skip
    kinds = {row["node_id"]: row["kind"] for row in passed}
    done_of: Counter[str] = Counter()
    for row in passed:
        done_of[row["node_id"]] += row["done"]
    here = {row["node_id"]: row for row in there}
    by_step: dict[str, list[Spent]] = {}
    for step in spent:
        by_step.setdefault(step.node_id, []).append(step)
    whole = sum((step.took for step in spent), timedelta())
    names = {node.id: {"en": node.name or node.id, **node.labels} for node in model.nodes.values()} if model is not None else {}
    rates = rates_of(model) if model is not None else {}
    found = {}
    for node_id in {**kinds, **here}:
        rows, now = by_step.get(node_id, []), here.get(node_id, {})
        limits = [row.missed for row in rows if row.missed is not None]
        done = done_of[node_id]
        times, rate = times_of(rows, costed=node_id in rates), rates.get(node_id)
        found[node_id] = StepFigures(
            node_id=node_id, labels=names.get(node_id, {}), kind=kinds.get(node_id) or now["kind"], now=now.get("now", 0),
            late=now.get("late", 0), failed=now.get("failed", 0), done=done, limited=len(limits), missed=sum(limits),
            median=times.whole, waiting=times.waiting, working=times.working,
            cost=rate * times.hours * done / length if rate is not None and times.hours is not None else None,
            share=100 * (sum((row.took for row in rows), timedelta()) / whole) if whole else 0.0,
            late_share=100 * sum(limits) / len(limits) if limits else None, a_week=done / length,
        )  # fmt: skip
    return found


def _ends(ended: list[Any], length: float) -> tuple[Ending, ...]:
    found: dict[tuple[str, str], tuple[Mapping[str, str], int]] = {}
    for row in ended:
        kept, n = found.get((row.end_node, row.outcome), (row.end_labels, 0))
        found[row.end_node, row.outcome] = kept, n + 1
    ends = (Ending(node, labels, outcome, n, n / length) for (node, outcome), (labels, n) in found.items())
    return tuple(sorted(ends, key=lambda end: -end.count))


def _trend(starts: list[datetime], begun: list[datetime], ended: list[Any], spent: list[Spent]) -> tuple[Week, ...]:
    begun_in = Counter(_week_of(moment, starts) for moment in begun)
    took: dict[datetime, list[timedelta]] = {start: [] for start in starts}
    for row in ended:
        took[_week_of(row.finished, starts)].append(row.finished - row.created)
    limits: dict[datetime, list[bool]] = {start: [] for start in starts}
    for step in spent:
        if step.missed is not None:
            limits[_week_of(step.finished, starts)].append(step.missed)
    return tuple(
        Week(start, begun_in[start], len(took[start]), middle(took[start]),
             100 * sum(limits[start]) / len(limits[start]) if limits[start] else None)
        for start in starts
    )  # fmt: skip


def _week_of(moment: datetime, starts: list[datetime]) -> datetime:
    """The week of a moment; what is older than the first belongs to it."""
    return starts[max(0, bisect_right(starts, moment) - 1)]
