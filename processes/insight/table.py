"""The cases of a replay as a table for a spreadsheet: a line for each, with both answers beside each other."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from processes import feel
from processes.cells import defused
from processes.insight.deciding import Compared, Comparison, Side, parts
from processes.spoken import gettext as _
from processes.spoken import spoken


class Target(Protocol):
    """Something that text is written to."""

    def write(self, text: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One case, ready to be written. `about` is the record or the line of the data set it came from."""

    about: str
    at: datetime | None
    inputs: Mapping[str, Any]
    verdict: str
    before: Any
    after: Any
    rules_before: Mapping[str, Sequence[int]]
    rules_after: Mapping[str, Sequence[int]]
    attributes: Mapping[str, str]
    problem: str


def line_of(found: Compared) -> Line:
    """The line of a case that was just decided."""
    case = found.case
    about = f"{case.subject.type} {case.subject.id}" if case.subject else str(case.number or "")
    return Line(
        about, case.at if case.evaluation else None, case.inputs, found.verdict, found.before.outcome,
        found.after.outcome, found.before.rules, found.after.rules, case.attributes, spoken(found.problem),
    )  # fmt: skip


def _names(sides: Iterable[Side]) -> tuple[list[str], list[str]]:
    """The inputs and the outputs of the decisions of both versions, in their order, each once."""
    inputs: dict[str, None] = {}
    outputs: dict[str, None] = {}
    for side in sides:
        main = side.name_of("")
        inputs |= dict.fromkeys(side.wanted(""))
        for info in side.decisions.decisions:
            if main in (info.id, info.name):
                several = len(info.outputs) > 1
                outputs |= dict.fromkeys(parts({o.name: None for o in info.outputs}) if several else [""])
    return list(inputs), list(outputs)


class Sheet:
    """Writes lines as CSV; the columns are those of the two versions and of the attributes named, which are those that
    a record has now, while its inputs are those of then."""

    def __init__(self, target: Target, comparison: Comparison, attributes: Sequence[str]) -> None:
        self._writer = csv.writer(target)
        self._inputs, self._outputs = _names((comparison.before, comparison.after))
        self._attributes = list(attributes)
        before = _("before (version %(number)s)") % {"number": comparison.before.version.number}
        after = _("after (version %(number)s)") % {"number": comparison.after.version.number}
        titles = [title for name in self._outputs for title in (f"{name} {before}".strip(), f"{name} {after}".strip())]
        self._writer.writerow(
            [_("about"), _("at"), *(_("%(name)s now") % {"name": name} for name in self._attributes), *self._inputs, _("verdict"), *titles, _("rules before"), _("rules after"), _("why not")]
        )

    def write(self, line: Line) -> None:
        """Add a line."""
        old, new = parts(line.before), parts(line.after)
        answers = [cell(values.get(name)) for name in self._outputs for values in (old, new)]
        self._writer.writerow(
            [
                defused(line.about), line.at.isoformat() if line.at else "",
                *(defused(line.attributes.get(name, "")) for name in self._attributes),
                *(cell(line.inputs.get(name)) for name in self._inputs),
                line.verdict, *answers, _rules(line.rules_before), _rules(line.rules_after), defused(line.problem),
            ]
        )  # fmt: skip


def cell(value: Any) -> Any:
    """A stored FEEL value as a cell; empty for null."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, list | dict) and not (isinstance(value, dict) and "@" in value):
        return defused(json.dumps(value, ensure_ascii=False))
    return defused(feel.to_text(feel.from_json(value)))


def _rules(rules: Mapping[str, Sequence[int]]) -> str:
    """Tables with the numbers of their rules that applied: “severity 3, 7; care 1”."""
    return defused("; ".join(f"{table} {', '.join(map(str, numbers))}" for table, numbers in rules.items() if numbers))
