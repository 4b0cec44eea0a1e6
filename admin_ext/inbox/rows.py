"""Work items as the list shows them: titles in the reader's language, due times in words, groups by due time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from admin_ext import words
from processes import ports

# Icons that a drawing may name for a step, by the kinds of badge that mean the same everywhere.
BADGES: dict[str, tuple[str, str, str]] = {
    "critical": ("red", "priority_high", "Critical"),
    "severe": ("red", "priority_high", "Severe"),
    "major": ("amber", "error", "Major"),
    "hot": ("amber", "local_fire_department", "Hot"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A mark on a task: word, icon and tone."""

    text: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: UUID
    title: str
    icon: str
    customer: str
    reference: str
    owner: str
    due: words.Due | None
    badge: Badge | None
    finished_at: datetime | None
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that fall due in the same stretch of time."""

    key: str
    title: str
    rows: list[Row]


def badge_of(text: Any) -> Badge | None:
    """The mark of a task from what its drawing gives: a known word gets its tone, others stand as they are."""
    word = ports.text(text) if isinstance(text, dict) else str(text or "")
    if not word:
        return None
    known = BADGES.get(word.strip().lower())
    if known is None:
        return Badge(word)
    tone, icon, label = known
    return Badge(_badge_label(label), tone, icon)


def _badge_label(label: str) -> str:
    return {
        "Critical": _("Critical"),
        "Severe": _("Severe"),
        "Major": _("Major"),
        "Hot": _("Hot"),
    }[label]


def row_of(item: Any, *, current: UUID | None, box: str) -> Row:
    """A work item as a line."""
    owner = item.owner_name if box in ("teams", "following", "standing_in", "done") and item.owner_id else ""
    return Row(
        id=item.task_id,
        title=ports.text(item.title),
        icon=item.icon or "task_alt",
        customer=item.subject.title if item.subject else "",
        reference=item.business_key or ports.text(item.process_title),
        owner=owner,
        due=words.due(item.due_at, item.limit_started_at, item.warn_at, item.standstill) if box != "done" else None,
        badge=badge_of(item.badge),
        finished_at=getattr(item, "finished_at", None) if box == "done" else None,
        current=item.task_id == current,
    )


def groups_of(items: Iterable[Any], *, current: UUID | None, box: str) -> list[Group]:
    """The lines of a page in groups by due time, in the order in which they came within each group."""
    rows = [row_of(item, current=current, box=box) for item in items]
    if box == "done":
        return [Group("done", _("Lately done"), rows)] if rows else []
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.due.group if row.due else "none", []).append(row)
    return [Group(key, words.group_title(key), by_key[key]) for key in words.GROUPS if key in by_key]
