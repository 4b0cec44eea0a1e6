"""What drawings can do with cases and surveys. The drawing has decided; the services write."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm_core.kernel import records
from crm_core.sales.models import Opportunity
from crm_core.service import services
from crm_core.service.models import Case
from processes import api
from processes.api import gettext as _

P = api.Param


def _case(call: api.ActionCall) -> Case:
    if call.subject is None or call.subject.type != "case":
        raise api.ProcessError(_("“%(action)s” works on a case. Draw it in a process about cases.") % {"action": call.name})
    return records.fetch(Case, call.subject.id)


def _text(call: api.ActionCall, name: str) -> str:
    return str(call.inputs.get(name) or "")


def _person(call: api.ActionCall, name: str) -> Any:
    given = call.inputs.get(name)
    return get_user_model().objects.filter(pk=int(given), is_active=True).first() if given not in (None, "") else None


@api.action(
    "cases.acknowledge", label=gettext_lazy("Acknowledge the case"),
    parameters=[
        P("text", "text", gettext_lazy("text"), default=""), P("contact_person", "user", gettext_lazy("contact person")),
    ],
)  # fmt: skip
def acknowledge(call: api.ActionCall) -> None:
    """Tells the customer that we have it, and who looks after it."""
    services.acknowledge(
        case=_case(call), text=_text(call, "text"), contact_person=_person(call, "contact_person"), key=call.key,
        by=call.user, trusted=True,
    )  # fmt: skip


@api.action(
    "cases.write", label=gettext_lazy("Write to the customer"),
    parameters=[P("text", "text", gettext_lazy("text"), required=True)],
)  # fmt: skip
def write(call: api.ActionCall) -> None:
    """Writes to the customer without answering the case yet."""
    services.write_to_customer(case=_case(call), text=_text(call, "text"), key=call.key, by=call.user, trusted=True)


@api.action("links.send", label=gettext_lazy("Send number and link"), result="link_sent")
def send_link(call: api.ActionCall) -> bool:
    """Sends the customer the number and the signed link; false without an e-mail address."""
    return services.send_link(case=_case(call), key=call.key, by=call.user, trusted=True)


@api.action(
    "cases.set_severity", label=gettext_lazy("Set the severity"),
    parameters=[
        P("severity", "choice", gettext_lazy("severity"), required=True), P("priority", "number", gettext_lazy("priority")),
    ],
)  # fmt: skip
def set_severity(call: api.ActionCall) -> None:
    """Writes how bad it is, and how urgent."""
    services.set_severity(
        case=_case(call), severity=str(call.inputs["severity"]), priority=call.inputs.get("priority"), by=call.user,
        trusted=True,
    )  # fmt: skip


@api.action(
    "cases.assign_handler", label=gettext_lazy("Give the case to a person"),
    parameters=[P("user", "user", gettext_lazy("person"))],
)  # fmt: skip
def assign_handler(call: api.ActionCall) -> bool:
    """Makes a person the handler, who stays the customer's contact throughout (C5); false for nobody."""
    person = _person(call, "user")
    if person is None:
        return False
    services.assign_handler(case=_case(call), user=person, by=call.user, trusted=True)
    return True


@api.action(
    "cases.propose_articles", label=gettext_lazy("Propose solutions"), result="articles",
    parameters=[P("limit", "number", gettext_lazy("at most"), default=5)],
)  # fmt: skip
def propose_articles(call: api.ActionCall) -> list[dict[str, Any]]:
    """Looks into the knowledge base for what may solve it."""
    return services.propose_articles(case=_case(call), limit=int(call.inputs["limit"]), by=call.user, trusted=True)


@api.action(
    "cases.compensate", label=gettext_lazy("Compensate"), result="compensation",
    parameters=[
        P("amount", "number", gettext_lazy("amount"), required=True), P("kind", "choice", gettext_lazy("kind"), required=True),
    ],
)  # fmt: skip
def compensate(call: api.ActionCall) -> Any:
    """Gives the customer what was approved; nothing for an amount of 0."""
    row = services.compensate(
        case=_case(call), amount=call.inputs["amount"], kind=str(call.inputs["kind"]), key=call.key, by=call.user,
        trusted=True,
    )  # fmt: skip
    return row.pk if row is not None else None


@api.action(
    "cases.respond", label=gettext_lazy("Answer the customer"),
    parameters=[P("text", "text", gettext_lazy("text"), required=True)],
)  # fmt: skip
def respond(call: api.ActionCall) -> None:
    """Sends our answer, by mail and on the signed page."""
    services.respond(case=_case(call), text=_text(call, "text"), by=call.user, trusted=True)


@api.action(
    "cases.escalate", label=gettext_lazy("Escalate"),
    parameters=[
        P("level", "number", gettext_lazy("level"), required=True), P("role", "text", gettext_lazy("role"), required=True),
    ],
)  # fmt: skip
def escalate(call: api.ActionCall) -> None:
    """Raises the case a level and tells those who have to know."""
    services.escalate(
        case=_case(call), level=call.inputs["level"], role=_text(call, "role"), by=call.user, trusted=True
    )


@api.action(
    "cases.close", label=gettext_lazy("Close the case"),
    parameters=[
        P("cause", "choice", gettext_lazy("cause"), default=""), P("resolution", "text", gettext_lazy("resolution"), default=""),
    ],
)  # fmt: skip
def close(call: api.ActionCall) -> None:
    """Closes the case with its cause."""
    services.close(
        case=_case(call), cause=_text(call, "cause"), resolution=_text(call, "resolution"), by=call.user, trusted=True
    )


@api.action(
    "cases.reopen", label=gettext_lazy("Reopen the case"),
    parameters=[P("reason", "text", gettext_lazy("reason"), default="")],
)  # fmt: skip
def reopen(call: api.ActionCall) -> int:
    """Begins again with the case; gives how often it was reopened."""
    return services.reopen(case=_case(call), reason=_text(call, "reason"), by=call.user, trusted=True).reopen_count


@api.action(
    "surveys.send", label=gettext_lazy("Send a survey"), result="survey_sent",
    parameters=[
        P("kind", "choice", gettext_lazy("kind"), required=True), P("to", "text", pgettext_lazy("mail", "to"), default=""),
    ],
)  # fmt: skip
def survey(call: api.ActionCall) -> bool:
    """Asks the customer; false when there is no address, or nothing may be sent to it."""
    case = _case(call) if call.subject is not None and call.subject.type == "case" else None
    opportunity = None
    if call.subject is not None and call.subject.type == "opportunity":
        opportunity = Opportunity.objects.filter(pk=call.subject.id).first()
    to = _text(call, "to") or (case.contact_email if case is not None else "")
    sent = services.send_survey(
        kind=_text(call, "kind"), to=to, case=case, opportunity=opportunity, key=call.key, by=call.user, trusted=True
    )
    return sent is not None
