"""Lists of decisions and the head of the page of one: versions, who answers for it, and which processes ask it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import questions_of
from processes.catalog.examples import main_decision
from processes.catalog.models import DecisionDefinition, DecisionVersion, PinnedDecision, State
from processes.decision_studio.access import seen, sees_decisions
from processes.dmn import DmnError
from processes.inbox.supervision import answers_for_decision


@dataclass(frozen=True, slots=True)
class Asking:
    """A process whose published version asks the decision, and the number of the version it asks."""

    key: str
    title: str
    number: int


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision in a list."""

    definition: DecisionDefinition
    title: str
    published: int | None
    draft: int | None
    asking: tuple[Asking, ...]


@dataclass(frozen=True, slots=True)
class DecisionHead:
    """A decision: the version shown, all versions newest first, and what it asks in words."""

    definition: DecisionDefinition
    title: str
    question: str
    owner: str
    version: DecisionVersion
    versions: tuple[DecisionVersion, ...]
    asking: tuple[Asking, ...]
    may_edit: bool

    @property
    def draft(self) -> DecisionVersion | None:
        """The open version, if there is one."""
        return next((version for version in self.versions if version.is_open), None)


def decisions(user: Any) -> list[DecisionRow]:
    """The decisions of the house, for who may see them; three statements."""
    if not sees_decisions(user):
        return []
    asking = _asking()
    found = DecisionDefinition.objects.prefetch_related("versions").order_by("key")
    rows = []
    for definition in found:
        states = {version.state: version.number for version in reversed(definition.versions.all())}
        draft = next((version.number for version in definition.versions.all() if version.is_open), None)
        rows.append(DecisionRow(definition, definition.title(), states.get(State.PUBLISHED), draft, asking.get(definition.key, ())))
    return sorted(rows, key=lambda row: row.title)


def decision(key: str, *, user: Any, number: int | None = None) -> DecisionHead:
    """The head of the page of a decision; the version of a number, else the published one, else the newest."""
    definition = seen(key, user)
    versions = tuple(definition.versions.select_related("published_by", "created_by").order_by("-number"))
    for version in versions:
        version.definition = definition
    published = next((version for version in versions if version.state == State.PUBLISHED), None)
    shown = next((version for version in versions if version.number == number), published or next(iter(versions), None))
    if shown is None or (number is not None and shown.number != number):
        catalog.decision_version(key, number or 0)  # says which one is missing
        raise AssertionError
    people = ports.people()
    return DecisionHead(
        definition, definition.title(), _question(shown), people.display(definition.owner) if definition.owner else "", shown,
        versions, _asking(key).get(key, ()), answers_for_decision(definition, user),
    )  # fmt: skip


def _question(version: DecisionVersion) -> str:
    """What the decision asks, in the language in use."""
    try:
        main = main_decision(catalog.decisions_of(version), version.definition.key)
    except DmnError:
        return ""
    return ports.text(questions_of(version.dmn).get(main)) or ports.text(version.definition.descriptions)


def _asking(key: str | None = None) -> Mapping[str, tuple[Asking, ...]]:
    """By the key of a decision: the processes whose published version asks it. One statement."""
    pins = PinnedDecision.objects.filter(process_version__state=State.PUBLISHED)
    if key is not None:
        pins = pins.filter(key=key)
    found: dict[str, list[Asking]] = {}
    rows = pins.select_related("process_version__definition").order_by("process_version__definition__key").values_list(
        "key", "process_version__definition__key", "process_version__definition__titles", "decision_version__number"
    )  # fmt: skip
    for name, process, titles, number in rows:
        found.setdefault(name, []).append(Asking(process, ports.text(titles) or process, number))
    return {name: tuple(asking) for name, asking in found.items()}
