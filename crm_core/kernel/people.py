"""The engine's questions about people and working time, answered from the organisation's rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from crm_core.kernel.absences import mates_of, on_leave
from crm_core.kernel.access.standing import standing_of
from crm_core.kernel.models import Branch, Employee, Team, User, WorkingCalendar
from crm_core.kernel.models.access import Level
from processes import ports
from processes.calendars import ALWAYS, NoWorkingTime, WorkCalendar, from_mapping
from processes.prepared import Prepared


def zone_of(user: Any) -> tzinfo:
    """The time zone a person reads times in: the own, else the project's."""
    return ZoneInfo(getattr(user, "zone", "") or settings.TIME_ZONE)


def _leave_of(users: Iterable[Any], at: datetime) -> dict[int, datetime]:
    """Who of `users` is on leave at a moment, by id, and the end of it."""
    rows = on_leave(at).filter(employee__user__in=users).order_by("ends_at").values_list("employee__user_id", "ends_at")
    return dict(rows)


def _on_shift(calendar: WorkCalendar, at: datetime) -> bool:
    try:
        return calendar.on_shift(at)
    except NoWorkingTime:
        return False


def _next_shift(calendar: WorkCalendar, after: datetime) -> datetime | None:
    """When work begins again; None by a calendar without any working time to come."""
    try:
        return calendar.next_open(after)
    except NoWorkingTime:
        return None


def _holding(role: str) -> QuerySet[User]:
    return User.objects.filter(is_active=True, groups__name=role).select_related("employee").order_by("pk").distinct()


_with_role: Prepared[User] = Prepared(_holding, str)
_of_team: Prepared[User] = Prepared(
    lambda role, team: _holding(role).filter(
        Q(employee__team_id=team) | Q(pk__in=Team.objects.filter(pk=team).values("lead"))
    ),
    str, int,
)  # fmt: skip
_tree: Prepared[tuple[int, int | None]] = Prepared(lambda: Branch.objects.order_by("pk").values_list("pk", "parent_id"))


@cache
def _of_branches(number: int) -> Prepared[User]:
    return Prepared(
        lambda role, *branches: _holding(role).filter(employee__branch_id__in=branches), str, *[int] * number
    )


def upward(branch_id: int | None) -> list[int]:
    """A branch and all it is part of."""
    parents = dict(_tree.all())
    found: list[int] = []
    while branch_id is not None and branch_id not in found:
        found.append(branch_id)
        branch_id = parents.get(branch_id)
    return found


class PeoplePort:
    """Who works here, in which roles and places."""

    def roles_of(self, user: Any) -> list[str]:
        """Keys of the person's roles; none for an inactive one."""
        return list(standing_of(user).roles)

    def sees(self, user: Any, record: str) -> bool:
        """Whether the person's roles let them see records of a kind at all."""
        standing = standing_of(user)
        return standing.active and (standing.superuser or standing.level(record, "view") != Level.NONE)

    def groups_of(self, user: Any) -> list[int]:
        """Ids of the person's groups."""
        return list(standing_of(user).groups)

    def scopes_of(self, user: Any) -> list[str]:
        """`branch:<id>` for the own branch and those below, `team:<id>` for own and led teams."""
        standing = standing_of(user)
        return [f"branch:{pk}" for pk in standing.branches] + [f"team:{pk}" for pk in standing.teams]

    def members(self, role: str, scope: str = "") -> list[Any]:
        """Active users with a role whose scopes contain `scope`, by id."""
        kind, _colon, key = scope.partition(":")
        if kind == "team":
            return _of_team.all(role, int(key))
        if kind == "branch":
            branches = upward(int(key))
            return _of_branches(len(branches)).all(role, *branches)
        return [] if scope else _with_role.all(role)

    def manager_of(self, user: Any) -> Any | None:
        """The manager, else the lead of the team (unless that is the person)."""
        employee = Employee.objects.filter(user=user).select_related("manager", "team__lead").first()
        if employee is None:
            return None
        lead = employee.team.lead if employee.team else None
        return employee.manager or (lead if lead != user else None)

    def managers_of(self, users: Iterable[Any]) -> list[Any]:
        """The managers of several people, found as in `manager_of`, each once, by id; one query."""
        found: dict[int, User] = {}
        for employee in Employee.objects.filter(user__in=users).select_related("manager", "team__lead"):
            lead = employee.team.lead if employee.team else None
            manager = employee.manager or (lead if lead is not None and lead.pk != employee.user_id else None)
            if manager is not None and manager.is_active:
                found[manager.pk] = manager
        return [found[pk] for pk in sorted(found)]

    def is_available(self, user: Any, at: datetime) -> bool:
        """Neither closed nor on leave at that moment."""
        return bool(user.is_active) and not on_leave(at).filter(employee__user=user).exists()

    def available(self, users: Iterable[Any], at: datetime) -> list[Any]:
        """Those of `users` who are available, in one query, in the given order."""
        listed = list(users)
        away = set(on_leave(at).filter(employee__user__in=listed).values_list("employee__user_id", flat=True))
        return [user for user in listed if user.is_active and user.pk not in away]

    def away(self, users: Iterable[Any], at: datetime) -> dict[int, ports.Away]:
        """Those of `users`, by id, who are closed, on leave or off shift at a moment, and when they are back.

        Absent people are back when the first shift after their leave begins. A break within the working day is no end of
        the shift. Three queries, however many people are asked about.
        """
        listed = list(users)
        leave = _leave_of(listed, at)
        calendars = CalendarsPort().for_users(listed)
        found: dict[int, ports.Away] = {}
        for user in listed:
            calendar = calendars[user.pk]
            if not user.is_active:
                found[user.pk] = ports.Away("absent")
            elif user.pk in leave:
                found[user.pk] = ports.Away("absent", _next_shift(calendar, leave[user.pk]))
            elif not _on_shift(calendar, at):
                found[user.pk] = ports.Away("off_shift", _next_shift(calendar, at))
        return found

    def standing_in_for(self, user: Any, at: datetime) -> list[ports.StandIn]:
        """The people on leave for whom this person stands in; nobody while they are away themselves. No query for who
        stands in for nobody; chains are not followed."""
        return [one for one in standing_of(user).stand_ins if one.until > at]

    def mates_of(self, user: Any) -> list[Any]:
        """The other active people of the person's team, its lead included."""
        return list(mates_of(user))

    def load_of(self, users: Sequence[Any]) -> dict[int, int]:
        """Capacity per user id; the open work is the engine's own knowledge."""
        rows = Employee.objects.filter(user__in=users).values_list("user_id", "capacity")
        return dict(rows)

    def display(self, user: Any) -> str:
        """The name in the reader's script."""
        return "" if user is None else user.shown_name()

    def language_of(self, user: Any) -> str:
        """The language a person reads."""
        return getattr(user, "language", "") or settings.LANGUAGE_CODE


