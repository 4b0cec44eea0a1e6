"""A decision asked once, with what somebody typed: the answer, and the way there in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of, note_of, value_words
from processes.catalog.examples import main_decision
from processes.catalog.models import DecisionVersion
from processes.decision_studio.fields import Field, inputs_of, outputs_of, value_of
from processes.dmn import Decisions, DmnError
from processes.dmn import model as m
from processes.dmn.trace import MatchedRule, TraceRow
from processes.errors import Invalid
from processes.inbox.explanations import value_text
from processes.spoken import gettext as _
from processes.spoken import spoken


@dataclass(frozen=True, slots=True)
class Pair:
    """Something with its value, both in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule that applied: its number and what is noted beside it."""

    number: int
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One table or expression on the way: what came in, which rules applied, what came out."""

    id: str
    label: str
    table: bool
    inputs: tuple[Pair, ...]
    rules: tuple[RuleTold, ...]
    value: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The answer, why parts of it have no value, and the way there. `stored` is the answer as examples keep it."""

    answer: tuple[Pair, ...]
    problems: tuple[str, ...]
    steps: tuple[Step, ...]
    stored: Any
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Questions:
    """What can be asked: the decisions of the file by id and name, the one that is meant, its fields."""

    decisions: tuple[tuple[str, str], ...]
    decision: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]


def questions(version: DecisionVersion, decision: str = "") -> Questions:
    """What can be asked of a version; Invalid when its file cannot be read or has no such decision."""
    try:
        decisions = catalog.decisions_of(version)
        words = labels_of(version.dmn)
        names = tuple((info.id, ports.text(words.get(info.id)) or info.name) for info in decisions.decisions)
        meant = decision or main_decision(decisions, version.definition.key)
        return Questions(names, meant, inputs_of(decisions, meant, version.dmn), outputs_of(decisions, meant, version.dmn))
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error


def ask(version: DecisionVersion, texts: Mapping[str, str], decision: str = "") -> Tried:
    """Ask with what was typed; Invalid, with a sentence by field, for what does not fit."""
    asked = questions(version, decision)
    given, wrong = dict[str, Any](), dict[str, str]()
    for field in asked.inputs:
        try:
            given[field.name] = value_of(field, texts.get(field.name, ""))
        except Invalid as error:
            wrong[field.name] = error.sentence
    if wrong:
        raise Invalid(_("Some inputs do not fit. Mend them and ask again."), errors=wrong)
    answer = catalog.decisions_of(version).evaluate(asked.decision, given, clock=ports.now)
    values = value_words(version.dmn)
    outputs = {field.name: field.label for field in asked.outputs}
    problems = dict.fromkeys(_problem(item) for item in answer.diagnostics)
    try:
        stored = feel.to_json(answer.value)
    except feel.NotReadable as error:
        raise Invalid(spoken(error.sentence)) from error
    return Tried(
        tuple(_pairs(answer.value, outputs, values)), tuple(problems), tuple(_step(row, catalog.decisions_of(version), version.dmn) for row in answer.trace),
        stored, {name: feel.to_json(value) for name, value in given.items()},
    )  # fmt: skip


def _problem(diagnostic: feel.Diagnostic) -> str:
    return _("%(reason)s (in “%(expression)s”)") % {"reason": spoken(diagnostic.reason), "expression": diagnostic.expression[:80]}


def _pairs(value: Any, labels: Mapping[str, str], values: Any) -> list[Pair]:
    stored = feel.to_json(value)
    if isinstance(stored, Mapping) and set(labels) - {""} and set(stored) <= set(labels):
        return [Pair(labels[name], value_text(part, None, values) if part is not None else _("no value")) for name, part in stored.items()]
    return [Pair(labels.get("", ""), _text(value, values))]


def _text(value: Any, values: Any) -> str:
    return _("no value") if value is None else value_text(feel.to_json(value), None, values)


def _step(row: TraceRow, decisions: Decisions, dmn: str) -> Step:
    words, values = labels_of(dmn), value_words(dmn)
    logic = getattr(decisions.find(row.id).element, "logic", None)
    columns = {column.label: ports.text(words.get(column.element)) for column in logic.inputs} if isinstance(logic, m.TableBox) else {}
    inputs = tuple(Pair(columns.get(name) or ports.text(words.get(name)) or name, _text(value, values)) for name, value in row.inputs.items())
    rules = tuple(RuleTold(rule.number, _note(rule, words)) for rule in row.rules)
    outputs = {field.name: field.label for field in outputs_of(decisions, row.id, dmn)}
    try:
        pairs = _pairs(row.value, outputs, values)
    except feel.NotReadable as error:
        pairs = [Pair("", spoken(error.sentence))]
    return Step(row.id, ports.text(words.get(row.id)) or row.name, bool(row.hit_policy), inputs, rules, tuple(pairs))


def _note(rule: MatchedRule, words: Any) -> str:
    return ports.text(note_of(rule.annotations, words.get(rule.id) or {})) or rule.description


__all__ = ["Pair", "Questions", "RuleTold", "Step", "Tried", "ask", "questions"]
