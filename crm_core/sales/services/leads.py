"""What happens to leads: received, matched, assigned, contacted, qualified, and one of their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import Branch
from crm_core.sales import customers, events
from crm_core.sales.fields import LEAD
from crm_core.sales.models import Lead, Opportunity
from crm_core.sales.models.leads import DisqualifyReason, LeadGrade, LeadRequest, LeadStatus
from crm_core.sales.services.opportunities import open_opportunity
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid, ProcessError

# What may be given when a lead arrives; everything else stays in the payload as it came.
RECEIVABLE = frozenset(item.name for item in LEAD if item.writable) - {"owner", "misses", "disqualify_reason"}


class LeadClosed(ProcessError):
    """The lead has come to an end; it must be recycled before anything else happens to it."""

    code = "lead_closed"


def _must_be_open(lead: Lead) -> None:
    if lead.status in (LeadStatus.CONVERTED, LeadStatus.JOINED, LeadStatus.DISQUALIFIED):
        raise LeadClosed(
            _("The lead %(number)s is closed (%(status)s). Recycle it first.")
            % {"number": lead.number, "status": lead.get_status_display()}
        )


def receive_lead(
    *,
    data: Mapping[str, Any],
    source: str = "web_form",
    channel: str = "web",
    idempotency_key: str | None = None,
    consent: bool = False,
    campaign_key: str = "",
    payload: Mapping[str, Any] | None = None,
    received_at: datetime | None = None,
    branch: Branch | None = None,
    announced: bool = True,
    by: Any = None,
) -> Lead:
    """Take in a lead from a form, mail, import or interface and publish `lead.received` (unless not `announced`).

    `data` holds fields of the lead; unknown ones are kept in the payload and change nothing.
    `idempotency_key` names the delivery: the same key gives the lead of the first time.
    Raises Invalid (with errors by field) when nobody could be reached or a value is wrong, and
    Denied when `by` may not add leads (None: the public form).
    """
    if by is not None:
        allow(by, "add", Lead)
    if idempotency_key and (known := Lead.objects.filter(idempotency_key=idempotency_key).first()):
        return known
    tidy = customers.tidy({name: value for name, value in data.items() if name in RECEIVABLE})
    values = declared.clean(Lead(), LEAD, {**tidy, "source": source, "channel": channel})
    values["consent"] = consent or bool(values.get("consent", False))
    try:
        return enter_lead(
            by=by,
            **values,
            branch=branch,
            campaign_key=str(campaign_key or "")[:80],
            payload=customers.plain_payload(payload if payload is not None else data),
            idempotency_key=idempotency_key or None,
            received_at=received_at or ports.now(),
            announced=announced,
        )
    except IntegrityError:
        # Two deliveries with the same key at once: the other one has won.
        if idempotency_key and (known := Lead.objects.filter(idempotency_key=idempotency_key).first()):
            return known
        raise


@transaction.atomic
def enter_lead(*, announced: bool = True, by: Any = None, **values: Any) -> Lead:
    """Take in a lead out of checked values by field.

    Without an owner it is announced (`lead.received`), so that its flow hands it out; with one it is that
    person's at once and nobody else is asked. Raises Invalid (with errors by field) when nobody could be reached.
    """
    if by is not None:
        allow(by, "add", Lead)
    values = customers.tidy(values)
    errors = _unreachable(values)
    if errors:
        raise Invalid(" ".join(errors.values()), errors=errors)
    owner = values.get("owner")
    values.setdefault("received_at", ports.now())
    values["consent_at"] = values["received_at"] if values.get("consent") else None
    if owner is not None:
        values |= {"assigned_at": ports.now(), "status": LeadStatus.ASSIGNED}
    lead = records.create(Lead, by=by, **values)
    if announced and owner is None:
        events.lead_received(lead)
    return lead


def receive_leads(*, rows: Sequence[Mapping[str, Any]], source: str, channel: str, by: Any) -> list[Lead]:
    """Take in many leads at once, without publishing `lead.received`; each is checked as `receive_lead` checks it, and
    all are written together. Raises Invalid for the first that is wrong (nothing is written then), and Denied."""
    if by is not None:
        allow(by, "add", Lead)
    at, ready = ports.now(), []
    for row in rows:
        tidy = customers.tidy({name: value for name, value in row.items() if name in RECEIVABLE})
        values = declared.clean(Lead(), LEAD, {**tidy, "source": source, "channel": channel})
        if errors := _unreachable(values):
            raise Invalid(" ".join(errors.values()), errors=errors)
        values |= {"payload": customers.plain_payload(row), "received_at": at}
        ready.append({**values, "consent_at": at if values.get("consent") else None})
    return records.insert_many(Lead, ready, by=by)


def _unreachable(values: Mapping[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not (values.get("email") or values.get("phone") or values.get("wechat")):
        errors["email"] = _("Give an e-mail address, a telephone number or a WeChat name, so that we can answer.")
    if not (values.get("company") or values.get("contact_name")):
        errors["contact_name"] = _("Give your name or your company.")
    return errors


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a lead belongs to, as far as we know."""

    kind: str
    account: Any | None = None
    contact: Any | None = None
    manager: Any | None = None
    open_lead: Lead | None = None

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing: ids and the number of the open lead."""
        return {
            "known": self.kind != "none",
            "account": self.account.pk if self.account is not None else None,
            "manager": self.manager.pk if self.manager is not None else None,
            "open_lead": self.open_lead.number if self.open_lead is not None else None,
            "kind": self.kind,
        }


@transaction.atomic
def match(*, lead: Lead, by: Any = None, trusted: bool = False) -> Match:
    """Find the open lead, contact or account that this lead belongs to, and link account and contact.

    Looks at all records, also those the person may not see: what is found is an id and the
    account manager, not its content (B17). An open lead of the same person wins.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    account, contact = customers.find(
        company=lead.company, email=lead.email, phone=lead.phone, wechat=lead.wechat, website=lead.website
    )
    earlier = customers.open_lead_like(lead)
    if account is not None or contact is not None:
        records.change(lead, by=by, account=account, contact=contact)
    manager = account.manager if account is not None else None
    if earlier is not None:
        return Match("open_lead", account, contact, manager, earlier)
    if contact is not None:
        return Match("contact", account, contact, manager)
    if account is not None:
        return Match("account", account, None, manager)
    return Match("none")


