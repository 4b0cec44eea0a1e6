"""Who may see and do what with sales records. Parts follow their whole."""

from __future__ import annotations

from crm_core.kernel.access.policies import Policy, register
from crm_core.sales import models


@register
class ProductPolicy(Policy):
    key = "product"
    model = models.Product


@register
class PriceBookPolicy(Policy):
    key = "price_book"
    model = models.PriceBook


@register
class PriceBookEntryPolicy(Policy):
    key = "price_book_entry"
    model = models.PriceBookEntry
    owner = branch = ""
    via = ("price_book",)


@register
class CompetitorPolicy(Policy):
    key = "competitor"
    model = models.Competitor


@register
class CompetitorProductPolicy(Policy):
    key = "competitor_product"
    model = models.CompetitorProduct
    owner = branch = ""
    via = ("competitor",)


@register
class SalesChannelPolicy(Policy):
    key = "sales_channel"
    model = models.SalesChannel


@register
class LeadPolicy(Policy):
    key = "lead"
    model = models.Lead


@register
class OpportunityPolicy(Policy):
    key = "opportunity"
    model = models.Opportunity


@register
class OpportunityLinePolicy(Policy):
    key = "opportunity_line"
    model = models.OpportunityLine
    owner = branch = ""
    via = ("opportunity",)


@register
class CompetitorMetPolicy(Policy):
    key = "competitor_met"
    model = models.CompetitorMet
    owner = branch = ""
    via = ("opportunity",)


@register
class BuyingRolePolicy(Policy):
    key = "buying_role"
    model = models.BuyingRole
    owner = branch = ""
    via = ("opportunity",)


@register
class StageChangePolicy(Policy):
    """History is read with its opportunity and never written by people."""

    key = "stage_change"
    model = models.StageChange
    owner = branch = ""
    via = ("opportunity",)
    via_actions = {"view": "view", "export": "export"}


@register
class QuotePolicy(Policy):
    key = "quote"
    model = models.Quote
    via = ("opportunity",)


@register
class QuoteLinePolicy(Policy):
    key = "quote_line"
    model = models.QuoteLine
    owner = branch = ""
    via = ("quote",)


@register
class SalesTargetPolicy(Policy):
    key = "sales_target"
    model = models.SalesTarget
    owner = "person"
    team = "team"


@register
class AssignmentLedgerPolicy(Policy):
    """A person sees the assignments to themselves as far as the role reaches; nobody writes them."""

    key = "assignment"
    model = models.AssignmentLedger
    owner = "chosen"
    branch = ""
