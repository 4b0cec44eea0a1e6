"""What drawings can do with leads, opportunities and quotes. The drawing has decided; the services write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy

from crm_core.kernel import records
from crm_core.kernel.models import Branch
from crm_core.sales import events, services
from crm_core.sales.models import Lead, Opportunity, Quote
from processes import api, ports
from processes.api import gettext as _

P = api.Param


def _lead(call: api.ActionCall) -> Lead:
    if call.subject is None or call.subject.type != "lead":
        raise api.ProcessError(_("“%(action)s” works on a lead. Draw it in a process about leads.") % {"action": call.name})
    return records.fetch(Lead, call.subject.id)


def _opportunity(call: api.ActionCall) -> Opportunity:
    if call.subject is None or call.subject.type != "opportunity":
        raise api.ProcessError(
            _("“%(action)s” works on an opportunity. Draw it in a process about opportunities.") % {"action": call.name}
        )
    return records.fetch(Opportunity, call.subject.id)


def _quote(call: api.ActionCall) -> Quote:
    given = call.inputs.get("quote")
    number = given.get("number") if isinstance(given, dict) else given
    found = Quote.objects.filter(number=str(number or "")).select_related("opportunity").first()
    if found is None:
        raise api.ProcessError(_("There is no quote with the number “%(number)s”.") % {"number": number})
    return found


def _person(value: Any) -> Any:
    if value in (None, ""):
        return None
    return get_user_model().objects.filter(pk=int(value), is_active=True).select_related("employee").first()


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value


# --- leads -------------------------------------------------------------------------------------------------
@api.action("leads.match", label=gettext_lazy("Find known customer"), result="match")
def match(call: api.ActionCall) -> dict[str, Any]:
    """Looks for the account, contact or open lead that the lead belongs to."""
    return services.match(lead=_lead(call), by=call.user, trusted=True).as_result()


@api.action("leads.join_open", label=gettext_lazy("Join the open lead"), result="joined")
def join_open(call: api.ActionCall) -> str:
    """Joins the lead to the open lead of the same person; gives that one's number."""
    return services.join_open(lead=_lead(call), by=call.user, trusted=True).number


@api.action(
    "leads.score_record", label=gettext_lazy("Record score and class"),
    parameters=[
        P("score", "number", gettext_lazy("score"), required=True), P("grade", "text", gettext_lazy("class"), required=True),
    ],
)  # fmt: skip
def score_record(call: api.ActionCall) -> None:
    """Writes the score and class that a table gave."""
    services.score_record(
        lead=_lead(call), score=call.inputs["score"], grade=str(call.inputs["grade"]), by=call.user, trusted=True
    )


@api.action("leads.first_touch", label=gettext_lazy("Check for a real contact"), result="touched")
def first_touch(call: api.ActionCall) -> bool:
    """Whether a call, visit or mail to the customer is on the lead's timeline."""
    return services.first_touch(lead=_lead(call), by=call.user, trusted=True)


@api.action(
    "leads.convert", label=gettext_lazy("Convert the lead"), result="converted",
    parameters=[
        P("name", "text", gettext_lazy("name"), default=""), P("amount", "number", gettext_lazy("amount"), default=0),
        P("currency", "text", gettext_lazy("currency"), default=""), P("expected_close", "date", gettext_lazy("expected close")),
    ],
)  # fmt: skip
def convert(call: api.ActionCall) -> dict[str, Any]:
    """Makes account, contact and opportunity of the lead."""
    inputs = call.inputs
    return services.convert(
        lead=_lead(call), name=str(inputs.get("name") or ""), amount=inputs.get("amount") or 0,
        currency=str(inputs.get("currency") or ""), expected_close=_day(inputs.get("expected_close")), by=call.user,
        trusted=True,
    ).as_result()  # fmt: skip


@api.action(
    "leads.disqualify", label=gettext_lazy("Disqualify"),
    parameters=[P("reason", "choice", gettext_lazy("reason"), required=True)],
)  # fmt: skip
def disqualify(call: api.ActionCall) -> None:
    """Puts the lead aside for good."""
    services.disqualify(lead=_lead(call), reason=str(call.inputs["reason"]), by=call.user, trusted=True)


@api.action(
    "leads.nurture", label=gettext_lazy("Nurture"),
    parameters=[P("until", "date", gettext_lazy("until")), P("segment", "text", gettext_lazy("segment"), default="")],
)  # fmt: skip
def nurture(call: api.ActionCall) -> None:
    """Puts the lead aside until a date or a response."""
    services.nurture(
        lead=_lead(call), until=_day(call.inputs.get("until")), segment=str(call.inputs.get("segment") or ""),
        by=call.user, trusted=True,
    )  # fmt: skip


