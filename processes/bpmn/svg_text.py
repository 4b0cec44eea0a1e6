"""How wide a text is and where it breaks, for Latin and Chinese, without a font at hand.

Widths are those of a common sans-serif in units of the font size; a few per cent off is fine, since labels
have room around them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_NARROW = frozenset("iljI.,:;'|!()[]ftr ’“”·")
_BROAD = frozenset("mwMW@%")
_NOT_FIRST = frozenset("，。、；：？！）》」』】…,.;:?!)")


def width_of(text: str, size: float) -> float:
    """About how wide a text is at a font size, in the unit of the size."""
    return sum(_width(letter) for letter in text) * size


def _width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in _NARROW:
        return 0.31
    if letter in _BROAD:
        return 0.87
    return 0.67 if letter.isupper() else 0.56


def wrap(text: str, width: float, size: float, max_lines: int) -> list[str]:
    """Break a text into at most `max_lines` lines of a width; what does not fit ends in an ellipsis.

    Latin breaks at blanks and hyphens (a word longer than a line is cut), Chinese between any two characters
    but never before closing punctuation.
    """
    lines: list[str] = [""]
    for piece in _pieces(" ".join(text.split())):
        candidate = lines[-1] + piece
        if width_of(candidate.rstrip(), size) <= width or not lines[-1]:
            lines[-1] = candidate
        else:
            lines.append(piece.lstrip())
        while width_of(lines[-1].rstrip(), size) > width and len(lines[-1]) > 1:
            head, tail = _cut(lines[-1], width, size)
            lines[-1:] = [head, tail]
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) > max_lines:
        last = lines[max_lines - 1]
        while last and width_of(last + "…", size) > width:
            last = last[:-1]
        lines = [*lines[: max_lines - 1], last.rstrip() + "…"]
    return lines


def _pieces(text: str) -> Iterator[str]:
    """The parts a text may be broken between; a blank stays at the end of its word."""
    piece = ""
    for at, letter in enumerate(text):
        piece += letter
        following = text[at + 1] if at + 1 < len(text) else ""
        wide = unicodedata.east_asian_width(letter) in "WF"
        next_wide = bool(following) and unicodedata.east_asian_width(following) in "WF"
        if (letter in " -/" or wide or next_wide) and following not in _NOT_FIRST:
            yield piece
            piece = ""
    if piece:
        yield piece


def _cut(line: str, width: float, size: float) -> tuple[str, str]:
    at = len(line)
    while at > 1 and width_of(line[:at].rstrip(), size) > width:
        at -= 1
    return line[:at], line[at:]
