"""Form fields for columns that hold a small structure: people write words and texts, never braces and brackets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from admin_ext import stored_words
from admin_ext.words import plain

LANGUAGES = [code for code, _name in settings.LANGUAGES]
LINES = {"names": 1, "subjects": 1, "bodies": 8}
"""Columns with a text for each language, and how many lines a text takes."""

_SPEAKS = ("email", "telephone", "wechat", "event", "letter")
SOME: dict[str, Any] = {
    "languages": stored_words.WORDS["language"],
    "channels": [(key, word) for key, word in stored_words.WORDS["channel"] if key in _SPEAKS],
}
"""Columns with some of a list."""

WORDS = frozenset({"skills"})
"""Columns with words that anybody may make up."""


class EachLanguage(forms.MultiWidget):
    """A box for each language, with the language's name in it as long as it is empty."""

    def __init__(self, lines: int) -> None:
        kind = UnfoldAdminTextInputWidget if lines == 1 else UnfoldAdminTextareaWidget
        boxes = {}
        for code, name in settings.LANGUAGES:
            rows = {} if lines == 1 else {"rows": lines}
            boxes[code.replace("-", "_")] = kind(attrs={"placeholder": name, "aria-label": name, "lang": code, **rows})
        super().__init__(boxes)

    def decompress(self, value: Any) -> list[str]:
        """The texts in the order of the languages."""
        told = value if isinstance(value, dict) else {}
        return [told.get(code, "") for code in LANGUAGES]


class ByLanguage(forms.MultiValueField):
    """A text for each language; languages without one are left out."""

    def __init__(self, *, lines: int, **kwargs: Any) -> None:
        parts = [forms.CharField(required=False) for _code in LANGUAGES]
        super().__init__(parts, require_all_fields=False, widget=EachLanguage(lines), **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        """Language -> text."""
        return {code: text for code, text in zip(LANGUAGES, data_list, strict=False) if text}


class Words(forms.CharField):
    """Words with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        """The words as one line."""
        return ", ".join(str(word) for word in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The words as a list, each once, in the order they were written."""
        text = str(value or "").replace("，", ",").replace("、", ",")
        return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other words stand there now."""
        return (initial or []) != self.to_python(data)


class Some(forms.MultipleChoiceField):
    """Some of a list; what stands there and is not on the list is kept."""

    def keep(self, value: Any) -> None:
        """Offer what the record has now, whatever it is."""
        offered: Any = self.choices
        self.choices = [*offered, *((key, plain(str(key))) for key in value or () if not self.valid_value(key))]


def field_of(column: Any, **kwargs: Any) -> forms.Field | None:
    """The field for such a column; None for any other."""
    own: dict[str, Any] = {"label": capfirst(column.verbose_name), "required": not column.blank, "help_text": column.help_text}
    own |= {name: kwargs[name] for name in ("label", "help_text", "initial") if name in kwargs}
    if column.name in LINES:
        own["help_text"] = ""
        return ByLanguage(lines=LINES[column.name], **own)
    if column.name in WORDS:
        return Words(widget=UnfoldAdminTextInputWidget(), **{**own, "help_text": _("Words with commas between them.")})
    if column.name in SOME:
        return Some(choices=SOME[column.name], widget=UnfoldAdminCheckboxSelectMultipleWidget(), **own)
    return None
