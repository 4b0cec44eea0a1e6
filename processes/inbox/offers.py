"""Whom tasks are offered to, as conditions on the rows of candidates."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import OuterRef, Q, QuerySet

from processes import ports
from processes.runtime.models import TaskCandidate

NOBODY = Q(pk__in=[])


def named_for(user: Any) -> QuerySet[TaskCandidate]:
    """Rows that offer the outer task to a person by name."""
    return TaskCandidate.objects.filter(user=user, task=OuterRef("pk"), excluded=False)


def own_offers(user: Any) -> QuerySet[TaskCandidate]:
    """Rows that offer the outer task to the person: by name, or by role within a place of theirs."""
    people = ports.people()
    places = ["", *people.scopes_of(user)]
    groups = Group.objects.filter(name__in=people.roles_of(user)).values("pk")
    return TaskCandidate.objects.filter(
        Q(user=user) | Q(group__in=groups, scope_key__in=places), task=OuterRef("pk"), excluded=False
    )
