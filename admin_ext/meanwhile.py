"""What others saved while a form was open: found before anything is written, said in words, and merged into the form.

A form carries a mark of the record it showed: its version and its newest line in the audit trail. When the record
has moved on, nothing is written. What the person had not touched takes the new value, what both changed keeps what
was typed and says so beside the field; saving once more is then a choice and not an accident.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DateTimeField, Max, Model
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from admin_ext import history
from crm_core.kernel import records
from crm_core.kernel.models import AuditEntry
from crm_core.kernel.selectors import history_of

FIELD = "seen_version"
"""The hidden field that carries the mark."""

MOST_NAMED = 6


class ChangedMeanwhile(records.Stale):
    """Somebody else saved the record while the form was open. `errors` name what both changed, `data` is the form merged."""

    def __init__(self, sentence: str, *, errors: dict[str, str], data: QueryDict) -> None:
        super().__init__(sentence)
        self.errors = errors
        self.data = data


def mark(record: Model) -> str:
    """The state of a record as a form shows it: its version, if it counts them, and its newest audit entry."""
    newest = history_of(record).order_by().aggregate(newest=Max("pk"))["newest"] or 0
    return f"{getattr(record, 'version', '')}.{newest}"


def must_be_as_seen(kept: Model, form: forms.ModelForm, user: Any) -> None:
    """Pass if the record is still as the form showed it. `kept` is the row as it is now, locked.

    A form that carries no mark was not shown by us and passes. Raises ChangedMeanwhile.
    """
    seen_version, _dot, seen_entry = str(form.cleaned_data.get(FIELD) or "").partition(".")
    if not seen_version and not seen_entry:
        return
    now_version, _dot, now_entry = mark(kept).partition(".")
    if now_version == seen_version and (now_version or now_entry == seen_entry):
        return
    entries = list(history_of(kept).filter(pk__gt=int(seen_entry or 0))) if seen_entry.isdecimal() else []
    raise _changed(kept, form, entries, user)


def _changed(kept: Model, form: forms.ModelForm, entries: list[AuditEntry], user: Any) -> ChangedMeanwhile:
    shown = _as_shown(kept, entries)
    data: QueryDict = form.data.copy()  # type: ignore[attr-defined]
    errors: dict[str, str] = {}
    data[form.add_prefix(FIELD)] = mark(kept)
    told = history.entries_of(kept, user=user)[: len(entries)]
    who = ", ".join(dict.fromkeys(entry.who for entry in told if entry.who)) or _("Somebody else")
    for name, before in shown.items():
        if name not in form.fields:
            continue
        now = kept._meta.get_field(name).value_from_object(kept)  # type: ignore[union-attr]
        typed = form.cleaned_data.get(name)
        typed = typed.pk if isinstance(typed, Model) else typed
        if typed == before:
            _put(data, form[name], now)
        elif typed != now:
            words = {"who": who, "value": _words(kept, name)}
            errors[name] = _("%(who)s set this to “%(value)s” meanwhile. Saving again keeps what stands here.") % words
    named = [change for entry in reversed(told) for change in entry.changes]
    what = "; ".join(f"{change.label}: {change.before} → {change.after}" for change in named[:MOST_NAMED])
    sentence = _(
        "%(who)s changed this record while you were working. Nothing was saved yet, and what you typed is kept: look at "
        "it again, then save once more."
    ) % {"who": who}
    if what:
        sentence += " " + _("Changed meanwhile: %(what)s.") % {"what": what}
    return ChangedMeanwhile(sentence, errors=errors, data=data)


def _as_shown(kept: Model, entries: list[AuditEntry]) -> dict[str, Any]:
    """Field name -> what the form showed, for the fields that the entries (newest first) changed."""
    shown: dict[str, Any] = {}
    for entry in entries:
        for column, sides in entry.changes.items():
            field = _field(kept, column)
            if field is not None and isinstance(sides, list) and len(sides) == 2:
                shown[field.name] = _python(field, sides[0])
    return shown


def _field(record: Model, column: str) -> Any:
    try:
        return record._meta.get_field(column.removesuffix("_id") if column.endswith("_id") else column)
    except FieldDoesNotExist:
        return None


def _python(field: Any, value: Any) -> Any:
    try:
        read = (field.target_field if field.is_relation else field).to_python(value)
    except ValidationError:
        return value
    if isinstance(field, DateTimeField) and isinstance(read, datetime) and timezone.is_naive(read):
        return read.replace(tzinfo=UTC)
    return read


def _words(record: Model, name: str) -> str:
    display = getattr(record, f"get_{name}_display", None)
    value = display() if display is not None else getattr(record, name)
    return "–" if value in (None, "") else str(value)


def _put(data: QueryDict, bound: BoundField, value: Any) -> None:
    """Write a value into posted data as the field's widget would have sent it."""
    widget: Any = getattr(bound.field.widget, "widget", bound.field.widget)
    name, shown = bound.html_name, bound.field.prepare_value(value)
    if isinstance(widget, forms.MultiWidget):
        many: Any = widget
        for suffix, inner, part in zip(many.widgets_names, many.widgets, many.decompress(shown), strict=True):
            data[name + suffix] = inner.format_value(part) or ""
    elif isinstance(widget, forms.SelectMultiple | forms.CheckboxSelectMultiple):
        data.setlist(name, [str(part) for part in shown or ()])
    elif isinstance(widget, forms.CheckboxInput):
        data.pop(name, None)
        if shown:
            data[name] = "on"
    elif isinstance(widget, forms.Select):
        data[name] = "" if shown is None else str(shown)
    else:
        data[name] = widget.format_value(shown) or ""
