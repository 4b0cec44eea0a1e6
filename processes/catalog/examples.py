"""Runs the examples that are kept with a decision: given these inputs, this must come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from processes import feel, ports
from processes.dmn import DmnError
from processes.spoken import gettext as _
from processes.spoken import spoken

if TYPE_CHECKING:
    from processes.dmn import Decisions


@dataclass(frozen=True)
class Miss:
    """An example that does not hold: its number from 1, and a sentence with what it is called and what came out."""

    number: int
    sentence: str


def main_decision(decisions: Decisions, key: str) -> str:
    """The name of the decision that a file is about: the one named as the file, else its first."""
    names = [name for info in decisions.decisions for name in (info.id, info.name)]
    if key in names or not names:
        return key
    return decisions.decisions[0].id


def misses(decisions: Decisions, key: str, examples: Iterable[Mapping[str, Any]]) -> list[Miss]:
    """The examples of a decision file that do not hold, in their order; `key` is the key of the file."""
    found: list[Miss] = []
    for number, example in enumerate(examples, start=1):
        sentence = _wrong(decisions, example.get("decision") or main_decision(decisions, key), example)
        if sentence:
            found.append(Miss(number, _missed(number, ports.text(example.get("note")), sentence)))
    return found


def _missed(number: int, name: str, why: str) -> str:
    if name:
        return _("Example %(number)d (“%(name)s”) does not hold: %(why)s") % {"number": number, "name": name, "why": why}
    return _("Example %(number)d does not hold: %(why)s") % {"number": number, "why": why}


def _wrong(decisions: Decisions, name: str, example: Mapping[str, Any]) -> str:
    try:
        given = {key: feel.from_json(value) for key, value in example["in"].items()}
        expected = feel.from_json(example["out"])
        answer = decisions.evaluate(name, given, clock=ports.now)
    except DmnError as error:
        return spoken(error.message)
    except feel.NotReadable as error:
        return spoken(error.sentence)
    if answer.diagnostics and answer.value is None and expected is not None:
        return _("it gives no answer: %(reason)s") % {"reason": answer.diagnostics[0].reason}
    return _difference(expected, answer.value)


def _difference(expected: Any, got: Any) -> str:
    """In what an answer differs; of a context every expected entry must be there and equal."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for name, value in expected.items():
            if not _same(value, got.get(name)):
                return _("“%(name)s” should be %(expected)s, but is %(got)s.") % {
                    "name": name, "expected": said(value), "got": said(got.get(name)),
                }  # fmt: skip
        return ""
    if _same(expected, got):
        return ""
    return _("it should give %(expected)s, but gives %(got)s.") % {"expected": said(expected), "got": said(got)}


def _same(expected: Any, got: Any) -> bool:
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return expected == got
    return bool(feel.to_json(expected) == feel.to_json(got))


def said(value: Any) -> str:
    """A FEEL value as FEEL writes it."""
    return "null" if value is None else f"“{value}”" if isinstance(value, str) else feel.to_text(value)
