"""Decides again: the inputs of a decision once taken, answered by two versions of its table.

A case whose inputs one version lacks is not decided at all, and says which: a value that nobody recorded is not
taken for null. Where the older version recorded an answer itself, that answer must come out again; if it does not
(its inputs were not all stored), nothing is claimed about the newer one either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.examples import main_decision
from processes.catalog.models import DecisionVersion
from processes.dmn import DmnError
from processes.marked import Sentence, say
from processes.ports import Subject

CHANGED, SAME, UNDECIDED, UNREPRODUCED = "changed", "same", "undecided", "unreproduced"
_CLOCK = re.compile(r"\b(now|today)\s*\(")
_REASONS = "why_"
"""Outputs that only tell a reason begin so; who is told another reason is not decided about differently."""


class Recorded(NamedTuple):
    """An answer given at the time: by which version, and what it was (as stored)."""

    version: UUID
    outcome: Any


@dataclass(frozen=True, slots=True)
class Case:
    """Something to decide: its inputs as they are stored (JSON of FEEL values).

    `decision` is the one asked inside the file (empty: the file's own), `number` the line of a data set,
    `attributes` what figures are grouped by, `problem` why the inputs cannot be read.
    """

    inputs: Mapping[str, Any]
    at: datetime
    decision: str = ""
    recorded: Recorded | None = None
    evaluation: UUID | None = None
    subject: Subject | None = None
    number: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a version says: the outcome as JSON and, for each table, the numbers of the rules that applied; or the
    reason why it says nothing."""

    outcome: Any = None
    rules: Mapping[str, list[int]] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A case with both answers. `differing` names the outputs that changed (the empty name where the outcome has no
    parts)."""

    case: Case
    before: Answer
    after: Answer
    verdict: str
    differing: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """Why nothing can be said, a sentence; empty where something can."""
        return self.case.problem or self.before.problem or self.after.problem


class Side:
    """One version, ready to decide."""

    def __init__(self, version: DecisionVersion) -> None:
        """An error of the loader (DmnError) when the version's file cannot be read."""
        self.version = version
        self.decisions = catalog.decisions_of(version)
        self.reads_clock = bool(_CLOCK.search(version.dmn))
        self._names: dict[str, str] = {}
        self._wanted: dict[str, tuple[str, ...]] = {}

    def name_of(self, decision: str) -> str:
        """The decision in this version that answers for one of that name: itself, or the file's own."""
        if decision not in self._names:
            known = {name for info in self.decisions.decisions for name in (info.id, info.name)}
            main = main_decision(self.decisions, self.version.definition.key)
            self._names[decision] = decision if decision in known else main
        return self._names[decision]

    def wanted(self, decision: str) -> tuple[str, ...]:
        """The names of the inputs that a decision of this version needs."""
        name = self.name_of(decision)
        if name not in self._wanted:
            self._wanted[name] = tuple(info.name for info in self.decisions.inputs(name))
        return self._wanted[name]

    def decide(self, decision: str, inputs: Mapping[str, Any], at: datetime, zone: tzinfo | None) -> Answer:
        """The answer for inputs (FEEL values) as of a moment; nothing is raised for what fails in the table."""
        missing = [name for name in self.wanted(decision) if name not in inputs]
        if missing:
            return Answer(problem=_missing(self.version.number, missing))
        try:
            found = self.decisions.evaluate(self.name_of(decision), inputs, clock=lambda: at, tz=zone)
        except DmnError as error:
            return Answer(problem=error.message)
        if found.value is None and found.diagnostics:
            reason = found.diagnostics[0].reason
            return Answer(problem=say("Version %(number)s gives no answer: %(reason)s", number=self.version.number, reason=reason))
        rules = {row.id: [rule.number for rule in row.rules] for row in found.trace if row.hit_policy}
        try:
            return Answer(feel.to_json(found.value), rules)
        except feel.NotReadable as error:
            return Answer(problem=error.sentence)


def _missing(number: int, names: list[str]) -> Sentence:
    return say(
        "Version %(number)s asks for %(names)s, which was not recorded. Say what to assume for it.",
        number=number, names=", ".join(f"“{name}”" for name in names),
    )  # fmt: skip


def parts(outcome: Any) -> dict[str, Any]:
    """The outputs of an outcome by name, without those that only tell a reason; one without parts has the empty name."""
    if not isinstance(outcome, Mapping) or "@" in outcome:
        return {"": outcome}
    return {name: value for name, value in outcome.items() if not name.startswith(_REASONS)}


def differing(before: Any, after: Any) -> tuple[str, ...]:
    """The names of the outputs in which two outcomes differ; one that only one of them has differs."""
    old, new = parts(before), parts(after)
    absent = object()
    names = [*old, *(name for name in new if name not in old)]
    return tuple(name for name in names if old.get(name, absent) != new.get(name, absent))


class Comparison:
    """Two versions side by side, and what to assume for inputs that were not recorded (FEEL values by name)."""

    def __init__(self, before: DecisionVersion, after: DecisionVersion, assumed: Mapping[str, Any] | None = None) -> None:
        self.before, self.after = Side(before), Side(after)
        self.assumed = dict(assumed or {})

    def decide(self, case: Case) -> Compared:
        """Both answers to a case, and what to think of them."""
        if case.problem:
            return Compared(case, Answer(), Answer(), UNDECIDED)
        try:
            inputs = self.assumed | {name: feel.from_json(value) for name, value in case.inputs.items()}
        except feel.NotReadable as error:
            return Compared(case, Answer(problem=error.sentence), Answer(), UNDECIDED)
        zone = self._zone(case)
        before = self.before.decide(case.decision, inputs, case.at, zone)
        after = self.after.decide(case.decision, inputs, case.at, zone)
        own = case.recorded is not None and case.recorded.version == self.before.version.pk
        if own and case.recorded is not None and (before.problem or differing(case.recorded.outcome, before.outcome)):
            return Compared(case, before, after, UNREPRODUCED)
        if before.problem or after.problem:
            return Compared(case, before, after, UNDECIDED)
        names = differing(before.outcome, after.outcome)
        return Compared(case, before, after, CHANGED if names else SAME, names)

    def _zone(self, case: Case) -> tzinfo | None:
        """The time zone of the case's dates, looked up only where a table asks for the present moment."""
        if not (self.before.reads_clock or self.after.reads_clock):
            return None
        return ports.calendars().zone_for(case.subject)
