"""Two people changed the same form: one form with the fields of both.

A field is the same when its id is, else when its key is; a text without either is known by what it says. Fields may
be moved between groups; their order is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from processes.catalog.json_merge import merged
from processes.marked import say, word
from processes.merging import THEIRS, Merged
from processes.merging.index import Index, Key, content
from processes.merging.json_trees import Json, entry, name_of

_WORDS = {
    "label": word("label"), "text": word("text"), "description": word("description"), "values": word("choices"), "type": word("kind"),
    "conditional": word("condition"), "validate": word("what is allowed"), "defaultValue": word("default"), "key": word("key"),
    "properties": word("settings"), "readonly": word("whether it is read-only"), "disabled": word("whether it is disabled"),
}  # fmt: skip


def merge(base: str, theirs: str, mine: str, *, prefer: str = THEIRS) -> Merged:
    """One form of two that began with `base`, all as JSON. `prefer` ("theirs" or "mine") says whose value stands in a
    conflict. Unmergeable when one of the three is no JSON."""
    return merged(base, theirs, mine, Fields(), prefer)


class Fields(Json):
    """The language of form-js schemas."""

    def names(self, element: Any, index: Index) -> Sequence[Key]:
        if not _is_field(element):
            return []
        found = [(name, text) for name in ("id", "key") if isinstance(text := entry(element, name), str) and text]
        if len(found) == 1 and index.others and not any(found[0] in other.aliases for other in index.others):
            return [] if found[0][0] == "id" else found  # an editor gives ids to texts that had none
        return found

    def said(self, element: Any) -> str:
        plain = deepcopy(element)
        for part in [part for part in plain.iter() if name_of(part) == "id"]:
            part.getparent().remove(part)
        return content(plain)

    def local_name(self, element: Any) -> str | None:
        own = super().local_name(element)
        if own is None and not _is_field(element) and (value := entry(element, "value")) is not None:
            return f"value {value!r}"
        return own

    def called(self, element: Any) -> str:
        return str(entry(element, "key") or entry(element, "id") or entry(element, "text") or "")[:60]

    def word(self, element: Any, what: str) -> str:
        if what in ("-", "^", "#"):
            return {"-": word("whether it is there"), "^": word("where it belongs"), "#": word("order")}[what]
        first, _dot, rest = self.path(element).partition(".")
        named = _WORDS.get(first, first)
        return say("%(part)s: %(detail)s", part=named, detail=rest) if rest else named

    def quiet(self, element: Any, what: str) -> bool:
        return name_of(element) in ("id", "schemaVersion", "exporter")


def _is_field(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and name_of(parent) == "components" and element.tag == "object"
