"""The page of an account: who it is, its whole story by day, who and what stands beside it (B2, B4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from admin_ext.customers.beside import days_of
from admin_ext.customers.glance import glance_of
from admin_ext.customers.log import log_from, log_kinds, may_log
from admin_ext.pages import page
from admin_ext.processes_of import processes_of
from crm_core.activities.models import Activity
from crm_core.activities.services import plan_activity
from crm_core.activities.timeline import timeline
from crm_core.kernel.access.policies import policy_for
from crm_core.parties.models import Account
from crm_core.sales.models.leads import Industry

PLANNED = ("call", "meeting", "visit", "email", "task")


def _account(request: HttpRequest, pk: int) -> Account:
    found: Account = policy_for(Account).get(request.user, pk, "view")
    return found


# What the story is narrowed to: its sources, by the word that stands on the button.
PARTS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("", _lazy("All"), ()),
    ("contacts", _lazy("Contacts made"), ("activities", "mails")),
    ("business", _lazy("Business"), ("leads", "stages", "quotes")),
    ("cases", _lazy("Cases"), ("cases",)),
)


@page
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """The account with its story; every part of it asks its own policy."""
    user = request.user
    shown = _account(request, pk)
    part = next((found for found in PARTS if found[0] == request.GET.get("part", "")), PARTS[0])
    story = timeline(user, shown, after=request.GET.get("after"), only=part[2])
    context: dict[str, Any] = {
        "title": str(shown), "crumb_is_data": True,
        "crumbs": [(_("Accounts"), reverse("admin:crm_parties_account_changelist"))],
        "account": shown, "industry": dict(Industry.choices).get(shown.industry, shown.industry),
        "days": days_of(story.entries), "next": story.after, "part": part[0], "parts": PARTS,
        "glance": glance_of(user, shown), "first_page": not request.GET.get("after"),
        "processes": processes_of(user, "account", shown.pk),
        "may_change": policy_for(Account).may(user, "change", shown),
        "kinds": log_kinds(),
        "planned": [(kind, Activity.Kind(kind).label) for kind in PLANNED],
        "may_log": may_log(user),
    }  # fmt: skip
    return render(request, "redraw/customers/account.html", context)


@page
@require_POST
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a call, visit or note on the account's story."""
    shown = _account(request, pk)
    log_from(request, account=shown)
    return redirect(reverse("redraw:account", args=(shown.pk,)))


@page
@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a call, visit or to do; as a promise it stands above the story until it is kept."""
    shown = _account(request, pk)
    kind, title = request.POST.get("kind", ""), request.POST.get("title", "").strip()
    try:
        due = parse_datetime(request.POST.get("due", ""))
    except ValueError:
        due = None
    if due is None or not title:
        messages.error(request, _("Say what is planned, and for which day and time."))
    else:
        plan_activity(
            kind=kind if kind in PLANNED else "task", title=title[:300], body=request.POST.get("body", ""), account=shown,
            due_at=timezone.make_aware(due) if timezone.is_naive(due) else due, owner=request.user,
            promise=request.POST.get("promise") == "yes", by=request.user,
        )  # fmt: skip
        messages.success(request, _("It is planned."))
    return redirect(reverse("redraw:account", args=(shown.pk,)))
