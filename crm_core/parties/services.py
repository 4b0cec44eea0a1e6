"""What happens to customers: opened, changed, handed over; their people, addresses, consents and suppressions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import Branch
from crm_core.parties import matching
from crm_core.parties.fields import ACCOUNT
from crm_core.parties.models import (
    Account,
    AccountTeamMember,
    Consent,
    Contact,
    ContactPoint,
    ContactRole,
    Suppression,
)
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid


def account_keys(values: Mapping[str, Any]) -> dict[str, str]:
    """The columns by which an account is found and matched, out of its names, city and web site."""
    name, name_zh = str(values.get("name", "")), str(values.get("name_zh", ""))
    return {
        "match_key": matching.name_key(name),
        "match_key_zh": matching.name_key(name_zh) if name_zh else "",
        "search_text": matching.search_text(name, name_zh, str(values.get("city", "")), str(values.get("website", ""))),
    }


@transaction.atomic
def open_account(
    *, name: str, manager: Any, branch: Branch | None = None, source_key: str = "", by: Any = None, trusted: bool = False,
    **values: Any,
) -> Account:  # fmt: skip
    """Open an account with exactly one account manager (B17). Raises Invalid with errors by field."""
    allow(by, "add", Account, trusted=trusted)
    if not name.strip():
        raise Invalid(_("An account needs a name."), errors={"name": _("Give a name.")})
    if manager is None:
        raise Invalid(_("An account needs an account manager."), errors={"manager": _("Choose a person.")})
    clean = declared.clean(Account(), ACCOUNT, {"name": name, **values})
    return records.create(
        Account, by=by, **clean, manager=manager, branch=branch, source_key=source_key, **account_keys(clean)
    )


@transaction.atomic
def update_account(
    *, account: Account, changes: Mapping[str, Any], by: Any = None, trusted: bool = False
) -> Account:
    """Write declared fields of an account after checking them."""
    allow(by, "change", account, trusted=trusted)
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    clean = declared.clean(account, ACCOUNT, changes)
    if "manager" in clean and clean["manager"] is None:
        raise Invalid(_("An account needs an account manager."), errors={"manager": _("Choose a person.")})
    merged = {name: clean.get(name, getattr(account, name)) for name in ("name", "name_zh", "city", "website")}
    values: dict[str, Any] = {**clean, **account_keys(merged)}
    records.change(account, by=by, **values)
    return account


def hand_over(*, account: Account, manager: Any, by: Any = None, trusted: bool = False) -> Account:
    """Give the account another account manager; the former one stays in its team."""
    former = account.manager
    changed = update_account(account=account, changes={"manager": manager.pk}, by=by, trusted=trusted)
    if former.pk != manager.pk:
        AccountTeamMember.objects.get_or_create(account=account, user=former)
        AccountTeamMember.objects.filter(account=account, user=manager).delete()
    return changed


def _email(address: str) -> str:
    tidy = address.strip()
    if tidy:
        try:
            validate_email(tidy)
        except ValidationError as error:
            raise Invalid(
                _("“%(email)s” is no e-mail address.") % {"email": tidy[:100]},
                errors={"email": _("Write it like name@company.com.")},
            ) from error
    return tidy


@transaction.atomic
def add_contact(
    *, account: Account | None, name: str, name_zh: str = "", title: str = "", email: str = "", telephone: str = "",
    wechat: str = "", language: str = "en", role: str = "", by: Any = None, trusted: bool = False, **values: Any,
) -> Contact:  # fmt: skip
    """Add a person, with the ways to reach them, to an account."""
    allow(by, "add", Contact, trusted=trusted)
    if not (name.strip() or email.strip() or telephone.strip()):
        raise Invalid(_("A contact needs a name or a way to be reached."), errors={"name": _("Give a name.")})
    email = _email(email)
    shown = name.strip() or email or telephone.strip()
    contact = records.create(
        Contact, by=by, account=account, name=shown[:150], name_zh=name_zh.strip()[:150], title=title[:100],
        email=email, telephone=telephone.strip()[:40], language=language if language in ("en", "zh-hans") else "en",
        owner=account.manager if account is not None else by, match_key=matching.person_key(shown),
        search_text=matching.search_text(shown, name_zh, email, telephone), **values,
    )  # fmt: skip
    if account is not None:
        records.create(ContactRole, by=by, contact=contact, account=account, role=role or title[:80], is_main=True)
    for kind, value in (("email", email), ("phone", telephone.strip()), ("wechat", wechat.strip())):
        if value:
            add_point(contact=contact, kind=kind, value=value, preferred=True, by=by, trusted=True)
    return contact


def add_point(
    *, contact: Contact, kind: str, value: str, preferred: bool = False, by: Any = None, trusted: bool = False
) -> ContactPoint:
    """Add one way to reach a person; the same one twice is the first."""
    allow(by, "change", contact, trusted=trusted)
    key = matching.point_key(kind, value)
    known = ContactPoint.objects.filter(contact=contact, kind=kind, key=key).first()
    if known is not None:
        return known
    return records.create(ContactPoint, by=by, contact=contact, kind=kind, value=value[:300], key=key, preferred=preferred)


# --- consent -----------------------------------------------------------------------------------------------
def _consent(state: str, contact: Contact, channel: str, purpose: str, source: str, at: datetime | None, by: Any) -> Consent:
    return records.create(
        Consent, by=by, contact=contact, channel=channel, purpose=purpose, state=state, at=at or ports.now(),
        source=source[:100],
    )  # fmt: skip


def give_consent(
    *, contact: Contact, channel: str, purpose: str, source: str = "", at: datetime | None = None, by: Any = None,
    trusted: bool = False,
) -> Consent:  # fmt: skip
    """Write down that the person agreed to be approached over a channel for a purpose."""
    allow(by, "change", contact, trusted=trusted)
    return _consent(Consent.State.GIVEN, contact, channel, purpose, source, at, by)


def withdraw_consent(
    *, contact: Contact, channel: str, purpose: str, source: str = "", at: datetime | None = None, by: Any = None,
    trusted: bool = False,
) -> Consent:  # fmt: skip
    """Write down that the person no longer agrees."""
    allow(by, "change", contact, trusted=trusted)
    return _consent(Consent.State.WITHDRAWN, contact, channel, purpose, source, at, by)


def suppress(
    *, address: str, reason: str, channel: str = "email", purpose: str = "", contact: Contact | None = None,
    note: str = "", by: Any = None, trusted: bool = False,
) -> Suppression:  # fmt: skip
    """Put an address on the list of those that nothing may be sent to; once."""
    allow(by, "add", Suppression, trusted=trusted)
    row, _created = Suppression.objects.get_or_create(
        channel=channel, address=matching.point_key(channel, address), purpose=purpose,
        defaults={"reason": reason, "contact": contact, "by": by, "note": note[:200]},
    )  # fmt: skip
    return row
