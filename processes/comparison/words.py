"""What changed of one element, property by property, with both values as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from processes import ports
from processes.bpmn.differ import word_for
from processes.bpmn.extensions import ChecklistItem, Measure, NamedValue, Rung
from processes.bpmn.model import Model
from processes.bpmn.nodes import Expression
from processes.spoken import gettext as _
from processes.spoken import spoken

NOTHING = "–"
_SILENT = frozenset({"line", "id"})


@dataclass(frozen=True, slots=True)
class Property:
    """One property that changed: what it is called, and both values."""

    name: str
    before: str
    after: str


def properties(changed: Mapping[str, tuple[Any, Any]], before: Model, after: Model) -> tuple[Property, ...]:
    """The properties of a changed element, those of its settings one by one. Places are no property."""
    said = _Said(before, after)
    return tuple(
        found for name, (old, new) in changed.items() if name not in ("bounds", "waypoints")
        for found in said.told(name, old, new)
    )  # fmt: skip


class _Said:
    def __init__(self, before: Model, after: Model) -> None:
        self.before, self.after = before, after

    def told(self, name: str, old: Any, new: Any) -> Iterator[Property]:
        word = _word(name)
        if name in ("lane", "source", "target", "attached_to", "default"):
            yield Property(word, self._named(self.before, old), self._named(self.after, new))
        elif type(old) is type(new) and is_dataclass(old) and not isinstance(old, Expression):
            yield from self._parts(word, old, new)
        elif isinstance(old, tuple) and isinstance(new, tuple) and _keyed((*old, *new)):
            yield from self._items(word, old, new)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self._languages(word, old, new)
        else:
            yield Property(word, value(old), value(new))

    @staticmethod
    def _named(model: Model, element: Any) -> str:
        return model.name_of(element, _language()) if element else NOTHING

    def _parts(self, word: str, old: Any, new: Any) -> Iterator[Property]:
        for part in fields(old):
            was, now = getattr(old, part.name), getattr(new, part.name)
            if part.name in _SILENT or was == now or value(was) == value(now):
                continue
            for found in self.told(part.name, was, now):
                yield Property(_("%(part)s: %(detail)s") % {"part": word, "detail": found.name}, found.before, found.after)

    @staticmethod
    def _items(word: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Property]:
        before, after = {_key(item): item for item in old}, {_key(item): item for item in new}
        for key in dict.fromkeys((*before, *after)):
            texts = [value(side[key]) if key in side else NOTHING for side in (before, after)]
            if texts[0] != texts[1]:
                yield Property(_("%(part)s: %(detail)s") % {"part": word, "detail": key}, *texts)

    @staticmethod
    def _languages(word: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Property]:
        for language in dict.fromkeys((*old, *new)):
            if old.get(language) != new.get(language):
                yield Property(
                    _("%(what)s in %(language)s") % {"what": word, "language": language},
                    old.get(language) or NOTHING, new.get(language) or NOTHING,
                )  # fmt: skip


def value(found: Any) -> str:
    """A value of the model as people read it."""
    if found is None or found in ("", (), {}):
        return NOTHING
    if isinstance(found, bool):
        return _("yes") if found else _("no")
    if isinstance(found, Expression):
        return found.text.strip() or NOTHING
    if isinstance(found, NamedValue):
        return found.value or NOTHING
    if isinstance(found, Measure):
        return f"{ports.text(found.texts)} {found.target}".strip()
    if isinstance(found, ChecklistItem):
        return ports.text(found.texts)
    if isinstance(found, Rung):
        return _rung(found) or NOTHING
    if isinstance(found, Mapping):
        return ports.text(found) or NOTHING
    if isinstance(found, tuple):
        return ", ".join(f"{_key(item)} = {value(item)}" if _keyed((item,)) else value(item) for item in found)
    if is_dataclass(found):
        parts = ((part.name, getattr(found, part.name)) for part in fields(found) if part.name not in _SILENT)
        return ", ".join(value(inner) for _name, inner in parts if value(inner) != NOTHING and not isinstance(inner, bool))
    return str(found)


def _rung(rung: Rung) -> str:
    """What a rung of a ladder does."""
    parts = [
        _("tell %(who)s") % {"who": ", ".join(rung.notify)} if rung.notify else "",
        _("priority %(change)s") % {"change": rung.priority} if rung.priority else "",
        _("give it to %(role)s") % {"role": rung.role} if rung.role else "",
    ]
    return "; ".join(part for part in parts if part)


def _keyed(items: Sequence[Any]) -> bool:
    return bool(items) and all(isinstance(item, NamedValue | Measure | ChecklistItem | Rung) for item in items)


def _key(item: Any) -> str:
    return str(item.name if isinstance(item, NamedValue) else item.key)


def _word(name: str) -> str:
    words = {
        "role": _("role"), "assignee": _("person"), "scope": _("among whom"), "method": _("how it is assigned"), "form": _("form"),
        "priority": _("priority"), "limit": _("time limit"), "limit_time": _("which time counts"), "warn": _("warnings"), "ladder": _("ladder"),
        "four_eyes": _("four eyes"), "grants": _("rights given"), "cost_rate": _("cost rate"), "icon": _("icon"), "inputs": _("inputs"),
        "outputs": _("outputs"), "result": _("result"), "retries": _("tries"), "backoff": _("pause between tries"), "timeout": _("longest time"),
        "key": _("key"), "decision": _("decision"), "binding": _("which version"), "version": _("version"), "subject": _("record it is about"),
        "business_key": _("number"), "title": _("title"), "start_roles": _("who may start it"),
    }  # fmt: skip
    return words.get(name) or spoken(word_for(name)).replace("_", " ")


def _language() -> str:
    from django.utils.translation import get_language

    return get_language() or "en"
