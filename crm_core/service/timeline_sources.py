"""What service adds to the customer's story: cases as they came and as they were closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm_core.activities.timeline import Entry, register_source
from crm_core.kernel.access.policies import rows_for
from crm_core.kernel.declared import page_of
from crm_core.parties.models import Account
from crm_core.service.models import Case
from processes import ports


def cases(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Complaints, faults and requests."""
    rows = rows_for(user, Case).filter(account=account)
    if before is not None:
        rows = rows.filter(received_at__lte=before)
    for row in rows.select_related("handler").order_by("-received_at", "-pk")[:limit]:
        yield Entry(
            at=row.received_at, kind="case", key=f"case:{row.pk:012}",
            title=_("%(kind)s %(number)s: %(subject)s")
            % {"kind": str(row.get_kind_display()).capitalize(), "number": row.number, "subject": row.subject_line},
            text=row.description, who=ports.people().display(row.handler) if row.handler else "", direction="in",
            url=page_of(row), state=row.status,
        )  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready."""
    register_source("cases", cases)
