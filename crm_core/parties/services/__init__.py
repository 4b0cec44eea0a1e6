"""What happens to customers: opened, changed, handed over; their people, addresses, consents and suppressions."""

from crm_core.parties.services.accounts import (
    account_keys,
    change_account,
    enter_account,
    hand_over,
    open_account,
    update_account,
)
from crm_core.parties.services.consent import give_consent, record_consent, suppress, withdraw_consent
from crm_core.parties.services.contacts import add_contact, add_point, change_contact, enter_contact

__all__ = [
    "account_keys",
    "add_contact",
    "add_point",
    "change_account",
    "change_contact",
    "enter_account",
    "enter_contact",
    "give_consent",
    "hand_over",
    "open_account",
    "record_consent",
    "suppress",
    "update_account",
    "withdraw_consent",
]
