"""Registers cases as something that processes can be about."""

from __future__ import annotations

from typing import Any

from crm_core.kernel.declared import subject_type
from crm_core.kernel.grouping import By, customer
from crm_core.service.fields import CASE
from crm_core.service.models import Case
from crm_core.service.services import update_case
from processes import api


def _case(case: Case, **how: Any) -> None:
    update_case(case=case, **how)


def register() -> None:
    """Called once from AppConfig.ready."""
    api.register_subject(
        subject_type(key="case", model=Case, fields=CASE, update=_case, account=lambda case: case.account_id, customer="account",
                     related=("account", "contact", "handler", "entitlement__level"),
                     groups=(*customer(), By("kind", "kind"), By("channel", "channel"), By("product_group", "product_group")))
    )  # fmt: skip
