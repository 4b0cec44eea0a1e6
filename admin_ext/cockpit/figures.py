"""The figures of a process in words and marks: the sentence on top, what is laid over the drawing, what is worth a look.

What is counted comes from `api.figures`; here it is only said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from admin_ext import words
from processes import ports

ENOUGH = 10
"""Passes from which on a share of them says something."""


def number(value: float) -> str:
    """A count as it is read: whole from ten on, “under 1” below."""
    if 0 < value < 1:
        return _("under 1")
    return formats.number_format(round(value), decimal_pos=0, use_l10n=True, force_grouping=True)


def percent(value: float) -> str:
    """“12 %”, one place below ten."""
    shown = formats.number_format(round(value, 1 if value < 9.95 else 0), decimal_pos=1 if 0 < value < 9.95 else 0, use_l10n=True)
    return _("{n} %").format(n=shown)


def _bold(text: Any) -> SafeString:
    return format_html("<b>{}</b>", text)


def sentence(found: Any) -> SafeString:
    """What an outsider should know of a process, in two sentences."""
    if not found.begun and not found.finished and not found.running:
        return format_html(_("Nothing of it has run in the last {weeks} weeks, or nothing that you may see."), weeks=found.weeks)
    begun = _bold(number(found.begun_a_week))
    slowest = found.slowest
    if found.median is None:
        first = format_html(_("About {begun} begin in a week; none has ended yet."), begun=begun)
    elif slowest is None:
        first = format_html(_("About {begun} begin in a week; half are done in {length}."), begun=begun,
                            length=_bold(words.length(found.median)))  # fmt: skip
    else:
        first = format_html(
            _("About {begun} begin in a week; half are done in {length}; most of the time passes at {step}."),
            begun=begun, length=_bold(words.length(found.median)), step=_bold(_("“%s”") % ports.text(slowest.labels)),
        )  # fmt: skip
    return format_html("{} {}", first, _standing(found))


def _standing(found: Any) -> SafeString:
    running = _bold(number(found.running))
    if not found.running:
        return format_html("{}", _("None runs at present."))
    if not found.late:
        return format_html(ngettext("{n} runs now, in time.", "{n} run now, all in time.", found.running), n=running)
    text = ngettext("{n} runs now; {late} step is late.", "{n} run now; {late} of their steps are late.", found.late)
    return format_html(text, n=running, late=_bold(number(found.late)))


# --- figures with their trend -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Card:
    """One figure: its name, its value, how it moved (words, icon, tone), and the points of its line."""

    name: str
    value: str
    change: str
    icon: str
    tone: str
    points: str
    last: tuple[str, str] | None


WIDE, HIGH = 84, 26


def line(values: list[float]) -> tuple[str, tuple[str, str] | None]:
    """The points of a small line, and where it ends."""
    if len(values) < 2:
        return "", None
    low, high = min(values), max(values)
    reach = (high - low) or 1
    points = [
        (str(round(3 + at * (WIDE - 6) / (len(values) - 1), 1)), str(round(HIGH - 4 - (value - low) / reach * (HIGH - 8), 1)))
        for at, value in enumerate(values)
    ]
    return " ".join(f"{x},{y}" for x, y in points), points[-1]


def cards(found: Any) -> list[Card]:
    """The figures below the drawing."""
    trend, whole = found.trend, found.trend[:-1]  # the week under way would always seem to fall
    return [
        _card(_("Half are done in"), words.length(found.median) if found.median else "–",
              [week.median.total_seconds() for week in trend if week.median is not None], less_is_good=True),
        _card(_("Left after the limit"), percent(found.late_share) if found.late_share is not None else "–",
              [week.late_share for week in trend if week.late_share is not None], less_is_good=True),
        _card(_("Begin in a week"), number(found.begun_a_week), [float(week.begun) for week in whole]),
        _card(_("Ended"), number(found.finished), [float(week.finished) for week in whole]),
    ]  # fmt: skip


def _card(name: str, value: str, values: list[float], *, less_is_good: bool = False) -> Card:
    points, last = line(values)
    change, icon, tone = "", "", ""
    half = len(values) // 2
    if half:
        before, after = sum(values[:half]) / half, sum(values[-half:]) / half
        moved = 100 * (after - before) / before if before else 0.0
        if abs(moved) < 3:
            change, icon = _("as in the weeks before"), "trending_flat"
        elif moved > 0:
            change, icon, tone = _("%(share)s more than in the weeks before"), "trending_up", "bad" if less_is_good else ""
        else:
            change, icon, tone = _("%(share)s less than in the weeks before"), "trending_down", "good" if less_is_good else ""
        change = change.replace("%(share)s", percent(abs(moved)))
    return Card(name, value, change, icon, tone, points, last)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth a look: an icon, a sentence, and where to look."""

    icon: str
    text: str
    url: str = ""


