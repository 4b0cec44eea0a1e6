"""Nobody absent, off shift, at the limit of the capacity or ruled out gets work by any method; the rest is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from crm_core.kernel.models import Employee, User, WorkingCalendar
from crm_core.sales.models import AssignmentLedger, Lead
from crm_core.sales.services import choose
from crm_core.sales.services.assignment import METHODS
from crm_core.sales.services.assignment.methods import ASK_AGAIN
from processes import ports
from processes.errors import Invalid
from tests.crm_core.support import branch, on_leave, person, role

pytestmark = pytest.mark.django_db

OFFICE = {"zone": "Asia/Shanghai", "hours": {"monday-friday": ["09:00-12:00", "13:00-18:00"]}}
EVENING = {"zone": "Asia/Shanghai", "hours": {"monday-friday": ["18:00-22:00"]}}
NIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai


def seller(name: str, hours: dict[str, Any] | None = None, **values: Any) -> User:
    made = person(role("seller"), username=name)
    if hours is not None:
        key = f"{name}-hours"
        values["calendar"] = WorkingCalendar.objects.create(key=key, name=key, definition=hours)
    Employee.objects.filter(user=made).update(**values)
    return User.objects.select_related("employee").get(pk=made.pk)


def busy(user: User, leads: int) -> None:
    Lead.objects.bulk_create(
        Lead(number=f"X{user.pk}-{number}", owner=user, status="assigned", email="a@b.example") for number in range(leads)
    )


def given(method: str = "round_robin", **values: Any) -> Any:
    return choose(method=method, role="seller", subject=("lead", values.pop("lead", 1)), **values)


def left_out() -> dict[int, str]:
    row = AssignmentLedger.objects.order_by("-pk")[:1].get()
    return {one["user"]: one["reason"] for one in row.skipped}


@pytest.mark.parametrize("method", METHODS)
def test_who_is_full_gets_nothing_by_any_method(method: str, clock: ports.FixedClock) -> None:
    full, free = seller("full", capacity=3), seller("free", capacity=3)
    busy(full, 3)
    busy(free, 2)
    for number in range(3):
        assert given(method, preferred=full, lead=number).user == free
    row = AssignmentLedger.objects.order_by("-pk")[:1].get()
    skipped = {one["user"]: one for one in row.skipped}[full.pk]
    assert (skipped["reason"], skipped["load"], skipped["capacity"]) == ("over_capacity", 3, 3)
    if method in ("account_manager", "previous"):
        assert "passed over (at the limit of the capacity)" in row.reason

    busy(free, 0)
    Lead.objects.create(number="X9", owner=free, status="assigned", email="a@b.example")
    choice = given(method, preferred=full, lead=9)
    assert (choice.user, choice.why) == (None, "over_capacity")
    assert choice.until == clock.now() + ASK_AGAIN


@pytest.mark.parametrize("method", METHODS)
def test_who_is_off_shift_gets_nothing_by_any_method(method: str, clock: ports.FixedClock) -> None:
    day, evening = seller("day", OFFICE), seller("evening", EVENING)
    assert given(method, preferred=day).user == day
    assert left_out() == {evening.pk: "off_shift"}

    clock.move(NIGHT)
    choice = given(method, preferred=day, lead=2)
    assert (choice.user, choice.why) == (None, "off_shift")
    assert choice.until == datetime(2026, 11, 25, 1, 0, tzinfo=UTC), "09:00 in Shanghai, when the first is back"
    assert choice.reason in ("Nobody in question is on shift.", "This waits for the customer's own person, who is off shift.")


def test_a_lunch_break_is_no_end_of_a_shift(clock: ports.FixedClock) -> None:
    day = seller("day", OFFICE)
    clock.move(datetime(2026, 11, 24, 4, 20, tzinfo=UTC))  # 12:20
    assert given().user == day


def test_a_rule_may_give_work_to_who_is_back_first_or_look_at_no_shifts(clock: ports.FixedClock) -> None:
    day, evening = seller("day", OFFICE), seller("evening", EVENING)
    clock.move(NIGHT)
    assert [given(off_shift="first_back", lead=number).user for number in range(2)] == [day, day]
    assert left_out() == {evening.pk: "off_shift"}
    assert {given(off_shift="ignore", lead=number).user for number in range(2, 6)} == {day, evening}


def test_a_customer_waits_a_day_for_the_own_person_and_no_longer(clock: ports.FixedClock) -> None:
    own, other = seller("own", EVENING), seller("other", OFFICE)
    choice = given("account_manager", preferred=own)
    assert (choice.user, choice.why) == (None, "off_shift")
    assert choice.until == datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "18:00, when the own person comes"
    assert given("account_manager", preferred=own, off_shift="first_back", lead=2).user == other, "somebody is on shift"

    on_leave(own, date(2026, 11, 24), date(2026, 11, 26))
    choice = given("account_manager", preferred=own, lead=3)
    assert choice.user == other
    assert choice.reason.startswith("The customer's own person was passed over (absent).")


def test_everybody_absent_is_asked_again_when_the_first_is_back_on_shift(clock: ports.FixedClock) -> None:
    away = seller("away", OFFICE)
    on_leave(away, date(2026, 11, 23), date(2026, 11, 25))
    choice = given()
    assert (choice.user, choice.why) == (None, "absent")
    assert choice.until == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_how_often_nobody_was_found_in_a_row_is_counted(clock: ports.FixedClock) -> None:
    away = seller("away")
    absence = on_leave(away, date(2026, 11, 24), date(2026, 11, 24))
    assert [given(key=f"k{number}").attempts for number in range(3)] == [1, 2, 3]
    assert given(key="k1").attempts == 2, "the same question has the same answer"
    absence.delete()
    assert (given().user, given().attempts) == (away, 0)


def test_no_member_of_the_role_is_told_as_well(clock: ports.FixedClock) -> None:
    role("seller")
    choice = given()
    assert (choice.user, choice.why) == (None, "no_member")
    assert choice.until is not None


def test_skills_fit_exactly_or_as_nearly_as_there_is(clock: ports.FixedClock) -> None:
    master = seller("master", skills=["Welding:5", "sorting"])
    fair = seller("fair", skills=["welding:2"])
    none = seller("none", skills=["packing"])
    assert given("skill", skill="welding:3").user == master
    assert left_out() == {fair.pk: "skill", none.pk: "skill"}
    assert given("round_robin", skill="welding").user in (master, fair)

    busy(master, 20)
    choice = given("skill", skill="welding:3")
    assert (choice.user, choice.why) == (None, "over_capacity")
    choice = given("skill", skill="welding:3, drilling", skill_match="closest")
    assert choice.user == fair, "one skill lacks and a level is short, which is nearer than nothing"
    assert "though without: drilling" in choice.reason
    assert left_out() == {master.pk: "over_capacity", none.pk: "fits_less"}
    row = AssignmentLedger.objects.order_by("-pk")[:1].get()
    assert (row.candidates[0]["missing"], row.candidates[0]["short"]) == (["drilling"], 1)


def test_the_most_free_capacity_counts_places_and_the_least_load_counts_shares(clock: ports.FixedClock) -> None:
    big, small = seller("big", capacity=40), seller("small", capacity=5)
    busy(big, 20)
    busy(small, 1)
    assert given("capacity").user == big, "20 places against 4"
    assert given("least_load").user == small, "a fifth against a half"


def test_ways_that_do_not_exist_are_refused(clock: ports.FixedClock) -> None:
    with pytest.raises(Invalid):
        given("seniority")
    with pytest.raises(Invalid):
        given(off_shift="never")
    with pytest.raises(Invalid):
        given(skill_match="roughly")
    assert not AssignmentLedger.objects.exists()


def test_the_calendar_of_the_branch_counts_where_the_person_has_none(clock: ports.FixedClock) -> None:
    west = branch("west")
    west.calendar = WorkingCalendar.objects.create(key="west", name="West", definition=EVENING)
    west.save()
    person(role("seller"), at=west)
    choice = given()
    assert (choice.user, choice.until) == (None, datetime(2026, 11, 24, 10, 0, tzinfo=UTC))


def test_the_reason_is_told_in_the_readers_language(clock: ports.FixedClock) -> None:
    person(role("seller"), username="mei")
    with translation.override("zh-hans"):
        choose(method="round_robin", role="seller")
    choose(method="least_load", role="seller", scope="branch:nowhere")
    turn, load = AssignmentLedger.objects.order_by("pk")
    assert turn.reason_told() == "Next in turn."
    assert load.reason_told().startswith("Least open work for the capacity: 0. The table names “branch:nowhere”")
    with translation.override("zh-hans"):
        assert turn.reason_told() == turn.reason != "Next in turn."
        assert "branch:nowhere" in load.reason_told()
        assert "Least" not in load.reason_told()
