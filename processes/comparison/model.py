"""The difference of two versions, as a page or a command shows it. Every sentence is in the language in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from processes.catalog.decision_changes import Told
from processes.catalog.form_changes import FormChange
from processes.comparison.words import Property


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions."""

    id: object
    number: int
    state: str
    state_said: str
    is_draft: bool
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class DrawingChange:
    """One change of the drawing: "added", "removed", "changed" or "moved", of which element (its id, its kind in words,
    its name), as a sentence, with what changed of it. `number` counts what has a number in the picture; 0 without one."""

    kind: str
    element: str
    element_kind: str
    name: str
    sentence: str
    properties: tuple[Property, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class CellSaid:
    """One cell of a rule in both versions; `out` for an answer."""

    before: str
    after: str
    out: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """One rule that differs: its number in both versions (0 where it is not there) and its cells."""

    kind: str
    before: int
    after: int
    cells: tuple[CellSaid, ...]


@dataclass(frozen=True, slots=True)
class TableSaid:
    """One table that differs: its columns (name, whether an answer), the rules that differ, and how many stayed."""

    name: str
    columns: tuple[tuple[str, bool], ...]
    rules: tuple[RuleSaid, ...]
    same: int


@dataclass(frozen=True, slots=True)
class DecisionSaid:
    """One decision that differs: the numbers of its versions (None where it is not asked), what changed in sentences,
    and its tables rule by rule."""

    key: str
    title: str
    kind: str
    before: int | None
    after: int | None
    told: tuple[Told, ...] = ()
    tables: tuple[TableSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where work rests now on an element that the newer version changes or lacks: how much, and what becomes of it."""

    element: str
    name: str
    tokens: int
    goal: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Running:
    """What the change means for what runs on the older version. `known` says whether each instance was held against
    the newer drawing; without it only `total` and `standing` are filled."""

    total: int
    known: bool = False
    moves: int = 0
    decide: int = 0
    cannot: int = 0
    wait: int = 0
    standing: tuple[Standing, ...] = ()
    reasons: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What leads from one version of a process to another. `choices` are the versions that may be compared."""

    key: str
    title: str
    before: Side
    after: Side
    choices: tuple[Side, ...]
    drawing: tuple[DrawingChange, ...] = ()
    decisions: tuple[DecisionSaid, ...] = ()
    forms: tuple[FormChange, ...] = ()
    attributes: tuple[Property, ...] = ()
    running: Running | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.drawing or self.decisions or self.forms or self.attributes)