class CalendarsPort:
    """Whose working time counts: the subject's calendar, its branch's, else the default one."""

    def for_subject(self, subject: ports.Subject | None, record: Any = None) -> WorkCalendar:
        """The calendar that limits on this subject use."""
        return self._calendar(self._row_for(subject, record))

    def for_work(
        self, subject: ports.Subject | None, record: Any = None, *, user_id: int | None = None, place: str = ""
    ) -> WorkCalendar:
        """The calendar of who has a piece of work, else of the team it is offered to, else the subject's, else the
        default one."""
        row = _of_person.first(user_id) if user_id is not None else None
        kind, _colon, key = place.partition(":")
        if row is None and kind == "team" and key.isdecimal():
            row = _of_its_team.first(int(key))
        return self._calendar(row or self._row_for(subject, record))

    def for_user(self, user: Any) -> WorkCalendar:
        """The calendar a person works by: own, team's, branch's, else the default."""
        return self._calendar(_of_person.first(user.pk))

    def for_users(self, users: Iterable[Any]) -> dict[int, WorkCalendar]:
        """The calendar of each of several people by their ids, found as in `for_user`, in two queries."""
        ids = [user.pk for user in users]
        found: dict[int, WorkCalendar] = {}
        by_row: dict[int | None, WorkCalendar] = {}
        named = dict(
            Employee.objects.filter(user__in=ids)
            .annotate(row=Coalesce("calendar", "team__calendar", "branch__calendar"))
            .values_list("user_id", "row")
        )
        rows = WorkingCalendar.objects.in_bulk({row for row in named.values() if row is not None})
        for pk in ids:
            row = named.get(pk)
            if row not in by_row:
                by_row[row] = self._calendar(rows[row] if row is not None else None)
            found[pk] = by_row[row]
        return found

    def default(self) -> WorkCalendar:
        """The default calendar."""
        return self._calendar(None)

    def zone_for(self, subject: ports.Subject | None, record: Any = None) -> tzinfo:
        """The zone in which dates of this subject are read."""
        row = self._row_for(subject, record)
        return self._calendar(row).zone if row is not None else ZoneInfo(settings.TIME_ZONE)

    def _row_for(self, subject: ports.Subject | None, record: Any) -> WorkingCalendar | None:
        kind = ports.subjects().get(subject.type) if subject else None
        if record is None and kind is not None and subject is not None:
            record = kind.load(subject.id)
        if record is None or kind is None:
            return None
        if key := kind.calendar(record):
            return _by_key.first(key)
        branch = getattr(record, "branch", None)
        return branch.calendar if branch is not None else None

    def _calendar(self, row: WorkingCalendar | None) -> WorkCalendar:
        row = row or _default.first()
        if row is None:
            return ALWAYS
        return calendar_of(row)


_by_key: Prepared[WorkingCalendar] = Prepared(lambda key: WorkingCalendar.objects.filter(key=key), str)
_default: Prepared[WorkingCalendar] = Prepared(lambda: WorkingCalendar.objects.filter(is_default=True))
_of_person: Prepared[WorkingCalendar] = Prepared(
    lambda pk: WorkingCalendar.objects.filter(
        pk__in=Employee.objects.filter(user=pk).annotate(row=Coalesce("calendar", "team__calendar", "branch__calendar")).values("row")
    ),
    int,
)  # fmt: skip
"""The calendar of a person: the own, else the team's, else the branch's."""
_of_its_team: Prepared[WorkingCalendar] = Prepared(
    lambda pk: WorkingCalendar.objects.filter(
        pk__in=Team.objects.filter(pk=pk).annotate(row=Coalesce("calendar", "branch__calendar")).values("row")
    ),
    int,
)  # fmt: skip
_parsed: dict[str, tuple[dict, WorkCalendar]] = {}


def calendar_of(row: WorkingCalendar) -> WorkCalendar:
    """The calendar that a row describes; parsed once per process and definition."""
    kept = _parsed.get(row.key)
    if kept is None or kept[0] != row.definition:
        names = {"en": row.name, "zh-hans": row.name_zh}
        kept = (row.definition, from_mapping({"key": row.key, "names": names, **row.definition}))
        _parsed[row.key] = kept
    return kept[1]


def choose_language(*, user: User, language: str) -> None:
    """Keep the language that a person reads, for pages and for mails to them; it is one of the product's."""
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"“{language}” is no language of the product.")
    user.language = language
    user.save(update_fields=["language"])