def findings(found: Any, incidents_url: str) -> list[Finding]:
    """What an owner should look at first, worst first; each is counted, none is guessed."""
    said = []
    if found.failed:
        text = ngettext("%(n)s step failed and waits for somebody.", "%(n)s steps failed and wait for somebody.", found.failed)
        said.append(Finding("error", text % {"n": found.failed}, incidents_url))
    late = max(found.steps.values(), key=lambda step: step.late, default=None)
    if late is not None and late.late:
        said.append(Finding("schedule", ngettext(
            "%(n)s step is late: “%(step)s”.", "%(n)s steps are late, most of them at “%(step)s”.", found.late) % {
            "n": found.late, "step": ports.text(late.labels)}))  # fmt: skip
    slowest = found.slowest
    if slowest is not None and slowest.share >= 20:
        said.append(Finding("hourglass_top", _("“%(step)s” takes %(share)s of all time.") % {
            "step": ports.text(slowest.labels), "share": percent(slowest.share)}))  # fmt: skip
    missed = [step for step in found.steps.values() if step.limited >= ENOUGH and (step.late_share or 0) >= 10]
    for step in sorted(missed, key=lambda step: -step.missed)[:2]:
        said.append(Finding("alarm", _("“%(step)s” misses its limit in %(share)s of cases.") % {
            "step": ports.text(step.labels), "share": percent(step.late_share or 0)}))  # fmt: skip
    people = [step for step in found.steps.values() if step.kind == "userTask"]
    again = [step for step in people if found.begun >= ENOUGH and step.done > 1.3 * found.begun]
    for step in sorted(again, key=lambda step: -step.done)[:1]:
        times = formats.number_format(round(step.done / found.begun, 1), decimal_pos=1, use_l10n=True)
        said.append(Finding("repeat", _("“%(step)s” is done %(times)s times for each one that begins.") % {
            "step": ports.text(step.labels), "times": times}))  # fmt: skip
    return said


@dataclass(frozen=True, slots=True)
class Ended:
    """One way to end, with its part of all."""

    label: str
    count: int
    share: float
    said: str


def endings(found: Any) -> list[Ended]:
    """How it ends, the most usual first."""
    whole = sum(end.count for end in found.ends) or 1
    return [
        Ended(ports.text(end.labels) or _outcome(end.outcome), end.count, 100 * end.count / whole, percent(100 * end.count / whole))
        for end in found.ends
    ]


def _outcome(outcome: str) -> str:
    named = {"cancelled": _("Cancelled"), "error": _("Ended in an error"), "terminated": _("Terminated")}
    return named.get(outcome, _("Completed"))


@dataclass(frozen=True, slots=True)
class Health:
    """How healthy a process is, in words: when it last began, what failed in seven days, how that moved."""

    last: Any
    failed: int
    said: str
    change: str
    icon: str


def health(found: Any) -> Health:
    """The health of a process as `api.health` knows it."""
    said = ngettext("%(n)s failure in 7 days", "%(n)s failures in 7 days", found.failed) % {"n": number(found.failed)}
    if not found.failed and not found.before:
        return Health(found.last, 0, _("no failure in 7 days"), "", "check_circle")
    before = number(found.before)
    change = {
        1: _("more than the %(n)s of the week before"), 0: _("as many as the week before"), -1: _("fewer than the %(n)s of the week before"),
    }[found.trend] % {"n": before}  # fmt: skip
    icon = {1: "trending_up", 0: "trending_flat", -1: "trending_down"}[found.trend]
    return Health(found.last, found.failed, said if found.failed else _("no failure in 7 days"), change, icon)
