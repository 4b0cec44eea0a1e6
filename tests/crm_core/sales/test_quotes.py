"""Quotes: totals, discount and margin follow from the lines, to the cent; an approval holds for what was approved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_core.parties.services import open_account
from crm_core.sales.models import Opportunity, Product, Quote
from crm_core.sales.services import (
    accept_quote,
    block_quote,
    draft_quote,
    open_opportunity,
    revise_quote,
    send_quote,
    submit_quote,
    unblock_quote,
    win,
)
from crm_core.sales.services.opportunities import OpportunityClosed
from crm_core.sales.services.quotes import Line, QuoteBlocked
from processes import api
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def told(monkeypatch):
    said: list[tuple[str, dict]] = []
    monkeypatch.setattr(api, "message", lambda name, **more: said.append((name, more["data"])))
    return said


@pytest.fixture
def deal(clock, told):
    rights = {"view": "all", "add": "all", "change": "all"}
    li = person(role("seller", opportunity=rights, quote=rights, account=rights), at=branch("shanghai"))
    return open_opportunity(name="Line", account=open_account(name="Huaxin", manager=li, by=li), by=li)


def product(price: str, cost: str = "0", **more) -> Product:
    return make(Product, code=f"P{price}-{cost}-{len(more)}", name="Belt", list_price=Decimal(price), cost=Decimal(cost), **more)


def quoted(deal: Opportunity, *lines: Line, **terms) -> Quote:
    return draft_quote(opportunity=deal, lines=lines, by=deal.owner, **terms)


@pytest.mark.parametrize(
    ("price", "quantity", "discount", "listed", "total", "percent"),
    [
        ("100", "3", "0", "300.00", "300.00", "0.00"),
        ("33.33", "3", "12.5", "99.99", "87.49", "12.50"),
        ("0.05", "1", "50", "0.05", "0.03", "40.00"),  # half a cent goes up; the percentage is of what is asked
        ("10.10", "0.333", "0", "3.36", "3.36", "0.00"),
        ("99.99", "1", "100", "99.99", "0.00", "100.00"),
        ("0", "5", "10", "0.00", "0.00", "0.00"),
    ],
)
def test_totals_are_rounded_half_up_to_the_cent(deal, price, quantity, discount, listed, total, percent):
    quote = quoted(deal, Line(product(price), quantity, discount))

    assert (quote.list_total, quote.total, quote.discount_percent) == (Decimal(listed), Decimal(total), Decimal(percent))


def test_lines_are_summed_before_they_are_rounded(deal):
    cheap = product("0.35")
    quote = quoted(deal, *[Line(cheap, "0.333")] * 3)

    assert quote.total == Decimal("0.35")  # 0.34965, not 0.12 three times


def test_margin_is_what_is_left_of_the_total(deal):
    quote = quoted(deal, Line(product("100", "60"), 2, 10))

    assert (quote.total, quote.cost_total, quote.margin_percent) == (Decimal("180.00"), Decimal("120.00"), Decimal("33.33"))


def test_a_quote_below_cost_has_a_negative_margin(deal):
    assert quoted(deal, Line(product("100", "60"), 1, 50)).margin_percent == Decimal("-20.00")


def test_the_longest_usual_delivery_counts_unless_days_are_given(deal):
    lines = (Line(product("1", delivery_days=10)), Line(product("2", delivery_days=45)))

    assert quoted(deal, *lines).delivery_days == 45
    assert (quoted(deal, *lines, delivery_days=5).delivery_days, Quote.objects.latest("pk").standard_delivery_days) == (5, 45)


@pytest.mark.parametrize("line", [("0", "0"), ("-1", "0"), ("1", "-1"), ("1", "101")])
def test_quantities_and_discounts_that_cannot_be_are_refused(deal, line):
    with pytest.raises(Invalid, match="above zero"):
        quoted(deal, Line(product("1"), *line))
    assert not Quote.objects.exists()


def test_products_of_another_currency_are_quoted_apart(deal):
    with pytest.raises(Invalid, match="priced in EUR, the quote in CNY"):
        quoted(deal, Line(product("1", currency="EUR")))


def test_the_price_of_that_day_stays_on_the_line(deal):
    sold = product("100")
    quote = quoted(deal, Line(sold))
    Product.objects.update(list_price=200)

    assert quote.lines.get().list_price == 100
    assert Quote.objects.get().total == 100


def test_terms_go_out_for_a_decision_and_what_was_approved_may_be_sent(deal, told):
    quote = quoted(deal, Line(product("100"), 1, 10), credit_days=30, reason="Old friend")
    submit_quote(quote=quote, by=deal.owner)
    submit_quote(quote=quote, by=deal.owner)
    name, data = told[-1]
    assert (name, data["quote"]["discount"], data["quote"]["credit_days"]) == ("quote.submitted", Decimal("10.00"), 30)
    assert [name for name, _data in told].count("quote.submitted") == 1

    block_quote(quote=quote, trusted=True)
    with pytest.raises(QuoteBlocked, match="not approved"):
        send_quote(quote=quote, by=deal.owner)
    unblock_quote(quote=quote, approved=True, terms="30 days", trusted=True)
    send_quote(quote=quote, by=deal.owner)
    accept_quote(quote=quote, by=deal.owner)

    quote.refresh_from_db()
    deal.refresh_from_db()
    assert (quote.status, deal.amount) == ("accepted", Decimal("90.00"))
    with pytest.raises(Invalid, match="accepted quote cannot be changed"):
        revise_quote(quote=quote, terms={"credit_days": 60}, by=deal.owner)


def test_a_change_after_the_approval_needs_a_new_one(deal, told):
    quote = quoted(deal, Line(product("100")))
    submit_quote(quote=quote, by=deal.owner)
    unblock_quote(quote=quote, approved=True, trusted=True)
    revise_quote(quote=quote, terms={"credit_days": 90}, by=deal.owner)

    quote.refresh_from_db()
    assert (quote.status, quote.content_version, quote.approved_version) == ("draft", 2, 1)
    with pytest.raises(QuoteBlocked):
        send_quote(quote=quote, by=deal.owner)


def test_what_is_out_of_date_or_unknown_or_closed_is_refused(deal, told):
    old = quoted(deal, Line(product("100")), valid_until=date(2026, 11, 23))
    with pytest.raises(Invalid) as refused:
        submit_quote(quote=old, by=deal.owner)
    assert "valid_until" in refused.value.errors
    with pytest.raises(Invalid, match="no terms of a quote: total"):
        revise_quote(quote=old, terms={"total": 1}, by=deal.owner)
    win(opportunity=deal, by=deal.owner)
    deal.refresh_from_db()
    with pytest.raises(OpportunityClosed):
        quoted(deal, Line(product("100", "1")))
