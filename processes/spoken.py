"""Sentences in the language of whoever reads them.

What a step, an import or a message failed at is read by other people than the one in whose name it ran, often
in another language. So the reason is made by `gettext` here, which speaks the language in use and remembers
what it said; the row keeps it (`kept`), and a page tells it again (`told`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation

from processes import ports
from processes.marked import Sentence, stored
from processes.ports import Labels


class _Told(Sentence):
    """A sentence that reads in the language that was in use when it was made."""

    __slots__ = ()

    def __mod__(self, params: Mapping[str, Any]) -> Sentence:
        return _Told(str.__mod__(self, _spoken_in(params)), self.template, params, self.context)


def gettext(message: str) -> Sentence:
    """Django's gettext, for a sentence that is kept and read again in another language."""
    return _Told(translation.gettext(message), message, {})


def named(labels: Labels, otherwise: str = "") -> str:
    """The name of something in a drawing, to be kept and read again in another language."""
    return _Told(ports.text(labels), "%(name)s", {"name": labels}) if labels else otherwise


def spoken(text: str) -> str:
    """A text in the language in use; one that is no sentence stays as it is."""
    return _filled(text.template, text.params, text.context) if isinstance(text, Sentence) else text


def kept(text: str) -> dict[str, Any]:
    """A sentence for a row: as it reads now, and, where it can be told in another language, how."""
    said = stored(text)
    return {"sentence": str(spoken(text))} | ({"said": said} if isinstance(said, dict) else {})


def told(row: Mapping[str, Any] | None) -> str:
    """The sentence that a row keeps, in the language in use; empty without one."""
    if not row:
        return ""
    return _again(row["said"]) if row.get("said") else str(row.get("sentence") or "")


def remembered(row: Mapping[str, Any] | None) -> str:
    """The sentence that a row keeps, to be kept by another one."""
    return _sentence(row["said"]) if row and row.get("said") else str((row or {}).get("sentence") or "")


def _again(said: Any) -> str:
    return spoken(_sentence(said))


def _sentence(said: Any) -> Any:
    if not isinstance(said, Mapping):
        return said
    if "labels" in said:
        return said["labels"]
    params = {name: _sentence(value) for name, value in said.get("with", {}).items()}
    return _Told(_filled(said["text"], params, said.get("context", "")), said["text"], params, said.get("context", ""))


def _filled(template: str, params: Mapping[str, Any], context: str) -> str:
    text = translation.pgettext(context, template) if context else translation.gettext(template)
    return text % _spoken_in(params) if params else text


def _spoken_in(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ports.text(value) if isinstance(value, Mapping) else spoken(value) for name, value in params.items()}
