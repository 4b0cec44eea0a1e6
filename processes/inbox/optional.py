"""Steps of an ad-hoc sub-process: whoever has a step's role starts it when it is wanted, and says when it is enough."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from processes import ports
from processes.catalog import selectors as catalog
from processes.errors import NotAllowed, NotFound
from processes.inbox.supervision import may_supervise
from processes.inbox.visibility import seen_instances
from processes.runtime import services
from processes.runtime.models import Task


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
