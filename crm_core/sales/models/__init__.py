"""Rows of sales: what is sold, to whom, against whom, by whom."""

from crm_core.sales.models.assignment import AssignmentLedger, AssignmentPool, AssignmentTurn
from crm_core.sales.models.catalogue import (
    Competitor,
    CompetitorProduct,
    PriceBook,
    PriceBookEntry,
    Product,
    SalesChannel,
)
from crm_core.sales.models.leads import Lead
from crm_core.sales.models.opportunities import (
    BuyingRole,
    CompetitorMet,
    Opportunity,
    OpportunityLine,
    StageChange,
)
from crm_core.sales.models.quotes import Quote, QuoteLine
from crm_core.sales.models.targets import SalesTarget

__all__ = [
    "AssignmentLedger",
    "AssignmentPool",
    "AssignmentTurn",
    "BuyingRole",
    "Competitor",
    "CompetitorMet",
    "CompetitorProduct",
    "Lead",
    "Opportunity",
    "OpportunityLine",
    "PriceBook",
    "PriceBookEntry",
    "Product",
    "Quote",
    "QuoteLine",
    "SalesChannel",
    "SalesTarget",
    "StageChange",
]
