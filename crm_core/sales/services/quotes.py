"""What happens to quotes: drafted, submitted, blocked until their terms are decided, sent, accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction

from crm_core.kernel import records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.records import Rows
from crm_core.sales import events
from crm_core.sales.fields import quote_terms
from crm_core.sales.models import Opportunity, Product, Quote, QuoteLine
from crm_core.sales.models.quotes import QuoteStatus
from crm_core.sales.services.opportunities import _must_be_open, today
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid, ProcessError

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


class QuoteBlocked(ProcessError):
    """The quote's terms are not decided, were refused, or are not those that were approved."""

    code = "quote_blocked"


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be quoted; `discount` in percent off the list price."""

    product: Product
    quantity: Decimal | int | str = 1
    discount: Decimal | int | str = 0
    description: str = ""


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    """`part` in percent of `whole`, to two places; 0 of nothing."""
    if not whole:
        return Decimal(0)
    return (part * HUNDRED / whole).quantize(CENT, ROUND_HALF_UP)


def _write_lines(quote: Quote, lines: Iterable[Line], currency: str) -> dict[str, Any]:
    """Replace the lines and give totals, discount and margin computed from them."""
    rows = []
    for line in lines:
        quantity, discount = Decimal(str(line.quantity)), Decimal(str(line.discount))
        if quantity <= 0 or not 0 <= discount <= 100:
            raise Invalid(_("Quantities must be above zero, discounts from 0 to 100 percent."))
        if line.product.currency != currency:
            raise Invalid(
                _("“%(product)s” is priced in %(theirs)s, the quote in %(ours)s. Quote it apart.")
                % {"product": line.product, "theirs": line.product.currency, "ours": currency}
            )
        rows.append(
            QuoteLine(
                quote=quote,
                product=line.product,
                description=line.description,
                quantity=quantity,
                list_price=line.product.list_price,
                unit_cost=line.product.cost,
                discount_percent=discount,
            )
        )
    if not rows:
        raise Invalid(_("A quote needs at least one line."))
    quote.lines.all().delete()
    QuoteLine.objects.bulk_create(rows)
    list_total = sum((r.quantity * r.list_price for r in rows), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    total = sum(
        ((r.quantity * r.list_price * (HUNDRED - r.discount_percent) / HUNDRED) for r in rows), Decimal(0)
    ).quantize(CENT, ROUND_HALF_UP)
    cost = sum((r.quantity * r.unit_cost for r in rows), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    return {
        "list_total": list_total,
        "total": total,
        "cost_total": cost,
        "discount_percent": _percent(list_total - total, list_total),
        "margin_percent": _percent(total - cost, total),
        "standard_delivery_days": max(r.product.delivery_days for r in rows),
    }


def _lines(rows: Rows) -> list[Line]:
    return [Line(row.product, row.quantity, row.discount_percent, row.description) for row in rows.kept]


@transaction.atomic
def draft_quote(
    *,
    opportunity: Opportunity,
    lines: Iterable[Line],
    delivery_days: int | None = None,
    credit_days: int = 0,
    valid_until: date | None = None,
    reason: str = "",
    by: Any = None,
    trusted: bool = False,
) -> Quote:
    """Write a quote for open business; totals, discount and margin follow from its lines."""
    allow(by, "change", opportunity, trusted=trusted)
    _must_be_open(opportunity)
    quote = records.create(
        Quote,
        by=by,
        opportunity=opportunity,
        owner=opportunity.owner,
        branch=opportunity.branch,
        currency=opportunity.currency,
        credit_days=credit_days,
        valid_until=valid_until,
        reason=reason,
    )
    totals = _write_lines(quote, lines, quote.currency)
    days = totals["standard_delivery_days"] if delivery_days is None else delivery_days
    records.change(quote, by=by, **totals, delivery_days=days)
    return quote


def enter_quote(*, lines: Rows | None = None, by: Any = None, **values: Any) -> Quote:
    """Draft a quote out of checked values by field, with its lines as a form gives them."""
    return draft_quote(lines=_lines(lines) if lines is not None else [], by=by, **values)


def revise_quote(
    *,
    quote: Quote,
    lines: Iterable[Line] | None = None,
    terms: Mapping[str, Any] | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Quote:
    """Change lines or terms (delivery_days, credit_days, valid_until, reason).

    The content version rises and any approval is void: the quote is a draft again.
    """
    return _revise(quote, list(lines) if lines is not None else None, dict(terms or {}), by=by, trusted=trusted)


def change_quote(quote: Quote, *, lines: Rows | None = None, by: Any = None, **values: Any) -> Quote:
    """Revise a quote as a form gives its terms and lines; without a change it stays as it is."""
    if lines is None and not values:
        allow(by, "change", quote.opportunity)
        return quote
    return _revise(quote, _lines(lines) if lines is not None else None, values, by=by)


@transaction.atomic
def _revise(quote: Quote, lines: list[Line] | None, values: dict[str, Any], *, by: Any, trusted: bool = False) -> Quote:
    allow(by, "change", quote.opportunity, trusted=trusted)
    quote = records.locked(quote)
    if quote.status == QuoteStatus.ACCEPTED:
        raise Invalid(_("An accepted quote cannot be changed. Write a new one."))
    unknown = set(values) - {"delivery_days", "credit_days", "valid_until", "reason"}
    if unknown:
        raise Invalid(_("These are no terms of a quote: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    if lines is not None:
        values |= _write_lines(quote, lines, quote.currency)
    records.change(
        quote, by=by, **values, status=QuoteStatus.DRAFT, content_version=quote.content_version + 1, decided_terms={}
    )
    return quote


@transaction.atomic
def submit_quote(*, quote: Quote, by: Any = None, trusted: bool = False) -> Quote:
    """Ask for the quote to go out: `quote.submitted` is published, the drawing decides what follows.

    Raises QuoteBlocked unless it is a draft, Invalid when it has no lines or is out of date.
    """
    allow(by, "change", quote.opportunity, trusted=trusted)
    quote = records.locked(quote)
    if quote.status == QuoteStatus.SUBMITTED:
        return quote
    if quote.status != QuoteStatus.DRAFT:
        raise QuoteBlocked(
            _("The quote %(number)s is %(status)s. Change it first, then submit it again.")
            % {"number": quote.number, "status": quote.get_status_display()}
        )
    if not quote.lines.exists():
        raise Invalid(_("A quote needs at least one line."))
    if quote.valid_until and quote.valid_until < today():
        raise Invalid(_("The quote is no longer valid. Give a later date."), errors={"valid_until": _("Too early.")})
    records.change(quote, by=by, status=QuoteStatus.SUBMITTED, submitted_at=ports.now(), decided_at=None)
    events.quote_submitted(quote, quote_terms(quote))
    return quote


@transaction.atomic
def block_quote(*, quote: Quote, by: Any = None, trusted: bool = False) -> Quote:
    """Hold the quote until its terms are decided (D2)."""
    allow(by, "change", quote.opportunity, trusted=trusted)
    quote = records.locked(quote)
    if quote.status in (QuoteStatus.DRAFT, QuoteStatus.SUBMITTED):
        records.change(quote, by=by, status=QuoteStatus.BLOCKED)
    return quote


@transaction.atomic
def unblock_quote(
    *, quote: Quote, approved: bool, terms: str = "", by: Any = None, trusted: bool = False
) -> Quote:
    """Write the decision about the terms and publish `terms.decided`.

    The approval holds for this content version alone. Deciding twice changes nothing.
    """
    allow(by, "change", quote.opportunity, trusted=trusted)
    quote = records.locked(quote)
    if quote.status not in (QuoteStatus.SUBMITTED, QuoteStatus.BLOCKED):
        return quote
    records.change(
        quote,
        by=by,
        status=QuoteStatus.APPROVED if approved else QuoteStatus.REJECTED,
        approved_version=quote.content_version if approved else None,
        decided_at=ports.now(),
        decided_terms={"approved": approved, "terms": str(terms or "")},
    )
    events.terms_decided(quote, approved=approved, terms=str(terms or ""))
    return quote


@transaction.atomic
def send_quote(*, quote: Quote, by: Any = None, trusted: bool = False) -> Quote:
    """Mark the quote as sent. Raises QuoteBlocked unless exactly this content was approved."""
    allow(by, "change", quote.opportunity, trusted=trusted)
    quote = records.locked(quote)
    if quote.status == QuoteStatus.SENT:
        return quote
    if quote.status != QuoteStatus.APPROVED or quote.approved_version != quote.content_version:
        raise QuoteBlocked(
            _("The quote %(number)s may not go out: its terms are not approved. Submit it and wait.")
            % {"number": quote.number}
        )
    records.change(quote, by=by, status=QuoteStatus.SENT)
    return quote


@transaction.atomic
def accept_quote(*, quote: Quote, by: Any = None, trusted: bool = False) -> Quote:
    """The customer accepted: the opportunity's amount becomes the quote's total."""
    allow(by, "change", quote.opportunity, trusted=trusted)
    quote = records.locked(quote)
    if quote.status != QuoteStatus.SENT:
        raise QuoteBlocked(_("Only a quote that was sent can be accepted. Send it first."))
    records.change(quote, by=by, status=QuoteStatus.ACCEPTED)
    records.change(quote.opportunity, by=by, amount=quote.total)
    return quote
