"""Skills that work asks for, and how near a person's come. Pure.

A skill is a word; with a level after a colon ("welding:3", 1 to 5) where that is known. A word without a level asks
for, and is worth, level 1. Upper and lower case are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

HIGHEST = 5


def asked_for(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """The required skills of a rule: one text with commas between them, or several texts."""
    if not text:
        return ()
    parts = text.split(",") if isinstance(text, str) else [str(part) for part in text]
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def level_of(skill: str) -> tuple[str, int]:
    """The word and the level of a skill; a level outside 1 to 5 counts as the nearest one."""
    word, colon, level = skill.strip().casefold().rpartition(":")
    if not colon or not level.strip().isdecimal():
        return skill.strip().casefold(), 1
    return word.strip(), max(1, min(HIGHEST, int(level)))


def missing(required: Iterable[str], has: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """The required skills that are not there at all, and by how many levels the others fall short together."""
    known: dict[str, int] = {}
    for skill in has:
        word, level = level_of(str(skill))
        known[word] = max(level, known.get(word, 0))
    lacking: list[str] = []
    short = 0
    for skill in required:
        word, level = level_of(skill)
        if word not in known:
            lacking.append(skill)
        else:
            short += max(0, level - known[word])
    return tuple(lacking), short
