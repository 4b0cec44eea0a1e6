"""Values for looking at a form before anybody runs it: of a record the person may see, else made up from what is declared.

A form shows other fields to other values, so an owner needs some; nothing of this is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from processes import ports
from processes.catalog.models import ProcessVersion
from processes.inbox.forms import FormSchema
from processes.publication.scope import Known, known_names


def sample_context(version: ProcessVersion, form: FormSchema, *, user: Any, role: str = "") -> dict[str, Any]:
    """A value for each name in reach of a form, as FEEL knows them; `role` is who is supposed to fill it in. Its own fields
    have none: they are what is asked for."""
    context: dict[str, Any] = {}
    own = {item.key for item in form.fields}
    for item in known_names(version).values():
        if item.kind in ("variable", "given", "form") and item.name not in own:
            context[item.name] = made_up(item)
    subject = subject_of(version)
    if subject is not None:
        context[subject.key] = record_of(subject, user)
    return context | _around(user, role)


def subject_of(version: ProcessVersion) -> ports.SubjectType | None:
    """The kind of record a version is about."""
    from processes.bpmn import BpmnError
    from processes.catalog import selectors as catalog

    try:
        model = catalog.model_of(version)
        key = model.process.ext.subject if model.processes else version.definition.subject_type
    except BpmnError:  # while the drawing cannot be read, the process is still about what it was about
        key = version.definition.subject_type
    return ports.subjects().get(key)


def record_of(kind: ports.SubjectType, user: Any) -> dict[str, Any]:
    """The newest record of a kind that the person may see, as expressions see it; made up where there is none."""
    rows = kind.visible(user)
    newest = rows.order_by("-pk").values_list("pk", flat=True).first() if rows is not None else None
    record = kind.load(newest) if newest is not None else None
    if record is not None:
        return dict(kind.view(record))
    return {
        field.name: made_up(Known(field.name, field.type, str(field.label), "record", "", "", tuple((str(v), "") for v, _ in field.choices)))
        for field in kind.fields
    }  # fmt: skip


def made_up(item: Known) -> Any:
    """A value of a name's type; None where nothing is known of it, as an expression would find it."""
    now = ports.now()
    if item.type == "choice":
        return item.choices[0][0] if item.choices else None
    table: Mapping[str, Any] = {
        "text": item.label or item.name, "number": Decimal(12), "money": Decimal(1200), "boolean": True,
        "date": timezone.localtime(now).date(), "datetime": now, "time": timezone.localtime(now).time().replace(microsecond=0),
    }  # fmt: skip
    return table.get(item.type)


def _around(user: Any, role: str) -> dict[str, Any]:
    people = ports.people()
    who = {
        "id": user.pk, "username": user.get_username(), "name": people.display(user),
        "roles": [role] if role else people.roles_of(user),
    }  # fmt: skip
    now = ports.now()
    task = {"id": "", "name": "", "limit": now + timedelta(hours=8), "attempts": 1, "started_at": now, "finished_at": None,
            "owner": who, "completed_by": None}  # fmt: skip
    return {"user": who, "task": task, "instance": {"id": "", "key": "", "started_at": now, "started_by": who, "version": None}}
