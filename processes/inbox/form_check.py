"""What is wrong with a form before anybody meets it: schema, expressions, bindings, choices, translations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from processes import feel
from processes.feel import FeelSyntaxError
from processes.inbox import choices as sources
from processes.inbox.form_model import CHOOSING, Component, FormProblem, is_expression
from processes.inbox.form_text import pieces
from processes.inbox.form_values import READERS, Unreadable
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.inbox.forms import FormSchema

LANGUAGES = ("en", "zh-hans")


def problems(
    form: FormSchema,
    *,
    names: Collection[str] | None = None,
    subject_fields: Mapping[str, Mapping[str, bool]] | None = None,
) -> list[FormProblem]:
    """Everything wrong with a form, in its order.

    `names` are the names in scope besides the fields (None: not known, expressions' names are not checked);
    `subject_fields` gives, by subject type, each field with whether forms may write it (None: not checked).
    """
    found = list(form.mistakes)
    known = None if names is None else {*names, *(f.key for f in form.fields)}
    for item in form.walk():
        found += _expressions(item, known, subject_fields or {})
        if item.is_input:
            found += _field(item)
            found += _bind(item, subject_fields)
        found += _translations(item)
    return found


def _expressions(
    item: Component, known: Collection[str] | None, subject_fields: Mapping[str, Mapping[str, bool]]
) -> Iterator[FormProblem]:
    written = [item.hide, item.required_if, item.readonly, item.default, item.minimum, item.maximum]
    texts = [text for text in written if isinstance(text, str) and is_expression(text)]
    if item.required_if and not is_expression(item.required_if):
        yield _problem("not_feel", item, _("The condition that makes “%(key)s” needed must begin with “=”."))
    texts += [piece for text in item.texts.values() for piece, code in pieces(text) if code]
    for text in texts:
        expression = text.strip().removeprefix("=")
        try:
            used = feel.names(expression, known or ())
        except FeelSyntaxError as error:
            yield _problem(
                "bad_expression", item, _("An expression of “%(key)s” cannot be read: %(reason)s"),
                reason=error.message,
            )  # fmt: skip
            continue
        for name in sorted(used):
            subject, _dot, rest = name.partition(".")
            if rest and subject in subject_fields and rest.split(".")[0] not in subject_fields[subject]:
                yield _problem(
                    "unknown_field", item, _("An expression of “%(key)s” reads “%(name)s”, which does not exist."),
                    name=name,
                )  # fmt: skip
            if known is not None and subject not in known:
                yield _problem(
                    "unknown_name", item, _("An expression of “%(key)s” uses “%(name)s”, which is not known here."),
                    name=name,
                )  # fmt: skip


def _field(item: Component) -> Iterator[FormProblem]:
    if not item.labels:
        yield _problem("no_label", item, _("The field “%(key)s” has no label. Give it one."))
    if item.type in CHOOSING:
        if not item.options and not item.choices:
            yield _problem("no_options", item, _("“%(key)s” offers no choices. Give it values or a source."))
        if item.choices and not sources.is_known(item.choices):
            yield _problem(
                "unknown_choices", item, _("“%(key)s” takes its choices from “%(source)s”, which is not registered."),
                source=item.choices.partition(":")[0],
            )  # fmt: skip
    elif item.default is not None and not is_expression(item.default):
        try:
            READERS[item.kind](item.default)
        except Unreadable as error:
            yield _problem("bad_default", item, _("The default of “%(key)s” does not fit: %(reason)s"),
                           reason=error.sentence)  # fmt: skip
    for bound in (item.minimum, item.maximum):
        if (
            bound is not None
            and not is_expression(bound)
            and item.kind in ("number", "date", "datetime", "time")
        ):
            try:
                READERS[item.kind](bound)
            except Unreadable as error:
                yield _problem("bad_limit", item, _("A limit of “%(key)s” does not fit: %(reason)s"),
                               reason=error.sentence)  # fmt: skip


def _bind(item: Component, subject_fields: Mapping[str, Mapping[str, bool]] | None) -> Iterator[FormProblem]:
    if not item.bind:
        return
    subject, dot, name = item.bind.partition(".")
    if not dot or not name or "." in name:
        yield _problem("bad_bind", item, _("“%(key)s” is bound to “%(bind)s”. Write it like lead.need."),
                       bind=item.bind)  # fmt: skip
        return
    if subject_fields is None:
        return
    writable = subject_fields.get(subject, {}).get(name)
    if writable is None:
        yield _problem("unknown_bind", item, _("“%(key)s” is bound to “%(bind)s”, which does not exist."),
                       bind=item.bind)  # fmt: skip
    elif not writable and item.readonly is False:
        yield _problem(
            "readonly_bind", item, _("“%(key)s” would write “%(bind)s”, which may only be read. Make it read-only."),
            bind=item.bind,
        )  # fmt: skip


def _translations(item: Component) -> Iterator[FormProblem]:
    for texts in (item.labels, item.descriptions, item.texts, *(option.labels for option in item.options)):
        for language in LANGUAGES:
            if texts and len(texts) > 1 and language not in texts:
                yield _problem(
                    "not_translated", item, _("“%(key)s” is not written in every language: %(language)s is missing."),
                    "warning", language=language,
                )  # fmt: skip
                return


def _problem(
    code: str, item: Component, template: str, severity: str = "error", **values: Any
) -> FormProblem:
    return FormProblem(code, item.key, template % {"key": item.key or item.type, **values}, severity, item.place)
