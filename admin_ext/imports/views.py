"""Imports from upload to report, and imported business that has to be matched to a customer."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from admin_ext.exports import defused
from admin_ext.pages import page
from crm_core.integration import services
from crm_core.integration.definitions import definition, definitions
from crm_core.integration.mapping import from_json
from crm_core.integration.models import ImportRun
from crm_core.kernel.access.policies import policy_for, rows_for
from crm_core.parties.models import Account
from crm_core.sales.models import Opportunity
from crm_core.sales.selectors import to_be_matched
from crm_core.sales.services.opportunities import match_account
from processes.errors import Invalid

SHOWN = 50
KINDS = {
    "width": gettext_lazy("full-width characters"), "blanks": gettext_lazy("odd blanks"), "empty": gettext_lazy("words that mean nothing (NULL, N/A)"),
    "unit": gettext_lazy("amounts with a unit (万)"),
}  # fmt: skip


def _run(request: HttpRequest, pk: int) -> ImportRun:
    return get_object_or_404(rows_for(request.user, ImportRun).select_related("user"), pk=pk)


@page
def imports(request: HttpRequest) -> HttpResponse:
    """What was loaded, and the form to load more."""
    policy = policy_for(ImportRun)
    if not policy.may_any(request.user, "view"):
        policy.require(request.user, "view", None)
    may_add = policy.may_any(request.user, "add")
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("Choose a file first.")
        else:
            try:
                run = services.upload(data=file.read(), name=file.name or "", by=request.user, wanted=request.POST.get("what", ""))
                return redirect("redraw:import", run.pk)
            except Invalid as refused:
                problem = refused.sentence
    runs = list(rows_for(request.user, ImportRun).select_related("user").order_by("-created_at", "-pk")[:SHOWN])
    kinds = {d.key: d.label for d in definitions()}
    context = {
        "title": _("Imports"), "runs": [(run, kinds.get(run.definition, run.definition)) for run in runs],
        "kinds": kinds.items(), "may_add": may_add, "problem": problem,
    }  # fmt: skip
    return render(request, "redraw/imports/imports.html", context, status=422 if problem else 200)


@page
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: its columns and what loading would do; while it loads, how far it is; afterwards, the report."""
    run = _run(request, pk)
    problem = ""
    if request.method == "POST":
        columns = {name.removeprefix("column:"): str(header) for name, header in request.POST.items() if name.startswith("column:")}
        try:
            services.choose(run=run, wanted=request.POST.get("what", run.definition), columns=columns, by=request.user)
            return redirect("redraw:import", pk)
        except Invalid as refused:
            problem = refused.sentence
        except KeyError as error:
            raise Http404 from error
    target = definition(run.definition)
    context: dict[str, Any] = {
        "title": run.file_name, "crumbs": [(_("Imports"), "/imports/")], "crumb_is_data": True, "run": run,
        "kind": target.label, "problem": problem, "repairs": _repairs(run.repairs), "percent": _percent(run),
        "may_undo": run.state == ImportRun.State.DONE and run.created and bool(policy_for(ImportRun).may(request.user, "delete", run)),
        "words": _words(run),
    }  # fmt: skip
    if run.state == ImportRun.State.UPLOADED:
        table = services.table_of(run)
        chosen = from_json(run.definition, run.mapping)
        shown = services.preview(run, by=request.user)
        context.update(
            preview=shown, repairs=_repairs(shown.repairs),
            rows=[(row, [mark_safe(cell) for cell in row.cells]) for row in shown.rows],  # noqa: S308 - escaped by the library
            columns=[(c, chosen.columns.get(c.name, ""), chosen.fixed.get(c.name)) for c in target.columns],
            headers=table.headers, kinds=[(d.key, d.label) for d in definitions()],
            missing=[c.label for c in target.columns if c.required and c.name not in chosen.columns and c.name not in chosen.fixed],
        )  # fmt: skip
    return render(request, "redraw/imports/import.html", context, status=422 if problem else 200)


def _repairs(found: dict[str, int]) -> list[tuple[str, str, int]]:
    rows = []
    for key, times in sorted(found.items(), key=lambda item: -item[1]):
        column, _bar, kind = key.partition("|")
        rows.append((column, str(KINDS.get(kind, kind)), times))
    return rows


def _percent(run: ImportRun) -> int:
    return 100 if run.state == ImportRun.State.DONE else run.done * 100 // run.total if run.total else 0


def _words(run: ImportRun) -> str:
    return _("%(done)s of %(total)s rows read") % {"done": f"{run.done:,}", "total": f"{run.total:,}"}


@page
def progress(request: HttpRequest, pk: int) -> JsonResponse:
    """How far a file is, for the page that watches."""
    run = _run(request, pk)
    over = run.state not in (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
    return JsonResponse({"percent": _percent(run), "words": _words(run), "finished": over})


@page
@require_POST
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """Load the file in the background; a second click changes nothing."""
    run = _run(request, pk)
    try:
        services.queue(run=run, by=request.user)
    except Invalid as refused:
        messages.error(request, refused.sentence)
    return redirect("redraw:import", pk)


@page
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what the file brought, if nobody has touched it."""
    run = _run(request, pk)
    try:
        count = services.take_back(run=run, by=request.user)
        messages.success(request, ngettext("%(n)d record was deleted.", "%(n)d records were deleted.", count) % {"n": count})
    except Invalid as refused:
        messages.error(request, refused.sentence)
    return redirect("redraw:import", pk)


@page
def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a file: their lines and why."""
    run = _run(request, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([_("Line"), _("Why")])
    for row in run.problems:
        writer.writerow([row["line"], defused(" ".join(row["sentences"]))])
    return response


@page
def to_match(request: HttpRequest) -> HttpResponse:
    """Imported business without a customer: choose the account, and its flow begins."""
    if not policy_for(Opportunity).may_any(request.user, "view"):
        policy_for(Opportunity).require(request.user, "view", None)
    problem = ""
    if request.method == "POST":
        number = request.POST.get("opportunity", "")
        deal = get_object_or_404(to_be_matched(request.user), pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
        name = request.POST.get("account", "").strip()
        account = rows_for(request.user, Account).filter(name__iexact=name).order_by("pk").first() if name else None
        if account is None:
            problem = _("There is no account called “%(name)s” that you may see. Choose one from the list.") % {"name": name[:80]}
        else:
            match_account(opportunity=deal, account=account, by=request.user)
            messages.success(request, _("%(deal)s belongs to %(account)s now.") % {"deal": deal.number, "account": account})
            return redirect("redraw:to_match")
    deals = to_be_matched(request.user).select_related("owner")
    context = {
        "title": _("To be matched"), "deals": deals[:SHOWN], "more": max(0, deals.count() - SHOWN), "problem": problem,
        "accounts": rows_for(request.user, Account).order_by("name").values_list("name", flat=True)[:1000],
    }  # fmt: skip
    return render(request, "redraw/imports/to_match.html", context, status=422 if problem else 200)