@api.action("leads.recycle", label=gettext_lazy("Back to the pool"))
def recycle(call: api.ActionCall) -> None:
    """Begins again with the lead."""
    services.recycle(lead=_lead(call), by=call.user, trusted=True)


@api.action(
    "leads.feed_back", label=gettext_lazy("Report to the campaign"),
    parameters=[P("outcome", "choice", gettext_lazy("outcome"), required=True)],
)  # fmt: skip
def feed_back(call: api.ActionCall) -> bool:
    """Tells the campaign that brought the lead what became of it (C7); false where none did."""
    lead = _lead(call)
    if not lead.campaign_key:
        return False
    events.lead_outcome(lead, str(call.inputs["outcome"]))
    return True


# --- assignment --------------------------------------------------------------------------------------------
@api.action(
    "assign.choose", label=gettext_lazy("Choose the person"), result="choice",
    parameters=[
        P("method", "choice", gettext_lazy("method"), required=True), P("role", "text", gettext_lazy("role"), required=True),
        P("scope", "text", gettext_lazy("place"), default=""), P("language", "text", gettext_lazy("language"), default=""),
        P("skill", "text", gettext_lazy("skill"), default=""), P("exclude", "list", gettext_lazy("not these people"), default=None),
        P("preferred", "user", gettext_lazy("first of all")),
        P("skill_match", "choice", gettext_lazy("how well the skills must fit (exact, closest)"), default="exact"),
        P("off_shift", "choice", gettext_lazy("while nobody is on shift (wait, first_back, ignore)"), default="wait"),
    ],
)  # fmt: skip
def choose(call: api.ActionCall) -> dict[str, Any]:
    """Chooses who gets the work, by the method that a table names; the ledger keeps why.

    Nobody absent, off shift or at the limit of the capacity is chosen. Where nobody is left, `user` is empty, `why` and
    `reason` say why, `until` is when to ask again, and `attempts` how often nobody was found in a row.
    """
    inputs = call.inputs
    return services.choose(
        method=str(inputs["method"]), role=str(inputs["role"]), scope=inputs.get("scope") or None,
        language=inputs.get("language") or None, skill=inputs.get("skill") or None,
        exclude=[int(pk) for pk in inputs.get("exclude") or [] if pk is not None], preferred=_preferred(call),
        subject=(call.subject.type, call.subject.id) if call.subject else None, instance_id=call.instance_id, key=call.key,
        skill_match=str(inputs.get("skill_match") or "exact"), off_shift=str(inputs.get("off_shift") or "wait"),
        decided=call.decided,
    ).as_result()  # fmt: skip


@api.action(
    "assign.batch", label=gettext_lazy("Assign a batch of leads"), result="batch", background=True,
    parameters=[
        P("role", "text", gettext_lazy("role"), default="sales_representative"), P("scope", "text", gettext_lazy("place"), default=""),
        P("campaign", "text", gettext_lazy("key of the campaign"), default=""),
        P("value", "number", gettext_lazy("what a won lead brings"), default=1),
        P("channels", "list", gettext_lazy("keys of sales channels"), default=None),
        P("at_most", "number", gettext_lazy("most for one person"), default=None),
        P("off_shift", "choice", gettext_lazy("while nobody is on shift (wait, first_back, ignore)"), default="wait"),
    ],
)  # fmt: skip
def assign_batch(call: api.ActionCall) -> dict[str, Any]:
    """Assigns all waiting leads, or those of a campaign, at once, for the best expected effect within all capacities.

    Gives how many were `assigned` and `unassigned` and the expected `effect`; the ledger has a row for each lead.
    """
    inputs = call.inputs
    at_most = inputs.get("at_most")
    return services.assign_batch(
        role=str(inputs["role"]), scope=inputs.get("scope") or None, campaign=str(inputs.get("campaign") or ""),
        value=inputs.get("value") or 1, channels=[str(key) for key in inputs.get("channels") or []],
        at_most=int(at_most) if at_most is not None else None, off_shift=str(inputs.get("off_shift") or "wait"),
        instance_id=call.instance_id, decided=call.decided, key=call.key,
    ).as_result()  # fmt: skip


