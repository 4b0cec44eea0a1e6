"""Which column of a file is which, and what is repaired on the way: guessed from the headers, shipped, or chosen."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crm_core.integration import staging, values
from crm_core.integration.definitions import Definition, Values, definition, definitions
from crm_core.integration.reading import Table

SHIPPED = settings.BASE_DIR / "fixtures/mappings"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """`columns` names the file's header for each column of the definition, `fixed` gives values that stand in no
    file, `repairs` replaces texts by header, `shift_days` moves all dates, `dates` says the order of day and month where
    the file does not tell it ("dmy", "mdy")."""

    definition: str
    columns: dict[str, str]
    fixed: dict[str, str] = field(default_factory=dict)
    repairs: dict[str, dict[str, str]] = field(default_factory=dict)
    shift_days: int = 0
    dates: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is kept with a run."""
        return {"columns": self.columns, "fixed": self.fixed, "repairs": self.repairs, "shift_days": self.shift_days,
                "dates": self.dates}  # fmt: skip


def from_json(key: str, kept: Mapping[str, Any]) -> ColumnMapping:
    """The mapping that is kept with a run."""
    return ColumnMapping(key, dict(kept.get("columns", {})), dict(kept.get("fixed", {})), dict(kept.get("repairs", {})),
                    int(kept.get("shift_days", 0)), str(kept.get("dates", "")))  # fmt: skip


def plain(name: str) -> str:
    """A header without what does not tell headers apart."""
    return re.sub(r"[^0-9a-z\u3400-\u9fff]+", "", unicodedata.normalize("NFKC", name).casefold())


def guess(target: Definition, headers: Sequence[str]) -> ColumnMapping:
    """The mapping by names and synonyms; a header serves once."""
    left = {plain(header): header for header in headers}
    found: dict[str, str] = {}
    for column in target.columns:
        for name in (column.name, str(column.label), *column.synonyms):
            if plain(name) in left:
                found[column.name] = left.pop(plain(name))
                break
    return ColumnMapping(target.key, found)


def best_for(headers: Sequence[str]) -> ColumnMapping:
    """The kind of rows whose columns the headers fit best, with the guessed mapping."""
    guesses = [guess(target, headers) for target in definitions()]

    def fits(found: ColumnMapping) -> tuple[int, int]:
        required = [c.name for c in definition(found.definition).columns if c.required]
        return (-sum(1 for name in required if name not in found.columns), len(found.columns))

    return max(guesses, key=fits)


def shipped(headers: Sequence[str]) -> ColumnMapping | None:
    """The shipped mapping whose headers these are, or None."""
    wanted = set(headers)
    for path in sorted(Path(SHIPPED).glob("*.toml")):
        for part in tomllib.loads(path.read_text(encoding="utf-8")).get("file", []):
            if set(part["headers"]) == wanted:
                return ColumnMapping(part["definition"], dict(part["columns"]), dict(part.get("fixed", {})),
                                {k: dict(v) for k, v in part.get("repairs", {}).items()})  # fmt: skip
    return None


@dataclass(slots=True)
class Row:
    """A row on its way: its line, its cleaned values, what is wrong with it by column."""

    line: int
    values: Values
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Cleaned:
    """The rows of a part of a table, and how often each kind of repair was made."""

    rows: list[Row]
    repairs: dict[str, int] = field(default_factory=dict)


def clean(
    table: Table, chosen: ColumnMapping, start: int = 0, stop: int | None = None, styles: Mapping[str, values.Style] | None = None
) -> Cleaned:
    """The rows from `start` to `stop` as values, repaired and checked column by column. `styles` tells how each column of
    the whole file writes dates and numbers (default: as this table does)."""
    target = definition(chosen.definition)
    place = {header: index for index, header in enumerate(table.headers)}
    told = staging.styles(table) if styles is None else styles
    used = {}
    for column in target.columns:
        style = told.get(chosen.columns.get(column.name, ""), values.UNTOLD)
        used[column.name] = replace(style, dates=chosen.dates) if chosen.dates and style.dates == "?" else style
    done = Cleaned([])
    uneven = set(table.uneven)
    for index in range(start, min(len(table.rows), stop if stop is not None else len(table.rows))):
        row = Row(table.lines[index], {})
        if row.line in uneven:
            row.errors[""] = _("This row has more cells than the header. Is a quotation mark missing?")
        for column in target.columns:
            header = chosen.columns.get(column.name, "")
            given = table.rows[index][place[header]] if header in place else chosen.fixed.get(column.name)
            if given is None:
                continue
            text, repair = values.tidy(given)
            _count(done, header or column.name, repair)
            text, replaced = values.repaired(text, chosen.repairs.get(header, {}))
            if replaced:
                _count(done, header, replaced)
            try:
                value, repair = values.read(column, text, style=used[column.name])
            except values.Refused as refused:
                row.errors[column.name] = str(refused)
                continue
            _count(done, header or column.name, repair)
            if chosen.shift_days and column.kind == "date" and value is not None:
                value = value + timedelta(days=chosen.shift_days)
            row.values[column.name] = value
        for column in target.columns:
            if column.required and row.values.get(column.name) in (None, "") and column.name not in row.errors:
                row.errors[column.name] = _("“%(column)s” is missing.") % {"column": column.label}
        done.rows.append(row)
    return done


def _count(done: Cleaned, header: str, repair: str) -> None:
    if repair:
        key = f"{header}|{repair}"
        done.repairs[key] = done.repairs.get(key, 0) + 1

