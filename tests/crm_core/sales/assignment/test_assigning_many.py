"""Waiting leads assigned together, given by hand, and the list of what waits for somebody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.kernel.models import Employee, User
from crm_core.sales.models import AssignmentLedger, AssignmentTurn, Lead, SalesChannel
from crm_core.sales.services import assign_batch, choose, give
from crm_core.sales.services.assignment.effects import Chances, smoothed
from crm_core.sales.services.assignment.replay import replay_assignments
from crm_core.sales.unassigned import unassigned, with_reasons
from processes import ports
from processes.errors import Invalid, NotAllowed
from tests.crm_core.support import branch, on_leave, person, role

pytestmark = pytest.mark.django_db
ROLE = "sales_representative"


def lead(number: int | str, **values: Any) -> Lead:
    return Lead.objects.create(
        **{"number": f"L{number}", "email": "a@b.example", "status": "new", "score": 50, "received_at": ports.now(), **values}
    )


def history(owner: User, won: int, lost: int, source: str = "web_form") -> None:
    for number in range(won + lost):
        ended: dict[str, Any] = {"status": "converted", "converted_at": ports.now()} if number < won else {"status": "disqualified"}
        lead(f"{owner.pk}-{source}-{number}", owner=owner, source=source, **ended)


def sellers(**capacities: int) -> dict[str, User]:
    found = {}
    for name, capacity in capacities.items():
        found[name] = person(role(ROLE, lead={"view": "all", "change": "all"}), username=name)
        Employee.objects.filter(user=found[name]).update(capacity=capacity)
    return found


def test_the_best_lead_goes_to_who_wins_most_within_the_capacities(clock: ports.FixedClock) -> None:
    staff = sellers(master=1, novice=2)
    history(staff["master"], won=30, lost=10)
    history(staff["novice"], won=5, lost=35)
    small, large, middle, late = (lead(n, score=score) for n, score in enumerate((20, 90, 60, 10)))
    batch = assign_batch(value=1000, key="b")
    given = {one.pk: one.owner for one in Lead.objects.filter(status__in=("new", "assigned")).select_related("owner")}
    assert given == {large.pk: staff["master"], middle.pk: staff["novice"], small.pk: staff["novice"], late.pk: None}
    rows = {row.subject_id: row for row in AssignmentLedger.objects.all()}
    assert (batch.assigned, len(rows)) == (3, 4)
    assert (rows[late.pk].why, rows[late.pk].method) == ("over_capacity", "batch")
    effects = {one["user"]: Decimal(one["effect"]) for one in rows[large.pk].candidates}
    assert effects[staff["master"].pk] > effects[staff["novice"].pk] > 0
    assert Decimal(rows[large.pk].rule["effect"]) == effects[staff["master"].pk]
    assert Counter(AssignmentTurn.objects.values_list("user__username", "count")) == {("master", 1): 1, ("novice", 2): 1}

    again = assign_batch(value=1000, key="b")
    assert [row.pk for row in again.rows] == sorted(row.pk for row in rows.values())
    assert AssignmentLedger.objects.count() == 4, "the same key assigns nothing twice"
    assert not any(one.moved for one in replay_assignments().rows)
    assert replay_assignments(method="round_robin").after[staff["master"].pk] == 1


def test_absent_full_and_other_languages_are_left_out_with_the_reason(clock: ports.FixedClock) -> None:
    staff = sellers(away=5, full=0, here=5)
    Employee.objects.update(languages=["en"])
    day = clock.now().date()
    on_leave(staff["away"], day)
    first, second = lead(1, language="en"), lead(2, language="fr")
    assign_batch()
    rows = {row.subject_id: row for row in AssignmentLedger.objects.select_related("chosen")}
    assert rows[first.pk].chosen == staff["here"]
    assert {one["user"]: one["reason"] for one in rows[first.pk].skipped} == {
        staff["away"].pk: "absent", staff["full"].pk: "over_capacity",
    }  # fmt: skip
    assert (rows[second.pk].chosen, rows[second.pk].why) == (None, "language")


def test_people_of_the_leads_own_branch_get_it(clock: ports.FixedClock) -> None:
    west, east = branch("west"), branch("east")
    made = role(ROLE)
    here, there = person(made, at=west), person(made, at=east)
    leads = [lead(1, branch=west), lead(2, branch=east), lead(3, branch=west)]
    assign_batch(at_most=1)
    assert [Lead.objects.get(pk=one.pk).owner for one in leads] == [here, there, None]


def test_a_channel_that_costs_more_than_it_brings_is_not_used(clock: ports.FixedClock) -> None:
    seller = sellers(seller=10)["seller"]
    for key, cost, conversion, capacity in (("field", 300, "0.3", 1), ("inside", 20, "0.1", None)):
        SalesChannel.objects.create(key=key, name=key, kind="field", cost_per_contact=cost,
                                    conversion=Decimal(conversion), capacity=capacity)  # fmt: skip
    big, middle, tiny = lead(1, score=100), lead(2, score=90), lead(3, score=1)
    assign_batch(value=1000, channels=["field", "inside"])
    rows = {row.subject_id: row for row in AssignmentLedger.objects.all()}
    assert {pk: rows[pk].rule.get("channel") for pk in (big.pk, middle.pk)} == {big.pk: "field", middle.pk: "inside"}
    assert (rows[tiny.pk].chosen, rows[tiny.pk].why) == (None, "no_effect")
    assert rows[big.pk].chosen == seller
    with pytest.raises(Invalid):
        assign_batch(channels=["carrier_pigeon"])


def test_chances_are_drawn_towards_the_more_general_share() -> None:
    nothing = Chances(Counter(), Counter())
    assert nothing.of(1, "event") == 0.5
    lucky = Chances(Counter({(1, "event"): 1, (2, "event"): 20}), Counter({(1, "event"): 1, (2, "event"): 100}))
    company = smoothed(21, 101, 0.5, 2)
    assert company < lucky.of(1, "event") < 0.45, "one win makes no master"
    assert lucky.of(1, "email") < lucky.of(1, "event")


def test_a_person_assigns_only_what_the_own_role_may_change(clock: ports.FixedClock) -> None:
    sellers(seller=5)
    reader = person(role("reader", lead={"view": "all"}))
    waiting = lead(1)
    assert not assign_batch(by=reader).rows
    with pytest.raises(NotAllowed):
        give(subject_type="lead", record=waiting, user=reader, by=reader)
    waiting.refresh_from_db()
    assert (waiting.owner, AssignmentLedger.objects.count()) == (None, 0)


def test_work_given_by_hand_stands_in_the_ledger_and_the_absent_get_none(clock: ports.FixedClock) -> None:
    staff = sellers(boss=5, full=0, away=5)
    day = clock.now().date()
    on_leave(staff["away"], day)
    waiting = lead(1)
    with pytest.raises(Invalid, match="absent"):
        give(subject_type="lead", record=waiting, user=staff["away"], by=staff["boss"])
    row = give(subject_type="lead", record=waiting, user=staff["full"], by=staff["boss"])
    waiting.refresh_from_db()
    assert (waiting.owner, row.method, row.chosen) == (staff["full"], "hand", staff["full"])
    assert "limit of the capacity" in row.reason
    assert not any(one.moved for one in replay_assignments(method="round_robin").rows), "a person decided, not a rule"


def test_what_waits_is_listed_with_the_reason_for_those_who_may_see_it(clock: ports.FixedClock) -> None:
    west, east = branch("west"), branch("east")
    manager = person(role("manager", lead={"view": "branch"}), at=west)
    role(ROLE)
    tried, untried, other = lead(1, branch=west), lead(2, branch=west), lead(3, branch=east)
    given_back, owned = lead(4, branch=west), lead(5, branch=west, owner=manager)
    AssignmentLedger.objects.create(subject_type="lead", subject_id=given_back.pk, chosen=manager, method="hand", reason="-")
    for _try in range(2):
        clock.move(clock.now() + timedelta(minutes=15))
        choose(method="round_robin", role=ROLE, subject=("lead", tried.pk))
    found = with_reasons("lead", unassigned(manager, "lead"))
    assert [one.record for one in found] == [tried, untried, given_back]
    assert other not in unassigned(manager, "lead")
    assert owned not in unassigned(manager, "lead")
    first = found[0]
    assert first.last is not None
    assert (first.last.why, first.attempts, first.since) == ("no_member", 2, tried.received_at)
    assert (found[1].last, found[2].given_back) == (None, True)
    assert list(unassigned(manager, "lead", newest_first=True))[-1] == tried
    assert not unassigned(manager, "lead", action="change")


def test_statements_do_not_grow_with_people_or_with_leads_to_choose_from(clock: ports.FixedClock) -> None:
    west = branch("west")
    made = role(ROLE, lead={"view": "all"})

    def cost() -> tuple[int, int]:
        person(made, at=west)
        choose(method="least_load", role=ROLE, scope="branch:west", subject=("lead", 1))
        with CaptureQueriesContext(connection) as chosen:
            choose(method="least_load", role=ROLE, scope="branch:west", subject=("lead", 1), off_shift="first_back")
        reader = person(made, at=west)
        with CaptureQueriesContext(connection) as listed:
            with_reasons("lead", unassigned(reader, "lead")[:50])
        return len(chosen), len(listed)

    lead("first", branch=west)
    before = cost()
    for number in range(12):
        person(made, at=west)
        lead(number, branch=west)
    after = cost()
    assert after[0] <= before[0]
    assert after[1] <= before[1]
