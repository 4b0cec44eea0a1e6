"""The variables of an instance as people read them: named as forms and tables name them, choices by their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model

from processes import feel, ports
from processes.bpmn.model import Model
from processes.bpmn.model import Task as TaskElement
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of, value_words
from processes.catalog.models import DecisionDefinition, PinnedDecision, ProcessVersion
from processes.inbox.form_model import Component
from processes.inbox.form_text import said
from processes.inbox.forms import FormSchema
from processes.runtime.models import ProcessInstance

LONGEST = 300


@dataclass(frozen=True)
class Value:
    """One variable: what it is called, what it is in words, and, of a value with parts, its parts."""

    name: str
    label: str
    text: str
    parts: tuple[Value, ...] = ()


@dataclass(frozen=True)
class _Words:
    """What a version calls its values: fields of forms by key, outcomes of decisions and their parts by name."""

    fields: Mapping[str, Component]
    results: Mapping[str, Mapping[str, str]]
    parts: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, str]]
    people: Mapping[Any, str]


def values_of(instance: ProcessInstance) -> list[Value]:
    """The variables of an instance, those with words first; three queries."""
    found = in_words(instance, [(name, feel.from_json(stored)) for name, stored in instance.data.items()])
    return sorted(found, key=lambda value: (bool(value.parts), value.label == value.name, value.label.casefold()))


def in_words(instance: ProcessInstance, given: Sequence[tuple[str, Any]]) -> list[Value]:
    """Values under names of an instance's variables in words, in the order given; three queries."""
    words = _words(instance, given)
    return [_value(name, value, words) for name, value in given]


def _words(instance: ProcessInstance, given: Sequence[tuple[str, Any]]) -> _Words:
    version = instance.version
    fields: dict[str, Component] = {}
    for schema in version.forms.values():
        for item in FormSchema.parse(schema).fields:
            fields.setdefault(item.key, item)
    results, parts, values = _decisions(version)
    people = {key for key, item in fields.items() if item.choices.startswith("people:")}
    chosen = {int(value) for name, value in given if name in people and isinstance(value, int | Decimal)}
    found = get_user_model().objects.filter(pk__in=chosen)
    return _Words(fields, results, parts, values, {person.pk: ports.people().display(person) for person in found})


def _decisions(version: ProcessVersion) -> tuple[dict[str, Mapping[str, str]], ...]:
    """Titles of outcomes, labels of their parts, words of their values."""
    asked = dict(_asked(catalog.model_of(version)))
    titles = dict(DecisionDefinition.objects.filter(key__in=asked.values()).values_list("key", "titles"))
    parts: dict[str, Mapping[str, str]] = {}
    values: dict[str, Mapping[str, str]] = {}
    for pin in PinnedDecision.objects.filter(process_version=version).select_related("decision_version"):
        parts |= labels_of(pin.decision_version.dmn)
        values |= value_words(pin.decision_version.dmn)
    return {name: titles[key] for name, key in asked.items() if key in titles}, parts, values


def _asked(model: Model) -> Iterator[tuple[str, str]]:
    """Names of variables that hold a decision's outcome, with the decision's key."""
    for node in model.nodes.values():
        if isinstance(node, TaskElement) and node.decision is not None:
            yield node.decision.result or node.decision.key, node.decision.key


def _value(name: str, value: Any, words: _Words) -> Value:
    item = words.fields.get(name)
    label = ports.text(item.labels if item is not None else words.results.get(name) or words.parts.get(name)) or name
    of_table = item is None and (name in words.parts or name in words.results)
    if of_table and isinstance(value, str) and value in words.values:
        return Value(name, label, ports.text(words.values[value]))
    if isinstance(value, Mapping):
        inner = [_value(str(part), value[part], words) for part in value if not _of_other_language(str(part))]
        return Value(name, label, "", tuple(sorted(inner, key=lambda one: one.label.casefold())))
    if item is not None and item.choices.startswith("people:") and value in words.people:
        return Value(name, label, words.people[value])
    return Value(name, label, _text(value, item))


def _of_other_language(name: str) -> bool:
    """A reason that a table gives in several languages (`why_en`, `why_zh`) is shown in the reader's alone."""
    from django.utils.translation import get_language

    stem, _sep, language = name.rpartition("_")
    return stem == "why" and not (get_language() or "en").startswith(language)


def _text(value: Any, item: Component | None = None) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one, item) for one in value[:20]) or said(None)
    if item is not None:
        chosen = next((option.labels for option in item.options if str(option.value) == str(value)), None)
        if chosen is not None:
            return ports.text(chosen)
    text = said(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
