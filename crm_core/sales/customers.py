"""What sales and service ask of the floors below about customers: who is it, what was said, write it down."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from crm_core.activities.models import Activity
from crm_core.activities.services import log_activity, send_mail
from crm_core.parties import matching
from crm_core.parties.selectors import find_customer as find
from crm_core.parties.selectors import is_suppressed
from crm_core.parties.services import add_contact, open_account
from crm_core.sales.models import Lead
from crm_core.sales.models.leads import LeadStatus

OPEN = (LeadStatus.NEW, LeadStatus.ASSIGNED, LeadStatus.CONTACTED, LeadStatus.QUALIFIED, LeadStatus.NURTURE, LeadStatus.RECYCLED)
REAL = ("call", "meeting", "visit", "email", "message", "letter", "fax")
"""Kinds of activity by which somebody was really reached; a note is none."""

__all__ = [
    "create_account_for", "create_contact_for", "find", "first_contact_at", "mail", "note", "open_lead_like",
    "plain_payload", "suppressed", "tidy",
]  # fmt: skip


def tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as people type them, without full-width forms and outer blanks; the rest as it is."""
    return {
        name: unicodedata.normalize("NFKC", value).replace("\x00", "").strip() if isinstance(value, str) else value
        for name, value in values.items()
    }


def plain_payload(payload: Mapping[str, Any]) -> dict[str, str]:
    """A delivery as JSON can hold it, cut to a size that a form cannot abuse."""
    plain = tidy({str(name): str(value) for name, value in list(payload.items())[:60]})
    return {name.replace("\x00", "")[:80]: value[:4000] for name, value in plain.items()}


def open_lead_like(lead: Lead) -> Lead | None:
    """An earlier open lead of the same person: same mail, telephone or WeChat."""
    same = Q(pk__in=[])
    if lead.email:
        same |= Q(email__iexact=lead.email)
    if len(matching.phone_key(lead.phone)) >= 7:
        same |= Q(phone=lead.phone)
    if lead.wechat:
        same |= Q(wechat__iexact=lead.wechat)
    return Lead.objects.filter(same, status__in=OPEN, pk__lt=lead.pk).order_by("pk").first()


def first_contact_at(lead: Lead) -> datetime | None:
    """When somebody of ours first really reached out about the lead, after it came."""
    done = Activity.objects.filter(
        regarding_type="lead", regarding_id=lead.pk, state=Activity.State.DONE, direction=Activity.Direction.OUT,
        kind__in=REAL,
    )  # fmt: skip
    return done.order_by("at").values_list("at", flat=True).first()


def note(
    *, subject: tuple[str, int], account: Any, contact: Any, owner: Any, subject_line: str, body: str = "",
    direction: str = "in", by: Any = None, key: str,
) -> Activity:  # fmt: skip
    """Leave a line on the timeline, once per key."""
    return log_activity(
        kind="note", direction=direction, title=subject_line, body=body, subject=subject, account=account,
        contact=contact, owner=owner, key=key, by=by, trusted=True,
    )  # fmt: skip


def mail(
    *, to: str, subject_line: str, body: str, language: str, purpose: str, account: Any, contact: Any,
    subject: tuple[str, int] | None, key: str, by: Any = None,
) -> Any:  # fmt: skip
    """Put a mail into the outbox, once per key."""
    return send_mail(
        to=to, key=key, subject_line=subject_line, body=body, language=language, purpose=purpose, account=account,
        contact=contact, subject=subject, by=by,
    )  # fmt: skip


def suppressed(address: str, *, purpose: str) -> bool:
    """Whether nothing may be sent to an address for a purpose."""
    return is_suppressed(address, purpose=purpose)


def create_account_for(lead: Lead, *, manager: Any, by: Any) -> Any:
    """The account a lead becomes; its owner is the account manager."""
    return open_account(
        name=lead.company or lead.contact_name or lead.email, manager=manager, branch=lead.branch, country=lead.country,
        region=lead.region, city=lead.city, industry=lead.industry, employees=lead.employees,
        website=lead.website if lead.website.startswith(("http://", "https://")) else "",
        language=lead.language if lead.language in ("en", "zh-hans") else "en", by=by, trusted=True,
    )  # fmt: skip


def create_contact_for(lead: Lead, *, account: Any, by: Any) -> Any:
    """The person behind a lead."""
    return add_contact(
        account=account, name=lead.contact_name, title=lead.job_title, email=lead.email, telephone=lead.phone,
        wechat=lead.wechat, language=lead.language, by=by, trusted=True,
    )  # fmt: skip
