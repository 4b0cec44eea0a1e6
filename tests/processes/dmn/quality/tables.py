"""Decision tables written down in a few lines, made at random, and asked point by point with the real evaluator."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from processes.dmn import Decisions, load
from processes.dmn.model import Decision, TableBox
from processes.dmn.quality import Part, Region, Report, analyse
from processes.feel import YearsMonths, parse_unary
from processes.feel.values import compare, equal

POLICIES = {
    "U": "UNIQUE", "A": "ANY", "P": "PRIORITY", "F": "FIRST", "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
}


@dataclass(frozen=True)
class Column:
    """A column: the variable it asks, its type and its allowed values, both as written."""

    variable: str
    type: str
    allowed: str = ""


@dataclass(frozen=True)
class Sketch:
    """A table: its columns, its rules (cells, then output) and what may be given beside it."""

    policy: str
    columns: Sequence[Column]
    rules: Sequence[tuple[Sequence[str], str]]
    outputs: str = '"a","b","c"'
    default: str = ""
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    items: str = ""

    def xml(self) -> str:
        """The table as the decision T of a file."""
        variables = {column.variable: column.type for column in self.columns} | {"limit": "number"}
        data = "".join(
            f'<inputData id="i_{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
            for name, kind in variables.items()
        )
        needs = "".join(
            f'<informationRequirement><requiredInput href="#i_{name}"/></informationRequirement>' for name in variables
        )
        inputs = "".join(
            f'<input id="c{index}"><inputExpression typeRef={quoteattr(column.type)}><text>{column.variable}</text>'
            f"</inputExpression>{_values('inputValues', column.allowed)}</input>"
            for index, column in enumerate(self.columns)
        )
        default = f"<defaultOutputEntry><text>{escape(self.default)}</text></defaultOutputEntry>" if self.default else ""
        rules = "".join(
            f'<rule id="r{number}">' + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
            + f"<outputEntry><text>{escape(output)}</text></outputEntry></rule>"
            for number, (cells, output) in enumerate(self.rules, 1)
        )
        return (
            '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" namespace="n">'
            f'{self.items}{data}<decision id="T" name="T"><variable name="T"/>{needs}'
            f'<decisionTable id="table" hitPolicy="{POLICIES[self.policy]}">{inputs}'
            f'<output id="o" name="o">{_values("outputValues", self.outputs)}{default}</output>{rules}'
            "</decisionTable></decision></definitions>"
        )

    def report(self, **options: Any) -> Report:
        """What the analysis finds."""
        return reported(self.xml(), **options)


def reported(xml: str, **options: Any) -> Report:
    """What the analysis finds in the table of the decision T of a file."""
    decisions = load(xml)
    node = decisions.find("T")
    assert isinstance(node.element, Decision)
    assert isinstance(node.element.logic, TableBox)
    return analyse(
        node.element.logic, decisions.types_of(node), decisions.names_of(node), decisions.scope_of(node), **options
    )


def _values(tag: str, text: str) -> str:
    return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""


# --- asking ------------------------------------------------------------------------------------------------
class Asked:
    """A table evaluated for real: which rules apply at a point, and which one decides there."""

    def __init__(self, sketch: Sketch) -> None:
        numbered = [(cells, str(number)) for number, (cells, _) in enumerate(sketch.rules, 1)]
        self.sketch = sketch
        self.all: Decisions = load(replace(sketch, policy="C", rules=numbered, outputs="", default="").xml())
        self.own: Decisions = load(sketch.xml())

    def given(self, point: Sequence[Any]) -> dict[str, Any]:
        """The variables at a point that has a value for each column."""
        return {column.variable: value for column, value in zip(self.sketch.columns, point, strict=True)} | {"limit": Decimal(3)}

    def rules(self, point: Sequence[Any]) -> list[int]:
        """The numbers of all rules that apply."""
        return [int(number) for number in self.all.evaluate("T", self.given(point)).value or []]

    def decides(self, point: Sequence[Any]) -> int | None:
        """The number of the rule that decides (FIRST and PRIORITY)."""
        rules = self.own.evaluate("T", self.given(point)).trace[-1].rules
        return rules[0].number if rules else None

    def refuses(self, point: Sequence[Any]) -> bool:
        """Whether the table finds its hit policy hurt."""
        return any(note.code in ("unique", "any") for note in self.own.evaluate("T", self.given(point)).diagnostics)


def grid(sketch: Sketch) -> Iterator[tuple[Any, ...]]:
    """All points of the fine grid that the allowed values let in, with a value for each column."""
    variables = list(dict.fromkeys(column.variable for column in sketch.columns))
    lines = []
    for name in variables:
        tests = [parse_unary(c.allowed) for c in sketch.columns if c.variable == name and c.allowed]
        lines.append([
            value for value in sketch.values[name]
            if value is None or all(test.evaluate({}, subject=value).value is True for test in tests)
        ])  # fmt: skip
    for point in itertools.product(*lines):
        at = dict(zip(variables, point, strict=True))
        yield tuple(at[column.variable] for column in sketch.columns)


def lies_in(point: Sequence[Any], region: Region) -> bool:
    """Whether a point lies in a region, by what the region says."""
    return all(_meets(point[part.columns[0]], part) for part in region)


def _meets(value: Any, part: Part) -> bool:
    if value is None:
        return part.null
    if part.kind in ("string", "boolean"):
        return any(equal(value, other) is True for other in part.values) is not part.others
    return any(
        (span.low is None or compare(value, span.low) > (-1 if span.low_included else 0))
        and (span.high is None or compare(value, span.high) < (1 if span.high_included else 0))
        for span in part.spans
    )


# --- chance ------------------------------------------------------------------------------------------------
_DAY = dt.date(2026, 2, 27)
_WORDS = ["ant", "bee", "cow", "dog"]


def made(seed: int, *, strange: bool = False) -> Sketch:
    """A table of chance, with the values of its fine grid; `strange` ones have cells that are not analysed too."""
    chance = random.Random(seed)
    columns: list[Column] = []
    values: dict[str, list[Any]] = {}
    makers: list[tuple[str, list[str]]] = []
    for index in range(chance.randint(1, 4)):
        kind = chance.choice(("number", "number", "date", "enumeration", "boolean", "string", "duration", "moment"))
        name = f"v{index}"
        column, points, literals = _column(chance, name, kind)
        columns.append(column)
        values[name] = points
        makers.append((kind, literals))
    if len(columns) < 4 and chance.random() < 0.3:  # a second column for the same input
        at = chance.randrange(len(columns))
        columns.append(replace(columns[at], allowed="" if chance.random() < 0.5 else columns[at].allowed))
        makers.append(makers[at])
    rules = []
    for _rule in range(chance.randint(1, 6)):
        cells = [_cell(chance, kind, literals, strange) for kind, literals in makers]
        rules.append((cells, chance.choice(('"a"', '"b"', '"c"'))))
    if chance.random() < 0.4:
        rules.append((["-"] * len(columns), '"c"'))
    missing = {column.variable for at, column in enumerate(columns) if any("null" in row[at] for row, _output in rules)}
    for name in missing:
        values[name] = [*values[name], None]
    policy = chance.choice("UUAAFFPPROC")
    default = '"a"' if chance.random() < 0.1 else ""
    return Sketch(policy, columns, rules, default=default, values=values)


def _column(chance: random.Random, name: str, kind: str) -> tuple[Column, list[Any], list[str]]:
    if kind == "number":
        bounds = sorted(chance.sample(["-2.5", "0", "1", "10", "10.5", "1000"], chance.randint(1, 3)))
        exact = sorted(Decimal(text) for text in bounds)
        allowed = chance.choice(("", "", f">= {exact[0]}", f"[{exact[0]}..{exact[-1]}]", f"({exact[0] - 1}..{exact[-1] + 7})"))
        marks = sorted({*exact, exact[0] - 1, exact[-1] + 7})
        return Column(name, "number", allowed), _between(marks), bounds
    if kind == "date":
        days = [_DAY + dt.timedelta(days=n) for n in sorted(chance.sample(range(5), chance.randint(1, 3)))]
        line = [_DAY + dt.timedelta(days=n) for n in range(-1, 6)]
        allowed = chance.choice(("", "", f'>= date("{days[0]}")'))
        return Column(name, "date", allowed), list(line), [chance.choice((f'date("{d}")', f'@"{d}"')) for d in days]
    if kind == "duration":
        months = chance.sample(range(1, 14), 2)
        line = [YearsMonths(n + e) for n in sorted(months) for e in (-1, 0, 1)]
        return Column(name, "years and months duration"), list(dict.fromkeys(line)), [
            f'@"P{n}M"' if chance.random() < 0.5 else f'duration("P{n}M")' for n in months
        ]
    if kind == "moment":
        hours = sorted(chance.sample(range(1, 20), 2))
        line = [dt.datetime(2026, 3, 1, hour) + dt.timedelta(seconds=n) for hour in hours for n in (-1, 0, 1)]
        return Column(name, "date and time"), list(line), [
            f'date and time("2026-03-01T{h:02}:00:00")' for h in hours
        ]
    if kind == "enumeration":
        words = chance.sample(_WORDS, chance.randint(2, 3))
        quoted = [f'"{word}"' for word in words]
        return Column(name, "string", ",".join(quoted)), [*_WORDS, "yak"], quoted
    if kind == "boolean":
        return Column(name, "boolean"), [True, False], ["true", "false"]
    words = chance.sample(_WORDS, 2)
    return Column(name, "string"), [*words, "yak", "zebra"], [f'"{word}"' for word in words]


def _between(marks: Sequence[Decimal]) -> list[Any]:
    """The marks, what lies half way between them, and what lies beyond the ends."""
    middles = [(a + b) / 2 for a, b in itertools.pairwise(marks)]
    return sorted([marks[0] - 1, *marks, *middles, marks[-1] + 1])


def _cell(chance: random.Random, kind: str, literals: list[str], strange: bool) -> str:
    if chance.random() < 0.2:
        return "-"
    if strange and chance.random() < 0.4:
        if kind == "number":
            return chance.choice(("< limit", "even(?)", "? > 0 and ? < 11", f"{literals[0]}, > limit", f"not({literals[0]}, limit)"))
        return chance.choice((f"? = {literals[0]}", f"{literals[0]}, string length(string(?)) > 3", f"not(?, {literals[0]})"))
    tests = [_one(chance, kind, literals) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    joined = ", ".join(tests)
    return f"not({joined})" if chance.random() < 0.2 else joined


def _one(chance: random.Random, kind: str, literals: list[str]) -> str:
    if chance.random() < 0.05:
        return "null"
    low = chance.choice(literals)
    if kind in ("enumeration", "boolean", "string"):
        return chance.choice((low, low, low, f"= {low}", f"!= {low}", f"[{low}]"))
    later = literals[literals.index(low) :]
    high = chance.choice(later)
    if kind in ("number", "duration"):
        low, high = sorted((low, high), key=_size)
    start, end = chance.choice("[(]"), chance.choice("])[")
    return chance.choice((
        low, f"< {low}", f"<= {low}", f"> {low}", f">= {low}", f"= {low}", f"!= {low}", f"(< {low})",
        f"{start}{low}..{high}{end}", f"{start}{low}..{high}{end}", f"[{low}, {high}]",
    ))  # fmt: skip


def _size(literal: str) -> Decimal:
    return Decimal("".join(letter for letter in literal if letter in "-.0123456789"))
