"""Why a field came out as it did: the tables behind a task's form, in words that a reader knows.

A table's values are codes, times and truths; here they become what a person would say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.dateparse import parse_duration
from django.utils.translation import gettext as _

from admin_ext import words


@dataclass(frozen=True, slots=True)
class Pair:
    """What it is called, and what it is."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rules of one table that applied: their numbers and what their author noted."""

    title: str
    rules: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Why:
    """One answer of a decision as its dialog shows it."""

    key: str
    title: str
    reason: str
    tables: list[Table]
    inputs: list[Pair]
    result: list[Pair]
    version: int
    at: datetime


def whys_of(fields: Iterable[Any], explanations: Iterable[Any]) -> list[Why]:
    """The answers that the fields of a form point to, each once."""
    asked = set(_keys(fields))
    return [_why(found) for found in explanations if found.key in asked]


def _keys(fields: Iterable[Any]) -> Iterable[str]:
    for field in fields:
        if field.explain:
            yield field.explain
        yield from _keys(field.children)


def _why(found: Any) -> Why:
    return Why(
        key=found.key, title=found.title, reason=found.why,
        tables=[
            Table(title, [(rule.number, rule.note) for rule in rules])
            for title, rules in groupby(found.rules, key=lambda rule: rule.table)
        ],
        inputs=_pairs(found.inputs), result=_pairs(found.result), version=found.version, at=found.at,
    )  # fmt: skip


def _pairs(given: Iterable[Any]) -> list[Pair]:
    return [Pair(one.label, plain(one.value)) for one in given]


def plain(text: str) -> str:
    """A value of a table as one would say it: yes and no, lengths of time in words, a dash for nothing."""
    if text in ("true", "false"):
        return _("Yes") if text == "true" else _("No")
    if text.startswith("P") and (length := parse_duration(text)) is not None:
        return words.span(length)
    return text or "–"
