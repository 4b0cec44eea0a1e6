"""Seeds roles and their levels from a file; the table in the database is what rules.

    [sales_representative]
    label = { en = "Sales representative", zh-hans = "销售代表" }
    description = { en = "...", zh-hans = "..." }

    [sales_representative.records]
    account = { view = "branch", add = "own", change = "own" }

Loading twice changes nothing. What an administrator changed in the table is kept, and named
in the report, unless `reset` is asked for.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from crm_core.kernel.access.policies import policy_of_key
from crm_core.kernel.access.standing import forget_standings
from crm_core.kernel.models.access import Level, Role, RolePermission
from processes.errors import ProcessError


class BadRoles(ProcessError):
    """The file of roles cannot be used; nothing was loaded."""

    code = "bad_roles"


@dataclass
class RolesReport:
    """What loading did; `kept` names cells where the table and the file differ."""

    roles: int = 0
    added: int = 0
    changed: int = 0
    kept: list[str] = field(default_factory=list)
    without_policy: list[str] = field(default_factory=list)


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The roles of a file, checked; raises BadRoles with what is wrong where."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRoles(f"{path.name} cannot be read as TOML: {error}.") from error
    if not data:
        raise BadRoles(f"{path.name} has no role in it: begin with a [<key>] table.")
    for key, role in data.items():
        if not isinstance(role, dict) or not role.get("label"):
            raise BadRoles(f"The role “{key}” needs a label.")
        for record, cells in role.get("records", {}).items():
            if not isinstance(cells, dict):
                raise BadRoles(f"{key}.records.{record} must be a table of action = level.")
            for action, level in cells.items():
                if level not in Level.values:
                    allowed = ", ".join(Level.values)
                    raise BadRoles(
                        f"{key}.records.{record}.{action} is “{level}”; it must be one of {allowed}."
                    )
    return data


@transaction.atomic
def load(path: Path, *, reset: bool = False) -> RolesReport:
    """Create the roles of a file with their groups and levels; see the module's docstring."""
    report = RolesReport()
    records: set[str] = set()
    for key, data in read(path).items():
        role = _role(key, data)
        report.roles += 1
        there = {(cell.record, cell.action): cell for cell in role.permissions.all()}
        wanted = {
            (record, action): level
            for record, cells in data.get("records", {}).items()
            for action, level in cells.items()
        }
        records.update(record for record, _action in wanted)
        new = [
            RolePermission(role=role, record=record, action=action, level=level)
            for (record, action), level in wanted.items()
            if (record, action) not in there
        ]
        RolePermission.objects.bulk_create(new)
        report.added += len(new)
        for cell_key, cell in there.items():
            level = wanted.get(cell_key, Level.NONE)
            if cell.level == level:
                continue
            if not reset:
                report.kept.append(f"{key}.{cell.record}.{cell.action}")
                continue
            report.changed += 1
            if cell_key in wanted:
                cell.level = level
                cell.save(update_fields=["level"])
            else:
                cell.delete()
    forget_standings()
    report.without_policy = sorted(record for record in records if policy_of_key(record) is None)
    return report


def _role(key: str, data: dict[str, Any]) -> Role:
    group, _new = Group.objects.get_or_create(name=key)
    labels, descriptions = data["label"], data.get("description", {})
    role, new = Role.objects.get_or_create(
        key=key, defaults={"group": group, "labels": labels, "descriptions": descriptions}
    )
    if not new and (role.labels, role.descriptions) != (labels, descriptions):
        role.labels, role.descriptions = labels, descriptions
        role.save(update_fields=["labels", "descriptions"])
    return role
