"""What screens show of a replay: how far it is, the figures with their words, and the cases one by one.

Figures count every case. Cases are listed for who may see the records they are about; who oversees all processes
sees all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of, value_words
from processes.catalog.models import DecisionVersion
from processes.inbox.explanations import Words, value_text
from processes.inbox.visibility import oversees, subject_visible
from processes.insight.deciding import CHANGED, UNDECIDED, parts
from processes.insight.models import DecisionReplay, ReplayedDecision
from processes.insight.services import comparison_of, demand, replay_of
from processes.insight.table import Line, Sheet, Target
from processes.insight.tally import OTHERS, Tally
from processes.spoken import gettext as _
from processes.spoken import told


@dataclass(frozen=True, slots=True)
class MoveSaid:
    """How many cases went from one value of an output to another, in words."""

    before: str
    after: str
    count: int
    changed: bool


@dataclass(frozen=True, slots=True)
class OutputFigures:
    """What became of one output. The means are None where it is no number; `higher` and `lower` count cases."""

    name: str
    label: str
    moves: tuple[MoveSaid, ...]
    mean_before: Decimal | None = None
    mean_after: Decimal | None = None
    higher: int = 0
    lower: int = 0


@dataclass(frozen=True, slots=True)
class ShareSaid:
    """The cases with one value of an attribute. `share` is the part of them that is decided otherwise, 0 to 1."""

    value: str
    label: str
    total: int
    changed: int
    undecided: int

    @property
    def share(self) -> float:
        return self.changed / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The cases by one attribute of the records they are about: where most changed first."""

    name: str
    label: str
    shares: tuple[ShareSaid, ...]


@dataclass(frozen=True, slots=True)
class RuleHits:
    """How often a rule of a table applied, before and after."""

    table: str
    label: str
    number: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A replay in figures: counts by verdict (same, changed, undecided, unreproduced), outputs, groups, rules."""

    replay: DecisionReplay
    counts: Mapping[str, int]
    outputs: tuple[OutputFigures, ...]
    groups: tuple[GroupFigures, ...]
    rules: tuple[RuleHits, ...]
    problem: str = ""

    @property
    def decided(self) -> int:
        """How many cases were gone through so far."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class CaseSaid:
    """A case that differs. `differences` are (output, before, after) in words."""

    id: UUID
    about: str
    url: str
    at: datetime
    verdict: str
    differences: tuple[tuple[str, str, str], ...]
    rules_before: Mapping[str, list[int]]
    rules_after: Mapping[str, list[int]]
    attributes: Mapping[str, str]
    problem: str


def replays(key: str, *, user: Any, limit: int = 20) -> list[DecisionReplay]:
    """The last replays of a decision, newest first, for who answers for it; NotFound and NotAllowed as the services."""
    definition = catalog.decision_definition(key)
    demand(definition, user)
    rows = DecisionReplay.objects.filter(before__definition=definition).select_related(
        "before__definition", "after__definition", "created_by"
    )
    return list(rows.order_by("-created_at")[:limit])


def figures(replay_id: UUID, *, user: Any) -> Figures:
    """The figures of a replay so far."""
    return figures_of(replay_of(replay_id, user=user))


def figures_of(replay: DecisionReplay) -> Figures:
    """The figures of a replay at hand."""
    tally = Tally(replay.figures)
    labels, words = words_of(replay.before, replay.after)
    return Figures(
        replay, tally.counts, outputs_said(tally, labels, words), groups_said(tally), tuple(_hits(tally, labels)),
        told(replay.problem),
    )  # fmt: skip


def words_of(*versions: DecisionVersion) -> tuple[Words, Words]:
    """What the versions call their columns and tables, and what their values; the last one's words win."""
    labels: dict[str, Mapping[str, str]] = {}
    values: dict[str, Mapping[str, str]] = {}
    for version in versions:
        labels |= labels_of(version.dmn)
        values |= value_words(version.dmn)
    return labels, values


def outputs_said(tally: Tally, labels: Words, words: Words) -> tuple[OutputFigures, ...]:
    """What became of each output, in words."""
    return tuple(_output(tally, name, labels, words) for name in tally.outputs)


def _output(tally: Tally, name: str, labels: Words, words: Words) -> OutputFigures:
    moves = tuple(
        MoveSaid(OTHERS, OTHERS, move.count, True) if move.others
        else MoveSaid(value_text(move.before, None, words), value_text(move.after, None, words), move.count, move.changed)
        for move in tally.moves(name)
    )  # fmt: skip
    label = ports.text(labels.get(name)) or name or _("outcome")
    return OutputFigures(name, label, moves, *(tally.means(name) or ()))


def groups_said(tally: Tally) -> tuple[GroupFigures, ...]:
    """The cases by attribute, in words; a query for each group that names people or branches."""
    return tuple(_group(tally, name) for name in tally.attributes)


