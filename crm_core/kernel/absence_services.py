"""Absences are entered, changed, ended and withdrawn here: with a substitute who is there, and without chains or circles.

A substitute's rights are not written anywhere: they follow from the absence (`processes.inbox.substitution`), so that
they begin and end with it, to the moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext, ngettext, override

from crm_core.kernel.absences import named_in
from crm_core.kernel.access.authority import allow, allow_place
from crm_core.kernel.models import Absence, AbsenceCover, Employee, Role, User
from crm_core.kernel.notices import tell
from crm_core.kernel.people import zone_of
from processes import api, ports
from processes.api import gettext as _
from processes.errors import Invalid


@transaction.atomic
def enter_absence(
    *, employee: Employee, starts_at: datetime, ends_at: datetime, substitute: User | None = None,
    covers: Mapping[str, User] | None = None, note: str = "", by: Any = None,
) -> Absence:  # fmt: skip
    """Write down that a person is away from a moment until another, and who stands in: `substitute`, and in single
    processes whom `covers` names by their keys. The substitutes are told. Raises Invalid, Denied."""
    named = dict(covers or {})
    _lock(employee, substitute, named.values())
    _demand(employee, starts_at, ends_at, substitute, named, besides=None)
    absence = Absence.objects.create(employee=employee, starts_at=starts_at, ends_at=ends_at, substitute=substitute, note=note)
    allow_place(by, absence)
    _cover(absence, named)
    _tell(absence, _named(absence))
    return absence


@transaction.atomic
def change_absence(absence: Absence, *, by: Any = None, covers: Mapping[str, User] | None = None, **values: Any) -> Absence:
    """Write checked values by field; `covers` takes the place of all substitutes in single processes. Who is named
    anew is told. Raises Invalid, Denied."""
    allow(by, "change", absence)
    before = _named(absence)
    for name, value in values.items():
        setattr(absence, name, value)
    kept = {cover.process_key: cover.substitute for cover in absence.covers.select_related("substitute")}
    named = kept if covers is None else dict(covers)
    _lock(absence.employee, absence.substitute, named.values())
    _demand(absence.employee, absence.starts_at, absence.ends_at, absence.substitute, named, besides=absence.pk)
    absence.save(update_fields=list(values) or None)
    allow_place(by, absence)
    if covers is not None:
        _cover(absence, named)
    _tell(absence, _named(absence) - before)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, by: Any = None) -> Absence:
    """The person is back now: substitutes have nothing to do for them from this moment on. Invalid when it is over, or
    has not begun."""
    allow(by, "change", absence)
    now = ports.now()
    if not absence.starts_at < now < absence.ends_at:
        raise Invalid(_("This absence is not going on now. One that has not begun is withdrawn."))
    absence.ends_at = now
    absence.save(update_fields=["ends_at"])
    return absence


@transaction.atomic
def withdraw_absence(absence: Absence, *, by: Any = None) -> None:
    """Take back an absence that has not begun. Invalid when it has: then it is ended."""
    allow(by, "delete", absence)
    if absence.starts_at <= ports.now():
        raise Invalid(_("This absence has begun already. End it instead, so that it stays in the history."))
    absence.delete()


def concerns(absence: Absence) -> list[str]:
    """What whoever enters an absence should know, as sentences: work that nobody can do meanwhile, and whose substitute
    the person is at that time."""
    person = absence.employee.user
    said = []
    covered = list(absence.covers.select_related("substitute"))
    if absence.substitute is None and not covered:
        said.append(gettext("Nobody stands in. What is open waits, or is handed over by the lead."))
    substitutes = {one.pk: one for one in [absence.substitute, *(cover.substitute for cover in covered)] if one is not None}
    for substitute in substitutes.values():
        said += _roles_missing(person, substitute)
    for other in named_in(person, ports.now()):
        if other.starts_at < absence.ends_at and other.ends_at > absence.starts_at:
            said.append(
                gettext("%(person)s was to stand in for %(absent)s %(when)s and cannot meanwhile: somebody else has to be named.")
                % {"person": person, "absent": other.employee.user, "when": span_of(other)}
            )
    return said


def span_of(absence: Absence) -> str:
    """From when until when, in the absent person's own time: days where they are whole, else moments."""
    zone = zone_of(absence.employee.user)
    starts, ends = absence.starts_at.astimezone(zone), absence.ends_at.astimezone(zone)
    whole = not any((starts.hour, starts.minute, ends.hour, ends.minute))
    if whole:
        last = (absence.ends_at.astimezone(zone) - ends.resolution).date()
        words = {"first": formats.date_format(starts.date(), "DATE_FORMAT"), "last": formats.date_format(last, "DATE_FORMAT")}
        if starts.date() == last:
            return gettext("on %(first)s") % words
        return gettext("from %(first)s to %(last)s") % words
    return gettext("from %(first)s to %(last)s") % {"first": _moment(starts), "last": _moment(ends)}


