"""What a migration would do, instance by instance, before anything is done: nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from processes.bpmn.model import Event, Model
from processes.catalog.models import ProcessVersion
from processes.instance_migration.assessing import Problem, kept_event, problems_of
from processes.instance_migration.planning import Plan
from processes.runtime.models import ProcessInstance, Task

AT_ONCE = 500
"""How many instances one query brings the open rows of."""
MOST_NAMED = 20
"""How many instances are named of those that share a reason."""


@dataclass(slots=True)
class Reason:
    """Why some instances stay: what a person can do about it, and which instances (the first of them) it is."""

    kind: str
    element: str
    sentence: str
    count: int = 0
    instances: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class StepMoved:
    """What happens to the tokens on one element: how many, where they go, and whether limits begin anew."""

    element: str
    labels: Mapping[str, str]
    target: str
    target_labels: Mapping[str, str]
    tokens: int = 0
    offered_anew: int = 0
    limits_kept: int = 0
    limits_restarted: int = 0


@dataclass(slots=True)
class Rehearsal:
    """What would become of all running instances of a version."""

    total: int = 0
    moves: int = 0
    decide: int = 0
    cannot: int = 0
    wait: int = 0
    timers_kept: int = 0
    timers_restarted: int = 0
    steps: dict[str, StepMoved] = field(default_factory=dict)
    reasons: dict[tuple[str, str, str], Reason] = field(default_factory=dict)


def rehearse(version: ProcessVersion, source: Model, target: Model, plan: Plan) -> Rehearsal:
    """Hold every running instance of a version against the plan. One query for `AT_ONCE` instances."""
    found = Rehearsal()
    for instance_id, rows in _running(version):
        found.total += 1
        problems = problems_of(rows, source, target, plan)
        if problems:
            _refused(found, instance_id, problems)
            continue
        found.moves += 1
        for row in rows:
            _count(found, row, {one.pk: one for one in rows}, source, target, plan)
    return found


def _running(version: ProcessVersion) -> Iterator[tuple[UUID, list[Task]]]:
    ids = list(ProcessInstance.objects.running().filter(version=version).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        by_instance: dict[UUID, list[Task]] = {pk: [] for pk in some}
        rows = Task.objects.open().filter(process__in=some).only(
            "process_id", "node_id", "kind", "labels", "status", "parent_id", "host_id", "armed", "is_body", "arrived_by",
            "data", "owner_id", "due_at",
        )  # fmt: skip
        for row in rows:
            by_instance[row.process_id].append(row)
        yield from by_instance.items()


def _refused(found: Rehearsal, instance_id: UUID, problems: list[Problem]) -> None:
    kinds = Counter(problem.kind for problem in problems)
    worst = next(kind for kind in ("cannot", "decide", "wait") if kinds[kind])
    setattr(found, worst, getattr(found, worst) + 1)
    for problem in problems:
        key = (problem.kind, problem.element, str(problem.sentence))
        reason = found.reasons.setdefault(key, Reason(problem.kind, problem.element, problem.sentence))
        reason.count += 1
        if len(reason.instances) < MOST_NAMED:
            reason.instances.append(instance_id)


def _count(
    found: Rehearsal, row: Task, rows: Mapping[UUID, Task], source: Model, target: Model, plan: Plan
) -> None:
    if row.armed and not row.kind.endswith("Gateway"):
        host = rows.get(row.host_id) if row.host_id is not None else None
        kept = kept_event(row, plan.target(host.node_id) if host is not None else "", source, target, plan)
        if _is_timer(source, row):
            found.timers_kept += bool(kept)
            found.timers_restarted += not kept
        return
    goal = plan.target(row.node_id)
    node = target.nodes[goal]
    step = found.steps.setdefault(
        row.node_id,
        StepMoved(row.node_id, row.labels, goal, {"en": node.name, **node.labels} if node.name else dict(node.labels)),
    )
    step.tokens += 1
    if row.is_human and row.owner_id is None:
        step.offered_anew += 1
    if row.due_at is not None:
        step.limits_restarted += plan.restarts(row.node_id)
        step.limits_kept += not plan.restarts(row.node_id)
    if _is_timer(source, row):
        found.timers_restarted += plan.restarts(row.node_id)
        found.timers_kept += not plan.restarts(row.node_id)


def _is_timer(source: Model, row: Task) -> bool:
    node = source.nodes.get(row.node_id)
    return isinstance(node, Event) and any(definition.kind == "timer" for definition in node.definitions)
