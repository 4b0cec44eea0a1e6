"""Finding customers: the same one again, whom may be written to, what stands on an account's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from crm_core.kernel.access.policies import rows_for
from crm_core.parties import matching
from crm_core.parties.models import Account, Consent, Contact, ContactPoint, Suppression

FREE = frozenset({"service", "transactional"})
"""Purposes that need no consent; a suppression that names them holds all the same."""

KEYS_AT_ONCE = 500
"""How many addresses one question to the suppression list holds."""


def find_customer(
    *, company: str = "", email: str = "", phone: str = "", wechat: str = "", website: str = ""
) -> tuple[Account | None, Contact | None]:
    """The account and contact that somebody belongs to, looked for among all: by address, telephone, name of the
    company, then its mail or web domain. What is uncertain (two accounts) is not taken."""
    contact = _contact(email, phone, wechat)
    if contact is not None and contact.account_id is not None:
        return contact.account, contact
    account = _account(company, email, website)
    return account, contact


def _contact(email: str, phone: str, wechat: str) -> Contact | None:
    keys = Q(pk__in=[])
    if email.strip():
        keys |= Q(kind="email", key=matching.email_key(email))
    if len(matching.phone_key(phone)) >= 7:
        keys |= Q(kind="phone", key=matching.phone_key(phone))
    if wechat.strip():
        keys |= Q(kind="wechat", key=matching.email_key(wechat))
    point = (
        ContactPoint.objects.filter(keys, contact__isnull=False, contact__active=True)
        .select_related("contact__account__manager").order_by("kind", "pk").first()
    )  # fmt: skip
    return point.contact if point is not None else None


def _account(company: str, email: str, website: str) -> Account | None:
    key = matching.name_key(company) if company.strip() else ""
    if key:
        found = list(Account.objects.filter(Q(match_key=key) | Q(match_key_zh=key)).select_related("manager")[:2])
        if len(found) == 1:
            return found[0]
        if found:
            return None
    domain = matching.domain_of(email) or matching.domain_of(website)
    if not domain:
        return None
    accounts = Account.objects.filter(contacts__email__iendswith=f"@{domain}").select_related("manager").distinct()[:2]
    return accounts[0] if len(accounts) == 1 else None


def is_suppressed(address: str, *, purpose: str, channel: str = "email") -> bool:
    """Whether nothing may be sent to an address for a purpose."""
    return bool(suppressed_among([address], purpose=purpose, channel=channel))


def suppressed_among(addresses: Iterable[str], *, purpose: str, channel: str = "email") -> set[str]:
    """Those of the addresses, as they were given, to which nothing may be sent for a purpose."""
    keys: dict[str, list[str]] = {}
    for address in addresses:
        keys.setdefault(matching.point_key(channel, address), []).append(address)
    purposes = Q(purpose=purpose)
    if purpose not in FREE:
        purposes |= Q(purpose="")
    found: set[str] = set()
    asked = list(keys)
    for start in range(0, len(asked), KEYS_AT_ONCE):
        some = asked[start : start + KEYS_AT_ONCE]
        rows = Suppression.objects.filter(purposes, channel=channel, address__in=some)
        for key in rows.values_list("address", flat=True):
            found.update(keys[key])
    return found


def agreed(contacts: Any, *, channel: str, purpose: str) -> Any:
    """Those contacts whose newest word on a channel and purpose is consent."""
    newest = (
        Consent.objects.filter(contact=OuterRef("pk"), channel=channel, purpose=purpose).order_by("-at", "-pk")
        .values("state")[:1]
    )  # fmt: skip
    return contacts.annotate(agreed_state=Subquery(newest)).filter(agreed_state=Consent.State.GIVEN)


def duplicates_of(*, name: str, name_zh: str = "", besides: int | None = None) -> list[Account]:
    """Accounts with the same name by its key: shown before a new one is written."""
    keys = [key for key in (matching.name_key(name), matching.name_key(name_zh) if name_zh else "") if key]
    rows = Account.objects.filter(Q(match_key__in=keys) | Q(match_key_zh__in=keys)).exclude(pk=besides or 0)
    return list(rows.select_related("manager")[:5])


def contacts_of(user: Any, account: Account) -> Any:
    """The people of an account whom the person may see."""
    return rows_for(user, Contact).filter(account=account).order_by("name", "pk")
