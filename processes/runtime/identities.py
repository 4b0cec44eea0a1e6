"""Ids of roles by name, kept in memory because every user task needs one.

An id is kept only once the transaction that read it has been committed, and all are forgotten when a role
is saved or deleted or the database is set up anew, so a rolled back role can never be named. A rehearsal's
roles have ids of their own, which are looked up each time.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import post_delete, post_migrate, post_save

from processes.apart import is_apart

_known: dict[str, int] = {}


def group_id(role: str) -> int | None:
    """The id of the Django group that is a role; None when there is no such role."""
    apart = is_apart()
    found = None if apart else _known.get(role)
    if found is None:
        found = Group.objects.filter(name=role).values_list("pk", flat=True).first()
        if found is not None and not apart:
            transaction.on_commit(lambda: _known.__setitem__(role, found))
    return found


def forget(**_kwargs: Any) -> None:
    """Forget every id."""
    _known.clear()


def connect() -> None:
    """Listen to changes of roles."""
    post_save.connect(forget, sender=Group, dispatch_uid="runtime_role_saved")
    post_delete.connect(forget, sender=Group, dispatch_uid="runtime_role_deleted")
    post_migrate.connect(forget, dispatch_uid="runtime_migrated")
