"""Customers and everybody around them: accounts, contacts, how to reach them, what they allow."""

from crm_core.parties.models.accounts import Account, AccountRelation, AccountTeamMember
from crm_core.parties.models.consent import Channel, Consent, Purpose, Suppression
from crm_core.parties.models.contacts import Contact, ContactPoint, ContactRole

__all__ = [
    "Account",
    "AccountRelation",
    "AccountTeamMember",
    "Channel",
    "Consent",
    "Contact",
    "ContactPoint",
    "ContactRole",
    "Purpose",
    "Suppression",
]