@transaction.atomic
def join_open(*, lead: Lead, by: Any = None, trusted: bool = False) -> Lead:
    """Join this lead to the open lead of the same person: its message goes to that lead's timeline.

    Returns the open lead. Raises LeadClosed when this one is closed, Invalid when there is none.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    if lead.status == LeadStatus.JOINED and lead.joined_to is not None:
        return lead.joined_to
    _must_be_open(lead)
    target = customers.open_lead_like(lead)
    if target is None:
        raise Invalid(_("No open lead of the same person was found. Assign the lead instead."))
    records.change(lead, by=by, joined_to=target, status=LeadStatus.JOINED, account=target.account or lead.account)
    customers.note(
        subject=("lead", target.pk),
        account=target.account,
        contact=target.contact,
        owner=target.owner,
        subject_line=_("Wrote again (%(number)s)") % {"number": lead.number},
        body=lead.message,
        by=by,
        key=f"lead.join:{lead.pk}",
    )
    if target.owner is not None:
        ports.notifier().notify(
            users=[target.owner],
            kind="lead_joined",
            context={"subject": ports.Subject("lead", target.pk), "title": str(target), "key": f"lead.join:{lead.pk}"},
        )
    return target


@transaction.atomic
def score_record(*, lead: Lead, score: Any, grade: str, by: Any = None, trusted: bool = False) -> Lead:
    """Write the score (a whole number) and class that the decision table gave."""
    allow(by, "change", lead, trusted=trusted)
    if grade not in LeadGrade.values:
        raise Invalid(
            _("“%(grade)s” is no class of leads. Use one of: %(known)s.")
            % {"grade": grade, "known": ", ".join(LeadGrade.values)}
        )
    lead = records.locked(lead)
    records.change(lead, by=by, score=int(Decimal(str(score))), grade=grade)
    return lead


@transaction.atomic
def assign(
    *, lead: Lead, owner: Any | None, branch: Branch | None = None, by: Any = None, trusted: bool = False
) -> Lead:
    """Give the lead to a person, or (owner None) leave it in its branch's queue.

    The lead moves to `branch`, else to the owner's branch.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    _must_be_open(lead)
    records.change(lead, by=by, **_given_to(lead, owner, branch))
    return lead


