"""The ledger of assignments: who got which work, among whom, and why; read by those who answer for fairness."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import display
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from admin_ext.base import PolicyModelAdmin
from admin_ext.site import site
from crm_core.kernel.access.policies import policy_of_key
from crm_core.sales.models import AssignmentLedger
from crm_core.sales.services.assignment.sentences import LEFT_OUT, METHOD_NAMES, TIE_BREAKS, why_nobody
from processes import ports


def _name(rows: Iterable[AssignmentLedger], user: Any) -> None:
    """Give each row the title and address of the record it is about, where the person may see it; one query for each
    kind."""
    rows = list(rows)
    for key in {row.subject_type for row in rows}:
        kind = ports.subjects().get(key)
        seen = kind.visible(user) if kind is not None else None
        if kind is None or seen is None:
            continue
        records = {record.pk: record for record in seen.filter(pk__in=[r.subject_id for r in rows if r.subject_type == key])}
        for row in rows:
            if row.subject_type == key and row.subject_id in records:
                record = records[row.subject_id]
                row.shown = (kind.title(record), kind.url(record))  # type: ignore[attr-defined]


class _Listed(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """One page of rows, with the records they are about."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        _name(self.result_list, request.user)


class AssignmentAdmin(PolicyModelAdmin):
    read_only = True
    belongs_here = _("Each decision about who gets a piece of work, with the candidates and the reason. Drawings write them with the action “Choose the person”.")
    list_display = ("at", "about", "method_name", "person", "why_so")
    list_filter = ("method", "subject_type")
    budget = ("chosen",)
    ordering = ("-id",)
    fields = (("at", "about"), ("method_name", "person"), "why_so", "until", "asked_for", "people", ("tie", "seed"), "tables")
    readonly_fields = ("about", "method_name", "person", "why_so", "asked_for", "people", "tie", "tables")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the candidates, which a list does not show and which may be many."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.defer("candidates", "skipped") if match is not None and (match.url_name or "").endswith("_changelist") else rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """A list that knows the records it is about."""
        return _Listed

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row with the record it is about."""
        row: Any = super().get_object(request, object_id, from_field)
        _name([row], request.user)
        return row

    @display(description=_("about"))
    def about(self, row: AssignmentLedger) -> str:
        """The record by its name, as a link, where the reader may see it; else its kind and key."""
        shown: tuple[str, str] | None = getattr(row, "shown", None)
        if shown is not None:
            return format_html('<a href="{}">{}</a>', shown[1], shown[0]) if shown[1] else shown[0]
        policy = policy_of_key(row.subject_type)
        kind = policy.model._meta.verbose_name if policy is not None else row.subject_type
        return f"{kind} {row.subject_id or ''}".strip()

    @display(description=_("method"), ordering="method")
    def method_name(self, row: AssignmentLedger) -> str:
        """How it was decided, in words."""
        return str(METHOD_NAMES.get(row.method, row.method))

    @display(description=_("chosen"), ordering="chosen")
    def person(self, row: AssignmentLedger) -> str:
        """Who got it."""
        return ports.people().display(row.chosen) or "—"

    @display(description=_("reason"))
    def why_so(self, row: AssignmentLedger) -> str:
        """Why this person, or why nobody."""
        return why_nobody(row.why) if row.why else row.reason_told()

    @display(description=_("rule asked for"))
    def asked_for(self, row: AssignmentLedger) -> str:
        """Role, place, language and skills of the rule."""
        rule = row.rule
        parts = [rule.get("role", ""), rule.get("scope", ""), rule.get("language", ""), ", ".join(rule.get("skills", ()))]
        return " · ".join(part for part in parts if part) or "—"

    @display(description=_("in question"))
    def people(self, row: AssignmentLedger) -> str:
        """Candidates and those left out, with load, capacity and turn."""
        listed = [*row.candidates, *row.skipped]
        names = get_user_model().objects.in_bulk([one["user"] for one in listed])
        lines: list[dict[str, Any]] = [
            {**one, "name": ports.people().display(names.get(one["user"])), "chosen": one["user"] == row.chosen_id,
             "left_out": str(LEFT_OUT.get(one.get("reason", ""), "")), "lacks": ", ".join(one.get("missing", ()))}
            for one in listed
        ]  # fmt: skip
        return render_to_string("redraw/record/candidates.html", {"lines": lines})

    @display(description=_("tie broken by"))
    def tie(self, row: AssignmentLedger) -> str:
        """What broke a tie, if there was one."""
        return str(TIE_BREAKS.get(row.tie_break, "—"))

    @display(description=_("versions of the tables"))
    def tables(self, row: AssignmentLedger) -> str:
        """The decision tables that had answered in the process, with their versions."""
        return ", ".join(f"{key} {number}" for key, number in sorted(row.decisions.items())) or "—"


site.register(AssignmentLedger, AssignmentAdmin)
