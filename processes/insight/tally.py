"""Counts what a replay finds, in parts that can be added up: plain JSON in, plain JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from processes import feel
from processes.insight.deciding import CHANGED, SAME, UNDECIDED, UNREPRODUCED, Compared, parts

MOST = 400
"""How many pairs of outcomes, or values of an attribute, are told apart; what comes after them is counted together."""
OTHERS = "…"
VERDICTS = (SAME, CHANGED, UNDECIDED, UNREPRODUCED)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _number(value: Any) -> Decimal | None:
    """The value as a number, where it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping):
        return None
    found = feel.from_json(value)
    return found if isinstance(found, Decimal) else None


@dataclass(frozen=True, slots=True)
class Move:
    """How many cases went from one value of an output to another; `before` and `after` are JSON of FEEL values, both
    None and `others` true for the pairs that were counted together."""

    before: Any
    after: Any
    count: int
    others: bool = False

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.others or bool(self.before != self.after)


@dataclass(frozen=True, slots=True)
class Share:
    """The cases with one value of an attribute."""

    value: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def changed(self) -> int:
        return self.counts.get(CHANGED, 0)


class Tally:
    """The figures of a replay."""

    def __init__(self, stored: Mapping[str, Any] | None = None) -> None:
        stored = stored or {}
        self.counts: dict[str, int] = {name: stored.get("counts", {}).get(name, 0) for name in VERDICTS}
        self._moves: dict[str, dict[str, int]] = {name: dict(found) for name, found in stored.get("moves", {}).items()}
        self._numbers: dict[str, list[Any]] = {name: list(found) for name, found in stored.get("numbers", {}).items()}
        self._groups: dict[str, dict[str, dict[str, int]]] = {
            name: {value: dict(counts) for value, counts in found.items()}
            for name, found in stored.get("groups", {}).items()
        }
        self._rules: dict[str, dict[str, dict[str, int]]] = {
            side: {table: dict(hits) for table, hits in stored.get("rules", {}).get(side, {}).items()}
            for side in ("before", "after")
        }

    def as_json(self) -> dict[str, Any]:
        """Everything, fit for a row; `Tally(stored)` goes on from there."""
        return {
            "counts": self.counts, "moves": self._moves, "numbers": self._numbers, "groups": self._groups,
            "rules": self._rules,
        }  # fmt: skip

    # --- counting ------------------------------------------------------------------------------------------
    def add(self, found: Compared) -> None:
        """Count one case."""
        self.counts[found.verdict] += 1
        for name, value in found.case.attributes.items():
            group = self._groups.setdefault(name, {})
            counts = group.setdefault(value if value in group or len(group) < MOST else OTHERS, {})
            counts[found.verdict] = counts.get(found.verdict, 0) + 1
        if found.verdict in (SAME, CHANGED):
            self._outcomes(found)
            for side, answer in (("before", found.before), ("after", found.after)):
                for table, numbers in answer.rules.items():
                    hits = self._rules[side].setdefault(table, {})
                    for number in numbers:
                        hits[str(number)] = hits.get(str(number), 0) + 1

    def _outcomes(self, found: Compared) -> None:
        old, new = parts(found.before.outcome), parts(found.after.outcome)
        for name in {**old, **new}:
            moves = self._moves.setdefault(name, {})
            pair = _key([old.get(name), new.get(name)])
            pair = pair if pair in moves or len(moves) < MOST else OTHERS
            moves[pair] = moves.get(pair, 0) + 1
            was, now = _number(old.get(name)), _number(new.get(name))
            if was is not None and now is not None:
                count, before, after, higher, lower = self._numbers.get(name, [0, "0", "0", 0, 0])
                self._numbers[name] = [
                    count + 1, str(Decimal(before) + was), str(Decimal(after) + now), higher + (now > was), lower + (now < was),
                ]  # fmt: skip

    # --- reading -------------------------------------------------------------------------------------------
    @property
    def total(self) -> int:
        """All cases, whatever was found."""
        return sum(self.counts.values())

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs that were compared."""
        return list(self._moves)

    def moves(self, output: str) -> list[Move]:
        """From what to what an output went: changes first, the most frequent first."""
        found = []
        for pair, count in self._moves.get(output, {}).items():
            before, after = (None, None) if pair == OTHERS else json.loads(pair)
            found.append(Move(before, after, count, pair == OTHERS))
        return sorted(found, key=lambda move: (move.others, not move.changed, -move.count, _key([move.before, move.after])))

    def means(self, output: str) -> tuple[Decimal, Decimal, int, int] | None:
        """Of an output that is a number: its mean before and after, and how many cases went up and down."""
        if output not in self._numbers:
            return None
        count, before, after, higher, lower = self._numbers[output]
        return Decimal(before) / count, Decimal(after) / count, higher, lower

    @property
    def attributes(self) -> list[str]:
        """The names of the attributes that cases were grouped by."""
        return list(self._groups)

    def shares(self, attribute: str) -> list[Share]:
        """The cases by an attribute's value: where most changed first."""
        found = [Share(value, counts) for value, counts in self._groups.get(attribute, {}).items()]
        return sorted(found, key=lambda share: (share.value == OTHERS, -share.changed, -share.total, share.value))

    def hits(self, side: str) -> Iterator[tuple[str, int, int]]:
        """How often each rule applied on a side ("before" or "after"): table, number of the rule, count."""
        for table, hits in self._rules[side].items():
            for number, count in sorted(hits.items(), key=lambda hit: int(hit[0])):
                yield table, int(number), count
