"""What is written down about dealings with customers: calls, visits, mails, notes; and mail that goes out.

Mail is written into an outbox in the caller's transaction, once per key, and delivered by a background job.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction

from crm_core.activities.models import Activity, MailOutbox, Template
from crm_core.kernel import acting, records
from crm_core.kernel.access.authority import allow
from crm_core.parties.matching import email_key
from crm_core.parties.selectors import is_suppressed
from processes import api, ports
from processes.api import gettext as _
from processes.errors import Invalid

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
LONGEST = 20_000


@transaction.atomic
def log_activity(
    *,
    kind: str,
    title: str,
    direction: str = "out",
    subject: tuple[str, int] | ports.Subject | None = None,
    account: Any = None,
    contact: Any = None,
    body: str = "",
    outcome: str = "",
    minutes: int | None = None,
    at: datetime | None = None,
    owner: Any = None,
    private: bool = False,
    key: str | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Activity:
    """Write down what was done with a customer: it stands on the timeline at once. With a key, once."""
    allow(by, "add", Activity, trusted=trusted)
    if kind not in Activity.Kind.values or direction not in Activity.Direction.values:
        raise Invalid(_("Choose what was done and who began it."), errors={"kind": _("Choose one.")})
    if not title.strip():
        raise Invalid(_("Say in a few words what it was about."), errors={"title": _("Write something.")})
    if key and (known := Activity.objects.filter(key=key[:150]).first()):
        return known
    moment = at or ports.now()
    _must_be_past(moment)
    return records.create(
        Activity, by=by, kind=kind, direction=direction, state=Activity.State.DONE, account=account, contact=contact,
        subject_line=title.strip()[:300], body=body[:LONGEST], outcome=outcome[:200], minutes=minutes, at=moment,
        done_at=moment, owner=owner or by, private=private, key=key[:150] if key else None, **_place(subject),
    )  # fmt: skip


@transaction.atomic
def plan_activity(
    *,
    kind: str,
    title: str,
    due_at: datetime,
    subject: tuple[str, int] | ports.Subject | None = None,
    account: Any = None,
    contact: Any = None,
    body: str = "",
    owner: Any = None,
    promise: bool = False,
    key: str | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Activity:
    """Plan a call, visit or other contact for a person; a promise stands on top of the timeline until kept."""
    allow(by, "add", Activity, trusted=trusted)
    if kind not in Activity.Kind.values:
        raise Invalid(_("Choose what is planned."), errors={"kind": _("Choose one.")})
    if key and (known := Activity.objects.filter(key=key[:150]).first()):
        return known
    return records.create(
        Activity, by=by, kind=kind, state=Activity.State.PLANNED, account=account, contact=contact,
        subject_line=title.strip()[:300], body=body[:LONGEST], at=due_at, due_at=due_at, owner=owner or by,
        promise_until=due_at if promise else None, key=key[:150] if key else None, **_place(subject),
    )  # fmt: skip


@transaction.atomic
def finish_activity(
    *, activity: Activity, outcome: str = "", minutes: int | None = None, by: Any = None, trusted: bool = False
) -> Activity:
    """A planned activity was done."""
    allow(by, "change", activity, trusted=trusted)
    values: dict[str, Any] = {**_done(activity, ports.now()), "outcome": outcome[:200]}
    if minutes is not None:
        values["minutes"] = minutes
    records.change(activity, by=by, **values)
    return activity


def _done(activity: Activity, at: datetime) -> dict[str, Any]:
    """What is written when a planned activity was done; what was promised with it is kept."""
    values: dict[str, Any] = {"state": Activity.State.DONE, "done_at": at, "at": at}
    if activity.promise_until is not None and activity.promise_kept_at is None:
        values["promise_kept_at"] = at
    return values


def _must_be_past(at: datetime) -> None:
    if at > ports.now():
        raise Invalid(_("What has been done cannot lie in the future. Plan it instead."), errors={"at": _("Too late.")})


@transaction.atomic
def enter_activity(*, by: Any = None, **values: Any) -> Activity:
    """Write down an activity out of checked values by field: planned for a moment, or done at one.

    Raises Invalid without a subject, and for what was done in the future.
    """
    allow(by, "add", Activity)
    if not str(values.get("subject_line") or "").strip():
        raise Invalid(_("Say in a few words what it was about."), errors={"subject_line": _("Write something.")})
    at = values.get("at") or ports.now()
    values |= {"at": at, "owner": values.get("owner") or by}
    if values.get("state", Activity.State.DONE) == Activity.State.PLANNED:
        values["due_at"] = at
    elif values.get("state", Activity.State.DONE) == Activity.State.DONE:
        _must_be_past(at)
        values["done_at"] = at
    return records.create(Activity, by=by, **values, **_place(None))


@transaction.atomic
def change_activity(activity: Activity, *, by: Any = None, trusted: bool = False, **values: Any) -> Activity:
    """Write checked values by field; what is planned falls due at its moment, what becomes done was done at it.

    Raises Invalid for what was done in the future.
    """
    allow(by, "change", activity, trusted=trusted)
    activity = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    state = values.get("state", activity.state)
    if state == Activity.State.DONE:
        finished = activity.state != Activity.State.DONE
        at = values.get("at") or (ports.now() if finished else activity.at)
        if finished or at != activity.at:
            _must_be_past(at)
            values |= _done(activity, at)
    elif state == Activity.State.PLANNED:
        values |= {"due_at": values.get("at", activity.at), "done_at": None}
    records.change(activity, by=by, **values)
    return activity


def _place(subject: tuple[str, int] | ports.Subject | None) -> dict[str, Any]:
    """What an activity is about, and in which step of a process it was done."""
    kind, pk = ("", None)
    if isinstance(subject, ports.Subject):
        kind, pk = subject.type, subject.id
    elif subject is not None:
        kind, pk = subject
    who = acting.current()
    return {"regarding_type": kind, "regarding_id": pk, "instance_id": who.instance_id, "task_id": who.task_id}


# --- mail --------------------------------------------------------------------------------------------------
def fill(text: str, context: dict[str, Any]) -> str:
    """A template's text with `{{ name }}` replaced from the context; nothing else can be reached from it."""
    for name, value in context.items():
        for written in ("{{ " + name + " }}", "{{" + name + "}}"):
            text = text.replace(written, str(value))
    return text


