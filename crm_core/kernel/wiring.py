"""What is connected once at start-up: the engine's ports, signals that void caches."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db.models.signals import m2m_changed, post_delete, post_save

from crm_core.kernel import acting
from crm_core.kernel.access.refusals import write_pending
from crm_core.kernel.access.standing import forget_standings
from crm_core.kernel.models import Branch, Employee, Role, RolePermission, Team
from processes import ports


def connect() -> None:
    """Fill the ports and connect the receivers; called from AppConfig.ready."""
    ports.install(audit=acting.ActingPort())
    acting.at_end(_write_refusals)
    for model in (Branch, Employee, Role, RolePermission, Team):
        post_save.connect(forget_standings, sender=model, dispatch_uid=f"standing-save-{model.__name__}")
        post_delete.connect(forget_standings, sender=model, dispatch_uid=f"standing-del-{model.__name__}")
    groups = get_user_model().groups.through
    m2m_changed.connect(forget_standings, sender=groups, dispatch_uid="standing-groups")


def _write_refusals() -> None:
    from django.db import connection

    if not connection.in_atomic_block:
        write_pending()
