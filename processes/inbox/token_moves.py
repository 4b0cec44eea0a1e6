"""Moving a token by hand: where it may go, and what that means for what is under way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from processes import ports
from processes.bpmn.model import Model
from processes.catalog import selectors as catalog
from processes.errors import NotFound
from processes.inbox.supervision import supervised
from processes.ports import Labels
from processes.runtime.models import Task
from processes.runtime.services import places_for
from processes.spoken import gettext as _

STEPS = (
    "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask", "callActivity",
    "subProcess", "transaction", "adHocSubProcess",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """An element that the token may be put on."""

    element: str
    labels: Labels
    kind: str
    is_step: bool


@dataclass(frozen=True, slots=True)
class TokenMove:
    """What moving one token would mean. `lost` is what is taken away with it: work (with who has it) and events that wait
    on its behalf; `beside` are the other tokens of the same scope, which go on as they are."""

    task_id: UUID
    instance_id: UUID
    labels: Labels
    goals: tuple[Goal, ...]
    lost: tuple[tuple[Labels, str], ...]
    beside: tuple[Labels, ...]


def token_move(task_id: UUID, *, user: Any) -> TokenMove:
    """Where the token on a row may go, for who answers for the process. NotFound for a row that is not open."""
    row = Task.objects.stored().tokens().filter(pk=task_id).first()
    if row is None:
        raise NotFound(_("This step is not open any more."))
    instance = supervised(row.process_id, user)
    model = catalog.model_of(instance.version)
    rows = list(Task.objects.stored().open().select_related("owner").filter(process=instance).order_by("created", "pk"))
    inside = _with_inner(rows, row.pk)
    return TokenMove(
        row.pk, instance.pk, row.labels or {"en": row.node_id}, tuple(_goals(model, row.node_id)),
        tuple((one.labels or {"en": one.node_id}, _who(one)) for one in inside),
        tuple(one.labels or {"en": one.node_id} for one in rows
              if one.pk != row.pk and one.parent_id == row.parent_id and not one.armed),
    )  # fmt: skip


def _with_inner(rows: list[Task], pk: UUID) -> list[Task]:
    """A row with all that is open inside it or waits on its behalf."""
    found = [row for row in rows if row.pk == pk]
    for row in rows:
        if pk in (row.parent_id, row.host_id):
            found += _with_inner(rows, row.pk)
    return found


def _goals(model: Model, element: str) -> Iterable[Goal]:
    for place in places_for(model, element):
        node = model.nodes[place]
        yield Goal(node.id, {"en": node.name or node.id, **node.labels}, node.kind, node.kind in STEPS)


def _who(row: Task) -> str:
    return str(ports.people().display(row.owner)) if row.owner is not None else ""
