"""The sales page: open, won and lost business by stage, region, person and month (B7, B15, C4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from admin_ext.pages import page
from crm_core.kernel.access.policies import policy_for
from crm_core.sales import selectors
from crm_core.sales.models import Opportunity
from processes import ports

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: its name, its figures, and the lengths of its parts in per cent of the longest line."""

    label: str
    totals: Any
    open: float
    won: float
    lost: float


def bars(groups: list[Any], *, unknown: str, currency: str) -> list[Bar]:
    """The lines of a chart over amounts in one currency."""

    def amount(figure: Any) -> Decimal:
        return figure.values.get(currency, Decimal(0))

    longest = max((amount(g.open) + amount(g.won) + amount(g.lost) for g in groups), default=Decimal(0)) or Decimal(1)
    return [
        Bar(
            label=group.label or unknown,
            totals=group,
            open=float(100 * amount(group.open) / longest),
            won=float(100 * amount(group.won) / longest),
            lost=float(100 * amount(group.lost) / longest),
        )
        for group in groups
    ]


def _period(request: HttpRequest) -> tuple[date | None, date | None]:
    def read(name: str) -> date | None:
        try:
            return parse_date(request.GET.get(name, ""))
        except ValueError:
            return None

    return read("since"), read("until")


@page
def sales(request: HttpRequest) -> HttpResponse:
    """Totals and four views of them; every figure counts only what the person may see."""
    user = request.user
    if not policy_for(Opportunity).may_any(user, "view"):
        policy_for(Opportunity).require(user, "view", None)
    since, until = _period(request)
    wanted = request.GET.get("currency", "").upper()[:3]
    period: dict[str, Any] = {"since": since, "until": until}
    totals = selectors.sales_totals(user, **period)
    known = sorted({*totals.open.values, *totals.won.values, *totals.lost.values})
    currency = wanted if wanted in known else _main_currency(totals, known)
    period["currency"] = currency or None
    totals = selectors.sales_totals(user, **period)
    months = [g for g in selectors.sales_by(user, "month", **period) if g.key is not None]
    pipeline = selectors.pipeline(user, currency=currency or None)
    longest = max((stage.amount for stage in pipeline), default=Decimal(0)) or Decimal(1)
    context = {
        "title": _("Sales figures"), "crumbs": [(_("Sales"), "")],
        "totals": totals, "currency": currency, "currencies": known, "since": since, "until": until,
        "regions": bars(selectors.sales_by(user, "region", **period), unknown=_("no region"), currency=currency),
        "people": bars(selectors.sales_by(user, "person", **period), unknown=_("nobody"), currency=currency),
        "months": bars(months[-MONTHS_SHOWN:], unknown="", currency=currency),
        "months_hidden": max(0, len(months) - MONTHS_SHOWN),
        "pipeline": [(stage, 100 * stage.amount / longest) for stage in pipeline], "weighted": sum(s.weighted for s in pipeline),
        "rivals": [r for r in selectors.win_loss_by_competitor(user) if r.met or r.lost_to],
        "now": ports.now(),
    }  # fmt: skip
    return render(request, "redraw/sales/sales.html", context)


def _main_currency(totals: Any, known: list[str]) -> str:
    def weight(currency: str) -> Decimal:
        return sum((f.values.get(currency, Decimal(0)) for f in (totals.open, totals.won, totals.lost)), Decimal(0))

    return max(known, key=weight, default="")
