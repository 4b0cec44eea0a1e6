"""Texts of forms with expressions in them: “The discount is {{= discount}} %.”

The result is plain text. Whoever puts it into a page escapes it; nothing that comes from data is ever markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone

from processes import feel, ports
from processes.spoken import gettext as _

_PIECE = re.compile(r"\{\{\s*=?(.*?)\}\}", re.DOTALL)


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut into (piece, whether it is an expression)."""
    found: list[tuple[str, bool]] = []
    at = 0
    for match in _PIECE.finditer(text):
        found += [(text[at : match.start()], False), (match[1].strip(), True)]
        at = match.end()
    return [*(piece for piece in found if piece[0]), (text[at:], False)]


def places(text: str) -> list[tuple[str, int]]:
    """The expressions of a text, each with where it begins."""
    return [(match[1], match.start(1)) for match in _PIECE.finditer(text)]


Words = Mapping[str, Mapping[str, Any]]
"""What choices are called: by the path an expression names ("case.severity"), the text of each value."""


def fill(text: str, scope: Mapping[str, Any], words: Words | None = None) -> str:
    """The text with its expressions' values in their place, as people write them; what has no value becomes “–”.

    A choice that an expression names alone reads by its word in `words`.
    """
    return "".join(_filled(piece, scope, words or {}) if code else piece for piece, code in pieces(text))


def _filled(expression: str, scope: Mapping[str, Any], words: Words) -> str:
    value = feel.evaluate(expression, scope, clock=ports.now).value
    called = words.get(expression, {}).get(value) if isinstance(value, str) else None
    return ports.text(called) if isinstance(called, Mapping) else str(called) if called else said(value)


def subject_words() -> dict[str, dict[str, Any]]:
    """What the choices of all records are called."""
    return {
        f"{kind.key}.{field.name}": dict(field.choices)
        for kind in ports.subjects().all() for field in kind.fields if field.choices
    }  # fmt: skip


def said(value: Any) -> str:
    """A value as people write it in the language in use."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, int | float | Decimal):
        whole = value == int(value)
        return formats.number_format(int(value) if whole else value, use_l10n=True, force_grouping=True)
    if isinstance(value, str):
        return value
    try:
        return feel.to_text(value)
    except feel.NotReadable:  # larger than anybody could read
        return "…"
