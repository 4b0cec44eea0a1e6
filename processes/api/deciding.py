"""Decisions and forms in the studio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from processes.ports import SubjectType

__all__ = [
    "ask_decision",
    "choice_sources",
    "decision",
    "decision_difference",
    "decision_editor",
    "decision_questions",
    "decision_shown",
    "decisions",
    "edited_decision",
    "form_findings",
    "forms_of",
    "preview_form",
    "record_kind",
]


def decisions(user: Any) -> list[Any]:
    """The decisions of the house with their versions and the processes that ask them; none for who may not see them."""
    from processes.decision_studio import overview

    return overview.decisions(user)


def decision(key: str, *, user: Any, number: int | None = None) -> Any:
    """The head of the page of a decision: the version of a number (else the published one, else the newest), all its
    versions, who answers for it, which processes ask it. NotFound for who may not see it."""
    from processes.decision_studio import overview

    return overview.decision(key, user=user, number=number)


def decision_shown(key: str, number: int, *, user: Any) -> tuple[list[Any], list[Any], Any]:
    """A version to be read: its tables with words and marks, its other parts as text, and what was found in it.
    Invalid when its file cannot be read at all."""
    from processes.decision_studio import access, looking, shown

    version = access.seen_version(key, number, user)
    look = looking.look_at(version)
    return (*shown.shown(version, look), look)


def decision_questions(key: str, number: int, *, user: Any, decision: str = "") -> Any:
    """What can be asked of a version, with its inputs as fields. Invalid when its file cannot be read."""
    from processes.decision_studio import access, trying

    return trying.questions(access.seen_version(key, number, user), decision)


def ask_decision(key: str, number: int, texts: Mapping[str, str], *, user: Any, decision: str = "") -> Any:
    """Ask a version with what was typed, by the names of its inputs: the answer with the way there in words. Nothing is
    kept. Invalid, with a sentence by input, for what does not fit."""
    from processes.decision_studio import access, trying

    return trying.ask(access.seen_version(key, number, user), texts, decision)


def decision_difference(key: str, before: int, after: int, *, user: Any) -> list[Any]:
    """What differs between two versions: table by table, rule by rule, and in sentences."""
    from processes.decision_studio import access, comparing

    return comparing.difference(access.seen_version(key, before, user), access.seen_version(key, after, user))


def decision_editor(key: str, number: int, *, user: Any) -> Any:
    """What the table editor needs of a version, for who answers for the decision (else NotAllowed)."""
    from processes.decision_studio import access, editing

    version = access.seen_version(key, number, user)
    access.demand_answering(version.definition, user)
    return editing.editor(version)


def edited_decision(key: str, number: int, *, base: str, form: str | None, rows: Any, user: Any) -> Any:
    """A version with what was edited in the form and the rows of examples, and what is found in it; nothing is saved.
    For who answers for the decision (else NotAllowed); Invalid for what does not fit together."""
    from processes.decision_studio import access, editing

    version = access.seen_version(key, number, user)
    access.demand_answering(version.definition, user)
    return editing.edited(version, base=base, form=form, rows=rows)


def forms_of(version_id: UUID, *, user: Any) -> list[Any]:
    """The forms of a version: their fields, the steps that use them, what is wrong. NotFound for who may not read it."""
    from processes.publication import form_preview

    return form_preview.forms_of(version_id, user=user)


def choice_sources() -> list[str]:
    """The names of the lists that fields of forms may take their choices from."""
    from processes.inbox import choices

    return choices.known()


def record_kind(version: Any) -> SubjectType | None:
    """The kind of record that a version is about, with the fields that its forms may ask for."""
    from processes.publication import form_samples

    return form_samples.subject_of(version)


def form_findings(version_id: UUID, key: str, text: str, *, user: Any) -> list[Any]:
    """What is wrong with the text of a form that is being written, each with the place of its component."""
    from processes.publication import form_preview

    return form_preview.form_findings(version_id, key, text, user=user)


def preview_form(version_id: UUID, key: str, *, user: Any, **how: Any) -> Any:
    """A form as a role would meet it, with values of a record that the person may see; `text`, `role`, `language`, `answer`
    and `tried` as in `form_preview.preview_form`. Nothing is stored."""
    from processes.publication import form_preview

    return form_preview.preview_form(version_id, key, user=user, **how)
