"""What happens to cases, in the order of ISO 10002: received to closed, and learned from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import override

from crm_core.kernel import declared, notices, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import Branch
from crm_core.knowledge import selectors as knowledge
from crm_core.sales import customers
from crm_core.service import events
from crm_core.service.fields import CASE, PERSONAL, RECEIVABLE
from crm_core.service.models import Case, CaseArticle, CaseMessage, Resolution
from crm_core.service.models.cases import CaseChannel, CaseStatus, Cause, Severity
from crm_core.service.selectors import entitlement_of
from crm_core.service.services.customers import link_of
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid, ProcessError

HIGHEST_LEVEL = 3


class CaseClosed(ProcessError):
    """The case is closed; it must be reopened before anything else happens to it."""

    code = "case_closed"


class NotIndependent(ProcessError):
    """The person chosen is the one complained about."""

    code = "not_independent"


def _must_be_open(case: Case) -> None:
    if case.status == CaseStatus.CLOSED:
        raise CaseClosed(_("The case %(number)s is closed. Reopen it first.") % {"number": case.number})


def note(case: Case, line: str, *, body: str = "", by: Any = None, key: str) -> None:
    """Leave a line on the customer's timeline, once per key."""
    customers.note(
        subject=("case", case.pk),
        account=case.account,
        contact=case.contact,
        owner=case.handler or case.owner,
        subject_line=line,
        body=body,
        by=by,
        key=key,
    )


def receive_case(
    *,
    data: Mapping[str, Any],
    channel: str = "web",
    idempotency_key: str | None = None,
    payload: Mapping[str, Any] | None = None,
    account: Any = None,
    contact: Any = None,
    about_person: Any = None,
    branch: Branch | None = None,
    owner: Any = None,
    received_at: datetime | None = None,
    announced: bool = True,
    by: Any = None,
) -> Case:
    """Take in an enquiry, complaint, fault or request and publish `case.received` (unless not `announced`).

    `data` holds fields of the case and of the customer (contact_name, contact_email,
    contact_phone, company, language, description); unknown ones are kept in the payload.
    The customer is looked up among all accounts and contacts. A complaint may be anonymous: then
    nobody gets a link. The same `idempotency_key` gives the case of the first time. Raises
    Invalid with errors by field, Denied when `by` may not add cases (None: the public form).
    """
    if by is not None:
        allow(by, "add", Case)
    if idempotency_key and (known := Case.objects.filter(idempotency_key=idempotency_key).first()):
        return known
    told = customers.tidy(data)
    values = declared.clean(Case(), CASE, {name: told[name] for name in told if name in RECEIVABLE})
    person = {name: told.get(name) or "" for name in PERSONAL}
    errors = _problems(values, person, channel)
    if errors:
        raise Invalid(" ".join(errors.values()), errors=errors)
    if account is None and contact is None:
        account, contact = customers.find(
            company=person["company"], email=person["contact_email"], phone=person["contact_phone"]
        )
    at = received_at or ports.now()
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    try:
        with transaction.atomic():
            case = records.create(
                Case,
                by=by,
                **values,
                channel=channel,
                account=account,
                contact=contact,
                about_person=about_person,
                owner=owner,
                branch=branch or (account.branch if account is not None else None),
                contact_name=person["contact_name"][:200] or (contact.name if contact is not None else ""),
                contact_email=person["contact_email"] or (contact.email if contact is not None else ""),
                contact_phone=person["contact_phone"][:60],
                company=person["company"][:200],
                language=person["language"][:10] or _language(account, contact),
                description=person["description"],
                currency=account.currency if account is not None else "CNY",
                entitlement=entitlement_of(account, day, values.get("product", "")),
                received_at=at,
                payload=customers.plain_payload(payload if payload is not None else data),
                idempotency_key=idempotency_key or None,
            )
            if case.description:
                CaseMessage.objects.create(
                    case=case, at=at, direction=CaseMessage.Direction.FROM_CUSTOMER, text=case.description
                )
            if announced:
                events.case_received(case)
    except IntegrityError:
        # Two deliveries with the same key at once: the other one has won.
        if idempotency_key and (known := Case.objects.filter(idempotency_key=idempotency_key).first()):
            return known
        raise
    return case


