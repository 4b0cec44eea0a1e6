"""Registers accounts as something that processes can be about."""

from __future__ import annotations

from crm_core.kernel.declared import subject_type
from crm_core.kernel.grouping import customer
from crm_core.parties.fields import ACCOUNT
from crm_core.parties.models import Account
from crm_core.parties.services import update_account
from processes import api


def _update(account: Account, **how: object) -> None:
    update_account(account=account, **how)  # type: ignore[arg-type]


def register() -> None:
    """Called once from AppConfig.ready."""
    api.register_subject(
        subject_type(key="account", model=Account, fields=ACCOUNT, update=_update, owner="manager",
                     account=lambda account: account.pk, groups=customer(""), customer="")
    )  # fmt: skip
