"""What changed between two versions of a decision, told in whole sentences in the language in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from processes import ports
from processes.catalog.decision_labels import labels_of
from processes.catalog.models import DecisionVersion
from processes.dmn import differ
from processes.spoken import gettext as _

_POLICIES = {"U": "UNIQUE", "A": "ANY", "P": "PRIORITY", "F": "FIRST", "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
             "C+": "COLLECT SUM", "C<": "COLLECT MIN", "C>": "COLLECT MAX", "C#": "COLLECT COUNT"}  # fmt: skip

Labels = Mapping[str, Mapping[str, str]]
"""What elements are called, by their id and by language."""


@dataclass(frozen=True, slots=True)
class Told:
    """One change: of which table or element (its id and its name), and what, as a sentence."""

    element: str
    name: str
    sentence: str


def changes(before: DecisionVersion, after: DecisionVersion) -> list[Told]:
    """The changes from one version to another, table by table. DmnError for a version that cannot be read."""
    labels = {**labels_of(before.dmn), **labels_of(after.dmn)}
    found = differ.compare(before.dmn, after.dmn)
    told = [
        Told(table.owner, _called(table.owner, table.name, labels), sentence)
        for table in found.tables for sentence in _table(table, labels)
    ]  # fmt: skip
    for kind, element, name in found.others:
        told.append(Told(element, _called(element, name, labels), _other(kind)))
    return told


def _called(element: str, name: str, labels: Labels) -> str:
    return ports.text(labels.get(element)) or name or element


def _other(kind: str) -> str:
    if kind == differ.ADDED:
        return _("It is new.")
    return _("It was taken out.") if kind == differ.REMOVED else _("Its logic outside of tables was changed.")


def _table(table: differ.TableChange, labels: Labels) -> Iterator[str]:
    if table.kind == differ.ADDED:
        yield _("The table is new.")
    elif table.kind == differ.REMOVED:
        yield _("The table was taken out.")
    if table.policy is not None:
        old, new = (_POLICIES.get(policy, policy) for policy in table.policy)
        yield _("The hit policy is %(after)s instead of %(before)s.") % {"before": old, "after": new}
    for column in table.columns:
        yield _column(column, labels)
    for rule in table.rules:
        yield _rule(rule, labels)


def _column(change: differ.ColumnChange, labels: Labels) -> str:
    column = change.after or change.before
    name = {"name": ports.text(labels.get(column.element if column is not None else "")) or change.label}
    if change.kind == differ.ADDED:
        return _("The column “%(name)s” is new.") % name
    if change.kind == differ.REMOVED:
        return _("The column “%(name)s” was taken out.") % name
    return _("Of the column “%(name)s” was changed: %(what)s.") % {
        **name, "what": ", ".join(_WHAT[what]() for what in change.what)
    }  # fmt: skip


_WHAT = {
    "label": lambda: _("its name"), "expression": lambda: _("what it asks"), "type": lambda: _("its type"),
    "allowed": lambda: _("its allowed values"), "default": lambda: _("its default"), "place": lambda: _("its place"),
}  # fmt: skip


def _rule(change: differ.RuleChange, labels: Labels) -> str:
    if change.before is None:
        number = change.after.number if change.after is not None else 0
        return _("Rule %(number)s is new.") % {"number": number}
    if change.after is None:
        return _("Rule %(number)s of before was taken out.") % {"number": change.before.number}
    if change.kind == differ.MOVED:
        return _("Rule %(before)s of before stands at %(after)s now.") % {
            "before": change.before.number, "after": change.after.number
        }  # fmt: skip
    cells = "; ".join(
        _("“%(column)s”: %(before)s → %(after)s")
        % {"column": ports.text(labels.get(cell.element)) or cell.column, "before": cell.before or "–", "after": cell.after or "–"}
        for cell in change.cells
    )
    if change.moved:
        return _("Rule %(before)s of before stands at %(after)s now and says something else: %(cells)s.") % {
            "before": change.before.number, "after": change.after.number, "cells": cells,
        }  # fmt: skip
    return _("Rule %(number)s says something else: %(cells)s.") % {"number": change.after.number, "cells": cells}
