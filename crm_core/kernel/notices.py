"""Notices: the engine's Notifier, and what actions use to tell people; in the page, and by mail as each person wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm_core.kernel import notice_mail
from crm_core.kernel.models import Notice, User
from crm_core.kernel.notice_ways import mail_moment
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
    now = ports.now()
    people = list({user.pk: user for user in users if user is not None and user.is_active}.values())
    rows = [
        Notice(
            user=user, kind=kind[:40], text=text[:500], url=url[:300],
            subject_type=subject.type if subject else "", subject_id=subject.id if subject else None,
            task_id=str(task_id or "")[:40], key=key[:150], at=now, mail_at=mail_moment(user, kind, now),
        )
        for user in people
    ]  # fmt: skip
    Notice.objects.bulk_create(rows, ignore_conflicts=bool(key))
    for row in rows:
        if row.mail_at is not None:
            notice_mail.send_later(row.user, row.mail_at)
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


def latest(user: User, *, before: tuple[datetime, int] | None = None, only_unread: bool = False, most: int = 50) -> list[Notice]:
    """A person's notices, newest first, those `before` a moment and id."""
    rows = unread(user) if only_unread else Notice.objects.filter(user=user)
    if before is not None:
        rows = rows.filter(Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1]))
    return list(rows.order_by("-at", "-pk")[:most])


def count_unread(user: User, *, most: int = 100) -> int:
    """How many notices wait, counted up to `most`."""
    return unread(user).values("pk")[:most].count()


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