def _language(account: Any, contact: Any) -> str:
    known = contact or account
    return known.language if known is not None else settings.LANGUAGE_CODE


def _problems(values: Mapping[str, Any], person: Mapping[str, str], channel: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if channel not in CaseChannel.values:
        errors["channel"] = _("“%(channel)s” is no channel we know.") % {"channel": channel}
    if not values.get("subject_line"):
        errors["subject_line"] = _("Say in a few words what it is about.")
    if not person["description"].strip():
        errors["description"] = _("Tell us what happened.")
    if person["contact_email"]:
        try:
            validate_email(person["contact_email"])
        except ValidationError:
            errors["contact_email"] = _("This is no e-mail address. Correct it, or leave it empty.")
    return errors


def enter_case(*, by: Any = None, **values: Any) -> Case:
    """Take in a case that a member of staff wrote down out of checked values by field; see `receive_case`."""
    told = {name: values.pop(name) for name in (*RECEIVABLE, *PERSONAL) if name in values and name != "channel"}
    return receive_case(data=told, payload={}, by=by, **values)


def update_case(*, case: Case, changes: Mapping[str, Any], by: Any = None, trusted: bool = False) -> Case:
    """Write declared fields of a case after checking them; raises Invalid with errors by field."""
    allow(by, "change", case, trusted=trusted)
    return change_case(case, by=by, trusted=trusted, **declared.clean(case, CASE, changes))


@transaction.atomic
def change_case(case: Case, *, by: Any = None, trusted: bool = False, **values: Any) -> Case:
    """Write checked values by field. A new handler gets the case as in `assign_handler`; with another account comes
    its entitlement. Raises NotIndependent when the handler is the person complained about, CaseClosed."""
    allow(by, "change", case, trusted=trusted)
    case = records.locked(case)
    handler = values.pop("handler", case.handler)
    if values.get("about_person") is not None and values["about_person"] == handler:
        raise NotIndependent(_("The complaint is about this person. Choose somebody else to handle it."))
    if "account" in values and values["account"] != case.account and "entitlement" not in values:
        day = case.received_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        values["entitlement"] = entitlement_of(values["account"], day, values.get("product", case.product))
    records.change(case, by=by, **values)
    if handler is None:
        records.change(case, by=by, handler=None)
    elif handler != case.handler:
        case = assign_handler(case=case, user=handler, by=by, trusted=True)
    return case


@transaction.atomic
def acknowledge(
    *, case: Case, text: str = "", contact_person: Any = None, key: str = "", by: Any = None, trusted: bool = False
) -> Case:
    """Tell the customer that we have the case, in words if there are any, and name who looks after it.

    Doing it twice changes nothing. Raises CaseClosed, and NotIndependent for the person complained about.
    """
    allow(by, "change", case, trusted=trusted)
    case = records.locked(case)
    if case.acknowledged_at is not None:
        return case
    _must_be_open(case)
    if contact_person is not None:
        case = assign_handler(case=case, user=contact_person, by=by, trusted=trusted)
    values: dict[str, Any] = {"acknowledged_at": ports.now()}
    if contact_person is not None:
        values["contact_person"] = contact_person
    if case.status == CaseStatus.NEW:
        values["status"] = CaseStatus.ACKNOWLEDGED
    records.change(case, by=by, **values)
    if str(text or "").strip():
        write_to_customer(case=case, text=text, key=key or f"ack:{case.pk}", by=by, trusted=trusted)
    note(case, _("Case %(number)s acknowledged") % {"number": case.number}, by=by, key=f"case.ack:{case.pk}")
    return case


@transaction.atomic
def write_to_customer(
    *, case: Case, text: str, key: str, by: Any = None, trusted: bool = False
) -> CaseMessage:
    """Write to the customer without answering the case yet: on the signed page, and by mail where we have an
    address. The same key writes once. Raises Invalid for an empty text, CaseClosed."""
    allow(by, "change", case, trusted=trusted)
    said = str(text or "").strip()
    if not said:
        raise Invalid(_("Write something to the customer first."), errors={"text": _("Write something.")})
    if before := CaseMessage.objects.filter(case=case, key=key).first():
        return before
    _must_be_open(case)
    message = CaseMessage.objects.create(
        case=case, at=ports.now(), direction=CaseMessage.Direction.TO_CUSTOMER, by=by, text=said, key=key
    )
    with override(case.language if case.language in ("en", "zh-hans") else "en"):
        subject_line = _("About %(number)s") % {"number": case.number}
        closing = _("Answer and follow it here: %(link)s") % {"link": link_of(case)}
    if case.contact_email:
        customers.mail(
            to=case.contact_email,
            subject_line=subject_line,
            body=f"{said}\n\n{closing}",
            language=case.language,
            purpose="service",
            account=case.account,
            contact=case.contact,
            subject=("case", case.pk),
            key=f"case.write:{message.pk}",
            by=by,
        )
    else:
        note(case, _("Written to the customer (no e-mail address)"), body=said, by=by, key=f"case.write:{message.pk}")
    return message


@transaction.atomic
def set_severity(
    *, case: Case, severity: str, priority: Any = None, by: Any = None, trusted: bool = False
) -> Case:
    """Write severity and priority (0 to 100, higher first) as the decision table gave them."""
    allow(by, "change", case, trusted=trusted)
    if severity not in Severity.values:
        raise Invalid(
            _("“%(severity)s” is no severity. Use one of: %(known)s.")
            % {"severity": severity, "known": ", ".join(Severity.values)}
        )
    values: dict[str, Any] = {"severity": severity}
    if priority is not None:
        number = int(priority)
        if not 0 <= number <= 100:
            raise Invalid(_("A priority is a number from 0 to 100."))
        values["priority"] = number
    case = records.locked(case)
    records.change(case, by=by, **values)
    return case


@transaction.atomic
def assign_handler(*, case: Case, user: Any, by: Any = None, trusted: bool = False) -> Case:
    """Give the case to somebody to work on; the first handler stays the customer's contact person (C5).

    Raises NotIndependent for the person complained about (ISO 10002), CaseClosed, Invalid.
    """
    allow(by, "change", case, trusted=trusted)
    case = records.locked(case)
    _must_be_open(case)
    if user is None or not user.is_active:
        raise Invalid(_("Choose somebody who works here at present."))
    if case.about_person_id == user.pk:
        raise NotIndependent(_("The complaint is about this person. Choose somebody else to handle it."))
    values: dict[str, Any] = {"handler": user, "owner": case.owner or user}
    if case.contact_person_id is None:
        values["contact_person"] = user
    employee = getattr(user, "employee", None)
    if case.branch_id is None and employee is not None:
        values["branch_id"] = employee.branch_id
    if case.status in (CaseStatus.NEW, CaseStatus.ACKNOWLEDGED, CaseStatus.REOPENED):
        values["status"] = CaseStatus.INVESTIGATING
    records.change(case, by=by, **values)
    return case


@transaction.atomic
def escalate(*, case: Case, level: Any, role: str, by: Any = None, trusted: bool = False) -> Case:
    """Raise the case to a level (1 team lead, 2 branch, 3 board) and tell the people of a role.

    Those who look after the case's branch are told, all of the role if there are none.
    The level never falls.
    """
    allow(by, "change", case, trusted=trusted)
    number = int(level)
    if not 1 <= number <= HIGHEST_LEVEL:
        raise Invalid(_("An escalation level is 1, 2 or 3."))
    case = records.locked(case)
    if number <= case.escalation_level:
        return case
    records.change(case, by=by, escalation_level=number)
    people = ports.people()
    told = people.members(role, f"branch:{case.branch_id}") if case.branch_id else []
    told = [user for user in (told or people.members(role)) if user.pk != case.about_person_id]
    for user in told:
        with override(getattr(user, "language", None) or "en"):
            text = _("The case %(number)s was escalated to level %(level)s.") % {
                "number": case.number,
                "level": number,
            }
        notices.tell(
            users=[user],
            kind="escalated",
            text=text,
            url=declared.page_of(case),
            subject=ports.Subject("case", case.pk),
            key=f"case.escalate:{case.pk}:{number}",
        )
    line = _("Escalated to level %(level)s") % {"level": number}
    note(case, line, by=by, key=f"case.escalate:{case.pk}:{number}:{case.reopen_count}")
    return case


@transaction.atomic
def propose_articles(
    *, case: Case, limit: int = 5, by: Any = None, trusted: bool = False
) -> list[dict[str, Any]]:
    """Look for articles that may help; the best are linked to the case and returned, best first."""
    allow(by, "view", case, trusted=trusted)
    text = f"{case.subject_line} {case.product} {case.description}"
    hits = knowledge.propose(
        text, language=case.language, product_group=case.product_group, limit=limit
    )
    for hit in hits:
        CaseArticle.objects.update_or_create(
            case=case, article=hit.article, defaults={"score": hit.score, "at": ports.now()}
        )
    return [
        {
            "id": hit.article.pk,
            "number": hit.article.number,
            "title": hit.article.title,
            "language": hit.article.language,
            "score": round(hit.score, 3),
        }
        for hit in hits
    ]


@transaction.atomic
def respond(*, case: Case, text: str, by: Any = None, trusted: bool = False) -> Case:
    """Answer the customer: the text stands on the signed page and goes out by mail with the link.

    Raises Invalid for an empty text, CaseClosed.
    """
    allow(by, "change", case, trusted=trusted)
    if not str(text or "").strip():
        raise Invalid(_("Write the answer to the customer first."), errors={"text": _("Give the answer.")})
    case = records.locked(case)
    _must_be_open(case)
    records.change(
        case, by=by, status=CaseStatus.ANSWERED, answered_at=ports.now(), customer_answer=""
    )
    message = CaseMessage.objects.create(
        case=case, at=ports.now(), direction=CaseMessage.Direction.TO_CUSTOMER, by=by, text=str(text)
    )
    Resolution.objects.create(case=case, at=ports.now(), by=by, cause=case.cause, text=str(text))
    if case.contact_email:
        with override(case.language):
            subject_line = _("Our answer to %(number)s") % {"number": case.number}
            closing = _("Tell us whether this settles the matter: %(link)s") % {"link": link_of(case)}
        customers.mail(
            to=case.contact_email,
            subject_line=subject_line,
            body=f"{text}\n\n{closing}",
            language=case.language,
            purpose="service",
            account=case.account,
            contact=case.contact,
            subject=("case", case.pk),
            key=f"case.respond:{message.pk}",
            by=by,
        )
    else:
        note(case, _("Answered (no e-mail address)"), body=str(text), by=by, key=f"case.respond:{message.pk}")
    return case


@transaction.atomic
def close(
    *, case: Case, cause: str = "", resolution: str = "", by: Any = None, trusted: bool = False
) -> Case:
    """Close the case with its cause and resolution. Closing twice changes nothing."""
    allow(by, "change", case, trusted=trusted)
    if cause and cause not in Cause.values:
        raise Invalid(
            _("“%(cause)s” is no cause we know. Use one of: %(known)s.")
            % {"cause": cause, "known": ", ".join(Cause.values)}
        )
    case = records.locked(case)
    if case.status == CaseStatus.CLOSED:
        return case
    accepted = {"accepted": True, "rejected": False}.get(case.customer_answer)
    records.change(
        case,
        by=by,
        status=CaseStatus.CLOSED,
        closed_at=ports.now(),
        cause=cause or case.cause,
        resolution=str(resolution or case.resolution),
    )
    Resolution.objects.create(
        case=case, at=ports.now(), by=by, cause=case.cause, text=case.resolution, accepted=accepted
    )
    note(
        case,
        _("Case %(number)s closed") % {"number": case.number},
        body=case.resolution,
        by=by,
        key=f"case.close:{case.pk}:{case.reopen_count}",
    )
    return case


@transaction.atomic
def reopen(*, case: Case, reason: str = "", by: Any = None, trusted: bool = False) -> Case:
    """Take an answered or closed case up again; it is counted."""
    allow(by, "change", case, trusted=trusted)
    case = records.locked(case)
    if case.status not in (CaseStatus.ANSWERED, CaseStatus.CLOSED):
        raise Invalid(_("The case %(number)s is open. Go on with it.") % {"number": case.number})
    records.change(
        case,
        by=by,
        status=CaseStatus.REOPENED,
        closed_at=None,
        customer_answer="",
        reopen_count=case.reopen_count + 1,
    )
    note(
        case,
        _("Case %(number)s reopened") % {"number": case.number},
        body=str(reason or ""),
        by=by,
        key=f"case.reopen:{case.pk}:{case.reopen_count}",
    )
    return case
