"""Tags and filters of our pages: icons, due times, days, money, names. Presentation only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from admin_ext import markdown, words
from processes import ports

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the theme's own font; it is decoration, the word stands beside it."""
    return format_html('<span class="icon {}" aria-hidden="true" translate="no">{}</span>', extra, name or "circle")


@register.filter
def labels(value: Any) -> str:
    """The text of a label in the reader's language."""
    return ports.text(value) if isinstance(value, dict) else str(value or "")


@register.filter
def named(instance: Any) -> str:
    """What an instance is called: its number and title, or where it has neither the name of its process."""
    return f"{instance.business_key} {instance.title}".strip() or ports.text(instance.labels)


@register.filter
def initials(name: Any) -> str:
    """The letters that stand for a person or company."""
    return words.initials(str(name))


@register.filter
def shorten(text: Any, length: int = 40) -> str:
    """A long name cut in the middle."""
    return words.shorten(str(text), length)


@register.filter
def guidance(source: Any) -> SafeString:
    """Guidance in the safe subset of Markdown."""
    return markdown.render(ports.text(source) if isinstance(source, dict) else str(source or ""))


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """How long ago, with the full moment at hand."""
    if value is None:
        return ""
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.moment(value),
                       words.ago(value))  # fmt: skip


@register.filter
def near(value: datetime | None) -> SafeString | str:
    """A moment in short, with the full moment at hand."""
    if value is None:
        return ""
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.moment(value),
                       words.near(value))  # fmt: skip


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in full."""
    return words.moment(value) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """The time of day."""
    return words.clock(value) if value else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """A day, with its year when that is not the present one."""
    return words.day(value) if value else ""


@register.filter
def span(value: Any) -> str:
    """A length of time in its largest unit."""
    return words.span(value) if value is not None else ""


@register.filter
def sentences(said: list[str]) -> str:
    """Sentences one after another; in Chinese no space stands between them."""
    return ("" if words.in_chinese() else " ").join(said)


@register.filter
def length_words(value: Any) -> str:
    """A length of time that was measured, to one place where it is short."""
    return words.length(value) if value is not None else "–"


@register.filter
def plain(text: Any) -> str:
    """A stored value as people say it."""
    return words.plain(str(text))


@register.filter
def target(text: str) -> str:
    """The aim of a measure: a length of time in words, a figure as figures are written."""
    said = words.written_length(text)
    try:
        return said or grouped(text)
    except ArithmeticError:
        return text


@register.filter
def written(text: str) -> str:
    """A text as it stands, a length of time in words."""
    return words.written_length(text) or text


@register.filter
def field_kind(kind: str) -> str:
    """What a field of a form takes, in words."""
    return words.field_kind(kind)


@register.filter
def grouped(value: Any, places: int | None = None) -> str:
    """A number with its thousands parted, and as many decimals as it needs or as asked."""
    if value is None or value == "":
        return "–"
    number = Decimal(str(value))
    if places is None:
        places = 0 if number == number.to_integral_value() else 2
    return formats.number_format(number, decimal_pos=places, use_l10n=True, force_grouping=True)


@register.simple_tag
def money(amount: Any, currency: str = "") -> SafeString:
    """An amount with its currency before it; a dash when there is none."""
    if amount is None or amount == "":
        return format_html('<span class="num">{}</span>', "–")
    sign, gap = words.currency(currency)
    return format_html('<span class="num nowrap" translate="no"><small>{}</small>{}{}</span>', sign, gap, grouped(amount))


@register.inclusion_tag("redraw/parts/due.html")
def due(due_at: datetime | None, started: datetime | None = None, warn_at: datetime | None = None,
        bar: bool = False, still: Any = None) -> dict[str, Any]:  # fmt: skip
    """A due time or a stopped clock: icon and words, and a bar of the time gone when asked for."""
    return {"due": words.due(due_at, started, warn_at, still), "bar": bar}


@register.filter
def percent_of(part: Any, whole: Any) -> float:
    """A share in per cent for the width of a bar; 0 when there is no whole."""
    try:
        return round(100 * float(part or 0) / float(whole), 2) if whole else 0
    except (TypeError, ValueError):
        return 0


@register.simple_tag(takes_context=True)
def address(context: dict[str, Any], **changes: Any) -> str:
    """The address of this page with some of its parameters changed; None or "" takes one out."""
    query = context["request"].GET.copy()
    query.pop("after", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value under a key, or None."""
    return mapping.get(key) if isinstance(mapping, dict) and key else None


INPUT_TYPES = {"date": "date", "datetime": "datetime-local", "time": "time"}


@register.simple_tag
def attributes(field: Any, locked: bool = False) -> SafeString:
    """The attributes of a form's input: name, id, limits, and what a screen reader must know."""
    pairs: list[tuple[str, str]] = [("name", field.key), ("id", f"f-{field.key}")]
    if field.type in ("textfield", "number", "datetime"):
        if field.type != "number" or not field.currency:
            pairs.append(("type", INPUT_TYPES.get(field.kind, "text")))
        if field.type == "number":
            pairs.append(("inputmode", "decimal"))
    if field.type == "datetime":
        pairs.extend((name, str(bound)) for name, bound in (("min", field.least), ("max", field.most)) if bound)
    if field.max_length and field.type in ("textfield", "textarea"):
        pairs.append(("maxlength", str(field.max_length)))
    if field.required:
        pairs.append(("aria-required", "true"))
    described = [f"h-{field.key}"] if field.description or field.explain else []
    if field.error:
        pairs.append(("aria-invalid", "true"))
        described.append(f"e-{field.key}")
    if described:
        pairs.append(("aria-describedby", " ".join(described)))
    if field.hidden or locked or (field.readonly and field.type in ("select", "checkbox")):
        pairs.append(("disabled", "disabled"))
    elif field.readonly:
        pairs.append(("readonly", "readonly"))
    return format_html_join(" ", '{}="{}"', pairs)
