"""Amounts of different currencies made comparable by fixed planning rates.

Limits in decision tables are written in the base currency. The rates are those a company plans its year with
(setting `PLANNING_RATES`: units of the base currency for one unit of another), not those of the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from processes.api import gettext as _
from processes.errors import Invalid

CENT = Decimal("0.01")


def in_base(amount: Decimal, currency: str) -> Decimal:
    """An amount in the base currency, to two places; Invalid for a currency without a rate."""
    return (amount * _rate(currency)).quantize(CENT, ROUND_HALF_UP)


def sum_in(currency: str, amounts: Iterable[tuple[str, Decimal | None]]) -> Decimal:
    """Amounts, each with its own currency, as one sum in `currency`, to two places.

    What is in `currency` already is added as it is. Raises Invalid for a currency without a rate.
    """
    total = Decimal(0)
    for own, amount in amounts:
        value = amount or Decimal(0)
        total += value if own == currency else value * _rate(own) / _rate(currency)
    return total.quantize(CENT, ROUND_HALF_UP)


def _rate(currency: str) -> Decimal:
    rate = settings.PLANNING_RATES.get(currency)
    if rate is None:
        raise Invalid(_("There is no planning rate for the currency “%(currency)s”.") % {"currency": currency})
    return Decimal(rate)
