"""Registers leads, opportunities and quotes as something that processes can be about."""

from __future__ import annotations

from typing import Any

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.declared import subject_type
from crm_core.kernel.grouping import By, customer, customer_class
from crm_core.sales.fields import LEAD, OPPORTUNITY, QUOTE
from crm_core.sales.models import Competitor, Lead, Opportunity, Quote
from crm_core.sales.services import update_lead, update_opportunity
from processes import api


def _lead(lead: Lead, **how: Any) -> None:
    update_lead(lead=lead, **how)


def _opportunity(opportunity: Opportunity, **how: Any) -> None:
    update_opportunity(opportunity=opportunity, **how)


def _quote(quote: Quote, *, changes: Any, by: Any = None, trusted: bool = False) -> None:
    allow(by, "change", quote.opportunity, trusted=trusted)
    records.change(quote, by=by, **declared.clean(quote, QUOTE, changes))


def competitors() -> list[tuple[int, str]]:
    """Choices of a form: whom we met at the customer."""
    return [(row.pk, row.name) for row in Competitor.objects.filter(is_active=True).order_by("name")]


def register() -> None:
    """Called once from AppConfig.ready."""
    api.register_subject(
        subject_type(key="lead", model=Lead, fields=LEAD, update=_lead, account=lambda lead: lead.account_id,
                     customer="account",
                     groups=(customer_class(), *(By(name, name) for name in ("industry", "country", "source", "channel"))))
    )  # fmt: skip
    api.register_subject(
        subject_type(key="opportunity", model=Opportunity, fields=OPPORTUNITY, update=_opportunity,
                     account=lambda row: row.account_id, customer="account", related=("account", "contact", "competitor"),
                     groups=(*customer(), By("stage", "stage")))
    )  # fmt: skip
    api.register_subject(
        subject_type(key="quote", model=Quote, fields=QUOTE, update=_quote,
                     account=lambda row: row.opportunity.account_id, related=("opportunity__account",),
                     customer="opportunity__account",
                     groups=customer("opportunity__account"))
    )  # fmt: skip
    api.register_choices("competitors", competitors)
