"""Drafts: opened, saved part by part, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from processes.catalog.drafts import Saved
    from processes.publication.drafting import Draft

__all__ = [
    "draft_findings",
    "draft_of",
    "laid_out",
    "may_redraw",
    "open_decision_draft",
    "open_draft",
    "part",
    "pulse",
    "save_part",
    "traps",
]


def open_draft(key: str, *, user: Any) -> Draft:
    """The draft of a process that all who answer for it share; made from the published version when there is none."""
    from processes.publication import drafting

    return drafting.open_draft(key, user=user)


def open_decision_draft(key: str, *, user: Any) -> Draft:
    """The draft of a decision that all who answer for it share; made from the published version when there is none."""
    from processes.publication import drafting

    return drafting.open_decision_draft(key, user=user)


def may_redraw(user: Any, process: Any) -> bool:
    """Whether the person answers for a process (by its row or its key), and so may open its draft."""
    from processes.publication import drafting

    return drafting.may_redraw(user, process)


def draft_of(key: str, *, user: Any) -> Draft | None:
    """The open draft of a process, or None; for who answers for it."""
    from processes.publication import drafting

    return drafting.draft_of(key, user=user)


def part(version_id: UUID, name: str, *, user: Any) -> tuple[str, int]:
    """A part of a version ("drawing", "tests", "form:<id>", "dmn", "examples") as text, and its revision."""
    from processes.publication import drafting

    return drafting.part(version_id, name, user=user)


def save_part(
    version_id: UUID, name: str, content: str, *, revision: int, user: Any, prefer: str = "theirs", origin: str = ""
) -> Saved:
    """Save a part of a draft that was opened at a revision; what others did meanwhile is merged with it and told.

    Where both changed a place, `prefer` ("theirs" or "mine") decides, and the text that was sent is kept. With `origin`
    (what the editor wrote before the change) only the difference to it is taken over. AlreadyDone
    when it is no draft any more, Invalid when the text cannot be opened again.
    """
    from processes.publication import drafting

    return drafting.save_part(version_id, name, content, revision=revision, user=user, prefer=prefer, origin=origin)


def draft_findings(version_id: UUID, *, user: Any) -> list[Any]:
    """What speaks against publishing a version as it stands; NotFound for who does not answer for it."""
    from processes.publication import drafting

    return drafting.findings(version_id, user=user)


def traps(version_id: UUID, *, user: Any) -> list[Any]:
    """Where work may stand still for ever in a drawing, each with its sentence and the shortest way there."""
    from processes.publication import drafting

    return drafting.traps(version_id, user=user)


def laid_out(text: str) -> str:
    """A drawing with a new layout in place of its own; Invalid for a file that is none."""
    from processes.publication import drafting

    return drafting.laid_out(text)


def pulse(version_id: UUID, name: str, *, user: Any) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Say that the person has a part of a draft open; gives the revision that stands and who else is at the draft."""
    from processes.publication import drafting

    return drafting.pulse(version_id, name, user=user)
