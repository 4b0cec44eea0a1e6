"""The inputs and outputs of a decision as fields: with a type, choices where its values are known, and words.

What people type becomes a FEEL value here, and a stored value what stands in the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from processes import feel, ports
from processes.catalog.decision_labels import labels_of, value_words
from processes.dmn import Decisions
from processes.dmn import model as m
from processes.errors import Invalid
from processes.spoken import gettext as _
from processes.spoken import spoken

KINDS = {"number": "number", "boolean": "boolean", "string": "text", "date": "date", "time": "time", "date and time": "datetime",
         "dateTime": "datetime"}  # fmt: skip
_STORED = {"date": "date", "time": "time", "datetime": "date and time"}


@dataclass(frozen=True, slots=True)
class Field:
    """One input or output. `kind` is number, boolean, text, choice, date, time, datetime or feel; `choices` are
    (value, word); `allowed` are the values as the file writes them."""

    name: str
    label: str
    kind: str
    allowed: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def inputs_of(decisions: Decisions, name: str, dmn: str) -> tuple[Field, ...]:
    """The inputs that a decision needs."""
    columns = _columns(decisions)
    words, values = labels_of(dmn), value_words(dmn)
    fields = []
    for info in decisions.inputs(name):
        column = columns.get(info.name)
        allowed = info.allowed or (column.allowed.text if column is not None and column.allowed else "")
        base = info.base or (column.type if column is not None else "")
        fields.append(_field(info.name, ports.text(words.get(info.name)) or info.name, base, allowed, values))
    return tuple(fields)


def outputs_of(decisions: Decisions, name: str, dmn: str) -> tuple[Field, ...]:
    """What a decision answers: one field, or one for each of its outputs."""
    words, values = labels_of(dmn), value_words(dmn)
    info = next((item for item in decisions.decisions if item.id == name), None)
    if info is None:
        return ()
    logic = getattr(decisions.find(name).element, "logic", None)
    ids = [column.element for column in logic.outputs] if isinstance(logic, m.TableBox) else [name]
    several = len(info.outputs) > 1 and "C" not in info.hit_policy and info.hit_policy not in ("R", "O")
    found = [
        _field(output.name, ports.text(words.get(element)) or ports.text(words.get(output.name)) or output.name, output.type, output.allowed, values)
        for element, output in zip(ids, info.outputs, strict=True)
    ]
    if several:
        return tuple(found)
    plain = found[0] if len(found) == 1 and info.hit_policy[:1] not in ("C", "R", "O") else Field("", "", "feel")
    return (Field("", plain.label or ports.text(words.get(name)) or info.name, plain.kind, plain.allowed, plain.choices),)


def _columns(decisions: Decisions) -> dict[str, m.Input]:
    """The columns of tables that ask an input by its name alone."""
    found: dict[str, m.Input] = {}
    for node in decisions.nodes.values():
        logic = getattr(node.element, "logic", None)
        for column in logic.inputs if isinstance(logic, m.TableBox) else ():
            if column.allowed is not None or column.expression.text not in found:
                found[column.expression.text] = column
    return found


def _field(name: str, label: str, base: str, allowed: str, values: Mapping[str, Mapping[str, str]]) -> Field:
    choices = tuple((value, ports.text(values.get(value)) or value) for value in _texts(allowed))
    kind = KINDS.get(base, "text" if base == "" and choices else "feel")
    return Field(name, label, "choice" if choices and kind == "text" else kind, allowed, choices if kind == "text" else ())


def _texts(allowed: str) -> Iterator[str]:
    """The texts among allowed values when all of them are texts."""
    if not allowed:
        return
    found = feel.evaluate(f"[{allowed}]")
    if not found.diagnostics and isinstance(found.value, list) and all(isinstance(value, str) for value in found.value):
        yield from found.value


# --- values ------------------------------------------------------------------------------------------------------
def shown(field: Field, stored: Any) -> str:
    """What stands in a field for a value as it is stored."""
    if stored is None:
        return ""
    if isinstance(stored, bool):
        return str(stored).lower()
    try:
        value = feel.from_json(stored)
    except (feel.NotReadable, ValueError):
        return str(stored)
    if isinstance(value, str):
        return value if field.kind != "feel" else _quoted(value)
    return _expression(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _expression(value: Any) -> str:
    return feel.to_text(value)


def value_of(field: Field, text: str) -> Any:
    """The FEEL value that somebody typed; nothing typed is no value. Invalid says what does not fit."""
    said = text.strip()
    if not said:
        return None
    try:
        if field.kind in ("text", "choice"):
            return text
        if field.kind in _STORED:
            return feel.from_json(said, _STORED[field.kind])
        return _evaluated(field, said)
    except (feel.NotReadable, ValueError) as error:
        raise Invalid(_("“%(field)s”: %(reason)s") % {"field": field.label, "reason": spoken(getattr(error, "sentence", str(error)))}) from error


def _evaluated(field: Field, text: str) -> Any:
    try:
        found = feel.evaluate(text)
    except feel.FeelSyntaxError as error:
        raise Invalid(_("“%(field)s”: “%(text)s” cannot be read: %(reason)s") % {"field": field.label, "text": text[:60], "reason": spoken(error.message)}) from error
    if found.diagnostics:
        raise Invalid(_("“%(field)s”: “%(text)s” has no value: %(reason)s") % {"field": field.label, "text": text[:60], "reason": spoken(found.diagnostics[0].reason)})
    return found.value


__all__ = ["Field", "inputs_of", "outputs_of", "shown", "value_of"]
