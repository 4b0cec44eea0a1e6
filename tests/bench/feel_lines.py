"""The FEEL expressions that are timed, each with what they read and with the Python somebody would write in its place.

Numbers are decimals on both sides, as FEEL wants them and as records give them. Python's own answer is compared with
the expression's before anything is timed (and in the tests), so that both do the same.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Context = Mapping[str, Any]

ORDERS = [
    {"number": Decimal(number), "amount": Decimal(number * 37 % 1000), "open": number % 3 == 0} for number in range(1, 101)
]
"""A hundred contexts; their amounts go up to 999."""


@dataclass(frozen=True)
class Line:
    """One expression: `python` takes the same context and gives the same value."""

    name: str
    text: str
    context: Context
    python: Callable[[Context], Any]

    @property
    def key(self) -> str:
        """The name as a part of a figure's name."""
        return self.name.replace(" ", "_")


def _a_month_later(day: dt.date) -> dt.date:
    """The same day of the next month, or its last one."""
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def _with_tax(context: Context) -> Decimal:
    def vat(net: Decimal, rate: Decimal) -> Decimal:
        return net * (1 + rate)

    return vat(context["amount"], context["rate"])


def _starts(context: Context) -> bool:
    return context["email"].startswith("info") and "@" in context["email"]


_MONEY = {"amount": Decimal(1250), "discount": Decimal("50.5"), "rate": Decimal("0.19"), "limit": Decimal(1000)}
_DATES = {"due": dt.date(2026, 11, 20), "lent": dt.date(2026, 1, 5), "returned": dt.date(2026, 2, 10)}
_TEXTS = {"name": "Huadu Dairy", "email": "info@huadu.example"}
_CASE = {"kind": "complaint", "amount": Decimal(80), "urgent": True}
_DEAL = {"deal": {"owner": {"branch": {"city": "Shanghai"}}}}
_LIST = {"orders": ORDERS}

LINES = (
    Line("decimal arithmetic", "(amount - discount) * (1 + rate) / 8", _MONEY,
         lambda c: (c["amount"] - c["discount"]) * (1 + c["rate"]) / 8),
    Line("exact decimals", "price * 3 = total", {"price": Decimal("0.1"), "total": Decimal("0.3")},
         lambda c: c["price"] * 3 == c["total"]),
    Line("date and duration", 'due + duration("P1M") <= date("2026-12-31")', _DATES,
         lambda c: _a_month_later(c["due"]) <= dt.date(2026, 12, 31)),
    Line("time between dates", '(returned - lent) > duration("P30D")', _DATES,
         lambda c: (c["returned"] - c["lent"]) > dt.timedelta(days=30)),
    Line("parts of a date", "due.year * 100 + due.month", _DATES,
         lambda c: Decimal(c["due"].year * 100 + c["due"].month)),
    Line("filter of a hundred", "orders[amount > 900]", _LIST,
         lambda c: [order for order in c["orders"] if order["amount"] > 900]),
    Line("sum of a filter", "sum(orders[open = true].amount)", _LIST,
         lambda c: sum(order["amount"] for order in c["orders"] if order["open"])),
    Line("for", "for order in orders return order.amount * 2", _LIST,
         lambda c: [order["amount"] * 2 for order in c["orders"]]),
    Line("some", "some order in orders satisfies order.amount > 998", _LIST,
         lambda c: any(order["amount"] > 998 for order in c["orders"])),
    Line("every", "every order in orders satisfies order.amount >= 0", _LIST,
         lambda c: all(order["amount"] >= 0 for order in c["orders"])),
    Line("a string made", 'upper case(substring(name, 1, 5)) + "-" + string(string length(name))', _TEXTS,
         lambda c: f"{c['name'][:5].upper()}-{len(c['name'])}"),
    Line("a string asked", 'starts with(email, "info") and contains(email, "@")', _TEXTS, _starts),
    Line("a pattern", 'matches(email, "^[a-z]+@")', _TEXTS,
         lambda c: re.search("^[a-z]+@", c["email"]) is not None),
    Line("user function", "{vat: function(net, rate) net * (1 + rate), total: vat(amount, rate)}.total", _MONEY, _with_tax),
    Line("unary tests", "amount in ([1000..5000), > 9000)", _MONEY,
         lambda c: 1000 <= c["amount"] < 5000 or c["amount"] > 9000),
    Line("between", "amount between 1000 and 5000", _MONEY, lambda c: 1000 <= c["amount"] <= 5000),
    Line("condition", '(kind = "complaint" and amount > 100) or urgent = true', _CASE,
         lambda c: (c["kind"] == "complaint" and c["amount"] > 100) or c["urgent"]),
    Line("if", 'if amount > limit then "board" else "team"', _MONEY,
         lambda c: "board" if c["amount"] > c["limit"] else "team"),
    Line("context path", "deal.owner.branch.city", _DEAL, lambda c: c["deal"]["owner"]["branch"]["city"]),
)  # fmt: skip
