"""Two people changed the same list of examples or of tests: one list with those of both.

An example has no name of its own: it is known by what it says, and one that was changed by its place between those
that stayed. A test is known by its id or name.
"""

from __future__ import annotations

from typing import Any

from processes.catalog.json_merge import merged
from processes.marked import word
from processes.merging import THEIRS, Merged
from processes.merging.json_trees import Json, entry, value_of

_NAMES = ("id", "name", "key", "title")


def merge(base: str, theirs: str, mine: str, *, prefer: str = THEIRS) -> Merged:
    """One list of two that began with `base`, all as JSON. `prefer` ("theirs" or "mine") says whose value stands in a
    conflict. Unmergeable when one of the three is no JSON."""
    return merged(base, theirs, mine, Items(), prefer)


class Items(Json):
    """The language of lists of examples and tests."""

    def local_name(self, element: Any) -> str | None:
        own = super().local_name(element)
        if own is not None:
            return own
        return next((f"{name} {found}" for name in _NAMES if isinstance(found := entry(element, name), str) and found), None)

    def called(self, element: Any) -> str:
        parent = element.getparent()
        if parent is None:
            return ""
        note = next((value_of(part) for part in element if part.get("n") == '"note"'), "")
        text = note.get("en") or next(iter(note.values()), "") if isinstance(note, dict) else note
        named = next((found for name in _NAMES if isinstance(found := entry(element, name), str)), "")
        return str(text or named or parent.index(element) + 1)

    def word(self, element: Any, what: str) -> str:
        if what in ("-", "^", "#"):
            return {"-": word("whether it is there"), "^": word("where it belongs"), "#": word("order")}[what]
        return self.path(element)
