"""One search over what a person may see: pages, tasks, customers, leads, business, cases, articles.

Every group starts from the policy's rows of its model, or from the engine's own list of the
person's work, so the search can never show more than the lists do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from admin_ext.navigation import pages_for
from admin_ext.pages import page
from crm_core.kernel.access.policies import NoPolicy, policy_for
from processes import api, ports

PER_GROUP = 5


@dataclass(frozen=True, slots=True)
class Source:
    """A model to search: in which columns, and what to show of a hit."""

    label: Any
    icon: str
    model: str
    columns: tuple[str, ...]
    detail: tuple[str, ...] = ()
    page: str = ""


SOURCES: tuple[Source, ...] = (
    Source(gettext_lazy("Customers"), "apartment", "crm_parties.Account", ("name", "name_zh", "search_text"),
           ("city",), "redraw:account"),
    Source(gettext_lazy("Contacts"), "person", "crm_parties.Contact", ("name", "name_zh", "email", "search_text"), ("title",)),
    Source(gettext_lazy("Leads"), "bolt", "crm_sales.Lead", ("number", "company", "contact_name", "email"), ("number",)),
    Source(gettext_lazy("Opportunities"), "handshake", "crm_sales.Opportunity", ("number", "name"), ("number",)),
    Source(gettext_lazy("Cases"), "support_agent", "crm_service.Case", ("number", "subject_line", "contact_name"), ("number",)),
    Source(gettext_lazy("Campaigns"), "campaign", "crm_marketing.Campaign", ("number", "name"), ("number",)),
    Source(gettext_lazy("Articles"), "menu_book", "crm_knowledge.Article", ("number", "title", "keywords", "segmented"),
           ("number",)),
)  # fmt: skip


def _address(source: Source, model: type, pk: Any) -> str:
    if source.page:
        return reverse(source.page, args=(pk,))
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=(pk,))  # type: ignore[attr-defined]


def records(user: Any, source: Source, words: str) -> list[dict[str, str]]:
    """Hits of one kind of record among the rows the person may see."""
    try:
        model = apps.get_model(source.model)
        rows = policy_for(model).rows(user, "view")
    except (LookupError, NoPolicy):
        return []
    for word in words.split()[:5]:
        rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in source.columns)))
    return [
        {
            "title": str(row),
            "detail": " · ".join(str(getattr(row, name)) for name in source.detail if getattr(row, name)),
            "icon": source.icon,
            "url": _address(source, model, row.pk),
        }
        for row in rows[:PER_GROUP]
    ]


def pages_named(user: Any, words: str) -> list[dict[str, str]]:
    """Pages of the house whose name holds the words; all of them as long as nothing is typed."""
    wanted = words.lower()
    return [
        {"title": label, "detail": room, "icon": "arrow_forward", "url": url}
        for label, room, url in pages_for(user)
        if wanted in label.lower() or (room and wanted in room.lower())
    ]


def tasks_named(user: Any, words: str) -> list[dict[str, str]]:
    """Open work of the person and of the person's teams."""
    found: dict[Any, Any] = {}
    for box in ("mine", "teams"):
        for item in api.work_for(user, box=box, search=words, limit=PER_GROUP).items:
            found.setdefault(item.task_id, item)
    return [
        {
            "title": ports.text(item.title),
            "detail": " · ".join(part for part in (item.business_key, item.subject.title if item.subject else "") if part),
            "icon": item.icon or "task_alt",
            "url": reverse("redraw:work", args=(item.task_id,)),
        }
        for item in list(found.values())[:PER_GROUP]
    ]


@page
def search(request: HttpRequest) -> HttpResponse:
    """Groups of hits as data, for the search box."""
    words = request.GET.get("q", "").strip()[:100]
    groups = []
    if words:
        groups.append((_("Tasks"), tasks_named(request.user, words)))
        groups.extend((str(source.label), records(request.user, source, words)) for source in SOURCES)
    groups.append((_("Pages"), pages_named(request.user, words)[: 12 if not words else PER_GROUP]))
    return JsonResponse({"groups": [{"label": label, "hits": hits} for label, hits in groups if hits]})
