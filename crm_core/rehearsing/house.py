"""The throw-away house of a rehearsal: set up like the real one, with nobody in it who is real.

Roles with their levels, places, calendars, texts and the catalogue are taken over with their ids. People are made
by role; all work in an office above all branches, so that two of each role are enough to reach every place.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Group
from django.core import serializers
from django.db import models

from crm_core.activities.models import Template
from crm_core.kernel.access.standing import forget_standings
from crm_core.kernel.models import Branch, Employee, Role, RolePermission, User, WorkingCalendar
from crm_core.marketing.models import Segment
from crm_core.sales.models import Competitor, Product
from crm_core.service.models import ServiceLevel
from processes import ports

OFFICE = "rehearsal"
MOST_ROWS = 200
"""Of the catalogue, so that a rehearsal of a house with 100,000 products is begun as fast as another."""

TAKEN_OVER: tuple[type[models.Model], ...] = (
    Group, Role, RolePermission, WorkingCalendar, Branch, Template, ServiceLevel, Product, Competitor, Segment,
)  # fmt: skip
CATALOGUE = (Product, Competitor, Segment)


def bring() -> Any:
    """The rows that a rehearsal's house takes over, as JSON. Who owns or made them is left out."""
    rows = {model._meta.label: _rows(model) for model in TAKEN_OVER}
    skills = sorted({skill for row in Employee.objects.values_list("skills", flat=True) for skill in row or ()})
    return {"rows": rows, "skills": skills}


def _rows(model: type[models.Model]) -> list[Any]:
    found = model._default_manager.order_by("pk")
    listed = found[:MOST_ROWS] if model in CATALOGUE else found
    personal = {field.name for field in model._meta.concrete_fields if field.related_model is User}
    kept = [field.name for field in model._meta.concrete_fields if field.name not in personal and not field.primary_key]
    rows: list[Any] = json.loads(serializers.serialize("json", listed, fields=kept))
    return rows


def furnish(brought: Any) -> None:
    """Write what was brought, and an office above all branches."""
    for model in TAKEN_OVER:
        rows = serializers.deserialize("json", json.dumps(brought["rows"][model._meta.label]))
        model._default_manager.bulk_create([row.object for row in rows], batch_size=500)
    calendar = WorkingCalendar.objects.filter(is_default=True).first()
    above = Branch.objects.create(key=OFFICE, name="Practice office", name_zh="演练办公室", calendar=calendar)
    Branch.objects.filter(parent=None).exclude(pk=above.pk).update(parent=above)
    for role in Group.objects.order_by("name"):
        _hire(role, 2, brought["skills"])
    forget_standings()


def people(role: str, count: int) -> list[Any]:
    """The invented people with a role, the first of them also first in the office's list."""
    group, _new = Group.objects.get_or_create(name=role)
    there = User.objects.filter(groups=group, is_active=True).order_by("pk")
    if there.count() < count:
        _hire(group, count - there.count(), [])
        forget_standings()
    return list(there[:count])


def _hire(group: Group, count: int, skills: list[str]) -> None:
    names = role_names(group)
    for _one in range(count):
        number = User.objects.filter(groups=group).count() + 1
        user = User.objects.create(
            username=f"{group.name}.{number}", display_name=f"{names['en']} {number}",
            display_name_zh=f"{names['zh-hans']}{number}", email=f"{group.name}.{number}@rehearsal.example", is_staff=True,
        )  # fmt: skip
        user.groups.add(group)
        office = Branch.objects.get(key=OFFICE)
        Employee.objects.create(user=user, branch=office, skills=skills, languages=["en", "zh-hans", "fr", "de"], capacity=1000)


def role_names(group: Group) -> dict[str, str]:
    """What a role is called."""
    role = Role.objects.filter(group=group).first()
    labels = role.labels if role is not None else {}
    return {language: ports.text(labels, language) or group.name for language in ("en", "zh-hans")}


def colleague(role: str) -> Any:
    """The first of the invented people with a role."""
    return people(role, 1)[0]


