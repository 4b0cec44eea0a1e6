"""What this domain registers at start-up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from crm_core.sales.services.assignment import loads
from crm_core.sales.services.assignment.giving import givers
from crm_core.sales.unassigned import Queue, queues
from crm_core.service import imports, process_actions, subjects, timeline_sources  # noqa: F401 - register on import
from crm_core.service.models import Case
from crm_core.service.selectors import load_of, without_handler
from crm_core.service.services import assign_handler


def register() -> None:
    """Called once from AppConfig.ready."""
    subjects.register()
    timeline_sources.register()
    loads["case"] = load_of
    givers["case"] = _give
    queues["case"] = Queue("case", gettext_lazy("cases"), Case, "service_agent", without_handler)


def _give(record: Case, user: Any, by: Any) -> None:
    assign_handler(case=record, user=user, by=by, trusted=True)
