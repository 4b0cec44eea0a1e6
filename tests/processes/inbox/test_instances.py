"""The list of instances by what is wanted of them, in pages, counted no further than need be, within what one may see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes import api, ports
from processes.errors import Invalid
from processes.inbox.instances import Wanted
from processes.runtime.models import ProcessInstance
from tests.processes.inbox.house import house, instance, person, task, thing, version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _house(clock):
    with house():
        yield


@pytest.fixture
def of():
    return version()


@pytest.fixture
def owner():
    return person("owner", "process_owner")


def keys(user, **wanted):
    return sorted(row.business_key for row in api.instances(user, wanted=Wanted(**wanted)).items)


def test_by_version_step_and_trouble(of, owner):
    newer = version(state="retired")
    task(instance(of, business_key="A"), node="Work")
    task(instance(of, business_key="B"), node="Check", due_at=ports.now() - DAY)
    task(instance(newer, business_key="C"), node="Check", status="ERROR")

    assert keys(owner, version=1) == ["A", "B"]
    assert keys(owner, step="Check") == ["B", "C"]
    assert keys(owner, state="late") == ["B"]
    assert keys(owner, state="late", step="Work") == []
    assert keys(owner, state="incident", step="Check") == ["C"]


def test_a_step_passed_is_not_stood_at(of, owner):
    task(instance(of, business_key="A"), node="Work", status="DONE")

    assert keys(owner, step="Work") == []


def test_by_age_and_by_how_the_number_begins(of, owner):
    instance(of, business_key="K-1", created=ports.now() - 8 * DAY)
    instance(of, business_key="K-2", created=ports.now() - 2 * DAY)
    instance(of, business_key="L-1")

    assert keys(owner, days=7) == ["K-1"]
    assert keys(owner, text="k-") == ["K-1", "K-2"]
    assert keys(owner, text="1") == []


def test_about_a_record(of, owner):
    one = thing()
    instance(of, one, business_key="A")
    instance(of, thing(), business_key="B")

    assert keys(owner, subject_type="thing", subject_id=one.pk) == ["A"]


def test_ended_in_a_way(of, owner):
    instance(of, business_key="A")
    made = instance(of, business_key="B")
    ProcessInstance.objects.filter(pk=made.pk).update(status="DONE", outcome="cancelled", finished=ports.now())

    assert (keys(owner, state="ended"), keys(owner, state="cancelled"), keys(owner, state="completed")) == (["B"], ["B"], [])


def test_only_what_one_may_see_is_listed_and_counted(of):
    staff = person("staff", "seller", place="branch:1")
    instance(of, thing("branch:1"), business_key="A")
    instance(of, thing("branch:2"), business_key="B")

    assert keys(staff) == ["A"]
    assert api.count_instances(staff, Wanted()).n == 1


def test_pages_follow_each_other_without_gap_or_double(of, owner):
    for number in range(7):
        instance(of, business_key=f"K-{number}", created=ports.now())  # all at the same moment

    seen, after = [], None
    while True:
        page = api.instances(owner, wanted=Wanted(), after=after, limit=3)
        seen += [row.business_key for row in page.items]
        after = page.next_cursor
        if after is None:
            break

    assert sorted(seen) == [f"K-{number}" for number in range(7)]


def test_a_count_goes_no_further_than_told(of, owner):
    for number in range(4):
        instance(of, business_key=f"K-{number}")

    assert (api.count_instances(owner, Wanted(), most=3).n, api.count_instances(owner, Wanted(), most=3).more) == (3, True)
    assert (api.count_instances(owner, Wanted(), most=4).n, api.count_instances(owner, Wanted(), most=4).more) == (4, False)


def test_what_is_wanted_can_be_stored_and_read_by_a_later_product():
    wanted = Wanted(key="deal", step="Work", days=7)

    assert wanted.stored() == {"key": "deal", "step": "Work", "days": 7}
    assert Wanted.of({**wanted.stored(), "gone": 1}) == wanted


def test_a_state_there_is_not_is_refused(owner):
    with pytest.raises(Invalid):
        api.instances(owner, wanted=Wanted(state="lost"))
