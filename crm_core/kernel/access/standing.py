"""Where a person stands: roles, reach and places, read once per user object.

A user object lives for one request or one job, so the standing is kept on it. Within the
process a generation counter throws kept standings away as soon as a role, a right, an
employee, a branch or a grant changes; other processes see the change with their next request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

from django.db.models import Q

from crm_core.kernel.models.access import Grant, Level, RolePermission
from crm_core.kernel.models.organisation import Branch, Employee, Team

_counter = count(1)
_generation = 0


def forget_standings(**_signal: Any) -> None:
    """Make every kept standing in this process out of date (also a signal receiver)."""
    global _generation
    _generation = next(_counter)


@dataclass(frozen=True)
class Standing:
    """What access rules need to know of a person. The default is nobody: no right at all."""

    user_id: int | None = None
    active: bool = False
    superuser: bool = False
    groups: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    branch: int | None = None
    branches: tuple[int, ...] = ()
    teams: tuple[int, ...] = ()
    levels: Mapping[tuple[str, str], Mapping[str, Level]] = field(default_factory=dict)

    def level(self, record: str, action: str) -> Level:
        """The furthest reach that any of the person's roles gives."""
        given = self.levels.get((record, action), {})
        return max(given.values(), key=lambda level: level.rank, default=Level.NONE)

    @cached_property
    def mates(self) -> tuple[int, ...]:
        """The people of the own and led teams, read when a rule first asks for them."""
        if not self.teams:
            return ()
        rows = Employee.objects.filter(team__in=self.teams).values_list("user", flat=True)
        return tuple(sorted(rows))

    @cached_property
    def granted(self) -> frozenset[tuple[int, str]]:
        """(content type, action) of which there is any grant to the person or a group: the others need no look."""
        if self.user_id is None:
            return frozenset()
        mine = Grant.objects.filter(Q(user=self.user_id) | Q(group__in=self.groups))
        return frozenset(mine.values_list("content_type", "action").distinct())

    def roles_giving(self, record: str, action: str, level: Level) -> list[str]:
        """The roles behind a level."""
        given = self.levels.get((record, action), {})
        return sorted(role for role, reach in given.items() if reach == level)


def with_sub_branches(roots: set[int]) -> tuple[int, ...]:
    """The ids of these branches and all below them."""
    if not roots:
        return ()
    children: dict[int | None, list[int]] = {}
    for pk, parent in Branch.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children.get(pk, ()))
    return tuple(sorted(found))


def standing_of(user: Any) -> Standing:
    """The standing of a user; nobody's for None, anonymous and inactive users."""
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return Standing()
    # A request's user is a lazy wrapper with a __dict__ of its own; attributes go through to the user.
    kept = getattr(user, "_redraw_standing", None)
    if kept is not None and kept[0] == _generation and kept[1].superuser == user.is_superuser:
        return kept[1]
    standing = _read(user)
    user._redraw_standing = (_generation, standing)
    return standing


def _read(user: Any) -> Standing:
    groups = tuple(user.groups.order_by("name").values_list("pk", "name"))
    levels: dict[tuple[str, str], dict[str, Level]] = {}
    cells = RolePermission.objects.filter(role__group__in=[pk for pk, _name in groups])
    for role, record, action, level in cells.values_list("role__key", "record", "action", "level"):
        levels.setdefault((record, action), {})[role] = Level(level)
    place = Employee.objects.filter(user=user).values_list("branch_id", "team_id").first() or (None, None)
    teams = set(Team.objects.filter(lead=user).values_list("pk", flat=True))
    if place[1]:
        teams.add(place[1])
    return Standing(
        user_id=user.pk,
        active=True,
        superuser=user.is_superuser,
        groups=tuple(pk for pk, _name in groups),
        roles=tuple(name for _pk, name in groups),
        branch=place[0],
        branches=with_sub_branches({place[0]} if place[0] else set()),
        teams=tuple(sorted(teams)),
        levels=levels,
    )
