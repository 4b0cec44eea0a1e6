"""A small company for access tests: two branches, two teams, and people with roles of any reach."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group

from crm_core.kernel.absences import whole_days
from crm_core.kernel.models import Absence, Branch, Employee, Role, RolePermission, Team, User

_people = count(1)


def branch(key: str, parent: Branch | None = None) -> Branch:
    return Branch.objects.get_or_create(key=key, defaults={"name": key.title(), "parent": parent})[0]


def team(key: str, of: Branch) -> Team:
    return Team.objects.get_or_create(key=key, defaults={"name": key.title(), "branch": of})[0]


def role(key: str, **records: dict[str, str]) -> Role:
    """A role with levels: role("seller", account={"view": "branch"})."""
    group, _new = Group.objects.get_or_create(name=key)
    made, _new = Role.objects.get_or_create(key=key, defaults={"group": group, "labels": {"en": key}})
    for record, cells in records.items():
        for action, level in cells.items():
            RolePermission.objects.update_or_create(
                role=made, record=record, action=action, defaults={"level": level}
            )
    return made


def person(*roles: Role, at: Branch | None = None, of: Team | None = None, **values: Any) -> User:
    """An active user with an employee row."""
    user = User.objects.create_user(values.pop("username", f"person{next(_people)}"), **values)
    user.groups.set([made.group for made in roles])
    Employee.objects.create(user=user, branch=at or (of.branch if of else None), team=of)
    return User.objects.get(pk=user.pk)


def on_leave(user: User, first: date, last: date | None = None, **values: Any) -> Absence:
    """Whole days on which a person is away, both included, as the project counts days."""
    starts_at, ends_at = whole_days(ZoneInfo(settings.TIME_ZONE), first, last or first)
    return Absence.objects.create(employee=user.employee, starts_at=starts_at, ends_at=ends_at, **values)
