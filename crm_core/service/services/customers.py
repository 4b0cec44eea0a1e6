"""What the customer sees and does over the signed link: follow, add, accept or reject."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import override

from crm_core.kernel import declared, links, notices, records
from crm_core.kernel.access.authority import allow
from crm_core.sales import customers
from crm_core.service import events
from crm_core.service.models import Case, CaseMessage
from crm_core.service.models.cases import CaseStatus
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

MOST_TEXT = 5000
ANSWERS = ("accepted", "rejected")


def token_of(case: Case) -> str:
    """The signed token for the customer's page of a case."""
    return links.make("case", case.pk, case.customer_token)


def link_of(case: Case) -> str:
    """The whole address of the customer's page of a case."""
    return links.address("case", token_of(case))


def _case(signed: str, *, lock: bool = False) -> Case:
    opened = links.read("case", signed)
    rows = Case.objects.select_for_update(of=("self",)) if lock else Case.objects
    case = rows.filter(pk=opened.id).first()
    if case is None or not links.same(case.customer_token, opened.token):
        raise links.refuse()
    return case


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """One message of the conversation, as the customer may see it."""

    at: datetime
    from_customer: bool
    text: str


@dataclass(frozen=True, slots=True)
class CustomerView:
    """What the customer's page shows; nothing of it is internal."""

    number: str
    kind: str
    subject_line: str
    status: str
    status_text: str
    received_at: datetime
    language: str
    contact_person: str
    may_answer: bool
    may_write: bool
    customer_answer: str
    messages: list[CustomerMessage] = field(default_factory=list)


def customer_view(token: str) -> CustomerView:
    """What the page behind a customer's link shows. Raises LinkInvalid."""
    case = _case(token)
    with override(case.language if case.language in ("en", "zh-hans") else "en"):
        return CustomerView(
            number=case.number,
            kind=str(case.get_kind_display()),
            subject_line=case.subject_line,
            status=case.status,
            status_text=str(case.get_status_display()),
            received_at=case.received_at,
            language=case.language,
            contact_person=ports.people().display(case.contact_person) if case.contact_person else "",
            may_answer=case.status == CaseStatus.ANSWERED and not case.customer_answer,
            may_write=case.status != CaseStatus.CLOSED,
            customer_answer=case.customer_answer,
            messages=[
                CustomerMessage(m.at, m.direction == CaseMessage.Direction.FROM_CUSTOMER, m.text)
                for m in case.messages.order_by("at", "pk")
            ],
        )


@transaction.atomic
def customer_answers(token: str, *, answer: str | None = None, text: str = "") -> CustomerView:
    """The customer accepts or rejects our answer, or adds to the case.

    An answer publishes `case.customer_answered` (once per answer of ours; a second click
    changes nothing). Raises LinkInvalid, or Invalid when nothing was said or the case is closed.
    """
    case = _case(token, lock=True)
    said = customers.tidy({"text": str(text or "")})["text"]
    if answer is not None and answer not in ANSWERS:
        raise Invalid(_("Choose whether you accept the answer or not."), errors={"answer": _("Choose one.")})
    if answer is None and not said:
        raise Invalid(_("Write something first."), errors={"text": _("Write something.")})
    if len(said) > MOST_TEXT:
        raise Invalid(
            _("Please keep it below %(most)s characters.") % {"most": MOST_TEXT}, errors={"text": _("Too long.")}
        )
    if answer is not None and case.customer_answer == answer:
        return customer_view(token)
    if case.status == CaseStatus.CLOSED:
        raise Invalid(_("This case is closed. Please send us a new one."))
    if answer is not None and (case.status != CaseStatus.ANSWERED or case.customer_answer):
        raise Invalid(_("There is no open answer of ours to accept or reject at present."))
    if answer == "rejected" and not said:
        raise Invalid(_("Tell us what is still wrong."), errors={"text": _("Tell us what is still wrong.")})
    message = None
    if said:
        message = CaseMessage.objects.create(
            case=case, at=ports.now(), direction=CaseMessage.Direction.FROM_CUSTOMER, text=said
        )
    if answer is not None:
        records.change(case, by=None, customer_answer=answer)
        events.customer_answered(case, answer=answer, text=said, key=f"{case.reopen_count}:{case.answered_at:%Y%m%d%H%M%S%f}")
    elif message is not None:
        events.customer_wrote(case, message)
        _tell_handler(case, message)
    customers.note(
        subject=("case", case.pk),
        account=case.account,
        contact=case.contact,
        owner=case.handler or case.owner,
        direction="in",
        subject_line={
            "accepted": _("Customer accepted the answer to %(number)s"),
            "rejected": _("Customer rejected the answer to %(number)s"),
        }.get(answer or "", _("Customer wrote about %(number)s"))
        % {"number": case.number},
        body=said,
        key=f"case.customer:{case.pk}:{message.pk if message else answer}:{case.reopen_count}",
    )
    return customer_view(token)


def _tell_handler(case: Case, message: CaseMessage) -> None:
    for user in {person for person in (case.handler, case.contact_person) if person is not None}:
        with override(user.language):
            text = _("The customer wrote about %(number)s.") % {"number": case.number}
        notices.tell(
            users=[user],
            kind="customer_wrote",
            text=text,
            url=declared.page_of(case),
            subject=ports.Subject("case", case.pk),
            key=f"case.message:{message.pk}",
        )


@transaction.atomic
def send_link(*, case: Case, key: str = "", by: Any = None, trusted: bool = False) -> bool:
    """Send the customer the number and the signed link; False when we have no e-mail address."""
    allow(by, "change", case, trusted=trusted)
    if not case.contact_email:
        return False
    with override(case.language if case.language in ("en", "zh-hans") else "en"):
        subject_line = _("We have received your message: %(number)s") % {"number": case.number}
        body = _(
            "Thank you for writing to us about “%(subject)s”. Your number is %(number)s.\n\n"
            "Follow it and add to it here, no password needed:\n%(link)s"
        ) % {"subject": case.subject_line, "number": case.number, "link": link_of(case)}
    customers.mail(
        to=case.contact_email,
        subject_line=subject_line,
        body=body,
        language=case.language,
        purpose="service",
        account=case.account,
        contact=case.contact,
        subject=("case", case.pk),
        key=f"case.link:{key or case.pk}",
        by=by,
    )
    return True
