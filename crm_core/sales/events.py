"""The messages that sales publishes, each in the transaction of what happened, each once.

Who listens stands in the drawings; no service knows a process.
"""

from __future__ import annotations

from typing import Any

from crm_core.sales.models import Lead, Opportunity, Quote
from processes import api

LEAD_RECEIVED = "lead.received"
LEAD_CONTACTED = "lead.contacted"
OPPORTUNITY_OPENED = "opportunity.opened"
QUOTE_SUBMITTED = "quote.submitted"
TERMS_DECIDED = "terms.decided"
LEAD_OUTCOME = "lead.outcome"


def lead_received(lead: Lead, *, again: int = 0) -> None:
    """A lead arrived; with `again` it came back (from nurture or recycling) for the n-th time."""
    key = f"{LEAD_RECEIVED}:{lead.pk}" + (f":{again}" if again else "")
    api.message(LEAD_RECEIVED, subject=("lead", lead.pk), data={"source": lead.source}, key=key)


def lead_contacted(lead: Lead) -> None:
    """Somebody really reached out to the lead for the first time."""
    api.message(
        LEAD_CONTACTED,
        correlation=lead.number,
        subject=("lead", lead.pk),
        data={"at": lead.first_contact_at},
        key=f"{LEAD_CONTACTED}:{lead.pk}:{lead.first_contact_at:%Y%m%d%H%M%S}",
    )


def opportunity_opened(opportunity: Opportunity, *, enter_at: str = "qualify") -> None:
    """Business was opened (or reopened); `enter_at` is the stage to begin with."""
    api.message(
        OPPORTUNITY_OPENED,
        subject=("opportunity", opportunity.pk),
        data={"enter_at": enter_at},
        key=f"{OPPORTUNITY_OPENED}:{opportunity.pk}:{opportunity.reopened_count}",
    )


def quote_submitted(quote: Quote, terms: dict[str, Any]) -> None:
    """A quote is to be sent; its terms may need a decision."""
    api.message(
        QUOTE_SUBMITTED,
        correlation=quote.opportunity.number,
        subject=("opportunity", quote.opportunity_id),
        data={"quote": terms},
        key=f"{QUOTE_SUBMITTED}:{quote.pk}:{quote.content_version}",
    )


def terms_decided(quote: Quote, *, approved: bool, terms: str) -> None:
    """The terms of a quote were approved or refused."""
    api.message(
        TERMS_DECIDED,
        correlation=quote.number,
        subject=("opportunity", quote.opportunity_id),
        data={"quote": quote.number, "approved": approved, "terms": terms},
        key=f"{TERMS_DECIDED}:{quote.pk}:{quote.content_version}",
    )


def lead_outcome(lead: Lead, outcome: str) -> None:
    """A lead that a campaign brought came to its end (C7)."""
    api.message(
        LEAD_OUTCOME,
        correlation=lead.campaign_key,
        subject=("lead", lead.pk),
        data={"outcome": outcome, "campaign": lead.campaign_key, "lead": lead.pk},
        key=f"{LEAD_OUTCOME}:{lead.pk}:{lead.recycled_count}",
    )
