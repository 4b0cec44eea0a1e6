"""Notices inside the page: the engine's Notifier, and what actions use to tell people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm_core.kernel.models import Notice, User
from processes import ports


def tell(
    *,
    users: Iterable[Any],
    kind: str,
    text: str,
    url: str = "",
    subject: ports.Subject | None = None,
    task_id: Any = "",
    key: str = "",
) -> int:
    """Leave a notice for each active person; with a `key` only once. Returns how many were written for."""
    rows = [
        Notice(
            user=user,
            kind=kind[:40],
            text=text[:500],
            url=url[:300],
            subject_type=subject.type if subject else "",
            subject_id=subject.id if subject else None,
            task_id=str(task_id or "")[:40],
            key=key[:150],
            at=ports.now(),
        )
        for user in {user.pk: user for user in users if user is not None and user.is_active}.values()
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=bool(key))
    return len(rows)


def unread(user: User) -> QuerySet[Notice]:
    """The notices a person has not read, newest first."""
    return Notice.objects.filter(user=user, read_at=None)


def mark_read(*, user: User, ids: Sequence[int] | None = None) -> int:
    """Mark a person's notices as read, all or some; returns how many changed."""
    rows = unread(user)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=ports.now())


class NotifierPort:
    """Tells people about their work inside the page, in their own language."""

    def notify(self, *, users: Sequence[Any], kind: str, context: Mapping[str, Any]) -> None:
        """Leave a notice of a kind. `context` may hold text, title, key, url, task_id, subject."""
        for user in users:
            with override(getattr(user, "language", None) or "en"):
                title = ports.text(context.get("title") or context.get("task") or "")
                text = ports.text(context.get("text") or "") or _sentence(kind, title)
            tell(
                users=[user],
                kind=kind,
                text=text,
                url=str(context.get("url") or ""),
                subject=context.get("subject"),
                task_id=context.get("task_id") or "",
                key=str(context.get("key") or ""),
            )


def _sentence(kind: str, title: str) -> str:
    sentences = {
        "assigned": _("“%(title)s” was given to you."),
        "offered": _("“%(title)s” waits for somebody of your role."),
        "warned": _("“%(title)s” is due soon."),
        "due": _("“%(title)s” is due."),
        "overdue": _("“%(title)s” is over its limit."),
        "escalated": _("“%(title)s” was escalated to you."),
        "mentioned": _("You were mentioned in “%(title)s”."),
        "delegated": _("“%(title)s” was handed on to you."),
        "handed_over": _("Open tasks that were handed over to you: %(title)s."),
        "commented": _("Somebody commented on “%(title)s”."),
        "stage_limit_passed": _("“%(title)s” has stood in its stage longer than planned. What is the next step?"),
        "lead_joined": _("A customer wrote again: “%(title)s”."),
    }
    return sentences.get(kind, _("News about “%(title)s”.")) % {"title": title}
