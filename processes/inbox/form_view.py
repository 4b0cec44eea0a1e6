"""A form as a page shows it: every text in one language, every value as the text of its input.

Pages get these and nothing else, so that no template evaluates, looks up or decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from processes import ports
from processes.inbox.form_model import CHOOSING, Component
from processes.inbox.form_text import Words, fill, subject_words
from processes.inbox.form_values import write
from processes.inbox.forms import FormSchema, evaluate, limit


@dataclass(frozen=True)
class ShownOption:
    """One choice: the text to send, what to call it, and whether it is taken."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class Shown:
    """One component of a page. `value` is a text, for ticks a list of texts; texts are plain, not markup."""

    key: str
    type: str
    kind: str
    label: str = ""
    description: str = ""
    text: str = ""
    value: Any = ""
    options: tuple[ShownOption, ...] = ()
    required: bool = False
    readonly: bool = False
    hidden: bool = False
    error: str = ""
    least: str = ""
    most: str = ""
    max_length: int | None = None
    pattern: str = ""
    currency: str = ""
    explain: str = ""
    children: tuple[Shown, ...] = field(default=())


def present(
    form: FormSchema,
    values: Mapping[str, Any],
    context: Mapping[str, Any],
    *,
    user: Any = None,
    language: str | None = None,
    errors: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
    words: Words | None = None,
) -> tuple[Shown, ...]:
    """The components of a form with these values (initial ones, a draft's or those just sent). `words` says what the
    choices of variables are called, besides those of records."""
    page = _Page(form, values, context, user, language, errors or {}, zone, {**subject_words(), **(words or {})})
    return tuple(page.show(item) for item in form.components)


class _Page:
    def __init__(
        self, form: FormSchema, values: Mapping[str, Any], context: Mapping[str, Any], user: Any,
        language: str | None, errors: Mapping[str, str], zone: tzinfo | None, words: Words,
    ) -> None:  # fmt: skip
        self.words = words
        self.form, self.values, self.user = form, values, user
        self.language, self.errors, self.zone = language, errors, zone
        self.hidden = form.hidden(values, context)
        self.scope = {**context, **{k: None if k in self.hidden else v for k, v in values.items()}}

    def show(self, item: Component) -> Shown:
        def say(texts: Mapping[str, str]) -> str:
            return fill(ports.text(texts, self.language), self.scope, self.words)

        children = tuple(self.show(child) for child in item.children)
        plain: dict[str, Any] = {
            "key": item.key, "type": item.type, "kind": item.kind, "label": say(item.labels),
            "description": say(item.descriptions), "text": say(item.texts), "children": children,
        }  # fmt: skip
        if not item.is_input:
            hidden = any(evaluate(h, self.scope) is True for h in item.hidden_by)
            return Shown(**plain, hidden=hidden)
        value = self.values.get(item.key)
        written = write(value, self.zone)
        if item.type == "checklist":
            written = written if isinstance(written, list) else [written] if written else []
        least, most = (
            write(limit(item, bound, self.scope), self.zone) for bound in (item.minimum, item.maximum)
        )
        return Shown(
            **plain,
            value=written,
            options=self._options(item, written) if item.type in CHOOSING else (),
            required=self.form.is_required(item, self.scope),
            readonly=self.form.is_readonly(item, self.scope),
            hidden=item.key in self.hidden,
            error=self.errors.get(item.key, ""),
            least=least,
            most=most,
            max_length=item.max_length,
            pattern=item.pattern,
            currency=str(evaluate(item.money, self.scope) or "") if item.money else "",
            explain=item.explain,
        )

    def _options(self, item: Component, written: Any) -> tuple[ShownOption, ...]:
        taken = set(written) if isinstance(written, list) else {written}
        offered = self.form.options(item, user=self.user, context=self.scope)
        return tuple(
            ShownOption(
                write(value),
                ports.text(label, self.language) if label else write(value),
                write(value) in taken,
            )
            for value, label in offered
        )
