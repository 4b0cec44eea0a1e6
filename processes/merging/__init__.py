"""Two people changed the same text: what both of them wanted, and where they contradict each other.

A merge takes three texts: what both began with, what stands now (theirs) and what is to be saved (mine). It knows the
parts of a text by their ids and not by their lines, so that an element moved by one and renamed by the other is both.
"""

from __future__ import annotations

from dataclasses import dataclass

from processes.merging.settle import MINE, THEIRS

__all__ = ["MINE", "THEIRS", "Conflict", "Merged"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both changed the same thing to different values: the id of the element, what of it (a word to be translated), and
    the three values as texts."""

    element: str
    what: str
    base: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The text with the changes of both; where they contradict each other, what was preferred stands in it.

    `theirs` are the ids of the elements that they added, changed or took out.
    """

    text: str
    conflicts: tuple[Conflict, ...] = ()
    theirs: tuple[str, ...] = ()