def _moment(local: datetime) -> str:
    return f"{formats.date_format(local.date(), 'DATE_FORMAT')} {local:%H:%M}"


# --- what has to hold ---------------------------------------------------------------------------------------
def _lock(employee: Employee, substitute: User | None, others: Iterable[User]) -> None:
    """Two people who name each other at the same time wait for each other: no circle slips through."""
    people = {employee.user_id, *(one.pk for one in [substitute, *others] if one is not None)}
    list(Employee.objects.select_for_update().filter(user__in=people).order_by("pk").values_list("pk"))


def _demand(
    employee: Employee, starts_at: datetime, ends_at: datetime, substitute: User | None, covers: Mapping[str, User],
    *, besides: int | None,
) -> None:  # fmt: skip
    if ends_at <= starts_at:
        raise _invalid("ends_at", _("The end lies before the beginning. Choose a later end."))
    if ends_at <= ports.now():
        raise _invalid("ends_at", _("That time is over. Choose an end that is to come."))
    other = _away(employee.user_id, starts_at, ends_at).exclude(pk=besides).first()
    if other is not None:
        raise _invalid("starts_at", _("%(person)s is entered as away %(when)s already. Change that entry instead.")
                       % {"person": employee.user, "when": span_of(other)})  # fmt: skip
    if substitute is not None:
        _demand_substitute(substitute, employee, starts_at, ends_at, field="substitute")
    known = {row.key for row in api.definitions(None, figures=False)} if covers else set()
    for key, person in covers.items():
        if key not in known:
            raise _invalid("covers", _("There is no process “%(key)s”.") % {"key": key})
        _demand_substitute(person, employee, starts_at, ends_at, field="covers")


def _demand_substitute(person: User, employee: Employee, starts_at: datetime, ends_at: datetime, *, field: str) -> None:
    if person.pk == employee.user_id:
        raise _invalid(field, _("Nobody stands in for themselves. Choose somebody else."))
    if not person.is_active or not Employee.objects.filter(user=person).exists():
        raise _invalid(field, _("%(person)s does not work here (any more). Choose somebody else.") % {"person": person})
    away = _away(person.pk, starts_at, ends_at).first()
    if away is None:
        return
    words = {"person": person, "when": span_of(away), "other": away.substitute}
    if away.substitute is not None:
        raise _invalid(field, _("%(person)s is away %(when)s and has handed on to %(other)s. Choose somebody who is there "
                                "all the time.") % words)  # fmt: skip
    raise _invalid(field, _("%(person)s is away %(when)s. Choose somebody who is there all the time.") % words)


def _away(user_id: int, starts_at: datetime, ends_at: datetime) -> Any:
    rows = Absence.objects.filter(employee__user=user_id, starts_at__lt=ends_at, ends_at__gt=starts_at)
    return rows.select_related("employee__user", "substitute").order_by("starts_at")


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors={field: sentence})


def _roles_missing(person: User, substitute: User) -> list[str]:
    """What a substitute cannot do for want of a role, with the open tasks that wait for it."""
    missing = set(ports.people().roles_of(person)) - set(ports.people().roles_of(substitute))
    if not missing:
        return []
    names = {role.key: ports.text(role.labels) for role in Role.objects.filter(key__in=missing)}
    waiting = sum(count for role, count in api.open_roles_of(person).items() if role in missing)
    words = {"substitute": substitute, "roles": ", ".join(sorted(names.get(key, key) for key in missing)), "n": waiting}
    sentence = gettext("%(substitute)s does not have these roles: %(roles)s. Work of theirs waits until somebody hands it over.")
    said = [sentence % words]
    if waiting:
        said.append(ngettext("It is %(n)d open task now.", "It is %(n)d open tasks now.", waiting) % words)
    return said


# --- who is named -------------------------------------------------------------------------------------------
def _cover(absence: Absence, covers: Mapping[str, User]) -> None:
    """The substitutes in single processes, and no others."""
    for cover in absence.covers.all():
        if cover.process_key not in covers or covers[cover.process_key].pk != cover.substitute_id:
            cover.delete()
    there = set(absence.covers.values_list("process_key", flat=True))
    for key, person in covers.items():
        if key not in there:
            AbsenceCover.objects.create(absence=absence, process_key=key, substitute=person)


def _named(absence: Absence) -> set[User]:
    people = {cover.substitute for cover in absence.covers.select_related("substitute")}
    return people | ({absence.substitute} if absence.substitute is not None else set())


def _tell(absence: Absence, people: Iterable[User]) -> None:
    for person in people:
        with override(person.language or "en"):
            text = gettext("You stand in for %(absent)s %(when)s.") % {"absent": absence.employee.user, "when": span_of(absence)}
            tell(users=[person], kind="substitute", text=text)
