"""The ledger of assignments: who got which work, among whom, and why; read by those who answer for fairness."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import display
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

    @display(description=_("about"))
    def about(self, row: AssignmentLedger) -> str:
        """The kind of record with its key, as a link where it has a page."""
        policy = policy_of_key(row.subject_type)
        kind = policy.model._meta.verbose_name if policy is not None else row.subject_type
        known = ports.subjects().get(row.subject_type)
        if known is None or known.model is None or row.subject_id is None:
            return str(kind)
        url = known.url(known.model(pk=row.subject_id))
        return format_html('<a href="{}">{} {}</a>', url, kind, row.subject_id) if url else f"{kind} {row.subject_id}"

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
        return why_nobody(row.why) if row.why else row.reason

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
