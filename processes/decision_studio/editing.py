"""What the table editor gets of a version, and the text of the version with what it edited.

The browser sends the editor's form and, sealed, the text that the form was made of. So what is written into the file is
what was edited against what the person saw, whoever has saved meanwhile, and nothing can be slipped in beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import get_language

from processes.catalog.models import DecisionVersion
from processes.decision_studio.example_rows import Row, examples_from, rows_of
from processes.decision_studio.fields import Field
from processes.decision_studio.looking import Look, look_at, unsaved
from processes.decision_studio.trying import Questions, questions
from processes.dmn import DmnError, canonical
from processes.dmn.editor_form import EditorForm, Sheet
from processes.errors import Invalid
from processes.spoken import gettext as _
from processes.spoken import spoken

_SEAL = "processes.decision_studio"
AT_ONCE = 300
"""Up to how many rules a file is looked at before its page is shown; with more the page asks when it stands."""


@dataclass(frozen=True, slots=True)
class Editor:
    """What the page of the editor needs: the form, what can be edited in it, the examples as rows, and the text the form
    was made of, sealed, to be handed back with every change. `look` is None for a file so large that the page shall not
    wait for what is found in it."""

    xml: str
    sheets: tuple[Sheet, ...]
    base: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    rows: tuple[Row, ...]
    look: Look | None


@dataclass(frozen=True, slots=True)
class Edited:
    """A version with what was edited: its text and examples, what is wrong in rows of examples, and what was found."""

    dmn: str
    examples: list[dict[str, Any]]
    wrong: dict[int, str]
    look: Look


def editor(version: DecisionVersion, dmn: str | None = None, examples: Sequence[Any] | None = None) -> Editor:
    """The editor's page of a version, or of another text of it. Invalid when the file cannot be read at all."""
    shown = version if dmn is None else unsaved(version, dmn, version.examples if examples is None else examples)
    try:
        form = EditorForm(shown.dmn, language=get_language() or "en")
        look = look_at(shown) if sum(len(place.table.rules) for place in form.document.tables) <= AT_ONCE else None
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error
    asked = fields_of(shown)
    rows = tuple(rows_of(shown.examples, asked.inputs, asked.outputs))
    return Editor(form.xml.decode(), form.sheets, sealed(shown.dmn), asked.inputs, asked.outputs, rows, look)


def fields_of(version: DecisionVersion) -> Questions:
    """The fields of the examples; none while the file cannot be loaded."""
    try:
        return questions(version)
    except Invalid:
        return Questions((), "", (), ())


def sealed(dmn: str) -> str:
    """A text that only this server can have made."""
    return signing.Signer(salt=_SEAL).sign_object(dmn, compress=True)


def unsealed(base: str) -> str:
    """The text again; Invalid for what this server has not sealed."""
    try:
        return str(signing.Signer(salt=_SEAL).unsign_object(base))
    except signing.BadSignature as error:
        raise Invalid(_("This is not what the table editor was given. Reload the page.")) from error


def edited(version: DecisionVersion, *, base: str, form: str | None, rows: Any) -> Edited:
    """What a version is with what was edited; Invalid with a sentence for what cannot be taken."""
    before = unsealed(base)
    dmn = before if form is None else _with_form(before, form)
    asked = fields_of(unsaved(version, dmn, []))
    if not asked.inputs and not asked.outputs:
        asked = fields_of(unsaved(version, before, []))
    examples, wrong = examples_from(rows, asked.inputs, asked.outputs)
    return Edited(dmn, examples, wrong, look_at(unsaved(version, dmn, examples)))


def _with_form(before: str, form: str) -> str:
    try:
        saved = EditorForm(before, language=get_language() or "en").saved(form)
        return before if canonical(saved) == canonical(before) else saved.decode()
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error
