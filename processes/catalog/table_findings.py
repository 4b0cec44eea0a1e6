"""What can be found in a decision table, and how it is said: the code, the severity and the sentences of each finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from processes.catalog.table_words import Words, example_of, listed, where
from processes.dmn.model import TableBox
from processes.dmn.quality import Example, NotAnalysed, Region, Report, Unreachable
from processes.lint.messages import ERROR, WARNING
from processes.marked import say
from processes.spoken import gettext as _

GAP = say("Table “%(table)s”: %(where)s: no rule applies. Add a rule for this, or a default output.")
MORE_GAPS = say("Table “%(table)s”: there are %(n)d more gaps.")
OVERLAP = say("Table “%(table)s”, rules %(rules)s: %(where)s: both apply, but the hit policy allows only one. Make their conditions exclude each other.")
CONFLICT = say("Table “%(table)s”, rules %(rules)s: %(where)s: both apply, with different results. Give them the same result, or make their conditions exclude each other.")
MORE_OVERLAPS = say("Table “%(table)s”: %(n)d more pairs of rules apply together.")
IMPOSSIBLE = say("Table “%(table)s”, rule %(rules)s: it can never apply, since no allowed value meets its condition on “%(input)s”. Change the condition, or remove the rule.")
COVERED = say("Table “%(table)s”, rule %(rules)s: it never decides, since rule %(by)s comes first wherever it applies. Change the order or the conditions, or remove the rule.")
COVERED_TOGETHER = say("Table “%(table)s”, rule %(rules)s: it never decides, since rules %(by)s together come first wherever it applies. Change the order or the conditions, or remove the rule.")
COVERED_BY_MANY = say("Table “%(table)s”, rule %(rules)s: it never decides, since other rules come first wherever it applies. Change the order or the conditions, or remove the rule.")
CELL = say("Table “%(table)s”, rule %(rules)s: the condition “%(text)s” on “%(input)s” is not analysed, so gaps and overlaps may be missed there.")
COLUMN = say("Table “%(table)s”: the values of “%(input)s” (%(text)s) are not analysed, so gaps and overlaps may be missed.")
TOO_LARGE = say("Table “%(table)s” is too large to be searched completely; gaps and rules that never decide may be missing here. Split the table.")
UNTRIED = say("Table “%(table)s”: no example reaches these rules: %(rules)s. Add an example for each of them.")


@dataclass(frozen=True, slots=True)
class Told:
    """The severity of a code and the sentences it can be told with."""

    severity: str
    templates: tuple[str, ...]


TOLD = {
    "table_gap": Told(WARNING, (GAP, MORE_GAPS)),
    "table_overlap": Told(ERROR, (OVERLAP, CONFLICT, MORE_OVERLAPS)),
    "table_unreachable": Told(WARNING, (IMPOSSIBLE, COVERED, COVERED_TOGETHER, COVERED_BY_MANY)),
    "table_not_analysable": Told(WARNING, (CELL, COLUMN)),
    "table_too_large": Told(WARNING, (TOO_LARGE,)),
    "rule_without_example": Told(WARNING, (UNTRIED,)),
}
"""Every finding of tables: two rules that contradict each other keep a table from being published, the rest does not,
since an input that never comes is no harm and a default output may be wanted elsewhere."""


@dataclass(frozen=True, slots=True)
class TableFinding:
    """A finding of a table, told in the language in use. `element` is the id of the rule or table it is about, `rules`
    the numbers of the rules, `example` a value by input label for which it can be seen (None: there is none), and
    `example_text` the same in words; of a gap
    `region` is where it lies."""

    code: str
    severity: str
    element: str
    sentence: str
    rules: tuple[int, ...] = ()
    example: tuple[tuple[str, Any], ...] | None = None
    example_text: str = ""
    region: Region = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A table with the words of the reader for it, for its input columns and for their values."""

    table: TableBox
    label: str
    words: Words


def findings_of(named: Named, report: Report, untried: Sequence[int]) -> list[TableFinding]:
    """What was found in a table, and the rules that no example reaches: errors first."""
    found = [*_overlaps(named, report), *_gaps(named, report)]
    found += [_unreachable(named, item) for item in report.unreachable]
    if untried:
        rules = listed(str(number) for number in untried)
        found.append(_told(named, "rule_without_example", UNTRIED, rules=tuple(untried), params={"rules": rules}))
    found += [_not_analysed(named, item) for item in report.not_analysed]
    if not report.complete:
        found.append(_told(named, "table_too_large", TOO_LARGE))
    return found


def _told(
    named: Named, code: str, template: str, *, rules: tuple[int, ...] = (), example: Example | None = None,
    params: dict[str, Any] | None = None,
) -> TableFinding:
    sentence = _(str(template)) % {"table": named.label, **(params or {})}
    about = rules[-1:] if code != "rule_without_example" else ()
    element = next((rule.element for rule in named.table.rules if rule.number in about), named.table.element)
    pairs = None if example is None else tuple(zip(named.words.inputs, example, strict=True))
    said = "" if example is None else example_of(example, named.words)
    return TableFinding(code, TOLD[code].severity, element, sentence, rules, pairs, said)


def _gaps(named: Named, report: Report) -> Iterator[TableFinding]:
    for gap in report.gaps:
        found = _told(named, "table_gap", GAP, example=gap.example, params={"where": where(gap.region, named.words)})
        yield replace(found, region=gap.region)
    if report.more_gaps:
        yield _told(named, "table_gap", MORE_GAPS, params={"n": report.more_gaps})


def _overlaps(named: Named, report: Report) -> Iterator[TableFinding]:
    template = CONFLICT if named.table.hit_policy == "A" else OVERLAP
    for pair in report.overlaps:
        params = {"where": where(pair.region, named.words), "rules": _("%(one)s and %(two)s") % {"one": pair.rules[0], "two": pair.rules[1]}}
        yield _told(named, "table_overlap", template, rules=pair.rules, example=pair.example, params=params)
    if report.more_overlaps:
        yield _told(named, "table_overlap", MORE_OVERLAPS, params={"n": report.more_overlaps})


def _unreachable(named: Named, found: Unreachable) -> TableFinding:
    params: dict[str, Any] = {"rules": found.rule, "by": listed(str(number) for number in found.by)}
    template = COVERED_BY_MANY if not found.by else COVERED if len(found.by) == 1 else COVERED_TOGETHER
    if found.column is not None:
        template, params = IMPOSSIBLE, params | {"input": named.words.inputs[found.column]}
    return _told(named, "table_unreachable", template, rules=(found.rule,), example=found.example, params=params)


def _not_analysed(named: Named, found: NotAnalysed) -> TableFinding:
    params = {"input": named.words.inputs[found.column], "text": found.text, "rules": found.rule}
    rules = (found.rule,) if found.rule is not None else ()
    return _told(named, "table_not_analysable", CELL if rules else COLUMN, rules=rules, params=params)


__all__ = ["TOLD", "Named", "TableFinding", "Told", "findings_of"]
