"""What happened to the clocks of an instance, in sentences, for its story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import formats, timezone

from processes import ports
from processes.runtime.models import ClockEvent, ProcessInstance
from processes.spoken import gettext as _
from processes.spoken import told

MOST = 500
Kind = ClockEvent.Kind


@dataclass(frozen=True)
class ClockTold:
    """One event of a clock as a sentence; `kind` as in `ClockEvent`."""

    at: datetime
    text: str
    kind: str
    who: str
    node_id: str
    task_id: UUID | None


def clock_story(instance: ProcessInstance) -> list[ClockTold]:
    """What happened to the clocks of an instance, oldest first. One query, two where somebody was told."""
    events = list(
        ClockEvent.objects.filter(instance=instance.pk).select_related("by", "task")
        .defer("task__flow_task", "task__data", "task__draft", "task__error").order_by("at", "pk")[:MOST]
    )  # fmt: skip
    ids = {pk for event in events for pk in event.data.get("told", ())}
    users = get_user_model()._default_manager.in_bulk(ids) if ids else {}
    names = {pk: ports.people().display(user) for pk, user in users.items()}
    return [
        ClockTold(
            event.at, _sentence(event, instance, names), event.kind, _name(event.by),
            event.task.node_id if event.task is not None else "", event.task_id,
        )
        for event in events
    ]  # fmt: skip


def _sentence(event: ClockEvent, instance: ProcessInstance, names: Mapping[int, str]) -> str:
    what = (event.task.labels or event.task.node_id) if event.task is not None else instance.labels
    words: dict[str, Any] = {"name": ports.text(what), "person": _name(event.by), "due": _when(event.due_at)}
    if event.kind == Kind.PAUSED:
        words["reason"] = ": ".join(part for part in (ports.text(event.labels), event.note) if part)
        text = str(_("%(person)s stopped the clock of “%(name)s”: %(reason)s.") % words)
        again = _("It runs again on %(when)s.") % {"when": _when(event.until)}
        return f"{text} {again}" if event.until else text
    if event.kind == Kind.RESUMED:
        if event.by is not None:
            return _("%(person)s let the clock of “%(name)s” run again; it is due on %(due)s.") % words
        return _("The clock of “%(name)s” runs again by itself; it is due on %(due)s.") % words
    if event.kind == Kind.BEGUN:
        return _("The limit of “%(name)s” began anew; it is due on %(due)s.") % words
    words["share"] = event.share
    if event.kind == Kind.FAILED:
        words["why"] = told(event.data.get("error"))
        return _("%(share)s %% of the limit of “%(name)s” passed, but its rung could not be done: %(why)s") % words
    return " ".join([_("%(share)s %% of the limit of “%(name)s” passed.") % words, *_done(event.data, names)])


def _done(data: Mapping[str, Any], names: Mapping[int, str]) -> list[str]:
    found: list[str] = []
    if data.get("told"):
        people = ", ".join(names.get(pk, str(pk)) for pk in data["told"])
        found.append(_("Told: %(people)s.") % {"people": people})
    if data.get("priority"):
        before, after = data["priority"]
        found.append(_("Priority %(before)s became %(after)s.") % {"before": before, "after": after})
    if data.get("role"):
        found.append(_("It is offered to the role “%(role)s” now.") % {"role": data["role"]})
    return found


def _name(person: Any) -> str:
    return ports.people().display(person) if person is not None else ""


def _when(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return f"{formats.date_format(local.date(), 'DATE_FORMAT')} {local.strftime('%H:%M')}"