def _given_to(lead: Lead, owner: Any | None, branch: Branch | None) -> dict[str, Any]:
    """What is written when a lead gets an owner or loses it."""
    values: dict[str, Any] = {"owner": owner}
    employee = getattr(owner, "employee", None) if owner is not None else None
    if branch is not None:
        values["branch"] = branch
    elif employee is not None and employee.branch_id:
        values["branch_id"] = employee.branch_id
    if owner is not None:
        values["assigned_at"] = ports.now()
        if lead.status in (LeadStatus.NEW, LeadStatus.RECYCLED, LeadStatus.NURTURE):
            values["status"] = LeadStatus.ASSIGNED
    elif lead.status == LeadStatus.ASSIGNED:
        values["status"] = LeadStatus.NEW
    return values


@transaction.atomic
def first_touch(*, lead: Lead, by: Any = None, trusted: bool = False) -> bool:
    """Whether a real contact (call, meeting, mail ... done, to the customer) is linked to the lead.

    If so its time stops the clock: it is written to the lead once, and `lead.contacted` is
    published. A click on a status is no contact.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    if lead.first_contact_at is not None:
        return True
    at = customers.first_contact_at(lead)
    if at is None:
        return False
    values: dict[str, Any] = {"first_contact_at": at}
    if lead.status in (LeadStatus.NEW, LeadStatus.ASSIGNED, LeadStatus.RECYCLED):
        values["status"] = LeadStatus.CONTACTED
    records.change(lead, by=by, **values)
    events.lead_contacted(lead)
    return True


@transaction.atomic
def qualify(
    *,
    lead: Lead,
    need: str,
    budget: str,
    authority: str,
    timeline: str,
    by: Any = None,
    trusted: bool = False,
) -> Lead:
    """Write down need, budget, authority and time (BANT); the lead counts as qualified."""
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    _must_be_open(lead)
    answers = {"need": need, "budget": budget, "authority": authority, "timeline": timeline}
    values = declared.clean(lead, LEAD, answers)
    records.change(lead, by=by, **values, status=LeadStatus.QUALIFIED)
    return lead


def update_lead(*, lead: Lead, changes: Mapping[str, Any], by: Any = None, trusted: bool = False) -> Lead:
    """Write declared fields of a lead after checking them; raises Invalid with errors by field."""
    allow(by, "change", lead, trusted=trusted)
    return change_lead(lead, by=by, trusted=trusted, **declared.clean(lead, LEAD, customers.tidy(changes)))


@transaction.atomic
def change_lead(lead: Lead, *, by: Any = None, trusted: bool = False, **values: Any) -> Lead:
    """Write checked values by field. A new owner is noted as in `assign`; consent keeps its first moment.

    Raises LeadClosed when a closed lead is to get another owner.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    values = customers.tidy(values)
    if values.get("consent") and not lead.consent:
        values["consent_at"] = ports.now()
    if "owner" in values and values["owner"] != lead.owner:
        _must_be_open(lead)
        values |= _given_to(lead, values["owner"], values.get("branch"))
    records.change(lead, by=by, **values)
    return lead


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a lead."""

    lead: Lead
    account: Any
    contact: Any | None
    opportunity: Opportunity

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing."""
        return {
            "account": self.account.pk,
            "contact": self.contact.pk if self.contact is not None else None,
            "opportunity": self.opportunity.pk,
        }


