"""ISO 8601 texts as timers and limits take them: durations, dates, repeating intervals."""

from __future__ import annotations

import re
from datetime import date, datetime

_DURATION = re.compile(
    r"^[+-]?P(?=\d|T\d)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?"
    r"(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$"
)
_REPEAT = re.compile(r"^R(\d*)/(.+)$")


def is_duration(text: str) -> bool:
    """Say whether a text is an ISO 8601 duration (PT4H, P2D, P1Y2M10DT2H30M, P2W)."""
    return bool(_DURATION.match(text.strip()))


def is_moment(text: str) -> bool:
    """Say whether a text is an ISO 8601 date, or date and time with or without an offset."""
    stripped = text.strip()
    for read in (datetime.fromisoformat, date.fromisoformat):
        try:
            read(stripped)
        except ValueError:
            continue
        return len(stripped) >= 10 and "-" in stripped
    return False


def is_cycle(text: str) -> bool:
    """Say whether a text is an ISO 8601 repeating interval (R/PT1H, R3/2026-01-01T00:00:00/P1D)."""
    found = _REPEAT.match(text.strip())
    if found is None:
        return False
    parts = found.group(2).split("/")
    if len(parts) == 1:
        return is_duration(parts[0])
    if len(parts) != 2:
        return False
    first, second = parts
    return (is_moment(first) and (is_duration(second) or is_moment(second))) or (
        is_duration(first) and is_moment(second)
    )
