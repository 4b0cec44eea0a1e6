"""How much open work people have, by what is assigned; other domains add theirs when they register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count

from crm_core.sales.models import Lead, Opportunity
from crm_core.sales.models.leads import OPEN_STATUSES
from crm_core.sales.models.opportunities import OPEN_STAGES

LoadOf = Callable[[Sequence[int]], dict[int, int]]


def _owned(model: type[Lead] | type[Opportunity], **open_rows: Any) -> LoadOf:
    def count(user_ids: Sequence[int]) -> dict[int, int]:
        rows = model._default_manager.filter(owner_id__in=user_ids, **open_rows).order_by()
        return dict(rows.values_list("owner_id").annotate(Count("id")))

    return count


loads: dict[str, LoadOf] = {
    "lead": _owned(Lead, status__in=OPEN_STATUSES),
    "opportunity": _owned(Opportunity, stage__in=OPEN_STAGES),
}
