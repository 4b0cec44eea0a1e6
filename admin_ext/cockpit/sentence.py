"""A process in one sentence, and the story of an instance by days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from admin_ext import words
from processes import ports


def said_of(figures: Any) -> list[str]:
    """What a process does, in sentences: how many, how long, where time passes, what runs and is late."""
    said = []
    if figures.weekly:
        said.append(_("About %(n)s begin in a week.") % {"n": _few(figures.weekly)})
    if figures.half_done is not None:
        said.append(_("Half are done in %(span)s.") % {"span": words.span(figures.half_done)})
    if figures.slow_step:
        step = {"share": figures.slow_share, "step": ports.text(figures.slow_step)}
        said.append(_("%(share)d %% of the time at steps of people passes at “%(step)s”.") % step)
    if figures.running:
        running = ngettext("%(n)d is running now", "%(n)d are running now", figures.running) % {"n": figures.running}
        late = ngettext("%(n)d of them is late", "%(n)d of them are late", figures.late) % {"n": figures.late}
        said.append(_("%(running)s, %(late)s.") % {"running": running, "late": late if figures.late else _("none is late")})
    else:
        said.append(_("None is running now."))
    return said


def _few(number: float) -> str:
    """A number as one would say it: whole from ten on, with one decimal below."""
    return formats.number_format(number, decimal_pos=0 if number >= 10 else 1, use_l10n=True)


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, the latest first."""

    title: str
    lines: list[Any]


def days_of(story: Iterable[Any]) -> list[Day]:
    """The story of an instance by days, the latest first."""
    days: dict[date, list[Any]] = {}
    for line in reversed(list(story)):
        days.setdefault(timezone.localtime(line.at).date(), []).append(line)
    return [Day(words.day(day), lines) for day, lines in days.items()]
