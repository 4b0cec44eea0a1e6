"""What processes may read and write of leads and opportunities, declared once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_core.kernel.declared import Declared as D
from crm_core.sales.models import Lead, Opportunity, Quote
from crm_core.sales.models.quotes import QuoteStatus
from crm_core.sales.money import in_base
from processes.prepared import Prepared

LEAD = (
    D("number", "text"),
    D("company", "text", writable=True),
    D("contact_name", "text", writable=True),
    D("job_title", "text", writable=True),
    D("email", "text", writable=True),
    D("phone", "text", writable=True),
    D("wechat", "text", writable=True),
    D("website", "text", writable=True),
    D("source", "choice", writable=True),
    D("channel", "choice", writable=True),
    D("country", "text", writable=True),
    D("region", "text", writable=True),
    D("city", "text", writable=True),
    D("industry", "choice", writable=True),
    D("employees", "number", writable=True),
    D("product_interest", "choice", writable=True),
    D("language", "text", writable=True),
    D("message", "text", writable=True),
    D("request", "choice", writable=True),
    D("need", "choice", writable=True),
    D("budget", "choice", writable=True),
    D("authority", "choice", writable=True),
    D("timeline", "choice", writable=True),
    D("score", "number"),
    D("grade", "choice"),
    D("status", "choice"),
    D("consent", "boolean", writable=True),
    D("is_spam", "boolean", writable=True),
    D("is_competitor", "boolean", writable=True),
    D("misses", "number", writable=True),
    D("owner", "user", writable=True),
    D("branch", "text", lookup="key"),
    D("account", "number"),
    D("contact", "number"),
    D("campaign", "text", label=_("campaign"), read=lambda lead: lead.campaign_key or None),
    D("campaign_key", "text"),
    D("disqualify_reason", "choice", writable=True),
    D("nurture_until", "date", writable=True),
    D("nurture_segment", "text", writable=True),
    D("received_at", "datetime"),
    D("first_contact_at", "datetime"),
)


def battle_card(opportunity: Opportunity) -> str:
    """The counter-arguments against the main competitor, or empty text (B8)."""
    return opportunity.competitor.counter_arguments if opportunity.competitor is not None else ""


def contact_email(opportunity: Opportunity) -> str:
    """Where the customer's contact is written to, or empty text."""
    return opportunity.contact.email if opportunity.contact is not None else ""


def opportunity_status(opportunity: Opportunity) -> str:
    """open, won or lost."""
    return opportunity.stage if opportunity.stage in ("won", "lost") else "open"


_statuses: Prepared[tuple[str]] = Prepared(
    lambda pk: Quote.objects.filter(opportunity=pk).order_by("pk").values_list("status"), int
)


def _quotes(opportunity: Opportunity, *statuses: str) -> int:
    return sum(status in statuses for (status,) in _statuses.all(opportunity.pk))


OPPORTUNITY = (
    D("number", "text"),
    D("name", "text", writable=True),
    D("account", "number"),
    D("account_name", "text", label=_("account"), read=lambda o: str(o.account) if o.account_id else ""),
    D("customer_class", "text", label=_("class"), read=lambda o: o.account.grade if o.account_id else "D"),
    D("contact", "number"),
    D("contact_email", "text", label=_("e-mail"), read=contact_email),
    D("owner", "user", writable=True),
    D("branch", "text", lookup="key"),
    D("amount", "money", writable=True),
    D("amount_base", "money", label=_("amount in the base currency"), read=lambda o: in_base(o.amount, o.currency)),
    D("currency", "text", writable=True),
    D("stage", "choice"),
    D("status", "text", label=_("status"), read=opportunity_status),
    D("probability", "number"),
    D("forecast_category", "choice", writable=True),
    D("expected_close", "date", writable=True),
    D("stage_since", "datetime"),
    D("push_count", "number"),
    D("pain", "text", writable=True),
    D("champion", "text", writable=True),
    D("decision_criteria", "text", writable=True),
    D("decision_process", "text", writable=True),
    D("economic_buyer_met", "boolean", writable=True),
    D("technical_fit", "choice", writable=True),
    D("budget_confirmed", "boolean", writable=True),
    D("next_step", "text", writable=True),
    D("next_step_date", "date", writable=True),
    D("mutual_plan_date", "date", writable=True),
    D("order_reference", "text", writable=True),
    D("competitor", "number", writable=True),
    D("battle_card", "text", label=_("battle card"), read=battle_card),
    D("quotes_issued", "number", label=_("quotes sent"),
      read=lambda o: _quotes(o, QuoteStatus.APPROVED, QuoteStatus.SENT, QuoteStatus.ACCEPTED)),
    D("quotes_blocked", "number", label=_("quotes blocked"), read=lambda o: _quotes(o, QuoteStatus.BLOCKED)),
    D("loss_reason", "choice", writable=True),
    D("reengage_on", "date", writable=True),
    D("campaign_key", "text"),
    D("source", "text"),
)  # fmt: skip


def quote_terms(quote: Quote) -> dict[str, Any]:
    """The quote as the terms approval reads it; discount and margin in percent."""
    account = quote.opportunity.account
    return {
        "number": quote.number,
        "amount": quote.total,
        "currency": quote.currency,
        "discount": quote.discount_percent,
        "margin": quote.margin_percent,
        "credit_days": quote.credit_days,
        "delivery_days": quote.delivery_days,
        "standard_delivery_days": quote.standard_delivery_days,
        "customer_class": account.grade if account is not None else "D",
        "reason": quote.reason,
    }


QUOTE = (
    D("number", "text"),
    D("status", "choice"),
    D("amount", "money", field="total"),
    D("currency", "text"),
    D("discount", "number", field="discount_percent"),
    D("margin", "number", field="margin_percent"),
    D("credit_days", "number", writable=True),
    D("delivery_days", "number", writable=True),
    D("standard_delivery_days", "number"),
    D("customer_class", "text", label=_("class"), read=lambda q: quote_terms(q)["customer_class"]),
    D("reason", "text", writable=True),
    D("valid_until", "date", writable=True),
    D("opportunity", "number"),
    D("owner", "user"),
)

DECLARED = {Lead: LEAD, Opportunity: OPPORTUNITY, Quote: QUOTE}
