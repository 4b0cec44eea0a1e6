"""Forms of steps: what a form-js schema means, what it starts with, and what of an answer is taken.

The page may hide, check and compute as it likes; only what `clean` says on the server counts. Values of hidden
fields are dropped, read-only fields keep what the server knows, and keys the form does not have are refused.
Expressions see the names of the step and, over them, the fields of the form by their keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from processes import feel, ports
from processes.errors import ProcessError
from processes.inbox import choices as sources
from processes.inbox.form_model import CHOOSING, Component, FormProblem, is_expression, parse_components
from processes.inbox.form_values import READERS, Unreadable, is_blank, read_datetime
from processes.spoken import gettext as _

MOST_TICKS = 500
"""How many choices of a list of ticks may be taken at once."""


class BrokenForm(ProcessError):
    """A form of a draft holds something that cannot be read; publishing would have refused it."""

    code = "broken_form"


@dataclass(frozen=True)
class Cleaned:
    """What became of an answer: values ready for FEEL by field, and a sentence for each field that is wrong."""

    values: Mapping[str, Any]
    errors: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


@dataclass(frozen=True)
class FormSchema:
    """A form as it was read; `mistakes` is what the schema itself has wrong."""

    id: str
    components: tuple[Component, ...]
    mistakes: tuple[FormProblem, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, schema: Any) -> FormSchema:
        """Read a form-js schema; what cannot be read is left out and listed in `mistakes`."""
        components, mistakes = parse_components(schema)
        source = schema if isinstance(schema, Mapping) else {}
        return cls(str(source.get("id") or ""), components, mistakes, source)

    # --- parts -----------------------------------------------------------------------------------------
    def walk(self) -> Iterator[Component]:
        """Every component, groups before what is in them."""
        waiting = list(self.components)
        while waiting:
            component = waiting.pop(0)
            yield component
            waiting[:0] = component.children

    @property
    def fields(self) -> tuple[Component, ...]:
        """The components that have a value, in the form's order."""
        return tuple(c for c in self.walk() if c.is_input)

    def field(self, key: str) -> Component | None:
        """The field of a key."""
        return next((f for f in self.fields if f.key == key), None)

    # --- what it starts with ---------------------------------------------------------------------------
    def initial(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The value each field starts with: that of the record it is bound to, else a variable of its key, else
        its default; None where there is nothing."""
        values: dict[str, Any] = {}
        for item in self.fields:
            found = _path(context, item.bind) if item.bind else context.get(item.key)
            if found is None:
                found = _default(item, {**context, **values})
            values[item.key] = found
        return values

    # --- what of an answer is taken --------------------------------------------------------------------
    def clean(
        self,
        raw: Mapping[str, Any],
        context: Mapping[str, Any],
        *,
        user: Any = None,
        zone: tzinfo | None = None,
    ) -> Cleaned:
        """Check an answer and give its values as FEEL knows them.

        `raw` holds texts as a browser sends them (a QueryDict will do) or JSON values; `zone` is that in which
        clock times without one are meant.
        """
        errors: dict[str, str] = {
            str(key): _("The form has no field “%(key)s”. Leave it out.") % {"key": key}
            for key in raw
            if self.field(key) is None
        }
        starting = self.initial(context)
        values: dict[str, Any] = {}
        for item in self.fields:
            try:
                values[item.key] = self._read(item, raw, zone)
            except Unreadable as error:
                values[item.key] = None
                errors[item.key] = error.sentence
        values, hidden, locked = self._settle(values, starting, context)
        for key in hidden | locked:
            errors.pop(key, None)
        scope = {**context, **values}
        for item in self.fields:
            if item.key in hidden or item.key in locked or item.key in errors:
                continue
            sentence = _wrong(item, values[item.key], scope)
            if sentence is None and item.type in CHOOSING and not is_blank(values[item.key]):
                values[item.key], sentence = self._choose(item, values[item.key], scope, user)
            if sentence is not None:
                errors[item.key] = sentence
        taken = {k: v for k, v in values.items() if k not in hidden and k not in locked and k not in errors}
        return Cleaned(taken, errors)

    def typed(self, raw: Mapping[str, Any], starting: Mapping[str, Any], zone: tzinfo | None = None) -> dict[str, Any]:
        """The values of an unchecked answer as far as they can be read (what cannot stays as it was typed),
        over what the form starts with; ticks that an answer leaves out are off, as in a browser."""
        values = dict(starting)
        for item in self.fields:
            if item.key not in raw and item.type not in ("checkbox", "checklist"):
                continue
            try:
                values[item.key] = self._read(item, raw, zone)
            except Unreadable:
                values[item.key] = raw.get(item.key)
            if item.type in CHOOSING and item.type != "checklist" and not item.choices:
                values[item.key] = _offered(item, values[item.key])
        return values

    def hidden(self, values: Mapping[str, Any], context: Mapping[str, Any]) -> frozenset[str]:
        """The keys of the fields that these values hide; what is hidden counts as empty for the others."""
        hidden: set[str] = set()
        # A field may hide one that hides another; where they go in a circle everything of it stays hidden.
        for _round in range(len(self.fields) + 1):
            scope = {**context, **{k: None if k in hidden else v for k, v in values.items()}}
            now = {f.key for f in self.fields if any(holds(h, scope) for h in f.hidden_by)}
            if now == hidden:
                break
            hidden = now if _round < len(self.fields) else hidden | now
        return frozenset(hidden)

    def is_readonly(self, item: Component, scope: Mapping[str, Any]) -> bool:
        """Whether a field may be read only."""
        return holds(item.readonly, scope) if isinstance(item.readonly, str) else item.readonly

    def is_required(self, item: Component, scope: Mapping[str, Any]) -> bool:
        """Whether a field must be filled in."""
        return item.required or (bool(item.required_if) and holds(item.required_if, scope))

    def options(
        self, item: Component, *, user: Any, context: Mapping[str, Any]
    ) -> list[tuple[Any, Mapping[str, str] | str]]:
        """The (value, label) pairs a choosing field offers."""
        if item.choices:
            return sources.choices(item.choices, user=user, context=context)
        return [(option.value, option.labels) for option in item.options]

    def changes(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What taken values change on records: by subject type, the bound field's name and its new value."""
        found: dict[str, dict[str, Any]] = {}
        for item in self.fields:
            subject, dot, name = item.bind.partition(".")
            if dot and item.key in values:
                found.setdefault(subject, {})[name] = values[item.key]
        return found

    def problems(self, names: Collection[str] | None = None, **known: Any) -> list[FormProblem]:
        """What is wrong with the form; see `form_check.problems`."""
        from processes.inbox.form_check import problems

        return problems(self, names=names, **known)

    # --- inside ----------------------------------------------------------------------------------------
    def _read(self, item: Component, raw: Mapping[str, Any], zone: tzinfo | None) -> Any:
        if item.type == "checklist":
            given = raw.getlist(item.key) if hasattr(raw, "getlist") else raw.get(item.key)
            many = given if isinstance(given, list | tuple) else [given]
            if len(many) > MOST_TICKS:
                raise Unreadable(_("Too many choices were taken: at most %(most)d.") % {"most": MOST_TICKS})
            return [one for one in many if not is_blank(one)]
        value = raw.get(item.key)
        if item.type == "checkbox":
            return READERS["checkbox"](value if value is not None else "")
        if is_blank(value):
            return None
        if item.type in CHOOSING:
            if isinstance(value, Mapping | list | tuple):
                raise Unreadable(_("Choose one of the choices."))
            return value
        return read_datetime(value, zone) if item.kind == "datetime" else READERS[item.kind](value)

    def _settle(
        self, values: dict[str, Any], starting: Mapping[str, Any], context: Mapping[str, Any]
    ) -> tuple[dict[str, Any], frozenset[str], frozenset[str]]:
        """The values with what the server knows of read-only fields, and which fields are hidden or locked."""
        locked: set[str] = set()
        for item in self.fields:
            if self.is_readonly(item, {**context, **values}):
                locked.add(item.key)
                values[item.key] = starting[item.key]
        hidden = self.hidden(values, context)
        settled = {key: None if key in hidden else value for key, value in values.items()}
        return settled, hidden, frozenset(locked)

    def _choose(
        self, item: Component, given: Any, scope: Mapping[str, Any], user: Any
    ) -> tuple[Any, str | None]:
        """The offered values that were meant (with their own type), or a sentence."""
        offered = {str(value): value for value, _label in self.options(item, user=user, context=scope)}
        many = given if isinstance(given, list) else [given]
        strange = [one for one in many if str(one) not in offered]
        if strange:
            return None, _("“%(value)s” is not among the choices. Choose one that is offered.") % {
                "value": str(strange[0])[:40]
            }
        meant = [offered[str(one)] for one in dict.fromkeys(map(str, many))]
        return (meant if item.type == "checklist" else meant[0]), None


def _offered(item: Component, given: Any) -> Any:
    """The value of the choice that was meant, with its own type; what is none stays as it is."""
    return next((option.value for option in item.options if str(option.value) == str(given)), given)


def evaluate(expression: str, scope: Mapping[str, Any]) -> Any:
    """The value of a form's expression ("= ..."); None when it has none. BrokenForm when it is not FEEL."""
    text = expression.strip()
    try:
        return feel.evaluate(text[1:] if text.startswith("=") else text, scope, clock=ports.now).value
    except feel.FeelSyntaxError as error:
        raise BrokenForm(
            _("The expression “%(text)s” of this form cannot be read: %(reason)s")
            % {"text": text, "reason": error.message}
        ) from error


def holds(expression: str, scope: Mapping[str, Any]) -> bool:
    """Whether a form's condition is true. While fields are still empty it often is neither true nor false;
    then it does not hold."""
    return evaluate(expression, scope) is True


def _default(item: Component, scope: Mapping[str, Any]) -> Any:
    if is_expression(item.default):
        return evaluate(item.default, scope)
    if item.default is None or item.type in CHOOSING:
        return item.default
    try:
        return READERS[item.kind](item.default)
    except Unreadable:
        return None  # `problems` says so to the form's author; who fills it in starts with an empty field


def _path(context: Mapping[str, Any], dotted: str) -> Any:
    found: Any = context
    for name in dotted.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _wrong(item: Component, value: Any, scope: Mapping[str, Any]) -> str | None:
    """The sentence about a readable value that is not good enough, or None."""
    required = item.required or (bool(item.required_if) and holds(item.required_if, scope))
    if item.type == "checkbox":
        return _("This must be ticked to go on.") if required and value is not True else None
    if is_blank(value):
        return _("This is needed. Fill it in.") if required else None
    if item.type in ("textfield", "textarea"):
        return _wrong_text(item, value)
    if item.kind in ("number", "date", "datetime", "time"):
        return _wrong_size(item, value, scope)
    return None


def _wrong_text(item: Component, value: str) -> str | None:
    if item.min_length is not None and len(value) < item.min_length:
        return _("This is too short: at least %(least)d characters.") % {"least": item.min_length}
    if item.max_length is not None and len(value) > item.max_length:
        return _("This is too long: at most %(most)d characters.") % {"most": item.max_length}
    if item.pattern and not re.search(item.pattern, value):
        return _("This does not have the form that is expected here. Correct it.")
    return None


def _wrong_size(item: Component, value: Any, scope: Mapping[str, Any]) -> str | None:
    low, high = limit(item, item.minimum, scope), limit(item, item.maximum, scope)
    if item.future_only and _day(value) is not None and _day(value) < ports.clock().today(_zone()):
        return _("This lies in the past. Choose a later day.")
    if low is not None and value < low:
        return _("This is too small: at least %(least)s.") % {"least": _said(low)}
    if high is not None and value > high:
        return _("This is too large: at most %(most)s.") % {"most": _said(high)}
    if item.decimal_digits is not None and isinstance(value, Decimal):
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > item.decimal_digits:
            return _("This has too many digits after the point: at most %(most)d.") % {
                "most": item.decimal_digits
            }
    return None


def limit(item: Component, bound: Any, scope: Mapping[str, Any]) -> Any:
    """A least or greatest value, itself perhaps an expression, as the field's kind; None when there is none."""
    found = evaluate(bound, scope) if is_expression(bound) else bound
    if is_blank(found):
        return None
    try:
        return READERS[item.kind](found)
    except Unreadable:
        return None  # `problems` says so to the form's author


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(_zone()).date()
    return value if isinstance(value, date) else None


def _zone() -> tzinfo:
    from django.utils import timezone

    return timezone.get_current_timezone()


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return format(value, "f") if isinstance(value, Decimal) else str(value)
