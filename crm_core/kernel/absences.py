"""Reads of who is away and who stands in: the one place where lists, rules of assignment and rights learn it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm_core.kernel.models import Absence, AbsenceCover, Employee, Team, User
from processes import ports


def whole_days(zone: tzinfo, first: date, last: date) -> tuple[datetime, datetime]:
    """The moments between which somebody in a zone is away from a first day to a last one, both included."""
    return (
        datetime.combine(first, time(), tzinfo=zone),
        datetime.combine(last + timedelta(days=1), time(), tzinfo=zone),
    )


def on_leave(at: datetime) -> QuerySet[Absence]:
    """The absences that cover a moment."""
    return Absence.objects.filter(starts_at__lte=at, ends_at__gt=at)


def standing_in_for(user: Any, at: datetime) -> list[ports.StandIn]:
    """The people away at a moment for whom this person was named, with the processes that this is about. Two queries."""
    found = []
    for absence in _naming(user).filter(starts_at__lte=at, ends_at__gt=at):
        covers = {cover.process_key: cover.substitute_id for cover in absence.covers.all()}
        mine = tuple(sorted(key for key, pk in covers.items() if pk == user.pk))
        others = tuple(sorted(key for key, pk in covers.items() if pk != user.pk))
        person = absence.employee.user
        if absence.substitute_id == user.pk:
            found.append(ports.StandIn(person, absence.ends_at, without=others))
        else:
            found.append(ports.StandIn(person, absence.ends_at, only=mine))
    return found


def named_in(user: Any, at: datetime) -> QuerySet[Absence]:
    """The absences, now and to come, in which the person was named as a substitute, the next first."""
    return _naming(user).filter(ends_at__gt=at).order_by("starts_at", "pk")


def _naming(user: Any) -> QuerySet[Absence]:
    in_a_process = AbsenceCover.objects.filter(absence=OuterRef("pk"), substitute=user)
    rows = Absence.objects.filter(Q(substitute=user) | Q(Exists(in_a_process)))
    return rows.select_related("employee__user", "substitute").prefetch_related("covers__substitute").order_by("pk")


def absences_of(user: Any) -> QuerySet[Absence]:
    """A person's own absences, the newest first."""
    rows = Absence.objects.filter(employee__user=user).select_related("employee__user", "substitute")
    return rows.prefetch_related("covers__substitute").order_by("-starts_at", "-pk")


def absences_of_led(user: Any, at: datetime) -> QuerySet[Absence]:
    """The absences, now and to come, of the people whom the person leads, the next first."""
    rows = Absence.objects.filter(employee__user__in=led_by(user), ends_at__gt=at)
    return rows.select_related("employee__user", "substitute").prefetch_related("covers__substitute").order_by("starts_at", "pk")


def led_by(user: Any) -> QuerySet[User]:
    """The active people whom the person leads: as their manager, or as the lead of their team where they have none."""
    led = Q(employee__manager=user) | Q(employee__manager=None, employee__team__lead=user)
    return User.objects.filter(led, is_active=True).exclude(pk=user.pk).order_by("pk").distinct()


def mates_of(user: Any) -> QuerySet[User]:
    """The other active people of a person's team, its lead included; nobody for who is in no team."""
    team = Employee.objects.filter(user=user, team__isnull=False).values("team")
    of_it = Q(employee__team__in=team) | Q(pk__in=Team.objects.filter(pk__in=team).values("lead"))
    return User.objects.filter(of_it, is_active=True).exclude(pk=user.pk).order_by("pk").distinct()


def could_stand_in(user: Any) -> QuerySet[User]:
    """Whom somebody may name: active people who work here, with their employee rows."""
    return User.objects.filter(is_active=True, employee__isnull=False).exclude(pk=user.pk).select_related("employee").order_by("pk")
