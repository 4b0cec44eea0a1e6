"""Four people and an auditor around one row of any model: made from the policy, so that a new model is met at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_core.kernel.access.policies import Policy, policy_for
from crm_core.kernel.models import Branch, User
from tests.crm_core.support import branch, person, role, team
from tests.support.rows import make

LEVELS = {"view": "branch", "add": "own", "change": "own", "delete": "own", "export": "own"}
ACTORS = ("owner", "colleague", "other_branch", "no_role", "auditor")


@dataclass
class Around:
    """The row, and who stands around it."""

    row: Any
    owner: User
    colleague: User
    other_branch: User
    no_role: User
    auditor: User

    def __getitem__(self, who: str) -> User:
        # A fresh user, as every request has one.
        return User.objects.get(pk=getattr(self, who).pk)


def around(policy: Policy) -> Around:
    """The owner's row; all but `no_role` work in a role with rights on such records and what they are part of."""
    kinds = {policy.key, *(parent.key for parent in wholes(policy))}
    worker = role("worker", **dict.fromkeys(kinds, LEVELS))
    reader = role("auditor", **{key: {"view": "all"} for key in kinds})
    home, away = branch("home"), branch("away")
    owner = person(worker, of=team("one", home))
    return Around(
        row=row_of(policy, owner, home), owner=owner, colleague=person(worker, of=team("two", home)),
        other_branch=person(worker, of=team("three", away)), no_role=person(at=home), auditor=person(reader, at=away),
    )  # fmt: skip


def wholes(policy: Policy) -> list[Policy]:
    """What a record is part of, and what that is part of."""
    found = []
    for name in policy.via:
        parent = policy_for(policy.model._meta.get_field(name).related_model)
        found += [parent, *wholes(parent)]
    return found


def row_of(policy: Policy, owner: User, place: Branch) -> Any:
    """A row that belongs to `owner` in `place`, through its own columns or through its whole."""
    if policy.model is User:
        return owner
    if policy.model is Branch:
        return place
    columns = {field.name: field for field in policy.model._meta.concrete_fields}
    values: dict[str, Any] = {}
    for name in policy.via:
        values[name] = owner.employee if name == "employee" else row_of(policy_for(columns[name].related_model), owner, place)
    if policy.owner == "employee__user":
        values["employee"] = owner.employee
    if policy.owner in columns:
        values[policy.owner] = owner if columns[policy.owner].is_relation else owner.pk
    if policy.branch in columns:
        values[policy.branch] = place
    if policy.key == "employee":
        return owner.employee
    if policy.key == "contact_point":
        del values["account"]  # a point belongs to a contact or to an account
    if policy.key == "article":
        values["status"] = "published"
    row = make(policy.model, **values)
    row.refresh_from_db()
    return row


def owned(policy: Policy) -> bool:
    """Whether such a record, or its whole, has an owner."""
    return bool(policy.owner) or any(parent.owner for parent in wholes(policy))


def kept(row: Any) -> dict[str, Any]:
    """Everything that stands in the row now; empty when it is gone."""
    return type(row)._base_manager.filter(pk=row.pk).values().first() or {}
