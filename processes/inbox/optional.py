"""Steps of an ad-hoc sub-process: whoever has a step's role starts it when it is wanted, and says when it is enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from processes import ports
from processes.bpmn.model import Activity, Model, SubProcess
from processes.catalog import selectors as catalog
from processes.errors import NotAllowed, NotFound
from processes.inbox.supervision import may_supervise
from processes.inbox.visibility import seen_instances
from processes.runtime import services
from processes.runtime.models import ProcessInstance, Task
from processes.spoken import gettext as _


@dataclass(frozen=True)
class OptionalStep:
    """A step that may be begun by hand: its names by language, how often it was begun, and how often it is open."""

    element: str
    labels: Mapping[str, str]
    begun: int
    open: int


@dataclass(frozen=True)
class OptionalSteps:
    """An ad-hoc sub-process under way and what the person may do in it.

    `blocked` is true where its steps come one after another and one is open; `may_end` where the person may say
    that nothing more is to be done.
    """

    task_id: UUID
    labels: Mapping[str, str]
    steps: tuple[OptionalStep, ...]
    blocked: bool
    may_end: bool


def optional_steps(instance: ProcessInstance, user: Any) -> list[OptionalSteps]:
    """The ad-hoc sub-processes under way in an instance in which the person may begin steps, or end them.

    One query for instances of a drawing that has such sub-processes, none for others.
    """
    if not instance.is_open or instance.suspended:
        return []
    model = catalog.model_of(instance.version)
    scopes = {
        node.id: node for node in model.nodes.values()
        if isinstance(node, SubProcess) and node.kind == "adHocSubProcess"
    }  # fmt: skip
    if not scopes:
        return []
    rows = list(
        Task.objects.stored().filter(process=instance).filter(Q(node_id__in=scopes) | Q(parent__node_id__in=scopes))
        .only("pk", "node_id", "parent_id", "status", "is_body", "data").order_by("created", "pk")
    )  # fmt: skip
    roles, supervises = set(ports.people().roles_of(user)), may_supervise(instance, user)
    found = []
    for row in rows:
        scope = scopes.get(row.node_id)
        if scope is None or not row.is_open or row.is_body or row.data.get("enough"):
            continue
        inside = [one for one in rows if one.parent_id == row.pk]
        steps = tuple(
            _step(node, [one for one in inside if one.node_id == node.id]) for node in _beginnings(model, scope)
            if supervises or model.role_of(node.id) in roles
        )  # fmt: skip
        may_end = supervises or model.role_of(scope.id) in roles
        if steps or may_end:
            blocked = scope.ordering == "Sequential" and any(one.is_open for one in inside)
            found.append(OptionalSteps(row.pk, _labels(scope), steps, blocked, may_end))
    return found


def _beginnings(model: Model, scope: SubProcess) -> Iterable[Activity]:
    """What nothing inside leads to; the rest follows by itself."""
    return (
        node for node in model.nodes_of(scope.id)
        if isinstance(node, Activity) and not node.incoming and not node.is_for_compensation
        and not (isinstance(node, SubProcess) and node.triggered_by_event)
    )  # fmt: skip


def _step(node: Activity, rows: list[Task]) -> OptionalStep:
    return OptionalStep(node.id, _labels(node), len(rows), sum(row.is_open for row in rows))


def _labels(node: Activity) -> Mapping[str, str]:
    return {"en": node.name or node.id, **node.labels}


def begin_step(*, task_id: UUID, element: str, user: Any) -> None:
    """Start a step of the ad-hoc sub-process that is under way in a row. NotAllowed for who has not its role."""
    _demand_role(task_id, element, user)
    services.begin_step(task_id=task_id, element=element, user=user)


def end_steps(*, task_id: UUID, user: Any) -> None:
    """Say that nothing more is to be done in an ad-hoc sub-process. NotAllowed for who has not its role."""
    _demand_role(task_id, "", user)
    services.end_steps(task_id=task_id, user=user)


def _demand_role(task_id: UUID, element: str, user: Any) -> None:
    """The role of the step (without an element: of the sub-process), or answering for the process."""
    row = Task.objects.stored().filter(pk=task_id).first()
    instance = (
        seen_instances(user).select_related("definition", "version").filter(pk=row.process_id).first()
        if row is not None else None
    )  # fmt: skip
    if row is None or instance is None:
        raise NotFound(_("There is no such process instance, or it is none of yours."))
    model = catalog.model_of(instance.version)
    meant = element or row.node_id
    if meant not in model.nodes:
        raise NotFound(_("There is no such step."))
    role = model.role_of(meant)
    if not (role and role in ports.people().roles_of(user)) and not may_supervise(instance, user):
        raise NotAllowed(_("Only who has the role of this step, or answers for the process, may do this."))
