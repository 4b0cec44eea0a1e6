"""The parts of a form as frozen dataclasses, and how a form-js schema becomes them.

Parsing takes what it can and lists what it cannot: a drawing's owner sees all mistakes of a form at once, each
as a sentence with the field it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processes.spoken import gettext as _

INPUTS = ("textfield", "textarea", "number", "select", "radio", "checkbox", "checklist", "datetime")
CHOOSING = ("select", "radio", "checklist")
SHOWN = ("text", "group", "separator", "spacer")
SUBTYPES = ("date", "datetime", "time")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = frozenset({"task", "user", "instance", "true", "false", "null", "and", "or", "not", "in", "if", "then",
                       "else", "for", "some", "every", "return", "function", "between", "satisfies", "item"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with a form: a stable code, the key of the field ("" for the form) and a sentence. `place` is where the
    component stands ("2.0": the first in the third), since not all have a key."""

    code: str
    field: str
    sentence: str
    severity: str = "error"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field."""

    value: Any
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Anything a form consists of. Expressions stay texts with their leading "="."""

    type: str
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    subtype: str = ""
    default: Any = None
    required: bool = False
    required_if: str = ""
    minimum: Any = None
    maximum: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    decimal_digits: int | None = None
    future_only: bool = False
    hide: str = ""
    readonly: bool | str = False
    options: tuple[Option, ...] = ()
    choices: str = ""
    bind: str = ""
    explain: str = ""
    money: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Component, ...] = ()
    hidden_by: tuple[str, ...] = ()
    place: str = ""

    @property
    def is_input(self) -> bool:
        """Whether it has a value."""
        return self.type in INPUTS

    @property
    def kind(self) -> str:
        """What its value is: the type, for a date or time its subtype."""
        return (self.subtype or "date") if self.type == "datetime" else self.type


def is_expression(value: Any) -> bool:
    """Whether a value of a schema is FEEL: a text that begins with "="."""
    return isinstance(value, str) and value.lstrip().startswith("=")


