"""What drawings can do with any record: write its fields, tell people, send messages and signals."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy

from processes import api, ports
from processes.api import gettext as _

P = api.Param


def _subject(call: api.ActionCall) -> tuple[ports.SubjectType, Any]:
    kind = ports.subjects().get(call.subject.type) if call.subject is not None else None
    record = kind.load(call.subject.id) if kind is not None and call.subject is not None else None
    if kind is None or record is None:
        raise api.ProcessError(_("The record that this process is about does not exist any more."))
    return kind, record


@api.action(
    "record.update", label=gettext_lazy("Write fields of the record"),
    parameters=[P("changes", "context", gettext_lazy("fields and values"), required=True)],
)  # fmt: skip
def update(call: api.ActionCall) -> None:
    """Writes declared fields of the record the process is about."""
    kind, record = _subject(call)
    changes = call.inputs["changes"]
    if not isinstance(changes, dict):
        raise api.ProcessError(_("“record.update” needs a context such as {grade: \"A\"}."))
    kind.apply(record, changes, call)


@api.action(
    "notify.people", label=gettext_lazy("Tell people"),
    parameters=[
        P("users", "list", gettext_lazy("people"), default=None), P("role", "text", gettext_lazy("role"), default=""),
        P("scope", "text", gettext_lazy("place"), default=""), P("text", "text", gettext_lazy("text"), required=True),
    ],
)  # fmt: skip
def tell(call: api.ActionCall) -> int:
    """Leaves a notice for people, or for all with a role in a place. Gives how many were told."""
    inputs = call.inputs
    ids = [int(pk) for pk in inputs.get("users") or [] if pk not in (None, "")]
    people = list(get_user_model().objects.filter(pk__in=ids, is_active=True))
    if inputs.get("role"):
        people += ports.people().members(str(inputs["role"]), _place(call, str(inputs.get("scope") or "")))
    told = {person.pk: person for person in people}
    title, url = "", ""
    if call.subject is not None:
        kind, record = _subject(call)
        title, url = kind.title(record), kind.url(record)
    text = str(inputs["text"])
    ports.notifier().notify(
        users=list(told.values()), kind=text if text.isidentifier() else "told",
        context={"title": title, "text": "" if text.isidentifier() else text, "url": url, "subject": call.subject,
                 "key": f"notify:{call.key}"},
    )  # fmt: skip
    return len(told)


def _place(call: api.ActionCall, scope: str) -> str:
    """“branch” and “team” mean those of the record; other places are named in full."""
    if scope not in ("branch", "team"):
        return scope
    kind, record = _subject(call)
    return kind.scope_keys(record).get(scope, "")


@api.action(
    "process.message", label=gettext_lazy("Send a message to processes"),
    parameters=[
        P("name", "text", gettext_lazy("name"), required=True), P("correlation", "any", gettext_lazy("key")),
        P("data", "context", gettext_lazy("values"), default=None),
    ],
)  # fmt: skip
def message(call: api.ActionCall) -> None:
    """Sends a message to the process that waits for it."""
    api.message(
        str(call.inputs["name"]), correlation=call.inputs.get("correlation"), subject=call.subject,
        data=dict(call.inputs.get("data") or {}), key=f"action:{call.key}",
    )  # fmt: skip


@api.action(
    "process.signal", label=gettext_lazy("Throw a signal"),
    parameters=[P("name", "text", gettext_lazy("name"), required=True), P("data", "context", gettext_lazy("values"), default=None)],
)  # fmt: skip
def signal(call: api.ActionCall) -> None:
    """Throws a signal to everybody who waits for it."""
    api.signal(str(call.inputs["name"]), data=dict(call.inputs.get("data") or {}), key=f"action:{call.key}")
