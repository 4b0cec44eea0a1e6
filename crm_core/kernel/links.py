"""Signed links for customers: no password, nothing to guess, nothing to read out of them (D6).

A link holds what it is for, an id, the record's own random token and the day it ends, signed
with the site's key. A record's new token makes its old links void.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing

from processes import ports
from processes.api import gettext as _
from processes.errors import ProcessError

SALT = "redraw.customer"
DAYS = 365
PATHS = {"case": "/c/{token}/", "survey": "/s/{token}/", "unsubscribe": "/u/{token}/"}


class LinkInvalid(ProcessError):
    """The link is wrong, has ended, or was replaced. What is the matter is not told."""

    code = "link_invalid"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link holds: the record's id and the record's own token."""

    purpose: str
    id: int
    token: str


def _today() -> date:
    return ports.clock().today(ZoneInfo(settings.TIME_ZONE))


def refuse() -> LinkInvalid:
    """The error for every kind of wrong link, the same for all."""
    return LinkInvalid(
        _("This link is not valid or no longer so. Please use the newest link we sent you, or contact us.")
    )


def make(purpose: str, pk: int, token: str, *, days: int = DAYS) -> str:
    """A signed token for a purpose (case, survey, unsubscribe), valid for so many days from today."""
    if purpose not in PATHS:
        raise ValueError(f"A link is for one of {', '.join(PATHS)}, not for {purpose}.")
    ends = (_today() + timedelta(days=days)).toordinal()
    return signing.dumps([purpose, pk, token, ends], salt=SALT)


def read(purpose: str, signed: str) -> Opened:
    """What a signed token holds. Raises LinkInvalid for a forged, foreign or ended one."""
    try:
        content: Any = signing.loads(signed, salt=SALT)
    except signing.BadSignature:
        raise refuse() from None
    if not (isinstance(content, list) and len(content) == 4 and content[0] == purpose):
        raise refuse()
    _purpose, pk, token, ends = content
    if _today().toordinal() > ends:
        raise refuse()
    return Opened(purpose, pk, token)


def same(known: str, given: str) -> bool:
    """Whether two tokens are equal, in time that does not depend on where they differ."""
    return secrets.compare_digest(known.encode(), str(given).encode())


def address(purpose: str, signed: str) -> str:
    """The whole address of the page behind a signed token."""
    return settings.SITE_URL.rstrip("/") + PATHS[purpose].format(token=signed)
