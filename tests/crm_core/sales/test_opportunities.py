"""Opportunities: from stage to stage, won, lost and taken up again, with a line of history for each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm_core.kernel.access.policies import Denied
from crm_core.parties.services import open_account
from crm_core.sales.models import Competitor, Opportunity, Product
from crm_core.sales.services import (
    lose,
    match_account,
    open_opportunity,
    record_competitor,
    reopen,
    set_products,
    set_stage,
    update_opportunity,
    win,
)
from crm_core.sales.services.opportunities import OpportunityClosed
from processes import api
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def li():
    rights = {"view": "branch", "add": "own", "change": "own"}
    return person(role("seller", opportunity=rights, account=rights), at=branch("shanghai"))


@pytest.fixture
def deal(li, clock, told):
    account = open_account(name="Huaxin", manager=li, by=li)
    return open_opportunity(name="Line", account=account, amount=1000, by=li)


@pytest.fixture
def told(monkeypatch):
    names: list[str] = []
    monkeypatch.setattr(api, "message", lambda name, **more: names.append(f"{name} {more['data'].get('enter_at', '')}".strip()))
    return names


def steps(deal: Opportunity) -> list[tuple[str, str]]:
    return list(deal.stage_changes.order_by("pk").values_list("from_stage", "to_stage"))


def test_business_begins_with_the_managers_name_the_usual_probability_and_a_line_of_history(li, deal, told):
    assert (deal.owner, deal.stage, deal.probability, deal.opened_on) == (li, "qualify", 10, date(2026, 11, 24))
    assert steps(deal) == [("", "qualify")]
    assert told == ["opportunity.opened qualify"]


def test_a_move_is_remembered_and_the_time_in_the_stage_begins_anew(li, deal, clock):
    clock.move(clock.now() + timedelta(days=2))
    moved = set_stage(opportunity=deal, stage="propose", probability=40, forecast="best_case", reason="They asked", by=li)

    assert (moved.stage, moved.probability, moved.forecast_category, moved.stage_since) == ("propose", 40, "best_case", clock.now())
    assert steps(deal) == [("", "qualify"), ("qualify", "propose")]
    assert deal.stage_changes.last().reason == "They asked"


def test_another_probability_in_the_same_stage_does_not_begin_the_stage_anew(li, deal, clock):
    began = deal.stage_since
    clock.move(clock.now() + timedelta(days=2))
    assert set_stage(opportunity=deal, stage="qualify", probability=15, by=li).stage_since == began


@pytest.mark.parametrize(("given", "part"), [({"stage": "won"}, "open stage"), ({"stage": "flying"}, "open stage"),
                                             ({"stage": "propose", "probability": 101}, "0 to 100"),
                                             ({"stage": "propose", "forecast": "sure"}, "forecast")])  # fmt: skip
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(li, deal, given, part):
    with pytest.raises(Invalid, match=part):
        set_stage(opportunity=deal, by=li, **given)
    deal.refresh_from_db()
    assert (deal.stage, deal.version) == ("qualify", 1)


def test_won_business_is_closed_for_good_and_winning_twice_changes_nothing(li, deal):
    win(opportunity=deal, by=li)
    win(opportunity=deal, by=li)

    deal.refresh_from_db()
    assert (deal.stage, deal.probability, deal.forecast_category, deal.closed_on) == ("won", 100, "closed", date(2026, 11, 24))
    assert steps(deal) == [("", "qualify"), ("qualify", "won")]
    with pytest.raises(OpportunityClosed, match="Reopen it first"):
        set_stage(opportunity=deal, stage="propose", by=li)
    with pytest.raises(Invalid, match="Open a new opportunity"):
        reopen(opportunity=deal, reason="Again", by=li)


def test_lost_business_says_why_and_to_whom_and_can_be_taken_up_again(li, deal, told):
    rival = make(Competitor, name="Rival")
    with pytest.raises(Invalid):
        lose(opportunity=deal, reason="bad luck", by=li)
    lose(opportunity=deal, reason="price", competitor="rival", by=li)
    deal.refresh_from_db()
    assert (deal.stage, deal.probability, deal.loss_reason, deal.lost_to) == ("lost", 0, "price", rival)

    reopen(opportunity=deal, reason="They called", stage="propose", by=li)

    deal.refresh_from_db()
    assert (deal.stage, deal.reopened_count, deal.loss_reason, deal.lost_to, deal.closed_on) == ("propose", 1, "", None, None)
    assert steps(deal) == [("", "qualify"), ("qualify", "lost"), ("lost", "propose")]
    assert told == ["opportunity.opened qualify", "opportunity.opened propose"]


def test_only_a_later_date_counts_as_put_off(li, deal):
    for day, times in ((date(2026, 12, 1), 0), (date(2026, 12, 31), 1), (date(2026, 12, 10), 1), (date(2027, 1, 31), 2)):
        assert update_opportunity(opportunity=deal, changes={"expected_close": day}, by=li).push_count == times


def test_the_amount_is_the_sum_of_the_lines_rounded_once(li, deal):
    product = make(Product, code="P", name="Belt", list_price=Decimal("0.35"))
    changed = set_products(opportunity=deal, lines=[(product, "0.333", None), (product, "0.333", "0.35")], by=li)

    assert changed.amount == Decimal("0.23")  # 0.2331, not 0.12 twice
    with pytest.raises(Invalid):
        set_products(opportunity=deal, lines=[(product, 0, None)], by=li)
    assert deal.lines.count() == 2


def test_the_first_competitor_met_becomes_the_main_one_and_each_is_met_once(li, deal):
    one, two = make(Competitor, name="One"), make(Competitor, name="Two")
    for name in ("One", "Two", "One"):
        record_competitor(opportunity=deal, competitor=name, remarks=f"{name}!", by=li)

    deal.refresh_from_db()
    assert deal.competitor == one
    assert {(met.competitor, met.remarks) for met in deal.competitors.all()} == {(one, "One!"), (two, "Two!")}


def test_imported_business_is_matched_once(li, deal):
    free = make(Opportunity, number="O-X", name="Imported", account=None, owner=li, branch=branch("shanghai"))

    match_account(opportunity=free, account=deal.account, by=li)

    with pytest.raises(Invalid, match="has a customer already"):
        match_account(opportunity=free, account=deal.account, by=li)


def test_a_colleagues_business_is_not_moved(li, deal):
    mate = person(role("seller"), at=branch("shanghai"))

    for does in (lambda: set_stage(opportunity=deal, stage="propose", by=mate), lambda: win(opportunity=deal, by=mate),
                 lambda: update_opportunity(opportunity=deal, changes={"amount": 1}, by=mate)):  # fmt: skip
        with pytest.raises(Denied):
            does()
    deal.refresh_from_db()
    assert (deal.stage, deal.amount) == ("qualify", 1000)
