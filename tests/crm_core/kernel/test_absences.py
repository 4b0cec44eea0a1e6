"""Absences: who may stand in, what is refused and said, and that a substitute's rights last exactly as long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.kernel.absence_services import (
    change_absence,
    concerns,
    end_absence,
    enter_absence,
    withdraw_absence,
)
from crm_core.kernel.absences import absences_of_led, whole_days
from crm_core.kernel.access.policies import Denied, policy_for
from crm_core.kernel.models import Absence, Employee, Notice, Team, User
from crm_core.kernel.people import PeoplePort
from processes import ports
from processes.errors import Invalid
from tests.crm_core.support import branch, on_leave, person, role, team

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    clock = ports.FixedClock(MONDAY)
    with ports.using(clock=clock):
        yield clock


def week(user: User, **values: Any) -> Absence:
    """Away from the Tuesday to the Friday of that week."""
    starts_at, ends_at = whole_days(ZoneInfo("Asia/Shanghai"), date(2026, 11, 24), date(2026, 11, 27))
    return enter_absence(employee=user.employee, **{"starts_at": starts_at, "ends_at": ends_at, **values})


def fresh(user: User) -> User:
    """The person as the next request sees them."""
    return User.objects.get(pk=user.pk)


def stands_in_for(user: User) -> list[User]:
    return [one.person for one in PeoplePort().standing_in_for(fresh(user), ports.now())]


def test_a_substitute_stands_in_from_the_first_moment_until_the_last(clock):
    away, there = person(), person()
    absence = week(away, substitute=there)

    assert stands_in_for(there) == [], "not before it begins"
    clock.move(absence.starts_at)
    assert stands_in_for(there) == [away]
    clock.move(absence.ends_at - timedelta(microseconds=1))
    assert stands_in_for(there) == [away]
    clock.move(absence.ends_at)
    assert stands_in_for(there) == [], "not a moment longer"


def test_another_may_stand_in_for_single_processes(clock):
    from processes.catalog.models import ProcessDefinition

    ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"})
    away, there, for_deals = person(), person(), person()
    absence = week(away, substitute=there, covers={"deal": for_deals})
    clock.move(absence.starts_at)

    (one,) = PeoplePort().standing_in_for(fresh(there), clock.now())
    (other,) = PeoplePort().standing_in_for(fresh(for_deals), clock.now())
    assert (one.only, one.without) == ((), ("deal",))
    assert (other.only, other.without) == (("deal",), ())
    with pytest.raises(Invalid, match="no process “none”"):
        change_absence(absence, covers={"none": there})


def test_who_is_away_or_has_handed_on_is_refused_by_name_and_time():
    first, second, third = person(display_name="Ann"), person(display_name="Bea"), person(display_name="Cy")
    week(second, substitute=third)

    with pytest.raises(Invalid, match=r"Bea is away from .*24.* to .*27.* and has handed on to Cy\."):
        week(first, substitute=second)
    on_leave(third, date(2026, 12, 1))
    with pytest.raises(Invalid, match=r"Cy is away on .*Dec.* 1"):
        enter_absence(employee=first.employee, starts_at=MONDAY, ends_at=MONDAY + timedelta(days=9), substitute=third)
    assert Absence.objects.filter(employee=first.employee).count() == 0


def test_there_is_no_circle_and_nobody_stands_in_for_themselves():
    first, second, gone = person(), person(), person(is_active=False)
    week(first, substitute=second)

    for wrong in (second, gone):
        with pytest.raises(Invalid):
            week(second, substitute=first if wrong is second else gone)
    with pytest.raises(Invalid, match="Nobody stands in for themselves"):
        week(second, substitute=second)


def test_who_falls_ill_while_standing_in_may_say_so_and_hears_whose_substitute_is_missing(clock):
    first, second = person(display_name="Ann"), person(display_name="Bea")
    week(first, substitute=second)
    clock.move(datetime(2026, 11, 25, 2, tzinfo=UTC))

    absence = enter_absence(employee=second.employee, starts_at=clock.now(), ends_at=clock.now() + timedelta(days=1), by=second)

    assert any(sentence.startswith("Bea was to stand in for Ann from") for sentence in concerns(absence))
    assert stands_in_for(second) == [], "nobody acts for somebody while they are away themselves"


@pytest.mark.parametrize(("starts", "ends"), [(1, 0), (-48, -1)])
def test_a_time_that_makes_no_sense_is_refused(starts, ends):
    away = person()
    with pytest.raises(Invalid):
        enter_absence(employee=away.employee, starts_at=MONDAY + timedelta(hours=starts), ends_at=MONDAY + timedelta(hours=ends))


def test_one_is_not_away_twice_at_a_time_and_may_come_back_early(clock):
    away, there = person(), person()
    absence = week(away, substitute=there)
    with pytest.raises(Invalid, match=r"is entered as away from .* already"):
        week(away)
    clock.move(datetime(2026, 11, 25, 2, tzinfo=UTC))
    assert stands_in_for(there) == [away]

    end_absence(absence, by=away)

    assert stands_in_for(there) == []
    with pytest.raises(Invalid, match="is not going on now"):
        end_absence(absence, by=away)
    with pytest.raises(Invalid, match="has begun already"):
        withdraw_absence(absence, by=away)


def test_what_has_not_begun_is_withdrawn():
    away = person()
    withdraw_absence(week(away), by=away)
    assert not Absence.objects.exists()


def test_roles_that_the_substitute_lacks_are_named():
    away, there = person(role("seller"), role("agent")), person(role("agent"), display_name="Bea")
    assert concerns(week(away, substitute=there)) == [
        "Bea does not have these roles: seller. Work of theirs waits until somebody hands it over."
    ]
    assert "Nobody stands in" in concerns(week(person()))[0]


def test_the_reason_is_for_the_person_and_whoever_leads_them():
    house = branch("home")
    lead, mate = person(at=house), person(role("seller", absence={"view": "none"}), of=team("one", house))
    away = person(of=team("one", house))
    Team.objects.update(lead=lead)
    absence = week(away, substitute=mate, note="An operation", by=away)
    policy = policy_for(Absence)

    assert policy.may(fresh(away), "change", absence)
    assert policy.may(fresh(lead), "change", absence)
    assert not policy.may(fresh(mate), "view", absence)
    assert list(absences_of_led(lead, MONDAY)) == [absence]
    for stranger in (mate, person()):
        with pytest.raises(Denied):
            week(person(of=team("one", house)), by=fresh(stranger))


def test_a_manager_of_ones_own_comes_before_the_lead_of_the_team():
    house = branch("home")
    lead, boss, away = person(at=house), person(at=house), person(of=team("one", house))
    Team.objects.update(lead=lead)
    Employee.objects.filter(user=away).update(manager=boss)
    assert PeoplePort().manager_of(away) == boss
    week(away)
    assert len(absences_of_led(boss, MONDAY)) == 1
    assert len(absences_of_led(lead, MONDAY)) == 0


def test_who_is_named_is_told_once():
    away, there, later = person(display_name="Ann"), person(), person()
    absence = week(away, substitute=there)
    change_absence(absence, note="Sea", by=away)
    assert [notice.user for notice in Notice.objects.all()] == [there]
    assert Notice.objects.get().text.startswith("You stand in for Ann from ")
    change_absence(absence, substitute=later, by=away)
    assert set(Notice.objects.values_list("user", flat=True)) == {there.pk, later.pk}
