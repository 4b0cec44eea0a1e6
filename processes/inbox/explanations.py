"""Why a decision came out as it did: which rule, with what inputs, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from processes import feel, ports
from processes.catalog.decision_labels import labels_of, note_of, value_words
from processes.catalog.models import DecisionEvaluation
from processes.inbox.form_text import said
from processes.runtime.models import ProcessInstance

MOST = 200
Words = Mapping[str, Mapping[str, str]]
"""What values are called, by value and by language."""


@dataclass(frozen=True)
class Given:
    """One input: what it is called, and its value as a text."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class RuleSaid:
    """One rule that applied: of which table, its number, what its author noted."""

    table: str
    number: int
    note: str


@dataclass(frozen=True)
class Explanation:
    """One answer of a decision. `key` is the decision's, `why` the table's own reason where it gives one,
    `result` the outcome by the names of its columns, `task` the id of the step that asked."""

    key: str
    title: str
    why: str
    result: tuple[Given, ...]
    inputs: tuple[Given, ...]
    rules: tuple[RuleSaid, ...]
    version: int
    at: datetime
    element: str
    task: UUID | None = None


def decisions_taken(instance: ProcessInstance, language: str | None = None) -> list[Explanation]:
    """Every answer that the instance was given, oldest first, at most `MOST`. One query."""
    rows = DecisionEvaluation.objects.filter(instance=instance.pk).select_related("decision_version__definition")
    return [_explained(row, language) for row in rows.order_by("at", "pk")[:MOST]]


def explanations(instance: ProcessInstance, language: str | None = None) -> list[Explanation]:
    """The latest answer of each decision that the instance, or the one that called it, has asked. One query
    (two for an instance that was called)."""
    asked = {instance.pk, instance.root_id}
    if instance.parent_task_id is not None:
        asked.add(ProcessInstance.objects.filter(task=instance.parent_task_id).values_list("pk", flat=True).first())
    rows = (
        DecisionEvaluation.objects.filter(Q(instance__in=asked - {None}))
        .select_related("decision_version__definition")
        .order_by("at", "pk")
    )
    latest = {row.decision_version.definition.key: row for row in rows}
    return [_explained(row, language) for row in latest.values()]


def _explained(row: DecisionEvaluation, language: str | None) -> Explanation:
    version = row.decision_version
    labels, words = labels_of(version.dmn), value_words(version.dmn)
    outcome = row.outcome if isinstance(row.outcome, Mapping) else {"": row.outcome}
    shown = {name: value for name, value in outcome.items() if not name.startswith("why_")}
    return Explanation(
        key=version.definition.key,
        title=version.definition.title(language),
        why=_why(outcome, row.rules, labels, language),
        result=tuple(_given(shown, labels, words, language)),
        inputs=tuple(_given(row.inputs, labels, words, language)),
        rules=tuple(_rules(row.rules, labels, language)),
        version=version.number,
        at=row.at,
        element=row.element,
        task=row.task,
    )


def _given(
    values: Mapping[str, Any], labels: Mapping[str, Any], words: Words, language: str | None
) -> Iterable[Given]:
    for name, value in values.items():
        yield Given(name, ports.text(labels.get(name), language) or name, value_text(value, language, words))


def value_text(value: Any, language: str | None, words: Words | None = None) -> str:
    """A value as a text; what a table says in several languages is said in the reader's, and so is a value that its
    file has `words` for."""
    if isinstance(value, list):
        return "; ".join(value_text(part, language, words) for part in value) or "–"
    if isinstance(value, str) and words and value in words:
        return ports.text(words[value], language)
    if isinstance(value, Mapping) and isinstance(value.get("en"), str):
        return _in_language({str(name): str(text) for name, text in value.items()}, language)
    try:
        return said(feel.from_json(value))
    except ValueError:
        return str(value)


def _rules(trace: Any, labels: Mapping[str, Any], language: str | None) -> Iterable[RuleSaid]:
    for row in trace if isinstance(trace, list) else []:
        table = ports.text(labels.get(row.get("id")), language) or row.get("name", "")
        for rule in row.get("rules") or ():
            yield RuleSaid(table, int(rule.get("number") or 0), _note(rule, labels, language))


def _note(rule: Mapping[str, Any], labels: Mapping[str, Any], language: str | None) -> str:
    notes = note_of(rule.get("annotations") or {}, labels.get(str(rule.get("id"))) or {})
    return _in_language(notes, language) or str(rule.get("description") or "")


def _why(outcome: Mapping[str, Any], trace: Any, labels: Mapping[str, Any], language: str | None) -> str:
    """The reason that a table gives as an output (`why_en`, `why_zh`), else the note of its deciding rule."""
    reasons = {name.removeprefix("why_"): str(text) for name, text in outcome.items()
               if name.startswith("why_") and text}  # fmt: skip
    if reasons:
        return _in_language(reasons, language)
    last = trace[-1] if isinstance(trace, list) and trace else {}
    notes = [_note(rule, labels, language) for rule in last.get("rules") or ()]
    return next((note for note in notes if note), "")


def _in_language(texts: Mapping[str, str], language: str | None) -> str:
    from django.utils.translation import get_language

    wanted = (language or get_language() or "en").lower()
    for name in (wanted, wanted.partition("-")[0], "en"):
        if texts.get(name):
            return texts[name]
    return next(iter(texts.values()), "")
