"""What people agreed to, word by word, and the list of addresses that nothing may be sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from crm_core.kernel import records
from crm_core.kernel.access.authority import allow
from crm_core.parties import matching
from crm_core.parties.models import Consent, Contact, Suppression
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid


@transaction.atomic
def record_consent(
    *, contact: Contact, channel: str, purpose: str, state: str, source: str = "", wording: str = "",
    at: datetime | None = None, by: Any = None, trusted: bool = False,
) -> Consent:  # fmt: skip
    """Write down what the person said about a channel and purpose; the newest word counts.

    Raises Invalid for a moment in the future: it would count before it was said.
    """
    allow(by, "change", contact, trusted=trusted)
    moment = at or ports.now()
    if moment > ports.now():
        sentence = _("Nobody has said this yet: the moment lies in the future. Give the moment when it was said.")
        raise Invalid(sentence, errors={"at": _("Too late.")})
    return records.create(
        Consent, by=by, contact=contact, channel=channel, purpose=purpose, state=state, at=moment, source=source[:100],
        wording=wording[:500],
    )  # fmt: skip


def give_consent(
    *, contact: Contact, channel: str, purpose: str, source: str = "", at: datetime | None = None, by: Any = None,
    trusted: bool = False,
) -> Consent:  # fmt: skip
    """Write down that the person agreed to be approached over a channel for a purpose."""
    return record_consent(contact=contact, channel=channel, purpose=purpose, state=Consent.State.GIVEN, source=source,
                          at=at, by=by, trusted=trusted)  # fmt: skip


def withdraw_consent(
    *, contact: Contact, channel: str, purpose: str, source: str = "", at: datetime | None = None, by: Any = None,
    trusted: bool = False,
) -> Consent:  # fmt: skip
    """Write down that the person no longer agrees."""
    return record_consent(contact=contact, channel=channel, purpose=purpose, state=Consent.State.WITHDRAWN, source=source,
                          at=at, by=by, trusted=trusted)  # fmt: skip


@transaction.atomic
def suppress(
    *, address: str, reason: str, channel: str = "email", purpose: str = "", contact: Contact | None = None,
    note: str = "", by: Any = None, trusted: bool = False,
) -> Suppression:  # fmt: skip
    """Put an address on the list of those that nothing may be sent to; once. Raises Invalid for an empty one."""
    allow(by, "add", Suppression, trusted=trusted)
    key = matching.point_key(channel, address)
    if not key:
        raise Invalid(_("There is no address to keep out."), errors={"address": _("Give an address or number.")})
    row, _created = Suppression.objects.get_or_create(
        channel=channel, address=key, purpose=purpose,
        defaults={"reason": reason, "contact": contact, "by": by, "note": note[:200]},
    )  # fmt: skip
    return row
