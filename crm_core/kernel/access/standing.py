"""Where a person stands: roles, reach and places, each read when a rule first asks for it and then kept.

A user object lives for one request or one job, so the standing is kept on it. Within the process a generation
counter throws kept standings away as soon as a role, a right, an employee or a branch changes, and what grants
say as soon as a grant does; other processes see the change with their next request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from crm_core.kernel.absences import standing_in_for
from crm_core.kernel.models.access import Grant, Level, RolePermission
from crm_core.kernel.models.organisation import Absence, AbsenceCover, Branch, Employee, Team
from processes import api, ports
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


def _placed(user: int, at: datetime) -> QuerySet[Any, Any]:
    """Branch and team of a person, and whether they stand in for somebody who is away at a moment, being there themselves."""
    away = Absence.objects.filter(starts_at__lte=at, ends_at__gt=at)
    in_a_process = AbsenceCover.objects.filter(absence=OuterRef("pk"), substitute=OuterRef(OuterRef("user")))
    for_others = Exists(away.filter(Q(substitute=OuterRef("user")) | Q(Exists(in_a_process))))
    stands_in = ExpressionWrapper(for_others & ~Exists(away.filter(employee=OuterRef("pk"))), BooleanField())
    return Employee.objects.filter(user=user).annotate(stands_in=stands_in).values_list("branch_id", "team_id", "stands_in")


_place: Prepared[tuple[int | None, int | None, bool]] = Prepared(_placed, int, datetime)
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
        self._user = user
        self._granted: tuple[int, frozenset[tuple[int, str]]] | None = None
        self._stood_in: tuple[int, tuple[str, ...]] | None = None

    @cached_property
    def _groups(self) -> list[tuple[int, str]]:
        return _groups.all(self.user_id) if self.active else []

    @cached_property
    def _place(self) -> tuple[int | None, int | None, bool]:
        return (_place.first(self.user_id, ports.now()) if self.active else None) or (None, None, False)

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

    @property
    def stands_in(self) -> bool:
        """Whether somebody is away for whom the person stands in."""
        return self._place[2]

    @cached_property
    def stand_ins(self) -> list[ports.StandIn]:
        """The absent people for whom the person stands in."""
        return standing_in_for(self._user, ports.now()) if self.stands_in else []

    @property
    def stood_in(self) -> tuple[str, ...]:
        """The tasks that the person may do in the stead of absent people, as grants name their source.

        What a step gives to who has it reaches them too, for as long as it is there and the absence lasts.
        """
        if not self.stands_in or self._user is None:
            return ()
        if self._stood_in is None or self._stood_in[0] != _grants:
            self._stood_in = (_grants, tuple(str(pk) for pk in api.stood_in_tasks(self._user)))
        return self._stood_in[1]

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
    def principal(self) -> Q:
        """The grants that reach the person: own ones, those of their groups, and those of steps they do for somebody."""
        reached = Q(user=self.user_id)
        if self.groups:
            reached |= Q(group__in=self.groups)
        if self.stood_in:
            reached |= Q(source_kind="task", source_id__in=self.stood_in)
        return reached

    @property
    def granted(self) -> frozenset[tuple[int, str]]:
        """(content type, action) of which there is any grant to the person or a group: the others need no look."""
        if not self.active:
            return frozenset()
        if self._granted is None or self._granted[0] != _grants:
            mine = Grant.objects.filter(self.principal)
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
