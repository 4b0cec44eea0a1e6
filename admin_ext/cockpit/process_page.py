"""The catalogue of processes, and the page of one: what it is for, how it runs, what it asks, what the customer sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from admin_ext.cockpit import figures as said
from admin_ext.cockpit import heat
from admin_ext.cockpit.tables import tables_of
from admin_ext.pages import page
from admin_ext.studio.drawing import address
from crm_core.kernel.models import Role
from processes import api, ports

PERIODS = (4, 8, 26)
DEFAULT_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A process in the catalogue."""

    process: Any
    owner: str
    pace: Any
    a_week: str
    points: str
    last: tuple[str, str] | None
    health: said.Health


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a process, with how much it holds."""

    key: str
    label: str
    count: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One element in the table beside the drawing, with its figures in words."""

    step: Any
    share: str
    late_share: str
    often: str
    cost: str


def picture(**what: Any) -> SafeString:
    """A drawing as SVG: composed by the house from parsed drawings with every text escaped."""
    return mark_safe(api.drawing(language=get_language(), **what))  # noqa: S308


def owners_of(definitions: list[Any]) -> dict[Any, str]:
    """Who answers for each process: the person, or the role where no person is named. One query."""
    roles = {role.key: str(role) for role in Role.objects.filter(key__in={row.owner_role for row in definitions})}
    people = ports.people()
    return {
        row.pk: people.display(row.owner) if row.owner is not None else roles.get(row.owner_role, "") for row in definitions
    }  # fmt: skip


@page
def processes(request: HttpRequest) -> HttpResponse:
    """The processes of the house, each with how it does."""
    found = api.definitions(request.user)
    paces = api.paces(request.user, weeks=DEFAULT_WEEKS)
    owners = owners_of([row.definition for row in found])
    healthy = api.health(request.user)
    entries = []
    for row in found:
        pace = paces.get(row.key)
        points, last = said.line([float(n) for n in pace.begun]) if pace is not None and any(pace.begun) else ("", None)
        a_week = said.number(pace.begun_a_week) if pace is not None else ""
        entries.append(Entry(row, owners[row.definition.pk], pace, a_week, points, last, said.health(healthy[row.key])))
    context = {
        "title": _("Processes"), "crumbs": [], "entries": entries, "weeks": DEFAULT_WEEKS,
        "late": sum(row.late for row in found), "failed": sum(row.incidents for row in found),
        "running": sum(row.running for row in found),
    }  # fmt: skip
    return render(request, "redraw/cockpit/processes.html", context)


@page
def process(request: HttpRequest, key: str) -> HttpResponse:
    """One process, in tabs; every state of the page has an address."""
    user = request.user
    found = next((row for row in api.definitions(user, figures=False) if row.key == key), None)
    if found is None:
        raise Http404
    versions = list(api.versions(user, key))
    number = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.number) == number), None) or found.version or next(iter(versions), None)
    about = api.about_version(shown.pk) if shown is not None else None
    weeks = next((n for n in PERIODS if str(n) == request.GET.get("weeks")), DEFAULT_WEEKS)
    figures = api.figures(user, key, weeks=weeks)
    tables = tables_of(about.decisions) if about is not None else []
    may_redraw = api.may_redraw(user, found.definition)
    tabs = _tabs(figures, about, tables) + (_rooms(key, shown) if may_redraw else [])
    tab = next((t.key for t in tabs if t.key == request.GET.get("tab") and not t.url), "running")
    context = {
        "title": found.title, "crumbs": [(_("Processes"), reverse("redraw:processes"))], "process": found,
        "owner": owners_of([found.definition])[found.definition.pk], "versions": _counted(versions, figures), "shown": shown,
        "about": about, "tabs": tabs, "tab": tab, "figures": figures, "sentence": said.sentence(figures),
        "health": said.health(api.health(user, key=key)[key]), "weeks": weeks, "periods": PERIODS, "findings": said.findings(figures, reverse("redraw:incidents")),
        "endings": said.endings(figures), "may_redraw": may_redraw, "may_rehearse": shown is not None and api.may_rehearse(shown, user=user),
        "may_start": not found.subject_type and api.may_start(user, key),
    }  # fmt: skip
    if shown is not None:
        context |= _drawn(request, shown, about, figures, tab)
    if tab == "running":
        instances = api.instances(user, key=key, state="running", limit=8).items
        context |= {"instances": instances, "where": api.whereabouts(instances), "cards": said.cards(figures)}
    if tab == "decisions":
        context["tables"] = tables
    return render(request, "redraw/cockpit/process.html", context)


def _tabs(figures: Any, about: Any, tables: list[Any]) -> list[Tab]:
    tabs = [Tab("running", _("Running"), figures.running), Tab("drawing", _("Drawing"))]
    if about is None:
        return tabs
    return [
        *tabs, Tab("customer", _("The customer’s side"), len(about.customer)), Tab("decisions", _("Decisions"), len(tables)),
        Tab("forms", _("Forms"), len(about.forms)), Tab("handbook", _("Handbook")),
    ]  # fmt: skip


def _rooms(key: str, shown: Any) -> list[Tab]:
    """What has pages of its own, for who answers for the process."""
    rooms = [("tests", _("Tests"), "studio_tests", len(shown.tests) if shown is not None else None),
             ("publication", _("Publication"), "studio_publication", None)]  # fmt: skip
    return [Tab(name, label, count, address(page_name, key)) for name, label, page_name, count in rooms if address(page_name, key)]


def _drawn(request: HttpRequest, shown: Any, about: Any, figures: Any, tab: str) -> dict[str, Any]:
    """The drawing, on the running tab with the figures on it and a table that says the same."""
    if tab == "drawing":
        return {"drawing": picture(version_id=shown.pk)}
    if tab == "customer":
        return {"customer": [(row, figures.steps.get(row.node_id)) for row in about.customer]}
    if tab != "running":
        return {}
    colourings = heat.colourings()
    by = next((c for c in colourings if c.key == request.GET.get("by")), colourings[0])
    marks, most = heat.marks(figures, by.key, about.choices)
    steps = sorted(figures.steps.values(), key=lambda step: (-step.share, -step.now, -step.a_week))
    rows = [step for step in steps if step.labels and (step.now or step.share >= 0.05 or step.limited)]
    return {
        "drawing": picture(version_id=shown.pk, **marks), "colourings": colourings, "by": by, "most": most,
        "look": heat.hottest(figures, by.key), "costed": any(step.cost is not None for step in rows),
        "steps": [Row(step, said.percent(step.share), said.percent(step.late_share) if step.late_share is not None else "–",
                      said.number(step.a_week), said.number(step.cost) if step.cost is not None else "–") for step in rows],
    }  # fmt: skip


def _counted(versions: list[Any], figures: Any) -> list[tuple[Any, int]]:
    return [(version, figures.by_version.get(version.pk, 0)) for version in versions]
