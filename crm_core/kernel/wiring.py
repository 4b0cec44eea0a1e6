"""What is connected once at start-up: the engine's ports, signals that void caches."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.backends.signals import connection_created
from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save, pre_migrate

from crm_core.kernel import acting
from crm_core.kernel.access.grants import GrantsPort
from crm_core.kernel.access.refusals import write_pending
from crm_core.kernel.access.standing import forget_grants, forget_standings
from crm_core.kernel.audit import install
from crm_core.kernel.models import Absence, AbsenceCover, Branch, Employee, Grant, Role, RolePermission, Team
from crm_core.kernel.notices import NotifierPort
from crm_core.kernel.people import CalendarsPort, PeoplePort
from processes import ports


def connect() -> None:
    """Fill the ports and connect the receivers; called from AppConfig.ready."""
    connection_created.connect(install.on_connection, dispatch_uid="audit-connection")
    kernel = apps.get_app_config("crm_kernel")
    pre_migrate.connect(install.before_migrate, sender=kernel, dispatch_uid="audit-before")
    post_migrate.connect(install.after_migrate, sender=kernel, dispatch_uid="audit-after")
    ports.install(
        audit=acting.ActingPort(),
        people=PeoplePort(),
        grants=GrantsPort(),
        calendars=CalendarsPort(),
        notifier=NotifierPort(),
    )
    acting.at_end(write_pending)
    for model in (Absence, AbsenceCover, Branch, Employee, Grant, Role, RolePermission, Team):
        forget = forget_grants if model is Grant else forget_standings
        post_save.connect(forget, sender=model, dispatch_uid=f"standing-save-{model.__name__}")
        post_delete.connect(forget, sender=model, dispatch_uid=f"standing-del-{model.__name__}")
    groups = get_user_model().groups.through
    m2m_changed.connect(forget_standings, sender=groups, dispatch_uid="standing-groups")
