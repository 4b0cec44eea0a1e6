"""What drawings can do about dealings with customers: write down, plan, send mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_core.activities import services
from crm_core.parties.models import Account
from processes import api, ports


def _account(call: api.ActionCall) -> Account | None:
    kind = ports.subjects().get(call.subject.type) if call.subject is not None else None
    record = kind.load(call.subject.id) if kind is not None and call.subject is not None else None
    pk = kind.account_id(record) if kind is not None and record is not None else None
    return Account.objects.filter(pk=pk).first() if pk is not None else None


def _person(value: Any) -> Any:
    return get_user_model().objects.filter(pk=int(value), is_active=True).first() if value not in (None, "") else None


@api.action(
    "activity.log", label=_("Write on the timeline"),
    parameters=[
        api.Param("kind", "choice", _("kind"), default="note"), api.Param("title", "text", _("subject"), required=True),
        api.Param("body", "text", _("text"), default=""), api.Param("direction", "choice", _("direction"), default="internal"),
    ],
)  # fmt: skip
def log(call: api.ActionCall) -> int:
    """Writes an entry on the customer's timeline."""
    return services.log_activity(
        kind=str(call.inputs["kind"]), title=str(call.inputs["title"]), body=str(call.inputs.get("body") or ""),
        direction=str(call.inputs["direction"]), subject=call.subject, account=_account(call), key=call.key,
        by=call.user, trusted=True,
    ).pk  # fmt: skip


@api.action(
    "activity.plan", label=_("Plan a contact"),
    parameters=[
        api.Param("kind", "choice", _("kind"), default="call"), api.Param("title", "text", _("subject"), required=True),
        api.Param("due", "datetime", _("due"), required=True), api.Param("owner", "user", _("person")),
    ],
)  # fmt: skip
def plan(call: api.ActionCall) -> int:
    """Plans a call, visit or other contact for a person."""
    due = call.inputs["due"]
    if isinstance(due, timedelta):
        due = ports.now() + due
    if not isinstance(due, datetime):
        raise api.ProcessError(gettext("“activity.plan” needs a date and time, or a duration, as its “due”."))
    return services.plan_activity(
        kind=str(call.inputs["kind"]), title=str(call.inputs["title"]), due_at=due, subject=call.subject,
        account=_account(call), owner=_person(call.inputs.get("owner")), key=call.key, by=call.user, trusted=True,
    ).pk  # fmt: skip


@api.action(
    "mail.send", label=_("Send mail"),
    parameters=[
        api.Param("to", "text", pgettext_lazy("mail", "to"), required=True), api.Param("template", "text", _("template"), default=""),
        api.Param("subject", "text", _("subject"), default=""), api.Param("body", "text", _("text"), default=""),
        api.Param("language", "text", _("language"), default="en"), api.Param("purpose", "choice", _("purpose"), default="service"),
        api.Param("context", "context", _("values"), default=None),
    ],
)  # fmt: skip
def send(call: api.ActionCall) -> str:
    """Puts a mail into the outbox, once; gives its state (a suppressed address gets nothing)."""
    inputs = call.inputs
    return str(
        services.send_mail(
            to=str(inputs["to"]), key=f"action:{call.key}", template=str(inputs.get("template") or ""),
            subject_line=str(inputs.get("subject") or ""), body=str(inputs.get("body") or ""),
            language=str(inputs.get("language") or "en"), purpose=str(inputs.get("purpose") or "service"),
            context=dict(inputs.get("context") or {}), account=_account(call), subject=call.subject, by=call.user,
        ).state
    )  # fmt: skip
