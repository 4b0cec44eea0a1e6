"""Texts of forms with expressions in them: “The discount is {{= discount}} %.”

The result is plain text. Whoever puts it into a page escapes it; nothing that comes from data is ever markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from processes import feel, ports

_PIECE = re.compile(r"\{\{\s*=?(.*?)\}\}", re.DOTALL)


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut into (piece, whether it is an expression)."""
    found: list[tuple[str, bool]] = []
    at = 0
    for match in _PIECE.finditer(text):
        found += [(text[at : match.start()], False), (match[1].strip(), True)]
        at = match.end()
    return [*(piece for piece in found if piece[0]), (text[at:], False)]


def fill(text: str, scope: Mapping[str, Any]) -> str:
    """The text with its expressions' values in their place; what has no value becomes “–”."""
    return "".join(_said(feel.evaluate(piece, scope, clock=ports.now).value) if code else piece
                   for piece, code in pieces(text))  # fmt: skip


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value == value.to_integral_value() else format(value, "f")
    return value if isinstance(value, str) else feel.to_text(value)
