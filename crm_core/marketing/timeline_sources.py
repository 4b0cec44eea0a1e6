"""What marketing adds to the customer's story: answers to campaigns. The mails themselves stand in the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm_core.activities.timeline import Entry, register_source
from crm_core.kernel.access.policies import rows_for
from crm_core.kernel.declared import page_of
from crm_core.marketing.models import Response
from crm_core.parties.models import Account


def responses(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Answers of the account's people to campaigns."""
    rows = rows_for(user, Response).filter(member__account=account)
    if before is not None:
        rows = rows.filter(at__lte=before)
    for row in rows.select_related("campaign", "member__contact").order_by("-at", "-pk")[:limit]:
        who = row.member.contact.name if row.member is not None and row.member.contact is not None else ""
        yield Entry(
            at=row.at, kind="response", key=f"response:{row.pk:012}",
            title=_("Answer to “%(campaign)s”") % {"campaign": row.campaign.name}, text=row.text, who=who, direction="in",
            url=page_of(row.campaign),
        )  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready."""
    register_source("responses", responses)
