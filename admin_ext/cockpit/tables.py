"""Decision tables as a page shows them: heads, rules, and which columns are answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from admin_ext import words
from processes import ports

_TEXT = re.compile(r'"([^"\\]*)"')
_TEXTS = re.compile(r'"[^"\\]*"(\s*,\s*"[^"\\]*")*')
_NOT = re.compile(r"not\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `out` for an answer."""

    title: str
    out: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a decision. A cell is its words, its text as written, and whether it is an answer; `noted`
    says whether anything is noted beside a rule."""

    key: str
    title: str
    question: str
    version: int
    says: str
    columns: list[Column]
    rules: list[tuple[list[tuple[str, str, bool]], str]]

    @property
    def noted(self) -> bool:
        return any(note for _cells, note in self.rules)


def tables_of(decisions: list[Any]) -> list[Table]:
    """The tables among the decisions that a version asks."""
    return [
        Table(
            key=found.key, title=ports.text(found.title), question=ports.text(found.question), version=found.number, says=_policy(found.hit_policy),
            columns=[Column(ports.text(name), False) for name in found.inputs]
            + [Column(ports.text(name), True) for name in found.outputs],
            rules=[
                (
                    [(_words(cell), cell, False) for cell in rule.inputs]
                    + [(_words(cell), cell, True) for cell in rule.outputs],
                    ports.text(rule.note),
                )
                for rule in found.rules
            ],
        )
        for found in decisions
    ]  # fmt: skip


def _policy(hit_policy: str) -> str:
    """What a table does when several of its rules apply."""
    said = {
        "U": _("One rule applies at most."), "F": _("The first rule that applies decides."),
        "P": _("Of the rules that apply, the most important answer counts."),
        "A": _("Rules that apply together give the same answer."), "C": _("All rules that apply count together."),
        "R": _("All rules that apply count, in their order."), "O": _("All rules that apply count, by importance."),
    }  # fmt: skip
    return said.get(hit_policy[:1].upper(), "")


def _words(cell: str) -> str:
    """A cell in words: texts without their quotes, lengths of time and keys as people say them; what is no plain list
    of texts stays as it was written."""
    text = cell.strip()
    if text in ("", "-"):
        return ""
    refused = _NOT.fullmatch(text)
    inner = refused.group(1) if refused else text
    if not _TEXTS.fullmatch(inner):
        return {"true": _("yes"), "false": _("no")}.get(text, text)
    said = ", ".join(words.plain(found) for found in _TEXT.findall(inner))
    return _("not %(values)s") % {"values": said} if refused else said
