"""Answers to campaigns: they become leads (C7), and what became of the lead comes back."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from crm_core.kernel.access.authority import allow
from crm_core.marketing.models import Campaign, CampaignMember, Response
from crm_core.marketing.models.campaigns import MemberStatus
from crm_core.sales.models import Lead
from crm_core.sales.services import receive_lead
from processes import ports


@transaction.atomic
def record_response(
    *, campaign: Campaign, address: str = "", name: str = "", company: str = "", text: str = "", channel: str = "email",
    key: str | None = None, by: Any = None, trusted: bool = False,
) -> Response:  # fmt: skip
    """Somebody answered a campaign: kept, and handed to sales as a lead. The same key gives the answer of the first
    time. Raises Invalid when nobody could be reached by what was given."""
    allow(by, "add", Response, trusted=trusted)
    if key and (before := Response.objects.filter(key=key).first()):
        return before
    address = address.strip().lower()
    member = campaign.members.select_related("contact", "account").filter(address=address).first() if address else None
    contact = member.contact if member is not None else None
    account = member.account if member is not None else None
    lead = receive_lead(
        data={
            "company": company or (account.name if account is not None else ""),
            "contact_name": name or (contact.name if contact is not None else ""), "email": address, "message": text,
            "language": member.language if member is not None and member.language else "en",
        },
        source="campaign", channel=channel if channel in ("web", "email", "telephone", "event") else "email",
        campaign_key=campaign.number, consent=True, branch=campaign.branch,
        idempotency_key=f"response:{key}" if key else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            found = Response.objects.create(
                campaign=campaign, member=member, lead=lead, at=ports.now(), channel=channel[:20], text=text[:5000], key=key
            )
    except IntegrityError:
        if key and (before := Response.objects.filter(key=key).first()):
            return before
        raise
    if member is not None and member.status == MemberStatus.SENT:
        member.status, member.responded_at, member.lead = MemberStatus.RESPONDED, ports.now(), lead
        member.save(update_fields=["status", "responded_at", "lead"])
    return found


@transaction.atomic
def note_outcome(*, campaign: Campaign, lead_id: int, outcome: str, by: Any = None, trusted: bool = False) -> bool:
    """What became of a lead that the campaign brought; false when no member stands behind it."""
    allow(by, "change", campaign, trusted=trusted)
    if not Lead.objects.filter(pk=lead_id, campaign_key=campaign.number).exists():
        return False
    members = CampaignMember.objects.filter(campaign=campaign, lead_id=lead_id)
    values: dict[str, Any] = {"outcome": outcome[:20]}
    if outcome == "converted":
        values.update(status=MemberStatus.CONVERTED, converted_at=ports.now())
    return bool(members.update(**values))
