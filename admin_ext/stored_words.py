"""Keys that stand in columns without choices of their own, in words: languages, sources, channels, groups of products.

Such a column takes what others send (a web form, an import, an interface), so it has no closed list; people all the
same read and choose words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.conf import settings
from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, Model
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from admin_ext.templatetags.redraw import money
from admin_ext.words import in_chinese, plain
from crm_core.parties.models import Purpose
from crm_core.sales.models.leads import LeadChannel, LeadSource, ProductInterest
from crm_core.service.models.cases import CaseChannel


def _currency(code: str) -> str:
    """A currency by its code, in Chinese by its name."""
    return get_currency_name(code, locale="zh_Hans") if in_chinese() else code


Choices = list[tuple[str, Any]]
_GROUPS: Choices = list(ProductInterest.choices)
WORDS: dict[str, Choices] = {
    "language": [*settings.LANGUAGES, ("fr", _("French"))],
    "source": [*LeadSource.choices, ("customer", _("customer"))],
    "channel": [*LeadChannel.choices, *((key, word) for key, word in CaseChannel.choices if key not in LeadChannel.values)],
    "group": _GROUPS,
    "product_group": _GROUPS,
    "currency": [(code, lazy(_currency, str)(code)) for code in settings.PLANNING_RATES],
    "purpose": list(Purpose.choices),
}
"""The words by the name of the column."""


def applies_to(field: Any) -> bool:
    """Whether a model's column holds such keys: by its name, and without choices of its own."""
    return isinstance(field, Field) and field.name in WORDS and not field.choices


def in_words(name: str, value: Any) -> str:
    """A stored key as people say it; what has no word is shown without its underscores."""
    known = dict(WORDS[name])
    return str(known[value]) if value in known else plain(str(value or ""))


def choice_of(field: Any, **kwargs: Any) -> forms.ChoiceField:
    """A field to choose the key by its word; what the record has now is added by the form."""
    none: Choices = [("", "---------")] if field.blank else []
    own: dict[str, Any] = {"label": capfirst(field.verbose_name), "help_text": field.help_text, "initial": field.get_default()}
    own |= {name: kwargs[name] for name in ("label", "help_text", "initial") if name in kwargs}
    return KeyField(choices=[*none, *WORDS[field.name]], required=not field.blank, widget=UnfoldAdminSelectWidget(), **own)


class KeyField(forms.ChoiceField):
    """A choice among known keys that keeps an unknown one which stands there already."""

    def keep(self, value: Any) -> None:
        """Offer what the record has now, whatever it is."""
        if value not in (None, "") and not self.valid_value(value):
            offered: Any = self.choices
            self.choices = [*offered, (value, plain(str(value)))]


def _headed(shown: Callable[[Any], str], field: Any) -> Callable[[Any], str]:
    """The column with the field's name and order."""
    shown.short_description = field.verbose_name  # type: ignore[attr-defined]
    shown.admin_order_field = field.name  # type: ignore[attr-defined]
    shown.__name__ = field.name
    return shown


def column(field: Any) -> Callable[[Model], str]:
    """A column of a list that shows the words."""

    def shown(row: Model) -> str:
        value = getattr(row, field.name)
        return in_words(field.name, value) if value else ""

    return _headed(shown, field)


def number_column(field: Any) -> Callable[[Model], str]:
    """A column of a list that never breaks within a number."""

    def shown(row: Any) -> str:
        return format_html('<span class="nowrap">{}</span>', getattr(row, field.name))

    return _headed(shown, field)


def money_column(field: Any) -> Callable[[Model], str]:
    """A column of a list that shows an amount with its currency, as every page does."""

    def shown(row: Any) -> str:
        return format_html('<div class="right">{}</div>', money(getattr(row, field.name), row.currency))

    return _headed(shown, field)


class InWords(AllValuesFieldListFilter):
    """A filter over stored keys that shows their words."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """The choices, each stored key in the reader's words."""
        everything, *keys = super().choices(changelist)
        yield everything
        for choice in keys:
            yield {**choice, "display": in_words(str(self.field_path).rpartition("__")[2], choice["display"])}
