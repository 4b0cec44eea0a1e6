"""Amounts of several currencies, made comparable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crm_core.sales.money import in_base, sum_in
from processes.errors import Invalid


@pytest.fixture(autouse=True)
def rates(settings: Any) -> None:
    settings.PLANNING_RATES = {"CNY": "1", "EUR": "7.8", "USD": "7.1"}


def test_in_the_base_currency() -> None:
    assert in_base(Decimal("10.01"), "EUR") == Decimal("78.08")


@pytest.mark.parametrize(
    ("currency", "amounts", "total"),
    [
        ("CNY", [], "0.00"),
        ("EUR", [("EUR", Decimal("10.10")), ("EUR", None)], "10.10"),
        ("CNY", [("CNY", Decimal("5")), ("EUR", Decimal("2"))], "20.60"),
        ("EUR", [("USD", Decimal("78"))], "71.00"),
    ],
)
def test_a_sum_in_one_currency(currency: str, amounts: list[tuple[str, Decimal | None]], total: str) -> None:
    assert sum_in(currency, amounts) == Decimal(total)


def test_one_currency_alone_needs_no_rate() -> None:
    assert sum_in("SEK", [("SEK", Decimal("3"))]) == Decimal("3.00")


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(Invalid, match="planning rate"):
        sum_in("CNY", [("SEK", Decimal("3"))])
