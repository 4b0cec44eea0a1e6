"""What changed in the decisions that two versions ask: which are asked, and of each what its tables say, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes import ports
from processes.bpmn.model import Model, Task
from processes.catalog import decision_changes
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of
from processes.catalog.models import DecisionVersion, ProcessVersion
from processes.comparison.model import CellSaid, DecisionSaid, RuleSaid, TableSaid
from processes.dmn import differ
from processes.dmn import model as m
from processes.errors import NotFound
from processes.spoken import gettext as _


def told(before: ProcessVersion, after: ProcessVersion, old: Model, new: Model) -> tuple[DecisionSaid, ...]:
    """The decisions that differ, by their key."""
    was, now = asked(before, old), asked(after, new)
    found = []
    for key in sorted({*was, *now}):
        said = _decision(key, was.get(key), now.get(key))
        if said is not None:
            found.append(said)
    return tuple(found)


def asked(version: ProcessVersion, model: Model) -> dict[str, DecisionVersion]:
    """The decision versions that a version asks: pinned ones of what was published; of a draft the drafts of its decisions,
    else their newest versions."""
    keys = sorted({n.decision.key for n in model.nodes.values() if isinstance(n, Task) and n.decision is not None})
    found = {}
    for key in keys:
        try:
            found[key] = catalog.decision_beside(version, key) if version.is_open else catalog.decision_version_for(version, key)
        except NotFound:
            continue
    return found


def _decision(key: str, was: DecisionVersion | None, now: DecisionVersion | None) -> DecisionSaid | None:
    title = (now or was).definition.title()  # type: ignore[union-attr]
    if was is None or now is None:
        kind = differ.ADDED if was is None else differ.REMOVED
        return DecisionSaid(key, title, kind, was.number if was else None, now.number if now else None)
    if was.content_hash == now.content_hash:
        return None
    sentences = decision_changes.changes(was, now)
    if was.examples != now.examples:
        sentence = _("The examples were changed: %(before)d before, %(after)d now.") % {
            "before": len(was.examples), "after": len(now.examples)
        }  # fmt: skip
        sentences.append(decision_changes.Told("", title, sentence))
    labels = {**labels_of(was.dmn), **labels_of(now.dmn)}
    tables = tuple(_table(change, labels) for change in differ.compare(was.dmn, now.dmn).tables)
    return DecisionSaid(key, title, differ.CHANGED, was.number, now.number, tuple(sentences), tables)


# --- tables -------------------------------------------------------------------------------------------------------
def _table(change: differ.TableChange, labels: Mapping[str, Mapping[str, str]]) -> TableSaid:
    old, new = change.before, change.after
    shown = new or old
    columns = [*_pairs(old.inputs if old else (), new.inputs if new else (), False),
               *_pairs(old.outputs if old else (), new.outputs if new else (), True)]  # fmt: skip
    heads = tuple((_head((now if now is not None else was), shown, labels, out), out) for was, now, out in _columns(old, new, columns))
    rules = tuple(_rule(rule, old, new, columns) for rule in _rules(change))
    same = (len(new.rules) if new else 0) - sum(1 for rule in rules if rule.after)
    return TableSaid(ports.text(labels.get(change.owner)) or change.name or change.owner, heads, rules, max(same, 0))


def _rules(change: differ.TableChange) -> list[differ.RuleChange]:
    if change.kind == differ.ADDED and change.after is not None:
        return [differ.RuleChange(differ.ADDED, None, rule) for rule in change.after.rules]
    if change.kind == differ.REMOVED and change.before is not None:
        return [differ.RuleChange(differ.REMOVED, rule, None) for rule in change.before.rules]
    return list(change.rules)


Pair = tuple[int | None, int | None, bool]
"""The place of a column among the inputs or the answers of both versions, and whether it is an answer."""


def _pairs(old: tuple[Any, ...], new: tuple[Any, ...], out: bool) -> list[Pair]:
    places = {column.element or f"#{at}": at for at, column in enumerate(old)}
    pairs: list[Pair] = [(places.pop(column.element or f"#{at}", None), at, out) for at, column in enumerate(new)]
    return [*pairs, *((at, None, out) for at in places.values())]


def _columns(old: m.TableBox | None, new: m.TableBox | None, pairs: list[Pair]) -> list[tuple[Any, Any, bool]]:
    def of(table: m.TableBox | None, at: int | None, out: bool) -> Any:
        if table is None or at is None:
            return None
        return (table.outputs if out else table.inputs)[at]

    return [(of(old, was, out), of(new, now, out), out) for was, now, out in pairs]


def _head(column: Any, table: m.TableBox | None, labels: Mapping[str, Mapping[str, str]], out: bool) -> str:
    said = ports.text(labels.get(column.element)) or differ.label_of(column)
    plain = column.expression.text if not out else ""
    return said or plain or (_("Answer") if out else "")


def _rule(change: differ.RuleChange, old: m.TableBox | None, new: m.TableBox | None, columns: list[Pair]) -> RuleSaid:
    cells = []
    for was, now, out in columns:
        before, after = _cell(change.before, was, out), _cell(change.after, now, out)
        both = change.before is not None and change.after is not None
        cells.append(CellSaid(before, after, out, both and before != after))
    return RuleSaid(
        change.kind, change.before.number if change.before else 0, change.after.number if change.after else 0, tuple(cells)
    )  # fmt: skip


def _cell(rule: m.Rule | None, at: int | None, out: bool) -> str:
    if rule is None or at is None:
        return ""
    cells = rule.outputs if out else rule.tests
    return cells[at].text if at < len(cells) else ""

