"""What was found in a decision table, without words: the floors above say it in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of ordered values; a missing end (None) stands for no bound on that side."""

    low: Any
    low_included: bool
    high: Any
    high_included: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The values of one input: stretches of ordered ones, or named ones (with `others`: all but the named ones);
    `null` when a missing value belongs to them too. `columns` are the indices of the columns that ask this input."""

    columns: tuple[int, ...]
    kind: str
    spans: tuple[Span, ...] = ()
    values: tuple[Any, ...] = ()
    others: bool = False
    null: bool = False


Region: TypeAlias = tuple[Part, ...]
"""The inputs that are limited, each with its values; every other input may have any value."""

Example: TypeAlias = tuple[Any, ...]
"""A value for each input column, for which the finding can be seen."""


@dataclass(frozen=True, slots=True)
class Gap:
    """No rule applies here."""

    region: Region
    example: Example


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules, by number, apply here together, where the hit policy does not want it."""

    rules: tuple[int, int]
    region: Region
    example: Example


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A rule never decides: one of its cells (`column`) allows no value, or the rules in `by` always come before it.

    `example` meets the rule's conditions although others decide; None when nothing surely meets them.
    """

    rule: int
    column: int | None = None
    by: tuple[int, ...] = ()
    example: Example | None = None


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """A cell (or, with rule None, the allowed values or the type of a column) that is not analysed."""

    column: int
    rule: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. The `more_` counts tell how many further ones there are; `complete` is False when the table was
    too large to be searched to the end, and then findings may be missing here."""

    gaps: tuple[Gap, ...] = ()
    more_gaps: int = 0
    overlaps: tuple[Overlap, ...] = ()
    more_overlaps: int = 0
    unreachable: tuple[Unreachable, ...] = ()
    not_analysed: tuple[NotAnalysed, ...] = ()
    complete: bool = True
