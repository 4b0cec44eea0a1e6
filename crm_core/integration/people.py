"""People of a company as an import: sales staff with manager and office, as files of other systems list them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from crm_core.integration.definitions import Column, Definition, Values, by_columns, register
from crm_core.kernel.models import Branch, Employee, Team, User

ROLE, LEADING = "sales_representative", "sales_manager"


def username_of(name: str) -> str:
    """A name to sign in with: “Moses Frase” becomes moses.frase."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join(re.findall(r"[a-z0-9]+", plain))[:140] or "person"


def people_by_name() -> dict[str, User]:
    """Active people by their shown names and sign-in names, without regard to case; the employee comes along."""
    found: dict[str, User] = {}
    for user in User.objects.filter(is_active=True).select_related("employee"):
        for name in (user.display_name, user.display_name_zh, user.username):
            if name:
                found[name.casefold()] = user
    return found


def _branch(name: str) -> Branch:
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "office"
    return Branch.objects.get_or_create(key=key, defaults={"name": name})[0]


def _person(name: str, role: str, branch: Branch) -> User:
    user, new = User.objects.get_or_create(
        username=username_of(name), defaults={"display_name": name, "is_staff": True, "language": "en"}
    )
    if new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    user.groups.add(Group.objects.get(name=role))
    Employee.objects.get_or_create(user=user, defaults={"branch": branch, "languages": ["en"], "skills": [], "capacity": 400})
    return user


def _known(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    people = people_by_name()
    names = [str(row["name"]).casefold() for row in rows]
    return {(name,): people[name] for name in names if name in people}


def _create(rows: Sequence[Values], by: Any) -> list[User]:
    made = []
    for row in rows:
        branch = _branch(row.get("office") or "Head office")
        user = _person(row["name"], ROLE, branch)
        if row.get("manager"):
            lead = _person(row["manager"], LEADING, branch)
            team, _new = Team.objects.get_or_create(
                key=f"team-{lead.username}"[:60], defaults={"name": f"Team {lead.display_name}", "branch": branch, "lead": lead}
            )
            Employee.objects.filter(user__in=[user, lead]).update(team=team)
            Employee.objects.filter(user=user).update(manager=lead)
        made.append(user)
    return made


def _change(user: User, values: Values, by: Any) -> None:
    user.display_name = values["name"]
    user.save(update_fields=["display_name"])


PEOPLE = register(
    Definition(
        key="people", label=_("people"), model=User, identity=by_columns("name"),
        columns=(
            Column("name", _("name"), required=True, synonyms=("sales_agent", "agent", "employee", "姓名", "销售"), longest=150),
            Column("manager", _("manager"), synonyms=("经理", "上级"), longest=150),
            Column("office", _("office"), synonyms=("regional_office", "branch", "region", "分支机构", "办事处"), longest=100),
        ),
        known=_known, create=_create, change=_change, parts=(Employee,), fixed=("manager", "office"),
        known_by=_("A person is known by name or sign-in name; manager and office of a known one stay as they are."),
        current=lambda user, name: user.display_name if name == "name" else None,
    )
)  # fmt: skip
