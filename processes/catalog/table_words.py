"""Where in a decision table something was found, in words: its inputs by the labels of the columns, their values as
people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import ngettext, pgettext

from processes import feel
from processes.dmn.quality import Example, Part, Region, Span
from processes.spoken import gettext as _

_IN_TIME = ("date", "time", "date and time")
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


@dataclass(frozen=True, slots=True)
class Words:
    """What a table's input columns and the values in them are called, in the language in use."""

    inputs: Sequence[str]
    values: Mapping[str, str] = field(default_factory=dict)


def where(region: Region, words: Words) -> str:
    """A region as one clause: “Amount from 10 up to, not including, 20, and Tier gold or silver”."""
    if not region:
        return _("Whatever is given")
    return pgettext("between limits of several inputs", ", and ").join(
        _("%(input)s %(values)s") % {"input": words.inputs[part.columns[0]], "values": values_of(part, words.values)}
        for part in region
    )


def example_of(example: Example, words: Words) -> str:
    """The values of a counter-example: “Amount = 12, Tier = gold”."""
    pairs = dict(zip(words.inputs, example, strict=True))
    return listed(
        _("%(input)s = %(value)s") % {"input": label, "value": value_word(value, words.values)}
        for label, value in pairs.items()
    )


def listed(words: Iterable[str]) -> str:
    """Words in a row."""
    return pgettext("between the words of a list", ", ").join(words)


def either(words: Sequence[str]) -> str:
    """Words of which one holds: “a, b or c”."""
    if len(words) < 2:
        return "".join(words)
    return _("%(others)s or %(last)s") % {"others": listed(words[:-1]), "last": words[-1]}


def values_of(part: Part, called: Mapping[str, str]) -> str:
    """The values of one input; `called` has the names of texts."""
    words = [_span(span, part.kind) for span in part.spans]
    if _all_but_one(part.spans):
        words = [_("anything but %(values)s") % {"values": value_word(part.spans[0].high)}]
    elif part.others:
        named = listed(value_word(value, called) for value in part.values)
        words.append(_("anything but %(values)s") % {"values": named} if named else _("any value"))
    else:
        words += [value_word(value, called) for value in part.values]
    return either([*words, *([_("without a value")] if part.null else [])])


def _all_but_one(spans: Sequence[Span]) -> bool:
    return len(spans) == 2 and spans[0].low is None and spans[1].high is None and spans[0].high == spans[1].low


def _span(span: Span, kind: str) -> str:
    low, high = (None if end is None else value_word(end) for end in (span.low, span.high))
    ends = {"low": low, "high": high}
    if low is None and high is None:
        return _("any value")
    if low is None:
        return _upper(span.high_included, kind) % ends
    if high is None:
        return _lower(span.low_included, kind) % ends
    if span.low == span.high:
        return low
    if span.low_included:
        return (_("from %(low)s to %(high)s") if span.high_included else _("from %(low)s up to, not including, %(high)s")) % ends
    if kind in _IN_TIME:
        return (_("after %(low)s up to %(high)s") if span.high_included else _("after %(low)s and before %(high)s")) % ends
    return (_("above %(low)s up to %(high)s") if span.high_included else _("above %(low)s and below %(high)s")) % ends


def _lower(included: bool, kind: str) -> str:
    if kind in _IN_TIME:
        return pgettext("a date or time", "from %(low)s on") if included else _("after %(low)s")
    return _("from %(low)s") if included else _("above %(low)s")


def _upper(included: bool, kind: str) -> str:
    if kind in _IN_TIME:
        return pgettext("a date or time", "until %(high)s") if included else _("before %(high)s")
    return _("up to %(high)s") if included else _("below %(high)s")


def value_word(value: Any, called: Mapping[str, str] | None = None) -> str:
    """A value as people write it; a text by its name in `called`, else in quotes."""
    if value is None:
        return _("no value")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return (called or {}).get(value) or _("“%(text)s”") % {"text": value}
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, time):
        return _clock(value)
    if isinstance(value, feel.YearsMonths):
        return ngettext("%(n)d month", "%(n)d months", value.months) % {"n": value.months}
    if isinstance(value, timedelta) and value >= timedelta(0) and not value.microseconds:
        return _length(value)
    return feel.to_text(value)


def _number(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return formats.number_format(int(value) if whole else value.normalize(), use_l10n=True, force_grouping=True)


def _clock(value: time) -> str:
    return value.isoformat() if value.second or value.microsecond or value.tzinfo else value.strftime("%H:%M")


def _moment(value: datetime) -> str:
    """To the second where it matters, with its offset where it has one: a bound must be read exactly."""
    return f"{formats.date_format(value.date(), 'DATE_FORMAT')} {_clock(value.timetz())}"


def _length(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    parts = []
    if days := seconds // _DAY:
        parts.append(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
    if hours := seconds % _DAY // _HOUR:
        parts.append(ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours})
    if minutes := seconds % _HOUR // _MINUTE:
        parts.append(ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes})
    if seconds % _MINUTE or not parts:
        parts.append(ngettext("%(n)d s", "%(n)d s", seconds % _MINUTE) % {"n": seconds % _MINUTE})
    return " ".join(parts)
