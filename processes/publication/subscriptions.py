"""What a published version waits for to begin: its message, signal, timer and conditional start events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from processes import ports
from processes.bpmn import BpmnError
from processes.bpmn.model import Event, EventDefinition, Model
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.runtime.models import StartSubscription
from processes.runtime.timing import due

KINDS = {
    "message": StartSubscription.Kind.MESSAGE,
    "signal": StartSubscription.Kind.SIGNAL,
    "timer": StartSubscription.Kind.TIMER,
    "conditional": StartSubscription.Kind.CONDITIONAL,
}


class _Beginning:
    """The little of a step that the moment of a timer is worked out from, before there is an instance."""

    subject = None

    def __init__(self) -> None:
        self.now = ports.now()
        self.zone = ports.calendars().zone_for(None)
        self.calendar = ports.calendars().for_subject(None)

    def scope(self, row: Any, extra: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        return dict(extra or {})


def subscribe(version: ProcessVersion, former: ProcessVersion | None) -> list[StartSubscription]:
    """Switch the starts of a process to a version, in the caller's transaction.

    A timer that the former version had in the same words keeps its next moment, so that publishing again
    neither skips nor repeats a start. Failure of the runtime when a timer gives no moment.
    """
    kept = _timers(former)
    StartSubscription.objects.filter(version__definition=version.definition_id, active=True).update(active=False)
    StartSubscription.objects.filter(version=version).delete()
    rows = []
    for event, definition in starts_of(catalog.model_of(version)):
        row = StartSubscription(
            version=version, node_id=event.id, kind=KINDS[definition.kind], name=definition.name[:300],
            subject_type=_subject(catalog.model_of(version), event),
        )  # fmt: skip
        if definition.kind == "timer":
            _set_due(row, definition, kept.get((event.id, _words(definition))))
        rows.append(row)
    return StartSubscription.objects.bulk_create(rows)


def unsubscribe(version: ProcessVersion) -> None:
    """Nothing starts this version any more, in the caller's transaction."""
    StartSubscription.objects.filter(version=version, active=True).update(active=False)


def starts_of(model: Model) -> Iterator[tuple[Event, EventDefinition]]:
    """The start events of the executable process that wait for something, with what each waits for."""
    for event in model.starts_of(model.process.id):
        for definition in event.definitions:
            if definition.kind in KINDS:
                yield event, definition


def _subject(model: Model, event: Event) -> str:
    given = event.correlation.subject if event.correlation is not None else ""
    return given or model.process.ext.subject


def _words(definition: EventDefinition) -> str:
    return f"{definition.timer}:{definition.time}:{definition.body.text.strip() if definition.body else ''}"


def _timers(version: ProcessVersion | None) -> dict[tuple[str, str], StartSubscription]:
    """The waiting timer starts of a version by their element and their words."""
    if version is None:
        return {}
    rows = {row.node_id: row for row in version.start_subscriptions.filter(kind="timer", active=True)}
    try:
        starts = list(starts_of(catalog.model_of(version)))
    except BpmnError:  # an old drawing that this program reads no more
        return {}
    return {
        (event.id, _words(definition)): rows[event.id]
        for event, definition in starts
        if definition.kind == "timer" and event.id in rows
    }


def _set_due(row: StartSubscription, definition: EventDefinition, kept: StartSubscription | None) -> None:
    if kept is not None:
        row.next_due, row.remaining = kept.next_due, kept.remaining
        return
    found = due(cast(Any, _Beginning()), None, definition, place=row.node_id)
    row.next_due = found.at
    # `remaining` of a timer counts what comes after the next moment, here that one counts as well
    row.remaining = None if found.remaining is None else found.remaining + 1
