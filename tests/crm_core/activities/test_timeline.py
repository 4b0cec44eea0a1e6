"""The customer's story: everything that the reader's policies allow, newest first, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.activities.services import finish_activity, log_activity, plan_activity, send_mail
from crm_core.activities.timeline import timeline
from crm_core.parties.services import open_account
from processes import ports
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role, team

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def house(clock):
    seller = role("seller", account={"view": "branch", "change": "own"}, activity={"view": "own", "add": "own", "change": "own"})
    boss = role("boss", account={"view": "all", "change": "all"}, activity={"view": "branch"}, mail_outbox={"view": "branch"})
    shanghai = team("key", branch("shanghai"))

    class House:
        li = person(seller, of=shanghai, display_name="Li Na")
        mate = person(seller, of=shanghai, display_name="Mate")
        far = person(seller, of=team("ventes", branch("paris")))
        manager = person(boss, of=shanghai)

    House.clock = clock
    House.account = open_account(name="Huaxin", manager=House.li, branch=branch("shanghai"))
    return House


def titles(user, house, **more):
    return [entry.title for entry in timeline(user, house.account, **more).entries]


def test_whoever_sees_the_account_sees_what_was_done_and_nobody_else_does(house):
    log_activity(kind="call", title="Called", account=house.account, by=house.li)

    assert titles(house.li, house) == titles(house.mate, house) == ["Called"]
    assert titles(house.far, house) == []
    assert titles(person(at=branch("shanghai")), house) == []


def test_a_private_note_is_for_its_owner_and_managers(house):
    log_activity(kind="note", title="Between us", account=house.account, private=True, by=house.li)

    assert titles(house.li, house) == ["Between us"]
    assert titles(house.manager, house) == ["Between us"]
    assert titles(house.mate, house) == []


def test_mail_is_for_those_who_work_for_the_account(house):
    send_mail(to="chen@hx.example", key="m1", subject_line="Our offer", body="Dear", account=house.account)

    assert titles(house.li, house) == ["Our offer"]
    assert titles(house.mate, house) == []


def test_what_was_cancelled_is_no_part_of_the_story_and_sources_can_be_chosen(house):
    planned = plan_activity(kind="visit", title="Visit", due_at=ports.now() + timedelta(days=1), account=house.account, by=house.li)
    send_mail(to="chen@hx.example", key="m1", subject_line="Our offer", body="Dear", account=house.account)
    assert titles(house.li, house, only=["activities"]) == ["Visit"]
    planned.state = "cancelled"
    planned.save()
    assert titles(house.li, house, only=["activities"]) == []


def test_a_promise_is_pinned_until_it_is_kept(house):
    promised = plan_activity(kind="call", title="Ring back", due_at=ports.now() + timedelta(hours=2), promise=True, account=house.account, by=house.li)
    assert [entry.pinned for entry in timeline(house.li, house.account).entries] == [True]

    house.clock.move(house.clock.now() + timedelta(hours=1))
    finish_activity(activity=promised, outcome="Glad", by=house.li)
    assert [(entry.pinned, entry.at) for entry in timeline(house.li, house.account).entries] == [(False, ports.now())]


def test_pages_follow_each_other_without_a_gap_or_a_double_even_within_one_moment(house):
    for number in range(7):
        log_activity(kind="call", title=f"Call {number}", account=house.account, by=house.li)
        if number % 3 == 2:
            house.clock.move(house.clock.now() + timedelta(minutes=1))
    seen, after = [], None
    while True:
        page = timeline(house.li, house.account, after=after, limit=2)
        seen += [entry.title for entry in page.entries]
        after = page.after
        if after is None:
            break

    assert seen == [f"Call {number}" for number in reversed(range(7))]


def test_a_made_up_place_is_the_beginning(house):
    log_activity(kind="call", title="Called", account=house.account, by=house.li)

    assert titles(house.li, house, after="yesterday|x") == ["Called"]


def test_the_same_key_writes_once_and_what_is_empty_or_to_come_is_refused(house):
    for _time in range(2):
        log_activity(kind="call", title="Called", account=house.account, key="k", by=house.li)
    assert titles(house.li, house) == ["Called"]
    for wrong in ({"title": " "}, {"kind": "smoke signal"}, {"at": ports.now() + timedelta(minutes=1)}):
        with pytest.raises(Invalid):
            log_activity(**{"kind": "call", "title": "Called", "account": house.account, "by": house.li, **wrong})
    assert titles(house.li, house) == ["Called"]
