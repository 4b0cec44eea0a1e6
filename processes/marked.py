"""Texts of the pure packages, which know no gettext: marked here, translated by the floors above.

A `Sentence` is English and remembers its template and what fills it. So an expression, a drawing or a decision
table can say what is wrong with it without knowing who will read it, a row can keep the reason why a step
failed, and everybody reads it in his own language (`processes.spoken`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BPMN = "BPMN"
"""The context of marked texts: a transaction of a drawing is none of a bank."""

WORD = "word"
"""The context of single words that are put into sentences: a list of FEEL is none of a page."""


def mark(text: str) -> str:
    """The text itself; the catalogues take it in, and whoever shows it translates it."""
    return text


class Sentence(str):
    """A text with the English `template` it was made from, the `params` that fill its named places (some of them
    sentences themselves, or labels by language) and the `context` of its translation. What is added to it is an ordinary text."""

    __slots__ = ("context", "params", "template")

    template: str
    params: Mapping[str, Any]
    context: str

    def __new__(cls, text: str, template: str, params: Mapping[str, Any], context: str = "") -> Sentence:
        """A sentence that reads `text` as long as nobody translates it."""
        made = super().__new__(cls, text)
        made.template, made.params, made.context = template, params, context
        return made

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, Any], str]:  # type: ignore[override]
        return str(self), self.template, self.params, self.context

    def __mod__(self, params: Mapping[str, Any]) -> Sentence:
        """The sentence with its named places filled."""
        return type(self)(super().__mod__(params), self.template, params, self.context)


def say(template: str, /, **params: Any) -> Sentence:
    """A whole sentence, or a clause of one, in English; the places of the template are named, as in “%(name)s”."""
    return Sentence(template % params if params else template, template, params)


def word(text: str) -> Sentence:
    """A single word that is put into a sentence: the kind of a value, a part of a drawing."""
    return Sentence(text, text, {}, WORD)


def stored(text: str) -> str | dict[str, Any]:
    """A text as JSON that can be told again in any language; one that is no sentence stays as it is."""
    if not isinstance(text, Sentence):
        return str(text)
    found: dict[str, Any] = {"text": text.template}
    if text.params:
        found["with"] = {name: _plain(value) for name, value in text.params.items()}
    if text.context:
        found["context"] = text.context
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return {"labels": dict(value)} if isinstance(value, Mapping) else stored(value)
