"""What process owners and administrators do to instances: stop, rest, repeat, go round, correct.

Each call asks who may, demands a reason where something is overruled, and then lets the runtime do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.models import DecisionDefinition, PinnedDecision, ProcessDefinition
from processes.errors import NotAllowed, NotFound
from processes.inbox.visibility import NOBODY, seen_instances
from processes.ports import Subject
from processes.runtime import services
from processes.runtime.models import ProcessInstance, Task
from processes.spoken import gettext as _

SUPERVISORS = frozenset({"administrator", "process_owner"})
"""Roles that may act on every instance. An auditor sees, and changes nothing."""


def may_supervise(instance: ProcessInstance, user: Any) -> bool:
    """Whether the person answers for the process of an instance."""
    return answers_for(instance.definition, user)


def answers_for(definition: ProcessDefinition, user: Any) -> bool:
    """Whether the person answers for a process: its owner, or by role."""
    if user is None or not user.is_active:
        return False
    return bool(definition.owner_id == user.pk or supervises_all(user))


def supervises_all(user: Any) -> bool:
    """Whether the person may act on every instance by role."""
    if user is None or not user.is_active:
        return False
    return bool(user.is_superuser or SUPERVISORS & set(ports.people().roles_of(user)))


def actable(user: Any) -> Q:
    """Instances the person may act on: as `may_supervise` says of one."""
    if supervises_all(user):
        return ~NOBODY
    if user is None or not user.is_active:
        return NOBODY
    return Q(definition__in=ProcessDefinition.objects.filter(owner=user).values("pk"))


def may_act_on_some(user: Any) -> bool:
    """Whether there is any process whose instances the person may act on."""
    if supervises_all(user):
        return True
    return bool(user is not None and user.is_active and ProcessDefinition.objects.filter(owner=user).exists())


def answers_for_decision(definition: DecisionDefinition, user: Any) -> bool:
    """Whether the person answers for a decision: its owner, the owner of a process that asks it, or by role."""
    if user is None or not user.is_active:
        return False
    if user.is_superuser or definition.owner_id == user.pk:
        return True
    if SUPERVISORS & set(ports.people().roles_of(user)):
        return True
    asking = PinnedDecision.objects.filter(key=definition.key, decision_version__definition=definition)
    return asking.filter(process_version__definition__owner=user).exists()


def may_start(user: Any, key: str, subject: Subject | tuple[str, int] | None = None) -> bool:
    """Whether the person may start the published version of a process about a record: one of its start roles,
    and the record's own rule. A process without start roles is started by events alone."""
    if user is None or not user.is_active:
        return False
    try:
        version = catalog.current_version(key)
    except NotFound:
        return False
    ext = catalog.model_of(version).process.ext
    roles = set(ports.people().roles_of(user))
    if not (user.is_superuser or roles & set(ext.start_roles)):
        return False
    if subject is None:
        return True
    about = subject if isinstance(subject, Subject) else Subject(*subject)
    kind = ports.subjects().get(about.type)
    if kind is None or (ext.subject and ext.subject != about.type):
        return False
    rows = kind.visible(user)
    if rows is None or not rows.filter(pk=about.id).exists():
        return False
    record = kind.load(about.id)
    return record is not None and kind.may_start(user, record)


def demand_start(user: Any, key: str, subject: Subject | tuple[str, int] | None) -> None:
    """NotAllowed unless the person may start it; NotFound when nothing of the key is published."""
    if not may_start(user, key, subject):
        catalog.current_version(key)
        raise NotAllowed(_("You may not start this process here. Ask the owner of the process."))


def supervised(instance_id: UUID, user: Any) -> ProcessInstance:
    """The instance, for whoever may act on it; NotFound for who may not see it, NotAllowed for who only sees it."""
    found = seen_instances(user).select_related("definition", "version").filter(pk=instance_id).first()
    if found is None:
        raise NotFound(_("There is no such process instance, or it is none of yours."))
    if not may_supervise(found, user):
        raise NotAllowed(_("Only the owner of the process or an administrator may do this."))
    return found


def _of_task(task_id: UUID, user: Any) -> ProcessInstance:
    pk = Task.objects.filter(pk=task_id).values_list("process_id", flat=True).first()
    if pk is None:
        raise NotFound(_("There is no such task."))
    return supervised(pk, user)


def cancel(*, instance_id: UUID, user: Any, reason: str) -> None:
    """End an instance and everything it called, without its end events."""
    supervised(instance_id, user)
    services.cancel_instance(instance_id=instance_id, user=user, reason=services.demand_reason(reason))


def suspend(*, instance_id: UUID, user: Any) -> None:
    """Let an instance rest."""
    supervised(instance_id, user)
    services.suspend(instance_id=instance_id, user=user)


def resume(*, instance_id: UUID, user: Any) -> None:
    """Let it go on."""
    supervised(instance_id, user)
    services.resume(instance_id=instance_id, user=user)


def cancel_task(*, task_id: UUID, user: Any, reason: str) -> None:
    """Take a task's branch away."""
    _of_task(task_id, user)
    services.cancel_task(task_id=task_id, user=user, reason=services.demand_reason(reason))


def retry(*, task_id: UUID, user: Any) -> None:
    """Try a failed step again."""
    _of_task(task_id, user)
    services.retry(task_id=task_id, user=user)


def skip(*, task_id: UUID, user: Any, reason: str, take: str | None = None) -> None:
    """Go on behind a failed or waiting step."""
    _of_task(task_id, user)
    services.skip(task_id=task_id, user=user, reason=services.demand_reason(reason), take=take)


def move_token(*, task_id: UUID, to: str, user: Any, reason: str) -> None:
    """Put a token elsewhere."""
    _of_task(task_id, user)
    services.move_token(task_id=task_id, to=to, user=user, reason=services.demand_reason(reason))


def edit_variables(*, instance_id: UUID, user: Any, changes: Mapping[str, Any], reason: str) -> None:
    """Correct variables of a running instance."""
    supervised(instance_id, user)
    services.edit_variables(
        instance_id=instance_id, user=user, changes=changes, reason=services.demand_reason(reason)
    )
