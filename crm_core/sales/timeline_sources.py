"""What sales adds to the customer's story: leads, stages of business, quotes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm_core.activities.timeline import Entry, register_source
from crm_core.kernel.access.policies import rows_for
from crm_core.kernel.declared import page_of
from crm_core.parties.models import Account
from crm_core.sales.models import Lead, Quote, StageChange
from processes import ports


def leads(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Enquiries as they came."""
    rows = rows_for(user, Lead).filter(account=account)
    if before is not None:
        rows = rows.filter(received_at__lte=before)
    for row in rows.order_by("-received_at", "-pk")[:limit]:
        yield Entry(
            at=row.received_at, kind="lead", key=f"lead:{row.pk:012}", title=_("Enquiry %(number)s") % {"number": row.number},
            text=row.message, who=row.contact_name, direction="in", url=page_of(row), state=row.status,
        )  # fmt: skip


def stages(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """How business moved through its stages."""
    rows = rows_for(user, StageChange).filter(opportunity__account=account)
    if before is not None:
        rows = rows.filter(at__lte=before)
    for row in rows.select_related("opportunity", "by").order_by("-at", "-pk")[:limit]:
        yield Entry(
            at=row.at, kind="stage", key=f"stage:{row.pk:012}",
            title=_("%(opportunity)s: %(stage)s")
            % {"opportunity": row.opportunity.name, "stage": row.get_to_stage_display()},
            text=row.reason, who=ports.people().display(row.by) if row.by else "", direction="internal",
            url=page_of(row.opportunity), state=row.to_stage,
        )  # fmt: skip


def quotes(user: Any, account: Account, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Offers that were written."""
    rows = rows_for(user, Quote).filter(opportunity__account=account)
    if before is not None:
        rows = rows.filter(created_at__lte=before)
    for row in rows.order_by("-created_at", "-pk")[:limit]:
        yield Entry(
            at=row.created_at, kind="quote", key=f"quote:{row.pk:012}", title=_("Quote %(number)s") % {"number": row.number},
            text=f"{row.total:,.0f} {row.currency}", direction="out", url=page_of(row), state=row.status,
        )  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready."""
    register_source("leads", leads)
    register_source("stages", stages)
    register_source("quotes", quotes)
