"""Who does the steps of a rehearsal: invented people, two for each role, so that four eyes are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from processes import ports
from processes.bpmn.model import Model
from processes.bpmn.model import Task as TaskElement
from processes.catalog.models import ProcessDefinition
from processes.inbox.visibility import offered
from processes.runtime.models import Task

EACH = 2
ANYBODY = "staff"


def roles_of(model: Model, definition: ProcessDefinition) -> list[str]:
    """The roles that the drawing names, those who start it first."""
    named = [node.task.role for node in model.nodes.values() if isinstance(node, TaskElement) and node.task.role]
    lanes = [lane.role for lane in model.lanes.values()]
    listed = [*model.process.ext.start_roles, *lanes, *(role for role in named if not role.startswith("=")), definition.owner_role]
    return list(dict.fromkeys(role for role in listed if role)) or [ANYBODY]


def actor_of(task: Task) -> Any | None:
    """Who does a task: whoever has it, else the first person who may take it; None when nobody may."""
    if task.owner is not None:
        return task.owner
    return next((person for person in _asked(task) if Task.objects.filter(offered(person), pk=task.pk).exists()), None)


def _asked(task: Task) -> Iterator[Any]:
    people = ports.people()
    for offer in task.candidates.filter(excluded=False).select_related("group", "user").order_by("pk"):
        if offer.user is not None:
            yield offer.user
        elif offer.group is not None:
            ports.rehearsing().people(offer.group.name, EACH)
            yield from people.members(offer.group.name, offer.scope_key)