def _preferred(call: api.ActionCall) -> Any:
    """The person named, else the manager of the account that the record belongs to."""
    named = _person(call.inputs.get("preferred"))
    if named is not None or call.subject is None:
        return named
    kind = ports.subjects().get(call.subject.type)
    record = kind.load(call.subject.id) if kind is not None else None
    account = getattr(record, "account", None)
    return account.manager if account is not None else None


@api.action(
    "crm.assign_owner", label=gettext_lazy("Give the record to a person"),
    parameters=[P("owner", "user", gettext_lazy("owner")), P("branch", "text", gettext_lazy("branch"), default="")],
)  # fmt: skip
def assign_owner(call: api.ActionCall) -> None:
    """Makes a person the owner of the lead or opportunity; nobody leaves it in its branch's queue.

    Where there is no branch of that name, it goes where its owner works.
    """
    owner = _person(call.inputs.get("owner"))
    code = str(call.inputs.get("branch") or "")
    branch = Branch.objects.filter(key=code).first() if code else None
    if call.subject is not None and call.subject.type == "opportunity":
        services.assign_opportunity(opportunity=_opportunity(call), owner=owner, branch=branch, by=call.user, trusted=True)
    else:
        services.assign(lead=_lead(call), owner=owner, branch=branch, by=call.user, trusted=True)


# --- opportunities -----------------------------------------------------------------------------------------
@api.action(
    "opportunities.set_stage", label=gettext_lazy("Set the stage"),
    parameters=[
        P("stage", "choice", gettext_lazy("stage"), required=True), P("probability", "number", gettext_lazy("probability")),
        P("forecast", "choice", gettext_lazy("forecast category")), P("reason", "text", gettext_lazy("reason"), default=""),
    ],
)  # fmt: skip
def set_stage(call: api.ActionCall) -> None:
    """Moves the opportunity to a stage; its history keeps the move."""
    inputs = call.inputs
    services.set_stage(
        opportunity=_opportunity(call), stage=str(inputs["stage"]), probability=inputs.get("probability"),
        forecast=inputs.get("forecast"), reason=str(inputs.get("reason") or ""), by=call.user, trusted=True,
    )  # fmt: skip


@api.action("opportunities.win", label=gettext_lazy("Record the win"))
def win(call: api.ActionCall) -> None:
    """Won."""
    services.win(opportunity=_opportunity(call), by=call.user, trusted=True)


@api.action(
    "opportunities.lose", label=gettext_lazy("Record the loss"),
    parameters=[
        P("reason", "choice", gettext_lazy("reason"), required=True), P("competitor", "any", gettext_lazy("lost to")),
    ],
)  # fmt: skip
def lose(call: api.ActionCall) -> None:
    """Lost, with the reason and to whom."""
    services.lose(
        opportunity=_opportunity(call), reason=str(call.inputs["reason"]), competitor=call.inputs.get("competitor"),
        by=call.user, trusted=True,
    )  # fmt: skip


@api.action(
    "opportunities.record_competitor", label=gettext_lazy("Note the competitor"),
    parameters=[P("competitor", "any", gettext_lazy("competitor"))],
)  # fmt: skip
def record_competitor(call: api.ActionCall) -> bool:
    """Notes that a competitor was met; nothing for none."""
    if call.inputs.get("competitor") in (None, ""):
        return False
    services.record_competitor(
        opportunity=_opportunity(call), competitor=call.inputs["competitor"], by=call.user, trusted=True
    )
    return True


# --- quotes ------------------------------------------------------------------------------------------------
@api.action(
    "quotes.block", label=gettext_lazy("Block the quote"),
    parameters=[P("quote", "any", gettext_lazy("quote"), required=True)],
)  # fmt: skip
def block(call: api.ActionCall) -> None:
    """Holds a quote until its terms are decided (D2)."""
    services.block_quote(quote=_quote(call), by=call.user, trusted=True)


@api.action(
    "quotes.unblock", label=gettext_lazy("Release or refuse the quote"),
    parameters=[
        P("quote", "any", gettext_lazy("quote"), required=True), P("approved", "boolean", gettext_lazy("approved"), required=True),
        P("terms", "text", gettext_lazy("terms"), default=""),
    ],
)  # fmt: skip
def unblock(call: api.ActionCall) -> None:
    """Writes the decision about a quote's terms."""
    services.unblock_quote(
        quote=_quote(call), approved=bool(call.inputs["approved"]), terms=str(call.inputs.get("terms") or ""),
        by=call.user, trusted=True,
    )  # fmt: skip
