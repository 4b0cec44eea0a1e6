"""The ports of the engine: working defaults, swapped for a while and put back whatever happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes import ports

MOMENT = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def test_a_clock_that_is_moved_never_goes_back():
    clock = ports.FixedClock(MOMENT)
    clock.move(MOMENT + timedelta(hours=1))
    with pytest.raises(ValueError, match="cannot go back"):
        clock.move(MOMENT)
    assert clock.now() == MOMENT + timedelta(hours=1)


def test_a_clock_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        ports.FixedClock(datetime(2026, 1, 1))


def test_today_depends_on_where_one_is():
    clock = ports.FixedClock(MOMENT)
    assert clock.today(ZoneInfo("Asia/Shanghai")) == date(2026, 11, 25)
    assert clock.today(ZoneInfo("America/New_York")) == date(2026, 11, 24)


def test_ports_are_put_back_even_after_an_error():
    before = ports.current()
    clock = ports.FixedClock(MOMENT)
    with pytest.raises(ValueError, match="cannot go back"), ports.using(clock=clock):
        clock.move(MOMENT - timedelta(days=1))
    assert ports.current() is before


def test_ports_of_an_inner_place_hide_those_of_an_outer_one():
    with ports.using(clock=ports.FixedClock(MOMENT)):
        with ports.using(clock=ports.FixedClock(MOMENT + timedelta(days=1))):
            assert ports.now() == MOMENT + timedelta(days=1)
        assert ports.now() == MOMENT


@pytest.mark.parametrize(("labels", "language", "text"), [
    ({"en": "Yes", "zh-hans": "是"}, "zh-hans", "是"), ({"en": "Yes"}, "zh-hans", "Yes"), ({"de": "Ja"}, "en", "Ja"),
    ({}, "en", ""), (None, "en", ""), ("Plain", "en", "Plain"),
])  # fmt: skip
def test_labels_fall_back_to_a_language_that_there_is(labels, language, text):
    assert ports.text(labels, language) == text


def test_a_kind_of_record_is_known_by_its_key_and_for_a_while():
    subjects = ports.Subjects()
    kind = ports.SubjectType(key="thing", label="Thing", fields=(), load=str, view=dict)
    with subjects.temporarily(kind):
        assert subjects.get("thing") is kind
        assert subjects.all() == [kind]
    assert subjects.get("thing") is None


@pytest.mark.django_db
def test_without_a_house_above_people_are_users_and_roles_their_groups():
    people = ports.DefaultPeople()
    user = get_user_model().objects.create(username="ann")
    gone = get_user_model().objects.create(username="bob", is_active=False)
    seller = Group.objects.create(name="seller")
    for one in (user, gone):
        one.groups.add(seller)
    assert people.roles_of(user) == ["seller"]
    assert people.members("seller") == [user]
    assert (people.is_available(user, MOMENT), people.is_available(gone, MOMENT)) == (True, False)
    assert people.roles_of(None) == []
