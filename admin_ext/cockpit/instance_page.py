"""The page of one run of a process: where it stands, the way it took, what was decided and why, what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from admin_ext import words
from admin_ext.cockpit.process_page import picture
from admin_ext.pages import page
from processes import api, ports

EMPTY = "–"
AUTOMATIC = ("serviceTask", "scriptTask", "sendTask")


@dataclass(slots=True)
class Line:
    """One line of the story: when, what, an icon with its tone, a decision it tells of, what else happened with it."""

    at: Any
    text: str
    icon: str
    tone: str = ""
    until: Any = None
    late: bool = False
    decision: Any = None
    with_it: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day."""

    title: str
    lines: list[Line]


@page
def instance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: the way it took on the drawing, what happened in words, its values, what an owner may do."""
    user = request.user
    shown = api.instance(pk, user=user)
    may_act = api.may_act(pk, user=user)
    kind = ports.subjects().get(shown.subject_type) if shown.subject_type else None
    record = kind.load(shown.subject_id) if kind is not None and shown.subject_id is not None else None
    visible = record is not None and kind is not None and kind.visible(user).filter(pk=record.pk).exists()
    story = api.history(pk, user=user)
    places = api.whereabouts([shown]).get(pk, [])
    decisions = api.decisions_taken(pk, user=user) if may_act or visible else []
    values = api.values(pk, user=user) if may_act or visible else []
    changes = api.value_history(pk, user=user) if may_act or visible else []
    context = {
        "title": shown.title or shown.business_key or ports.text(shown.labels), "crumb_is_data": True,
        "crumbs": [
            (_("Processes"), reverse("redraw:processes")),
            (ports.text(shown.labels), reverse("redraw:process", args=(shown.definition.key,))),
        ],
        "instance": shown, "whole": words.due(shown.due_at, shown.limit_started_at, shown.warn_at, api.standstill(shown)),
        "drawing": picture(instance_id=pk), "may_act": may_act,
        "subject_url": kind.url(record) if kind is not None and visible else "",
        "subject_title": kind.title(record) if kind is not None and visible else "",
        "subject_kind": kind.label if kind is not None and visible else "",
        "sentences": [standing(place, user) for place in places], "places": places,
        "tokens": places if may_act else [],
        "by_hand": api.optional_steps(shown, user=user),
        "ahead": _ahead(shown, places, user), "days": days_of(story, decisions), "decisions": decisions,
        "changes": [change for change in changes if change.named or may_act], "relatives": api.relatives(shown, user=user),
        "follows": api.follows(pk, user=user), "timers": [timer for timer in api.timers(pk, user=user) if timer.labels],
        "failed": [line for line in story if line.state == "ERROR"],
        "values": [value for value in values if not value.parts and value.label != value.name and value.text != EMPTY],
        "grouped": [
            (value.label, [part for part in value.parts if part.text != EMPTY])
            for value in values if value.parts and value.label != value.name
        ],
        "inner": [value for value in values if value.label == value.name] if may_act else [],
    }  # fmt: skip
    return render(request, "redraw/cockpit/instance.html", context)


def standing(place: Any, user: Any) -> SafeString:
    """Where a run stands, in a sentence: at what, since when, with whom, until when."""
    step = format_html("<b>{}</b>", _("“%s”") % (ports.text(place.labels) or place.node_id))
    since = words.near(place.since)
    if place.failed:
        return format_html(_("{step} failed on {since} and waits for somebody to look at it."), step=step, since=since)
    if place.kind not in ("userTask", "manualTask"):
        return format_html(_("It waits at {step} since {since}."), step=step, since=since)
    if place.owner_id is None:
        first = format_html(_("{step} waits for somebody to take it since {since}."), step=step, since=since)
    elif place.owner_id == user.pk:
        first = format_html(_("{step} is with you since {since}."), step=step, since=since)
    else:
        person = format_html('<b translate="no">{}</b>', place.who)
        first = format_html(_("{step} is with {person} since {since}."), step=step, person=person, since=since)
    until = words.due(place.due_at, place.started, place.warn_at, place.standstill)
    if until is None:
        return first
    return format_html('{} <span class="due {}" title="{}">{}</span>', first, until.tone, until.full,
                       until.full if place.standstill else _("Due: %(when)s") % {"when": until.words})  # fmt: skip


def _ahead(shown: Any, places: list[Any], user: Any) -> list[tuple[Any, list[Any]]]:
    """What usually comes after each place; the first three are enough to know."""
    first = {place.node_id: place for place in places}
    known = list(first.values())[:3]
    steps = api.steps_ahead(shown.pk, [place.node_id for place in known], user=user) if known else {}
    return [(place, steps[place.node_id]) for place in known]


def days_of(story: list[Any], decisions: list[Any]) -> list[Day]:
    """The story, newest first, by day; what the house did by itself in one go is one line."""
    taken = {decision.task: decision for decision in decisions if decision.task is not None}
    lines: list[Line] = []
    for happening in sorted(story, key=lambda happening: happening.at):
        decision = taken.get(happening.task_id) if happening.task_id is not None else None
        if decision is None and happening.kind in AUTOMATIC and happening.state == "DONE":
            last = lines[-1] if lines else None
            if last is not None and last.with_it and _same_moment(last.at, happening.at):
                last.with_it.append(happening.text)
            else:
                lines.append(Line(happening.at, _("By itself"), "bolt", with_it=[happening.text]))
            continue
        lines.append(_line(happening, decision))
    days: dict[date, list[Line]] = {}
    for line in reversed(lines):
        days.setdefault(timezone.localtime(line.at).date(), []).append(line)
    return [Day(words.day(day), found) for day, found in days.items()]


def _same_moment(one: Any, other: Any) -> bool:
    return abs((one - other).total_seconds()) < 60


def _line(happening: Any, decision: Any) -> Line:
    icon, tone = {
        "DONE": ("check", "good"), "ERROR": ("priority_high", "bad"), "CANCELED": ("close", ""),
    }.get(happening.state, ("hourglass_top", "now"))  # fmt: skip
    if decision is not None:
        icon, tone = "table_chart", "talk"
    elif happening.kind == "clock":
        icon, tone = {"paused": ("pause_circle", ""), "resumed": ("play_circle", ""), "failed": ("priority_high", "bad")}.get(
            happening.state, ("alarm", "now")
        )
    elif happening.kind in ("start", "end"):
        icon = "play_arrow" if happening.kind == "start" else "flag"
    elif happening.kind in ("intermediateCatchEvent", "boundaryEvent") and happening.state == "DONE":
        icon, tone = "schedule", ""
    late = happening.until is not None and happening.state not in ("DONE", "CANCELED") and happening.until < ports.now()
    until = happening.until if happening.state not in ("DONE", "CANCELED") else None
    return Line(happening.at, happening.text, icon, tone, until, late, decision)
