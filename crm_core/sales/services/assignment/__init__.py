"""Choosing who gets a piece of work, fairly and provably.

`methods` and `eligibility` decide, without Django, out of what is known of people at a moment; `choosing` looks that up,
lets the pool take turns and writes the ledger; `replay` decides the ledger's rows again, with the very same functions.
"""

from crm_core.sales.services.assignment.choosing import Choice, choose
from crm_core.sales.services.assignment.methods import METHODS
from crm_core.sales.services.assignment.open_work import loads

__all__ = ["METHODS", "Choice", "choose", "loads"]
