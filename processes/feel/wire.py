"""FEEL values as JSON and back, so that process variables survive storage.

Numbers, texts, booleans, null, lists and contexts are plain JSON; what JSON has no form for is tagged with its kind:
{"@": "date", "v": "2026-11-22"}. A context that itself has the key "@" is wrapped: {"@": "context", "v": {...}}.
A number that a JSON reader's float would not give back exactly is tagged too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from processes.marked import say

from . import temporal as t
from .errors import Fault, NotReadable
from .numbers import CONTEXT, plain
from .values import Range, admit, called, kind

MOST_DEPTH, MOST_PARTS = 60, 500_000
"""How deeply a stored value may be nested, and how many items and entries it may have in all."""

_WRITERS: dict[str, Callable[[Any], str]] = {
    "date": t.format_date, "time": t.format_time, "date and time": t.format_datetime,
    "days and time duration": t.format_duration, "years and months duration": t.format_months,
}


def _number(value: Any) -> Any:
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    number = float(value)
    return number if Decimal(repr(number)) == value else {"@": "number", "v": plain(value)}


def to_json(value: Any) -> Any:
    """The value in types that json.dumps takes. Raises NotReadable for functions and foreign objects, and for a value
    that is nested too deeply or too large to be stored."""
    return _write(value, _Room())


class _Room:
    """How much may still be written: parts in all, counted each time they stand somewhere, since one list may stand in
    a value a billion times."""

    def __init__(self) -> None:
        self.left = MOST_PARTS

    def take(self, parts: int) -> None:
        self.left -= parts
        if self.left < 0:
            raise NotReadable(say("The value is too large to be stored; keep a part of it."))


def _write(value: Any, room: _Room, depth: int = MOST_DEPTH) -> Any:
    try:
        value = admit(value)
    except Fault as fault:
        raise NotReadable(fault.reason) from None
    return _admitted(value, room, depth)


def _admitted(value: Any, room: _Room, depth: int) -> Any:
    """The same of an admitted value; what stands in admitted lists is admitted too."""
    if depth < 0:
        raise NotReadable(say("The value is nested too deeply to be stored; keep a part of it."))
    of = kind(value)
    if of == "number":
        return _number(value)
    if of in ("null", "boolean", "string"):
        return value
    if of == "list":
        room.take(len(value))
        return [_admitted(item, room, depth - 1) for item in value]
    if of == "context":
        room.take(len(value))
        body = {str(key): _write(value[key], room, depth - 1) for key in value}
        return {"@": "context", "v": body} if "@" in body else body
    if of == "range":
        body = {
            "start": _write(value.start, room, depth - 1), "end": _write(value.end, room, depth - 1),
            "start included": value.start_included, "end included": value.end_included,
        }
        return {"@": "range", "v": body}
    if of in _WRITERS:
        return {"@": of, "v": _WRITERS[of](value)}
    raise NotReadable(say("A %(kind)s cannot be stored as JSON; take a plain value.", kind=called(of)))


_READERS: dict[str, Callable[[str], Any]] = {
    "date": t.parse_date, "time": t.parse_time, "date and time": t.parse_datetime,
    "days and time duration": t.parse_duration, "years and months duration": t.parse_duration,
    "duration": t.parse_duration, "number": lambda text: CONTEXT.create_decimal(text),
}


def _read(name: str, text: Any) -> Any:
    if not isinstance(text, str):
        text = str(text)
    try:
        return _READERS[name](text)
    except Fault as fault:
        raise NotReadable(say("%(reason)s (“%(text)s”)", reason=fault.reason, text=text[:80])) from None
    except InvalidOperation:
        raise NotReadable(say("This is not a number (“%(text)s”).", text=text[:80])) from None


def from_json(value: Any, type: str | None = None) -> Any:
    """The FEEL value of a JSON value: tags are resolved, numbers become Decimal.

    type: the name of a FEEL type that plain text shall be read as (date, time, date and time, duration, number), for
    values that come from forms and other systems. Raises ValueError with a sentence when the text does not fit.
    """
    if isinstance(value, Mapping):
        if set(value) == {"@", "v"}:
            tag, body = value["@"], value["v"]
            if tag == "context" and isinstance(body, Mapping):
                return {key: from_json(body[key]) for key in body}
            if tag == "range" and isinstance(body, Mapping):
                return Range(
                    from_json(body.get("start")), from_json(body.get("end")),
                    bool(body.get("start included")), bool(body.get("end included")),
                )
            if tag in _READERS:
                return _read(tag, body)
            raise NotReadable(say("The stored kind “%(kind)s” is not known; write the value as plain JSON.", kind=tag))
        return {key: from_json(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [from_json(item, type) for item in value]
    if type in _READERS and isinstance(value, str):
        return _read(type, value.strip()) if value.strip() else None
    try:
        return admit(value)
    except Fault as fault:
        raise NotReadable(fault.reason) from None
