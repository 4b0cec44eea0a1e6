"""Where a person stands: roles, reach and places, each read when a rule first asks for it and then kept.

A user object lives for one request or one job, so the standing is kept on it. Within the process a generation
counter throws kept standings away as soon as a role, a right, an employee or a branch changes, and what grants
say as soon as a grant does; other processes see the change with their next request.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q

from crm_core.kernel.models.access import Grant, Level, RolePermission
from crm_core.kernel.models.organisation import Branch, Employee, Team
from processes.prepared import Prepared

_counter = count(1)
_generation = 0
_grants = 0

_groups: Prepared[tuple[int, str]] = Prepared(
    lambda pk: Group.objects.filter(user=pk).order_by("name").values_list("pk", "name"), int
)
_cells: Prepared[tuple[str, str, str, str]] = Prepared(
    lambda pk: RolePermission.objects.filter(role__group__user=pk).values_list("role__key", "record", "action", "level"), int
)
_place: Prepared[tuple[int | None, int | None]] = Prepared(
    lambda pk: Employee.objects.filter(user=pk).values_list("branch_id", "team_id"), int
)
_led: Prepared[tuple[int]] = Prepared(lambda pk: Team.objects.filter(lead=pk).values_list("pk"), int)
_tree: Prepared[tuple[int, int | None]] = Prepared(lambda: Branch.objects.order_by("pk").values_list("pk", "parent_id"))


def forget_standings(**_signal: Any) -> None:
    """Make every kept standing in this process out of date (also a signal receiver)."""
    global _generation
    _generation = next(_counter)


def forget_grants(**_signal: Any) -> None:
    """Make what kept standings know of grants out of date (also a signal receiver)."""
    global _grants
    _grants = next(_counter)


class Standing:
    """What access rules need to know of a person. The default is nobody: no right at all."""

    def __init__(self, user: Any = None) -> None:
        self.user_id: int | None = user.pk if user is not None else None
        self.active = user is not None
        self.superuser = bool(user is not None and user.is_superuser)
        self._granted: tuple[int, frozenset[tuple[int, str]]] | None = None

    @cached_property
    def _groups(self) -> list[tuple[int, str]]:
        return _groups.all(self.user_id) if self.active else []

    @cached_property
    def _place(self) -> tuple[int | None, int | None]:
        return (_place.first(self.user_id) if self.active else None) or (None, None)

    @property
    def groups(self) -> tuple[int, ...]:
        """Ids of the groups."""
        return tuple(pk for pk, _name in self._groups)

    @property
    def roles(self) -> tuple[str, ...]:
        """Keys of the roles."""
        return tuple(name for _pk, name in self._groups)

    @property
    def branch(self) -> int | None:
        """The branch the person works in."""
        return self._place[0]

    @cached_property
    def branches(self) -> tuple[int, ...]:
        """The own branch and all below it."""
        return with_sub_branches({self.branch} if self.branch else set())

    @cached_property
    def teams(self) -> tuple[int, ...]:
        """The own team and those led."""
        led = {pk for (pk,) in _led.all(self.user_id)} if self.active else set()
        return tuple(sorted(led | ({self._place[1]} if self._place[1] else set())))

    @cached_property
    def levels(self) -> Mapping[tuple[str, str], Mapping[str, Level]]:
        """(record, action) -> role -> how far it reaches."""
        found: dict[tuple[str, str], dict[str, Level]] = {}
        for role, record, action, level in _cells.all(self.user_id) if self.active else ():
            found.setdefault((record, action), {})[role] = Level(level)
        return found

    def level(self, record: str, action: str) -> Level:
        """The furthest reach that any of the person's roles gives."""
        given = self.levels.get((record, action), {})
        return max(given.values(), key=lambda level: level.rank, default=Level.NONE)

    @cached_property
    def mates(self) -> tuple[int, ...]:
        """The people of the own and led teams."""
        if not self.teams:
            return ()
        rows = Employee.objects.filter(team__in=self.teams).values_list("user", flat=True)
        return tuple(sorted(rows))

    @property
    def granted(self) -> frozenset[tuple[int, str]]:
        """(content type, action) of which there is any grant to the person or a group: the others need no look."""
        if not self.active:
            return frozenset()
        if self._granted is None or self._granted[0] != _grants:
            mine = Grant.objects.filter(Q(user=self.user_id) | Q(group__in=self.groups))
            self._granted = (_grants, frozenset(mine.values_list("content_type", "action").distinct()))
        return self._granted[1]

    def roles_giving(self, record: str, action: str, level: Level) -> list[str]:
        """The roles behind a level."""
        given = self.levels.get((record, action), {})
        return sorted(role for role, reach in given.items() if reach == level)


def with_sub_branches(roots: set[int]) -> tuple[int, ...]:
    """The ids of these branches and all below them."""
    if not roots:
        return ()
    children: dict[int | None, list[int]] = {}
    for pk, parent in _tree.all():
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
    standing = Standing(user)
    user._redraw_standing = (_generation, standing)
    return standing