def _group(tally: Tally, name: str) -> GroupFigures:
    shares = tally.shares(name)
    label, words = _words(name, [share.value for share in shares])
    unknown = {"": _("not known"), OTHERS: _("all others")}
    said = (
        ShareSaid(
            share.value, words.get(share.value) or unknown.get(share.value) or share.value, share.total, share.changed,
            share.counts.get(UNDECIDED, 0),
        )
        for share in shares
    )
    return GroupFigures(name, label, tuple(said))


def _words(name: str, values: Iterable[str]) -> tuple[str, Mapping[str, str]]:
    """What a group and its values are called, by whichever subject types know the group."""
    label, words = "", dict[str, str]()
    for kind in ports.subjects().all():
        group = next((field for field in kind.groups if field.name == name), None)
        if group is not None:
            label = label or str(group.label)
            words = {**kind.group_words(name, values), **words}
    return label or name, words


def _hits(tally: Tally, labels: Words) -> Iterator[RuleHits]:
    before = {(table, number): count for table, number, count in tally.hits("before")}
    after = {(table, number): count for table, number, count in tally.hits("after")}
    for table, number in sorted({*before, *after}):
        label = ports.text(labels.get(table)) or table
        yield RuleHits(table, label, number, before.get((table, number), 0), after.get((table, number), 0))


# --- cases -------------------------------------------------------------------------------------------------
def _rows(
    replay: DecisionReplay, user: Any, verdict: str, attributes: Mapping[str, str]
) -> QuerySet[ReplayedDecision]:
    rows = replay.cases.filter(verdict=verdict) if verdict else replay.cases.all()
    if not set(attributes) <= set(Tally(replay.figures).attributes):
        return rows.none()
    rows = rows.filter(**{f"attributes__{name}": value for name, value in attributes.items()})
    return rows if oversees(user) else rows.filter(Q(subject_type="") | subject_visible(user))


def cases(
    replay_id: UUID, *, user: Any, verdict: str = CHANGED, attributes: Mapping[str, str] | None = None,
    behind: UUID | None = None, limit: int = 50,
) -> list[CaseSaid]:  # fmt: skip
    """The cases of a verdict that the person may see, oldest first, behind the one of an id; a query for the cases and
    one for each kind of record they are about."""
    replay = replay_of(replay_id, user=user)
    rows = _rows(replay, user, verdict, attributes or {})
    if behind is not None:
        rows = rows.filter(pk__gt=behind)
    found = list(rows.select_related("evaluation").order_by("pk")[:limit])
    records = _records(found)
    labels, words = words_of(replay.before, replay.after)
    return [_case(row, records.get((row.subject_type, row.subject_id)), labels, words) for row in found]


def _records(rows: Iterable[ReplayedDecision]) -> dict[tuple[str, int | None], tuple[str, str]]:
    """Title and address of the records that cases are about."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        if row.subject_id is not None:
            ids.setdefault(row.subject_type, set()).add(row.subject_id)
    found: dict[tuple[str, int | None], tuple[str, str]] = {}
    for name, wanted in ids.items():
        kind = ports.subjects().get(name)
        manager = getattr(kind.model, "_default_manager", None) if kind is not None else None
        if kind is not None and manager is not None:
            for record in manager.filter(pk__in=wanted):
                found[name, record.pk] = (kind.title(record), kind.url(record))
    return found


def _case(
    row: ReplayedDecision, record: tuple[str, str] | None, labels: Words, words: Words
) -> CaseSaid:
    old, new = parts(row.before), parts(row.after)
    differences = tuple(
        (ports.text(labels.get(name)) or name, value_text(old.get(name), None, words), value_text(new.get(name), None, words))
        for name in row.outputs
    )
    title, url = record or ("", "")
    return CaseSaid(
        row.pk, title, url, row.evaluation.at, row.verdict, differences, row.rules_before, row.rules_after,
        row.attributes, told(row.problem),
    )  # fmt: skip


def write_csv(replay_id: UUID, target: Target, *, user: Any, verdict: str = "") -> int:
    """Write the cases that the person may see as CSV, all that are not the same or those of a verdict; gives their
    number. Read part by part."""
    replay = replay_of(replay_id, user=user)
    assumed = {name: feel.from_json(value) for name, value in replay.assumed.items()}
    sheet = Sheet(target, comparison_of(replay.before, replay.after, assumed), Tally(replay.figures).attributes)
    count = 0
    for row in _rows(replay, user, verdict, {}).select_related("evaluation").order_by("pk").iterator(500):
        about = f"{row.subject_type} {row.subject_id}" if row.subject_id is not None else ""
        sheet.write(
            Line(about, row.evaluation.at, row.evaluation.inputs, row.verdict, row.before, row.after, row.rules_before,
                 row.rules_after, row.attributes, told(row.problem))
        )  # fmt: skip
        count += 1
    return count
