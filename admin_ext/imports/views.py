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

from admin_ext.pages import page
from crm_core.integration import mappings, services
from crm_core.integration.definitions import definition, definitions
from crm_core.integration.models import ImportRun, SavedMapping
from crm_core.integration.reading import ENCODINGS
from crm_core.kernel.access.policies import policy_for, rows_for
from crm_core.parties.models import Account
from crm_core.sales.models import Opportunity
from crm_core.sales.selectors import MOST_CHOICES, accounts_to_match, to_be_matched
from crm_core.sales.services.opportunities import match_account
from processes.cells import defused
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
    """One file: its columns and what loading would do; while it is read or loaded, how far that is; then the report."""
    run = _run(request, pk)
    problem = ""
    if request.method == "POST":
        try:
            said = _said(request, run)
            if said:
                messages.success(request, said)
            return redirect("redraw:import", pk)
        except Invalid as refused:
            problem = refused.sentence
        except KeyError as error:
            raise Http404 from error
    target = definition(run.definition) if run.definition else None
    context: dict[str, Any] = {
        "title": run.file_name, "crumbs": [(_("Imports"), "/imports/")], "crumb_is_data": True, "run": run,
        "kind": target.label if target else _("table"), "problem": problem, "repairs": _repairs(run.repairs), "percent": _percent(run),
        "may_undo": run.state == ImportRun.State.DONE and run.created and bool(policy_for(ImportRun).may(request.user, "delete", run)),
        "words": _words(run), "target": target,
    }  # fmt: skip
    if run.state == ImportRun.State.UPLOADED:
        chosen = services.chosen_of(run)
        shown = services.preview(run, by=request.user)
        context.update(
            preview=shown, repairs=_repairs(shown.repairs), starts=bool(run.options.get("start_flows")),
            rows=[(row, [mark_safe(cell) for cell in row.cells]) for row in shown.rows],  # noqa: S308 - escaped by the library
            columns=[(c, chosen.columns.get(c.name, ""), chosen.fixed.get(c.name)) for c in target.columns] if target else [],
            headers=run.headers, kinds=[(d.key, d.label) for d in definitions()],
            missing=[column.label for column in services.missing_columns(run)], unsaid=services.unsaid_dates(run),
            dates=chosen.dates or "mdy", encodings=ENCODINGS if run.encoding else (),
            kept=[(each, bool(policy_for(SavedMapping).may(request.user, "delete", each))) for each in mappings.mappings_for(request.user)],
            may_keep=policy_for(SavedMapping).may_any(request.user, "add"), may_share=mappings.may_share(request.user),
        )  # fmt: skip
    return render(request, "redraw/imports/import.html", context, status=422 if problem else 200)


def _said(request: HttpRequest, run: ImportRun) -> str:
    """Do what a form of the page asks for; gives the sentence that says so. Raises Invalid, KeyError."""
    sent = request.POST
    if "use" in sent or "forget" in sent:
        number = _number(sent.get("use") or sent.get("forget") or "")
        kept = get_object_or_404(rows_for(request.user, SavedMapping), pk=number)
        if "use" in sent:
            services.use_mapping(run=run, kept=kept, by=request.user)
            return _("The file is read by “%(name)s” now.") % {"name": kept}
        mappings.forget(kept=kept, by=request.user)
        return _("The mapping “%(name)s” is forgotten.") % {"name": kept}
    columns = {name.removeprefix("column:"): str(header) for name, header in sent.items() if name.startswith("column:")}
    run = services.choose(
        run=run, wanted=sent.get("what", run.definition), columns=columns, by=request.user, dates=sent.get("dates", ""),
        encoding=sent.get("encoding", ""), start_flows=sent.get("start_flows") == "yes",
    )  # fmt: skip
    if "keep" in sent:
        kept = mappings.keep(run=run, name=sent.get("name", ""), shared=sent.get("shared") == "yes", by=request.user)
        return _("The mapping is kept as “%(name)s”. The next file with these headers is read by it.") % {"name": kept}
    return ""


def _repairs(found: dict[str, int]) -> list[tuple[str, str, int]]:
    rows = []
    for key, times in sorted(found.items(), key=lambda item: -item[1]):
        column, _bar, kind = key.partition("|")
        rows.append((column, str(KINDS.get(kind, kind)), times))
    return rows


def _percent(run: ImportRun) -> int:
    if run.state == ImportRun.State.DONE:
        return 100
    if run.state == ImportRun.State.READING:
        first = min(services.FIRST_LOOK, run.total)
        return run.checked * 100 // first if first else 0
    return run.done * 100 // run.total if run.total else 0


def _words(run: ImportRun) -> str:
    if run.state == ImportRun.State.READING:
        if not run.total:
            return _("The file is being read")
        return _("%(done)s of %(total)s rows checked") % {"done": f"{run.checked:,}", "total": f"{run.total:,}"}
    return _("%(done)s of %(total)s rows loaded") % {"done": f"{run.done:,}", "total": f"{run.total:,}"}


@page
def progress(request: HttpRequest, pk: int) -> JsonResponse:
    """How far a file is, for the page that watches."""
    run = _run(request, pk)
    services.go_on(run)
    over = run.state not in (ImportRun.State.READING, ImportRun.State.QUEUED, ImportRun.State.RUNNING)
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
    """Imported business without a customer: choose the account, and its flow begins. Where several accounts have the
    name, what tells them apart is shown and one of them is chosen."""
    if not policy_for(Opportunity).may_any(request.user, "view"):
        policy_for(Opportunity).require(request.user, "view", None)
    problem, name, choices, asked = "", "", [], None
    if request.method == "POST":
        asked = get_object_or_404(to_be_matched(request.user), pk=_number(request.POST.get("opportunity", "")))
        name = request.POST.get("account", "").strip()
        choices = accounts_to_match(request.user, name)
        chosen = _number(request.POST.get("chosen", ""))
        account = next((each for each in choices if each.pk == chosen), None) or (choices[0] if len(choices) == 1 else None)
        if account is not None:
            match_account(opportunity=asked, account=account, by=request.user)
            messages.success(request, _("%(deal)s belongs to %(account)s now.") % {"deal": asked.number, "account": account})
            return redirect("redraw:to_match")
        if not choices:
            problem = _("There is no account called “%(name)s” that you may see. Choose one from the list.") % {"name": name[:80]}
        elif len(choices) > MOST_CHOICES:
            problem = _("More than %(most)d accounts are called “%(name)s”. Write more of the name.") % {"most": MOST_CHOICES, "name": name[:80]}
    deals = to_be_matched(request.user).select_related("owner")
    context = {
        "title": _("To be matched"), "deals": deals[:SHOWN], "more": max(0, deals.count() - SHOWN), "problem": problem,
        "accounts": rows_for(request.user, Account).order_by("name").values_list("name", flat=True).distinct()[:1000],
        "asked": asked, "name": name, "choices": [] if problem else choices,
    }  # fmt: skip
    return render(request, "redraw/imports/to_match.html", context, status=422 if problem else 200)


def _number(text: str) -> int:
    """A record's number out of a form; 0, which no record has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
