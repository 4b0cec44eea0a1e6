"""Notices by mail: what waits for a person goes out in one mail, and never the same thing twice."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from crm_core.kernel.models import Notice, User
from crm_core.kernel.people import zone_of
from processes import api, ports

MOST_IN_A_MAIL = 50
TOGETHER = timedelta(minutes=1)
NOTICE, WAYS = "/notices/{pk}/", "/notices/how/"
"""Where the pages of a notice and of how they come stand."""

log = logging.getLogger(__name__)


def send_later(user: User, at: datetime) -> None:
    """Ask for the mail to a person a minute after a moment, so that what comes together goes into one mail, and what is
    being written just now is in it. For a moment to come it is asked for once."""
    key = f"notices:{user.pk}:{at.isoformat()}" if at > ports.now() else None
    api.enqueue("crm_core.kernel.notice_mail.send", user.pk, key=key, at=at + TOGETHER)


def send(user_id: int) -> bool:
    """Mail what is due and not read yet; false when nothing is. What the mail server does not take is sent again later."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return False
    now = ports.now()
    due = Notice.objects.filter(user=user, read_at=None, mailed_at=None, mail_at__lte=now)
    rows = list(due.order_by("at", "pk")[:MOST_IN_A_MAIL])
    taken = {row.pk for row in rows if Notice.objects.filter(pk=row.pk, mailed_at=None).update(mailed_at=now)}
    rows = [row for row in rows if row.pk in taken]
    if not rows:
        return False
    try:
        ports.outward().mail(written(user, rows))
    except OSError as error:
        Notice.objects.filter(pk__in=taken).update(mailed_at=None)
        log.warning("Notices for person %s were not taken: %s", user_id, type(error).__name__)
        raise
    if due.exists():
        send_later(user, now)
    return True


def written(user: User, rows: list[Notice]) -> EmailMessage:
    """The mail to a person in their language: each notice with the way to its matter."""
    with override(user.language or "en"):
        subject = rows[0].text if len(rows) == 1 else ngettext("%(n)d notice", "%(n)d notices", len(rows)) % {"n": len(rows)}
        lines = [f"{_when(user, row)}  {row.text}\n  {address_of(row)}" for row in rows]
        foot = _("How notices come to you: %(address)s") % {"address": settings.SITE_URL + WAYS}
    return EmailMessage(subject=" ".join(subject.split())[:200], body="\n\n".join([*lines, foot]), to=[user.email])


def address_of(row: Notice) -> str:
    """The address that opens the matter of a notice, and marks it as read."""
    return str(settings.SITE_URL + NOTICE.format(pk=row.pk))


def _when(user: Any, row: Notice) -> str:
    return localtime(row.at, zone_of(user)).strftime("%Y-%m-%d %H:%M")