@transaction.atomic
def convert(
    *,
    lead: Lead,
    name: str = "",
    amount: Decimal | int | str = 0,
    currency: str = "",
    expected_close: date | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Converted:
    """Make the lead a customer: account, contact and opportunity in one transaction.

    A known account or contact is used, never doubled; a new account gets the lead's owner as
    its manager. Converting again gives the same records. Publishes `opportunity.opened`.
    Raises LeadClosed for a lead that has come to another end, Invalid when nobody could be
    the account's manager.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    if lead.status == LeadStatus.CONVERTED and lead.opportunity is not None:
        return Converted(lead, lead.account, lead.contact, lead.opportunity)
    _must_be_open(lead)
    account, contact = lead.account, lead.contact
    if account is None:
        account, found = customers.find(
            company=lead.company, email=lead.email, phone=lead.phone, wechat=lead.wechat, website=lead.website
        )
        contact = contact or found
    manager = lead.owner or by
    if account is None:
        if manager is None:
            raise Invalid(_("Nobody owns the lead %(number)s. Assign it first.") % {"number": lead.number})
        account = customers.create_account_for(lead, manager=manager, by=by)
    if contact is None and (lead.contact_name or lead.email or lead.phone):
        contact = customers.create_contact_for(lead, account=account, by=by)
    opportunity = open_opportunity(
        name=name or _opportunity_name(lead),
        account=account,
        contact=contact,
        owner=lead.owner or account.manager,
        branch=lead.branch or account.branch,
        amount=amount,
        currency=currency or account.currency,
        expected_close=expected_close,
        source=lead.source,
        campaign_key=lead.campaign_key,
        sales_channel=lead.sales_channel,
        by=by,
        trusted=True,
    )
    records.change(
        lead,
        by=by,
        account=account,
        contact=contact,
        opportunity=opportunity,
        status=LeadStatus.CONVERTED,
        converted_at=ports.now(),
    )
    return Converted(lead, account, contact, opportunity)


def _opportunity_name(lead: Lead) -> str:
    who = lead.company or lead.contact_name
    what = ""
    if lead.product_interest:
        what = lead.get_product_interest_display()
    elif lead.request != LeadRequest.NONE:
        what = lead.get_request_display()
    return (f"{who}: {what}" if what else who)[:200]


@transaction.atomic
def nurture(
    *, lead: Lead, until: date | None = None, segment: str = "", by: Any = None, trusted: bool = False
) -> Lead:
    """Put the lead aside until a date or a response; it joins a segment by key."""
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    _must_be_open(lead)
    if isinstance(until, datetime):
        until = until.date()
    records.change(
        lead, by=by, status=LeadStatus.NURTURE, nurture_until=until, nurture_segment=str(segment or "")[:80]
    )
    return lead


@transaction.atomic
def disqualify(*, lead: Lead, reason: str, by: Any = None, trusted: bool = False) -> Lead:
    """Put the lead aside for good, with one of the known reasons."""
    allow(by, "change", lead, trusted=trusted)
    if reason not in DisqualifyReason.values:
        raise Invalid(
            _("Say why the lead is put aside. Use one of: %(known)s.")
            % {"known": ", ".join(DisqualifyReason.values)},
            errors={"reason": _("Choose a reason.")},
        )
    lead = records.locked(lead)
    if lead.status == LeadStatus.DISQUALIFIED:
        return lead
    _must_be_open(lead)
    records.change(lead, by=by, status=LeadStatus.DISQUALIFIED, disqualify_reason=reason)
    return lead


@transaction.atomic
def recycle(
    *, lead: Lead, publish: bool = False, by: Any = None, trusted: bool = False
) -> Lead:
    """Begin again with a lead that was put aside: new, nobody's, no misses.

    With `publish` it is announced anew, so that assignment starts (inside a process the
    drawing itself goes on instead). A converted or joined lead cannot be recycled.
    """
    allow(by, "change", lead, trusted=trusted)
    lead = records.locked(lead)
    if lead.status in (LeadStatus.CONVERTED, LeadStatus.JOINED):
        raise LeadClosed(
            _("The lead %(number)s became business already. Go on with that instead.") % {"number": lead.number}
        )
    records.change(
        lead,
        by=by,
        status=LeadStatus.NEW,
        owner=None,
        misses=0,
        nurture_until=None,
        nurture_segment="",
        disqualify_reason="",
        assigned_at=None,
        first_contact_at=None,
        recycled_count=lead.recycled_count + 1,
    )
    if publish:
        events.lead_received(lead, again=lead.recycled_count)
    return lead
