"""What is known of the people in question at a moment, looked up in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_core.kernel.models import Branch, Team
from crm_core.sales.models import AssignmentPool, AssignmentTurn
from crm_core.sales.services.assignment.eligibility import Person
from crm_core.sales.services.assignment.open_work import loads
from crm_core.sales.services.assignment.skills import missing
from processes import ports

DEFAULT_CAPACITY = 20
"""Of people without an employee row."""


def scope_key(scope: str | None) -> str:
    """The scope as people are asked by it: `branch:<code>` becomes `branch:<id>`; empty, for the whole company, where it
    has no such branch (the shipped tables name branches, and a company of its own files has others).
    """
    if not scope:
        return ""
    kind, _sep, value = str(scope).partition(":")
    if kind == "branch" and value and not value.isdecimal():
        pk = Branch.objects.filter(key=value).values_list("pk", flat=True).first()
        return f"branch:{pk}" if pk is not None else ""
    return str(scope)


def place_name(scope: str) -> str:
    """A place by its code, so that a draw hangs on what the office is called and not on the key of its row."""
    kind, _sep, pk = scope.partition(":")
    places: dict[str, type[Branch] | type[Team]] = {"branch": Branch, "team": Team}
    found = places[kind].objects.filter(pk=pk).values_list("key", flat=True).first() if kind in places else None
    return f"{kind}:{found}" if found is not None else scope


def in_question(rule: Mapping[str, Any], own: Any | None) -> dict[int, Any]:
    """The members of the rule's role in its place by id, and the customer's own person, who counts even from another
    branch, as long as the role fits."""
    members = {user.pk: user for user in ports.people().members(rule["role"], rule["scope"])}
    if own is not None and own.pk not in members and rule["role"] in ports.people().roles_of(own):
        members[own.pk] = own
    return members


def known_of(
    users: Mapping[int, Any], *, rule: Mapping[str, Any], own: Any | None, members: set[int], subject_type: str,
    pool: AssignmentPool | None, at: datetime,
) -> list[Person]:  # fmt: skip
    """What counts of each of `users` for a rule at a moment: presence, load, turn in the pool, skills."""
    ids = list(users)
    away = ports.people().away(users.values(), at)
    load = loads[subject_type](ids) if subject_type in loads else {}
    turns = {turn.user_id: turn for turn in AssignmentTurn.objects.filter(pool=pool, user__in=ids)} if pool else {}
    found: list[Person] = []
    for pk, user in users.items():
        employee, turn, gone = getattr(user, "employee", None), turns.get(pk), away.get(pk)
        lacking, short = missing(rule["skills"], employee.skills if employee else ())
        found.append(Person(
            user=pk, load=load.get(pk, 0), capacity=DEFAULT_CAPACITY if employee is None else employee.capacity,
            last_turn=turn.last_turn if turn else 0, count=turn.count if turn else 0, passed=turn.passed if turn else 0,
            own=own is not None and own.pk == pk, member=pk in members,
            speaks=not rule["language"] or rule["language"] in (employee.languages if employee else ()),
            missing=lacking, short=short, absent=gone is not None and gone.reason == "absent",
            on_shift=gone is None or gone.reason != "off_shift", back=gone.back if gone is not None else None,
        ))  # fmt: skip
    return found
