"""The page of an account: who it is, its whole story by day, who and what stands beside it (B2, B4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext.customers.beside import days_of
from admin_ext.pages import page
from admin_ext.processes_of import processes_of
from crm_core.activities.models import Activity
from crm_core.activities.services import log_activity
from crm_core.activities.timeline import timeline
from crm_core.kernel.access.policies import policy_for, rows_for
from crm_core.parties.models import Account
from crm_core.parties.selectors import contacts_of
from crm_core.sales.models import Opportunity
from crm_core.sales.models.leads import Industry
from crm_core.service.models import Case

LOGGED = ("call", "meeting", "visit", "email", "message", "note")


def _account(request: HttpRequest, pk: int) -> Account:
    found: Account = policy_for(Account).get(request.user, pk, "view")
    return found


@page
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """The account with its story; every part of it asks its own policy."""
    user = request.user
    shown = _account(request, pk)
    story = timeline(user, shown, after=request.GET.get("after"))
    opportunities = rows_for(user, Opportunity).filter(account=shown).exclude(stage__in=("won", "lost")).order_by("expected_close")
    context: dict[str, Any] = {
        "title": str(shown), "crumb_is_data": True,
        "crumbs": [(_("Accounts"), reverse("admin:crm_parties_account_changelist"))],
        "account": shown, "industry": dict(Industry.choices).get(shown.industry, shown.industry), "days": days_of(story.entries), "next": story.after,
        "contacts": list(contacts_of(user, shown)[:10]), "opportunities": list(opportunities[:8]),
        "cases": list(rows_for(user, Case).filter(account=shown).exclude(status="closed").order_by("-received_at")[:8]),
        "processes": processes_of(user, "account", shown.pk),
        "may_change": policy_for(Account).may(user, "change", shown),
        "kinds": [(kind, Activity.Kind(kind).label) for kind in LOGGED],
        "may_log": policy_for(Activity).may_add(user),
    }  # fmt: skip
    return render(request, "redraw/customers/account.html", context)


@page
@require_POST
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a call, visit or note on the account's story."""
    shown = _account(request, pk)
    kind = request.POST.get("kind", "")
    minutes = request.POST.get("minutes", "")
    try:
        log_activity(
            kind=kind if kind in LOGGED else "note", title=request.POST.get("title", ""), body=request.POST.get("body", ""),
            direction="in" if request.POST.get("direction") == "in" else "out", account=shown,
            minutes=int(minutes) if minutes.isdecimal() else None, by=request.user,
        )  # fmt: skip
    except ValueError:
        messages.error(request, _("The number of minutes is too large."))
    else:
        messages.success(request, _("It stands on the story now."))
    return redirect(reverse("redraw:account", args=(shown.pk,)))