@transaction.atomic
def send_mail(
    *,
    to: str,
    key: str,
    subject_line: str = "",
    body: str = "",
    template: str = "",
    context: dict[str, Any] | None = None,
    language: str = "en",
    purpose: str = "service",
    account: Any = None,
    contact: Any = None,
    subject: tuple[str, int] | ports.Subject | None = None,
    by: Any = None,
) -> MailOutbox:
    """Put a mail into the outbox, once per key; a suppressed address gets nothing, and the row says so.

    Text is given, or comes from a template in the language (English where there is no other). Raises Invalid
    without an address or an unknown template.
    """
    key = key[:150]
    if known := MailOutbox.objects.filter(key=key).first():
        return known
    address = to.strip()
    if "@" not in address:
        raise Invalid(_("There is no e-mail address to write to."), errors={"to": _("Give an e-mail address.")})
    row = None
    if template:
        row = Template.objects.filter(key=template, active=True).first()
        if row is None:
            raise Invalid(_("There is no mail template “%(key)s”.") % {"key": template})
        subject_line = fill(ports.text(row.subjects, language), context or {})
        body = fill(ports.text(row.bodies, language), context or {})
    suppressed = is_suppressed(address, purpose=purpose)
    place = _place(subject)
    place.pop("task_id")
    mail = records.create(
        MailOutbox, by=by, key=key, to=address[:300], to_key=email_key(address), contact=contact, account=account,
        template=row, subject_line=" ".join(subject_line.split())[:300], body=body[:LONGEST], language=language[:10],
        purpose=purpose, queued_at=ports.now(), owner=account.manager if account is not None else by,
        state=MailOutbox.State.SUPPRESSED if suppressed else MailOutbox.State.QUEUED, **place,
    )  # fmt: skip
    if not suppressed:
        api.enqueue("crm_core.activities.services.deliver", mail.pk, key=f"mail:{mail.pk}")
    return mail


def deliver(mail_id: int) -> None:
    """Hand a mail to the mail server, once; what fails is tried again by the queue, then stays as failed."""
    taken = MailOutbox.objects.filter(pk=mail_id, state=MailOutbox.State.QUEUED).update(
        state=MailOutbox.State.SENT, sent_at=ports.now()
    )
    if not taken:
        return
    mail = MailOutbox.objects.get(pk=mail_id)
    try:
        ports.outward().mail(EmailMessage(subject=mail.subject_line, body=mail.body, to=[mail.to]))
    except OSError as error:
        failed = mail.attempts + 1 >= MOST_ATTEMPTS
        MailOutbox.objects.filter(pk=mail_id).update(
            state=MailOutbox.State.FAILED if failed else MailOutbox.State.QUEUED, sent_at=None,
            attempts=mail.attempts + 1, problem=_("The mail server did not take it (%(kind)s).") % {"kind": type(error).__name__},
        )  # fmt: skip
        log.warning("Mail %s was not taken: %s", mail_id, type(error).__name__)
        if not failed:
            raise
