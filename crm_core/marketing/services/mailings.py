"""Mailings: the list with its control group, batches into the outbox, what comes back, who wants no more."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import override

from crm_core.kernel import links, records
from crm_core.kernel.access.authority import allow
from crm_core.marketing import selectors
from crm_core.marketing.models import Campaign, CampaignMember, Mailing, MailingBatch, MailingRecipient
from crm_core.marketing.models.campaigns import CampaignState, MemberStatus
from crm_core.marketing.services.campaigns import ApprovalMissing, gate, hash_of, locked
from crm_core.parties.models import Contact
from crm_core.parties.selectors import agreed, suppressed_among
from crm_core.parties.services import suppress
from crm_core.sales import customers
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

BATCH = 200
RETURNS = {
    "bounced": MemberStatus.BOUNCED, "complained": MemberStatus.COMPLAINED, "unsubscribed": MemberStatus.UNSUBSCRIBED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """What a batch did: mails handed over, people left out, people still to come, and where the campaign stands."""

    sent: int
    skipped: int
    left: int
    state: str

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing."""
        return {"sent": self.sent, "skipped": self.skipped, "left": self.left, "state": self.state}


@transaction.atomic
def build_list(*, campaign: Campaign, by: Any = None, trusted: bool = False) -> int:
    """Write the members: whoever may be written to now, a part of them drawn into the control group.

    The draw depends on campaign and address alone, so doing it again gives the same groups. Gives the number of
    those who will get the mail.
    """
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    audience = selectors.audience_of(campaign)
    known = set(campaign.members.values_list("address", flat=True))
    share = float(campaign.control_group) / 100
    rows = []
    for contact in audience.reachable:
        address = contact.email.strip().lower()
        if address in known:
            continue
        drawn = int(hashlib.sha256(f"{campaign.number}:{address}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
        rows.append(
            CampaignMember(
                campaign=campaign, contact=contact, account=contact.account, address=address, language=contact.language,
                status=MemberStatus.CONTROL if drawn < share else MemberStatus.PLANNED,
            )
        )  # fmt: skip
    CampaignMember.objects.bulk_create(rows, batch_size=500)
    wanted = campaign.members.filter(status=MemberStatus.PLANNED).count()
    records.change(campaign, by=by, audience_size=wanted)
    return wanted


def _text(campaign: Campaign, language: str) -> tuple[str, str, str]:
    """Subject, text and language of the mail for somebody who reads a language; the other one where it is missing."""
    lang = language if language in campaign.bodies else next(iter(campaign.bodies), "")
    return str(campaign.subjects.get(lang, "")), str(campaign.bodies.get(lang, "")), lang or "en"


def _footer(member: CampaignMember, language: str) -> str:
    with override(language if language in ("en", "zh-hans") else "en"):
        return _("You want no more mails of this kind? One click: %(link)s") % {"link": unsubscribe_link(member)}


@transaction.atomic
def send_test(*, campaign: Campaign, key: str, by: Any = None, trusted: bool = False) -> str:
    """Send the mail to the campaign's owner, to look at. Raises Invalid without a text or an address."""
    allow(by, "change", campaign, trusted=trusted)
    owner = campaign.owner
    if owner is None or not owner.email:
        raise Invalid(_("The owner of the campaign has no e-mail address for a test."))
    subject_line, body, lang = _text(campaign, getattr(owner, "language", "en"))
    if not body:
        raise Invalid(_("Write the mail first."))
    mail = customers.mail(
        to=owner.email, subject_line=f"[{_('test')}] {subject_line}", body=body, language=lang, purpose="service",
        account=None, contact=None, subject=("campaign", campaign.pk), key=f"campaign.test:{key}", by=by,
    )  # fmt: skip
    return str(mail.to)


@transaction.atomic
def send_batch(*, campaign: Campaign, size: int = BATCH, key: str, by: Any = None, trusted: bool = False) -> Sent:
    """Hand the next part of the mailing to the outbox: never twice to an address, never to a suppressed one.

    The same key sends once. A paused or stopped campaign sends nothing and says so. Raises ApprovalMissing when
    the launch gate is not open.
    """
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    planned = campaign.members.filter(status=MemberStatus.PLANNED)
    if campaign.state in (CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.CLOSED, CampaignState.REJECTED):
        return Sent(0, 0, planned.count(), campaign.state)
    if before := MailingBatch.objects.filter(key=key).first():
        return Sent(before.sent, before.skipped, planned.count(), campaign.state)
    found = gate(campaign=campaign)
    if not found.is_open:
        raise ApprovalMissing(_("Nothing was sent: %(why)s Have the campaign approved again.") % {"why": found.en})
    now = ports.now()
    mailing, _new = Mailing.objects.get_or_create(
        campaign=campaign, defaults={"content_hash": hash_of(campaign, ("subjects", "bodies")), "created_at": now}
    )
    if campaign.state != CampaignState.RUNNING:
        records.change(campaign, by=by, state=CampaignState.RUNNING, launched_at=campaign.launched_at or now)
    batch = MailingBatch.objects.create(mailing=mailing, number=mailing.batches.count() + 1, at=now, key=key)
    members = list(planned.select_related("contact", "account").order_by("pk")[: max(1, int(size))])
    may_not = _Kept.now(campaign, members)
    sent = skipped = 0
    for member in members:
        why = may_not.why(member)
        if why:
            member.status, member.skip_reason = MemberStatus.SKIPPED, why
            skipped += 1
        else:
            _send(campaign, mailing, batch, member, by)
            may_not.written_to.add(member.address)
            member.status, member.sent_at = MemberStatus.SENT, now
            sent += 1
        member.save(update_fields=["status", "skip_reason", "sent_at"])
    batch.sent, batch.skipped = sent, skipped
    batch.save(update_fields=["sent", "skipped"])
    left = planned.count()
    if not left:
        mailing.state = Mailing.State.DONE
        mailing.save(update_fields=["state"])
    return Sent(sent, skipped, left, campaign.state)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What keeps a mail back, asked anew at the moment of sending: much may have happened since the list was made."""

    written_to: set[str]
    suppressed: set[str]
    agreed: set[int] | None
    """The contacts who agree now; None where the ground of the campaign is not consent."""

    @classmethod
    def now(cls, campaign: Campaign, members: list[CampaignMember]) -> _Kept:
        agree = None
        if campaign.consent_basis == "consent":
            people = Contact.objects.filter(pk__in=[member.contact_id for member in members if member.contact_id])
            agree = set(agreed(people, channel="email", purpose="marketing").values_list("pk", flat=True))
        return cls(
            selectors.addresses_written_to(campaign),
            suppressed_among((member.address for member in members), purpose="marketing"), agree,
        )  # fmt: skip

    def why(self, member: CampaignMember) -> str:
        """The reason to leave a member out; empty when the mail may go."""
        if member.address in self.written_to:
            return "double"
        if member.address in self.suppressed:
            return "suppressed"
        if member.contact is not None and not member.contact.active:
            return "gone"
        if self.agreed is not None and member.contact_id not in self.agreed:
            return "no_consent"
        return ""


def _send(campaign: Campaign, mailing: Mailing, batch: MailingBatch, member: CampaignMember, by: Any) -> None:
    subject_line, body, lang = _text(campaign, member.language)
    mail = customers.mail(
        to=member.address, subject_line=subject_line, body=f"{body}\n\n{_footer(member, lang)}", language=lang,
        purpose="marketing", account=member.account, contact=member.contact, subject=("campaign", campaign.pk),
        key=f"campaign:{campaign.pk}:{member.pk}", by=by,
    )  # fmt: skip
    MailingRecipient.objects.create(mailing=mailing, batch=batch, member=member, address=member.address, mail=mail,
                                    at=ports.now())  # fmt: skip


@transaction.atomic
def note_return(*, campaign: Campaign, address: str, what: str, by: Any = None, trusted: bool = False) -> bool:
    """A mail came back (`bounced`), was complained about (`complained`), or the person wants no more
    (`unsubscribed`): the address is suppressed for good. False for somebody who got nothing."""
    allow(by, "change", campaign, trusted=trusted)
    if what not in RETURNS:
        raise Invalid(_("“%(what)s” is nothing that comes back from a mailing.") % {"what": what})
    found = (
        MailingRecipient.objects.select_related("member__contact")
        .filter(mailing__campaign=campaign, address=address.strip().lower()).first()
    )  # fmt: skip
    if found is None:
        return False
    if found.state != what:
        found.state = what
        found.save(update_fields=["state"])
        found.member.status = RETURNS[what]
        found.member.save(update_fields=["status"])
    suppress(address=found.address, reason=what, purpose="" if what == "bounced" else "marketing",
             contact=found.member.contact, note=campaign.number, by=by, trusted=True)  # fmt: skip
    return True


# --- the person's own word -----------------------------------------------------------------------------------
def unsubscribe_link(member: CampaignMember) -> str:
    """The whole address at which a member can say that they want no more."""
    return links.address("unsubscribe", links.make("unsubscribe", member.pk, member.address))


def member_of_link(token: str) -> CampaignMember:
    """The member behind a signed link. Raises LinkInvalid."""
    opened = links.read("unsubscribe", token)
    member = CampaignMember.objects.select_related("campaign", "contact").filter(pk=opened.id).first()
    if member is None or not links.same(member.address, opened.token):
        raise links.refuse()
    return member


def unsubscribe(token: str) -> str:
    """Nothing more for marketing to the address behind a signed link; gives the address. Raises LinkInvalid."""
    member = member_of_link(token)
    if not note_return(campaign=member.campaign, address=member.address, what="unsubscribed", trusted=True):
        suppress(address=member.address, reason="unsubscribed", purpose="marketing", contact=member.contact, trusted=True)
    return member.address
