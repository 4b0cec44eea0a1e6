"""What a rehearsal runs: the version, the decisions it asks and the processes it calls, taken from the real catalogue.

A draft is rehearsed with what would be published with it: of each decision the newest version, a draft or not. Rows
keep their ids; who owns or wrote them stays behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from processes.bpmn import BpmnError
from processes.bpmn.model import DecisionExt, Task
from processes.bpmn.nodes import CallActivity
from processes.catalog import selectors as catalog
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    PinnedDecision,
    ProcessDefinition,
    ProcessVersion,
    State,
)

LEFT_BEHIND = {"owner": None, "created_by": None, "published_by": None, "base": None}


@dataclass
class Content:
    """Rows by id, ready to be written into another database."""

    definitions: dict[Any, ProcessDefinition] = field(default_factory=dict)
    versions: dict[Any, ProcessVersion] = field(default_factory=dict)
    decision_definitions: dict[Any, DecisionDefinition] = field(default_factory=dict)
    decisions: dict[Any, DecisionVersion] = field(default_factory=dict)
    pins: list[PinnedDecision] = field(default_factory=list)

    def write(self) -> None:
        """Write them into the database in use: pins first, since those of a published version are fixed."""
        ProcessDefinition.objects.bulk_create(self.definitions.values())
        DecisionDefinition.objects.bulk_create(self.decision_definitions.values())
        states = {version.pk: version.state for version in self.versions.values()}
        ProcessVersion.objects.bulk_create(_plain(version, state=State.DRAFT) for version in self.versions.values())
        DecisionVersion.objects.bulk_create(self.decisions.values())
        PinnedDecision.objects.bulk_create(self.pins)
        for pk, state in states.items():
            ProcessVersion.objects.filter(pk=pk).update(state=state)

    @property
    def digest(self) -> str:
        """A hash over all of it."""
        hashes = sorted([*(v.content_hash for v in self.versions.values()), *(v.content_hash for v in self.decisions.values())])
        return hashlib.sha256("".join(hashes).encode()).hexdigest()


def gather(version: ProcessVersion) -> Content:
    """Everything that a version needs to run. BpmnError when its drawing cannot be read."""
    content = Content()
    catalog.model_of(version)
    _take(content, version, version.state)
    waiting = [version]
    while waiting:
        for called, number in _called(waiting.pop()):
            found = _callable(called, number)
            if found is not None and found.pk not in content.versions:
                fixed = number is not None or any(v.definition_id == found.definition_id for v in content.versions.values())
                _take(content, found, found.state if fixed and not found.is_open else State.PUBLISHED)
                waiting.append(found)
    _one_published(content)
    return content


def _take(content: Content, version: ProcessVersion, state: str) -> None:
    content.definitions[version.definition_id] = _plain(version.definition)
    content.versions[version.pk] = _plain(version, state=state)
    pinned = {pin.key: pin.decision_version for pin in version.pins.select_related("decision_version__definition")}
    for asked in _asked(version):
        pin = pinned.get(asked.key) if asked.binding != "latest" else None
        found = pin or _newest(asked.key)
        if found is None:
            continue
        content.decision_definitions[found.definition_id] = _plain(found.definition)
        latest = asked.binding == "latest" or version.is_open
        content.decisions.setdefault(found.pk, _plain(found, state=State.PUBLISHED if latest else found.state))
        if asked.binding != "latest":
            content.pins.append(PinnedDecision(process_version_id=version.pk, key=asked.key, decision_version_id=found.pk))


def _plain(row: Any, **changes: Any) -> Any:
    """A copy of a row without people and without the version it was drawn from."""
    values = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    names = {item.name: item.attname for item in row._meta.concrete_fields}
    return type(row)(**{**values, **{names[name]: None for name in LEFT_BEHIND if name in names}, **changes})


def _asked(version: ProcessVersion) -> list[DecisionExt]:
    nodes = catalog.model_of(version).nodes.values()
    found = [node.decision for node in nodes if isinstance(node, Task) and node.decision is not None]
    return list({(decision.key, decision.binding): decision for decision in found}.values())


def _called(version: ProcessVersion) -> Iterator[tuple[str, int | None]]:
    try:
        nodes: Iterable[Any] = catalog.model_of(version).nodes.values()
    except BpmnError:
        nodes = ()
    for node in nodes:
        if isinstance(node, CallActivity) and node.called:
            yield node.called, node.call.version if node.call.binding == "fixed" else None


def _callable(key: str, number: int | None) -> ProcessVersion | None:
    """The version that a call would find, else the newest that is not retired."""
    rows = ProcessVersion.objects.filter(definition__key=key).select_related("definition")
    if number is not None:
        return rows.filter(number=number).first()
    return rows.filter(state=State.PUBLISHED).first() or rows.exclude(state=State.RETIRED).order_by("-number").first()


def _newest(key: str) -> DecisionVersion | None:
    rows = DecisionVersion.objects.filter(definition__key=key).exclude(state=State.RETIRED)
    return rows.select_related("definition").order_by("-number").first()


def _one_published(content: Content) -> None:
    """Of each definition one version may stand as published; the newest does."""
    for rows in (content.versions, content.decisions):
        current: dict[Any, Any] = {}
        listed: list[Any] = list(rows.values())
        for row in sorted(listed, key=lambda row: row.number, reverse=True):
            if row.state == State.PUBLISHED and current.setdefault(row.definition_id, row) is not row:
                row.state = State.RETIRED
