"""What changed between two forms, field by field, told in whole sentences in the language in use.

A field is the same when its key is, else when its id is; a text has neither and is known by what it says, else by its
place between those that stayed. The id that an editor gives to a field is no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes import ports
from processes.merging.settle import align, moved
from processes.spoken import gettext as _

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_SILENT = frozenset({"id", "key", "type", "components", "layout", "schemaVersion", "exporter", "properties"})


@dataclass(frozen=True, slots=True)
class Detail:
    """One property of a field that changed: what it is called, and both values in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that was added, removed, changed or moved: its key (empty for a text), what people read of it, and a sentence."""

    kind: str
    key: str
    name: str
    sentence: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class FormChange:
    """One form that was added, removed or changed, with the fields that were; `sentence` where all of it is meant."""

    kind: str
    form: str
    sentence: str = ""
    fields: tuple[FieldChange, ...] = ()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FormChange]:
    """The changes from the forms of one version to those of another, by the key of the form."""
    found = []
    for key in sorted({*before, *after}):
        if key not in after:
            found.append(FormChange(REMOVED, key, _("The form was taken out.")))
        elif key not in before:
            found.append(FormChange(ADDED, key, _("The form is new."), tuple(_fields({}, after[key]))))
        elif before[key] != after[key] and (fields := tuple(_fields(before[key], after[key]))):
            found.append(FormChange(CHANGED, key, "", fields))
    return found


# --- fields -------------------------------------------------------------------------------------------------------
Placed = tuple[str, Mapping[str, Any]]
"""A field with the group that it stands in."""


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    old, new = list(_flat(before, "")), list(_flat(after, ""))
    was = _partners([item for _group, item in old], [item for _group, item in new])
    stayed = [at for at in was if at is not None]
    elsewhere = moved(sorted(stayed), stayed)
    for at, (_group, item) in enumerate(old):
        if at not in was:
            yield _told(REMOVED, item, _("“%(name)s” was taken out.") % {"name": called(item)})
    for before_at, (group, item) in zip(was, new, strict=True):
        if before_at is None:
            yield _told(ADDED, item, _("“%(name)s” is new: %(kind)s.") % {"name": called(item), "kind": kind_of(item)})
            continue
        details = tuple(_details(old[before_at][1], item))
        if details:
            what = ", ".join(detail.name for detail in details)
            sentence = _("Of “%(name)s” was changed: %(what)s.") % {"name": called(item), "what": what}
            yield _told(CHANGED, item, sentence, details)
        if old[before_at][0] != group or before_at in elsewhere:
            yield _told(MOVED, item, _("“%(name)s” stands elsewhere.") % {"name": called(item)})


def _told(kind: str, item: Mapping[str, Any], sentence: str, details: tuple[Detail, ...] = ()) -> FieldChange:
    return FieldChange(kind, str(item.get("key") or ""), called(item), sentence, details)


def _flat(form: Mapping[str, Any], group: str) -> Iterator[Placed]:
    """The fields of a form, groups before what they hold."""
    for item in form.get("components") or ():
        if isinstance(item, Mapping):
            yield group, item
            yield from _flat(item, str(item.get("id") or item.get("label") or "group"))


def _partners(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """For each field of the new form its place in the old one, None for a new field."""
    keys = {item["key"]: at for at, item in enumerate(old) if item.get("key")}
    ids = {item["id"]: at for at, item in enumerate(old) if item.get("id")}
    kept = {item.get("key") for item in new}
    found: list[int | None] = []
    for item in new:
        at = keys.get(item.get("key"))
        renamed = ids.get(item.get("id"))
        if at is None and renamed is not None and old[renamed].get("key") not in kept - {None}:
            at = renamed
        found.append(at if at not in found else None)
    nameless_old = [at for at, item in enumerate(old) if not item.get("key") and at not in found]
    nameless_new = [at for at, item in enumerate(new) if not item.get("key") and found[at] is None]
    for at, was in zip(nameless_new, align([_said(old[at]) for at in nameless_old], [_said(new[at]) for at in nameless_new]), strict=True):
        found[at] = nameless_old[was] if was is not None else None
    return found


def _said(item: Mapping[str, Any]) -> str:
    return f"{item.get('type')} {item.get('text') or item.get('label') or ''}"


# --- words --------------------------------------------------------------------------------------------------------
def called(item: Mapping[str, Any]) -> str:
    """What people read of a field, in the language in use."""
    labels = {language.partition(":")[2]: text for language, text in (item.get("properties") or {}).items()
              if language.startswith(("label:", "text:"))}  # fmt: skip
    plain = item.get("label") or item.get("text")
    text = ports.text({"en": str(plain or "")} | labels) if plain or labels else ""
    return (" ".join(text.split()) or str(item.get("key") or kind_of(item)))[:80]


def kind_of(item: Mapping[str, Any]) -> str:
    """The kind of a field, as people call it."""
    kinds = {
        "textfield": _("a line of text"), "textarea": _("a longer text"), "number": _("a number"), "select": _("a choice from a list"),
        "radio": _("one of several"), "checkbox": _("a tick"), "checklist": _("several ticks"), "datetime": _("a date or time"),
        "text": _("a text to read"), "group": _("a group of fields"), "separator": _("a line between"), "spacer": _("an empty space"),
    }  # fmt: skip
    kind = str(item.get("type", ""))
    return kinds.get(kind, kind)


def _details(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Detail]:
    if old.get("type") != new.get("type"):
        yield Detail(_("kind"), kind_of(old), kind_of(new))
    if old.get("key") != new.get("key"):
        yield Detail(_("key"), _value(old.get("key")), _value(new.get("key")))
    before, after = _properties(old), _properties(new)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Detail(_word(name), _value(before.get(name)), _value(after.get(name)))


def _properties(item: Mapping[str, Any]) -> dict[str, Any]:
    """All that a field says, one entry each, those within `validate` and the like by their own names."""
    found: dict[str, Any] = {}
    for name, value in item.items():
        if name in ("validate", "conditional", "properties") and isinstance(value, Mapping):
            found.update({f"{name}.{inner}": each for inner, each in value.items()})
        elif name not in _SILENT:
            found[name] = value
    return found


def _word(name: str) -> str:
    words = {
        "label": _("label"), "text": _("text shown"), "description": _("description"), "defaultValue": _("default value"), "values": _("choices"),
        "valuesKey": _("where the choices come from"), "valuesExpression": _("where the choices come from"), "validate.required": _("whether it must be filled in"),
        "properties.requiredIf": _("when it must be filled in"), "conditional.hide": _("when it is hidden"), "readonly": _("whether it is read-only"),
        "disabled": _("whether it is disabled"), "validate.min": _("least value"), "validate.max": _("greatest value"), "validate.minLength": _("least length"),
        "validate.maxLength": _("greatest length"), "validate.pattern": _("pattern"), "properties.explain": _("what explains it"),
    }  # fmt: skip
    prefix, _dot, rest = name.partition(".")
    kind, _colon, language = rest.partition(":")
    if prefix == "properties" and language:
        return _("%(what)s in %(language)s") % {"what": words.get(kind, kind), "language": language}
    return words.get(name, rest or name)


def _value(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return ", ".join(called(item) if item.get("label") else str(item.get("value", item)) for item in value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
