"""Amounts of different currencies made comparable by fixed planning rates.

Limits in decision tables are written in the base currency. The rates are those a company plans its year with
(setting `PLANNING_RATES`: units of the base currency for one unit of another), not those of the day.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from processes.errors import Invalid


def in_base(amount: Decimal, currency: str) -> Decimal:
    """An amount in the base currency, to two places; Invalid for a currency without a rate."""
    rate = settings.PLANNING_RATES.get(currency)
    if rate is None:
        raise Invalid(_("There is no planning rate for the currency “%(currency)s”.") % {"currency": currency})
    return (amount * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)
