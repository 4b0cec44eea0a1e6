"""The list of what runs and ran: filters with addresses of their own, a count that goes no further than need be, pages by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from admin_ext.cockpit.figures import number
from admin_ext.pages import page
from processes import api, ports

PER_PAGE = 50
AGES = (1, 7, 28, 91)
ACTABLE = ("running", "late", "incident", "suspended")


def states() -> list[tuple[str, str]]:
    """The states instances are filtered by."""
    return [
        ("running", _("Running")), ("late", _("Late")), ("incident", _("With incidents")), ("suspended", _("Suspended")),
        ("completed", _("Completed")), ("cancelled", _("Cancelled")), ("error", _("Ended in an error")),
    ]  # fmt: skip


def acts(state: str) -> list[tuple[str, str]]:
    """What can be done in bulk to instances in a state, the most likely first."""
    named = {"retry": _("Try failed steps again"), "resume": _("Resume"), "suspend": _("Suspend"), "cancel": _("Cancel them")}
    wanted = ("resume", "cancel") if state == "suspended" else ("retry", "suspend", "cancel")
    return [(key, named[key]) for key in wanted]


def wanted_of(asked: QueryDict) -> Any:
    """What an address or a form asks for; what it says wrongly is passed over."""
    state = asked.get("state", "running")
    kind, _colon, pk = asked.get("about", "").partition(":")
    known = ports.subjects().get(kind) is not None and pk.isdecimal() and len(pk) < 19
    return api.wanted(
        key=asked.get("process", "")[:150], version=_number(asked.get("version", "")), step=asked.get("step", "")[:300],
        state=state if state in dict(states()) else "running", days=_number(asked.get("days", "")), text=asked.get("q", "").strip()[:200],
        subject_type=kind if known else "", subject_id=int(pk) if known else None,
    )  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: processes, versions and steps of the one that is chosen, ages."""

    processes: list[tuple[str, str]]
    versions: list[int]
    steps: list[tuple[str, str]]
    ages: list[tuple[int, str]]


def choices_of(user: Any, wanted: Any) -> Choices:
    """The filters; versions and steps once a process is chosen."""
    found = api.definitions(user, figures=False)
    chosen = next((row for row in found if row.key == wanted.key), None)
    versions = list(api.versions(user, wanted.key)) if chosen is not None else []
    shown = next((v for v in versions if v.number == wanted.version), None) or (chosen.version if chosen is not None else None)
    steps = api.elements(shown.pk) if shown is not None else []
    return Choices(
        processes=[(row.key, row.title) for row in found], versions=[version.number for version in versions],
        steps=sorted(((node, ports.text(labels)) for node, labels in steps), key=lambda step: step[1].casefold()),
        ages=[(n, ngettext("%(n)d day", "%(n)d days", n) % {"n": n} if n < 7 else ngettext("%(n)d week", "%(n)d weeks", n // 7) % {"n": n // 7})
              for n in AGES],
    )  # fmt: skip


def counted(found: Any) -> str:
    """How many there are, in words: exactly, or “more than”."""
    if found.more:
        return _("more than %(n)s") % {"n": number(found.n)}
    return number(found.n)


@page
def running(request: HttpRequest) -> HttpResponse:
    """Instances as a list, newest first, with what may be done to many of them at once."""
    user = request.user
    wanted = wanted_of(request.GET)
    found = api.instances(user, wanted=wanted, after=request.GET.get("after") or None, limit=PER_PAGE)
    choices = choices_of(user, wanted)
    step = next((name for node, name in choices.steps if node == wanted.step), wanted.step)
    ticks = api.acts_on(found.items, user=user) if wanted.state in ACTABLE else set()
    context = {
        "title": _("Running"), "crumbs": [(_("Processes"), reverse("redraw:processes"))], "page": found, "wanted": wanted,
        "states": states(), "choices": choices, "where": api.whereabouts(found.items), "step": step,
        "count": counted(api.count_instances(user, wanted)), "about": _about(user, wanted),
        "may_act": bool(ticks), "ticks": ticks, "acts": acts(wanted.state), "runs": _runs(user),
        "all": counted(api.count_instances(user, wanted, actable=True)) if ticks else "",
        "narrowed": any((wanted.key, wanted.version, wanted.step, wanted.days, wanted.text, wanted.subject_id)),
    }  # fmt: skip
    return render(request, "redraw/cockpit/running.html", context)


def _runs(user: Any) -> list[Any]:
    """Work in bulk of late, for who may begin any."""
    return api.bulk_runs(user, limit=3) if api.may_act_on_some(user) else []


def _about(user: Any, wanted: Any) -> str:
    """The record that the list is narrowed to, if the person may see it."""
    kind = ports.subjects().get(wanted.subject_type) if wanted.subject_type else None
    if kind is None:
        return ""
    rows = kind.visible(user)
    record = rows.filter(pk=wanted.subject_id).first() if rows is not None else None
    return str(kind.title(record)) if record is not None else _("a record that you may not see")
