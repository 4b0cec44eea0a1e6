"""What this domain adds to the customer's story: activities and mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crm_core.activities.models import Activity, MailOutbox
from crm_core.activities.timeline import Entry, register_source
from crm_core.kernel.access.policies import rows_for
from crm_core.parties.models import Account
from processes import ports


def activities(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Calls, visits, notes: done ones at their moment, planned ones where they are due."""
    rows = rows_for(user, Activity).filter(account=account).exclude(state=Activity.State.CANCELLED)
    if before is not None:
        rows = rows.filter(at__lte=before)
    for row in rows.select_related("owner", "contact").order_by("-at", "-pk")[:limit]:
        yield Entry(
            at=row.at, kind=row.kind, key=f"activity:{row.pk:012}", title=row.subject_line, text=row.body or row.outcome,
            who=ports.people().display(row.owner) if row.owner else "", direction=row.direction, state=row.state,
            pinned=row.promise_until is not None and row.promise_kept_at is None,
        )  # fmt: skip


def mails(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Mail that went out, or was not sent because the address is suppressed."""
    rows = rows_for(user, MailOutbox).filter(account=account)
    if before is not None:
        rows = rows.filter(queued_at__lte=before)
    for row in rows.order_by("-queued_at", "-pk")[:limit]:
        yield Entry(
            at=row.queued_at, kind="mail", key=f"mail:{row.pk:012}", title=row.subject_line, text=row.body,
            who=row.to, direction="out", state=row.state,
        )  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready."""
    register_source("activities", activities)
    register_source("mails", mails)