class _Parser:
    def __init__(self) -> None:
        self.problems: list[FormProblem] = []
        self.keys: set[str] = set()
        self.place = ""

    def say(self, code: str, key: str, sentence: str) -> None:
        self.problems.append(FormProblem(code, key, sentence, place=self.place))

    def components(self, raw: Any, where: str, hidden_by: tuple[str, ...] = ()) -> tuple[Component, ...]:
        if not isinstance(raw, list):
            self.say("no_components", where, _("The form has no list of components. Give it a list."))
            return ()
        around, found = self.place, []
        for number, item in enumerate(raw):
            self.place = f"{around}.{number}".removeprefix(".")
            found.append(self.component(item, hidden_by))
        self.place = around
        return tuple(item for item in found if item is not None)

    def component(self, raw: Any, hidden_by: tuple[str, ...]) -> Component | None:
        if not isinstance(raw, Mapping):
            self.say(
                "not_a_component", "", _("A component of the form is not an object with a type and a key.")
            )
            return None
        kind, key = raw.get("type"), raw.get("key") or ""
        if kind not in (*INPUTS, *SHOWN):
            self.say("unknown_type", str(key), _("“%(type)s” is no kind of field here. Use one of: %(known)s.")
                     % {"type": kind, "known": ", ".join((*INPUTS, *SHOWN))})  # fmt: skip
            return None
        if kind in INPUTS and not self.key_is_good(key):
            return None
        properties = _mapping(raw.get("properties"))
        validate = _mapping(raw.get("validate"))
        hide = _mapping(raw.get("conditional")).get("hide") or ""
        if hide and not is_expression(hide):
            self.say(
                "not_feel",
                str(key),
                _("The condition that hides “%(key)s” must begin with “=”.") % {"key": key},
            )
            hide = ""
        subtype = raw.get("subtype") or ""
        if kind == "datetime" and subtype and subtype not in SUBTYPES:
            self.say("unknown_subtype", key, _("“%(subtype)s” is no kind of date. Use date, datetime or time.")
                     % {"subtype": subtype})  # fmt: skip
            subtype = "date"
        around = (*hidden_by, hide) if hide else hidden_by
        place = self.place
        return Component(
            type=kind,
            key=str(key),
            labels=_texts(raw, "label", properties),
            descriptions=_texts(raw, "description", properties),
            texts=_texts(raw, "text", properties),
            subtype=subtype,
            default=raw.get("defaultValue"),
            required=validate.get("required") is True,
            required_if=str(properties.get("requiredIf") or ""),
            minimum=validate.get("min"),
            maximum=validate.get("max"),
            min_length=self.whole(validate.get("minLength"), key),
            max_length=self.whole(validate.get("maxLength"), key),
            pattern=self.regular(validate.get("pattern"), key),
            decimal_digits=self.whole(raw.get("decimalDigits"), key),
            future_only=raw.get("disallowPassedDates") is True,
            hide=hide,
            readonly=_readonly(raw.get("readonly")),
            options=self.options(raw.get("values"), key) if kind in CHOOSING else (),
            choices=str(properties.get("choices") or ""),
            bind=str(properties.get("bind") or ""),
            explain=str(properties.get("explain") or ""),
            money=str(properties.get("money") or ""),
            properties=properties,
            children=self.components(raw.get("components"), str(key), around) if kind == "group" else (),
            hidden_by=around,
            place=place,
        )

    def key_is_good(self, key: Any) -> bool:
        if not isinstance(key, str) or not _KEY.fullmatch(key) or key in _RESERVED or len(key) > 100:
            self.say("bad_key", str(key), _(
                "“%(key)s” cannot be the key of a field. Use letters, digits and underscores, beginning with a "
                "letter, and no word of the expression language.") % {"key": key})  # fmt: skip
            return False
        if key in self.keys:
            self.say(
                "duplicate_key",
                key,
                _("Two fields have the key “%(key)s”. Give each its own.") % {"key": key},
            )
            return False
        self.keys.add(key)
        return True

    def whole(self, value: Any, key: str) -> int | None:
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.say("not_a_length", key, _("A length of “%(key)s” must be a whole number.") % {"key": key})
            return None
        return value

    def regular(self, value: Any, key: str) -> str:
        if not value:
            return ""
        try:
            re.compile(value)
        except (re.error, TypeError):
            self.say(
                "bad_pattern", key, _("The pattern of “%(key)s” is not a regular expression.") % {"key": key}
            )
            return ""
        return str(value)

    def options(self, raw: Any, key: str) -> tuple[Option, ...]:
        found: list[Option] = []
        for item in raw if isinstance(raw, list) else []:
            if not isinstance(item, Mapping) or isinstance(item.get("value"), list | dict | None):
                self.say("bad_option", key, _("A choice of “%(key)s” has no value.") % {"key": key})
                continue
            if any(str(item["value"]) == str(other.value) for other in found):
                self.say("duplicate_option", key, _("“%(key)s” offers “%(value)s” twice.")
                         % {"key": key, "value": item["value"]})  # fmt: skip
                continue
            labels = _texts(item, "label", _mapping(item.get("properties")))
            found.append(Option(item["value"], labels or {"en": str(item["value"])}))
        return tuple(found)


def parse_components(raw: Any) -> tuple[tuple[Component, ...], tuple[FormProblem, ...]]:
    """The components of a form-js schema, and what is wrong with it."""
    parser = _Parser()
    if not isinstance(raw, Mapping):
        parser.say("not_a_form", "", _("A form is an object with components; this is something else."))
        return (), tuple(parser.problems)
    return parser.components(raw.get("components"), ""), tuple(parser.problems)


def _readonly(value: Any) -> bool | str:
    return str(value) if is_expression(value) else value is True


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(raw: Mapping[str, Any], name: str, properties: Mapping[str, Any]) -> dict[str, str]:
    """The texts of one attribute by language: English stands in the schema, others in `properties`."""
    texts = {"en": str(raw[name])} if raw.get(name) else {}
    for key, value in properties.items():
        if key.startswith(name + ":") and value:
            texts[key.partition(":")[2]] = str(value)
    return texts
