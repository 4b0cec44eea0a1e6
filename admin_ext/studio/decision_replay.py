"""What would have been: everything recorded of a decision, decided again by another version, with figures and cases."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from admin_ext.pages import page
from processes import api

VERDICTS = ("changed", "undecided", "unreproduced")
PER_PAGE = 50


def fill(request: HttpRequest, head: Any) -> dict[str, Any]:
    """The tab: the replays so far, and the figures and cases of one."""
    found = api.replays(head.definition.key, user=request.user)
    numbers = [version.number for version in head.versions]
    context: dict[str, Any] = {"replays": found, "numbers": numbers, "published": next((v.number for v in head.versions if v.state == "published"), numbers[-1])}
    wanted = request.GET.get("replay", "")
    replay = next((one for one in found if str(one.pk) == wanted), found[0] if found and not wanted else None)
    if replay is None:
        return context
    figures = api.replay_figures(replay.pk, user=request.user)
    verdict = request.GET.get("verdict", "")
    verdict = verdict if verdict in VERDICTS else VERDICTS[0]
    behind = _uuid(request.GET.get("behind", ""))
    cases = api.replayed_cases(replay.pk, user=request.user, verdict=verdict, behind=behind, limit=PER_PAGE)
    return context | {
        "figures": figures, "replay": replay, "percent": percent(figures), "said": said(figures), "cases": cases, "verdict": verdict,
        "verdicts": [(key, label, figures.counts.get(key, 0)) for key, label in verdicts()], "more": cases[-1].id if len(cases) == PER_PAGE else None,
    }  # fmt: skip


def verdicts() -> list[tuple[str, str]]:
    """How a case can differ."""
    return [("changed", _("Decided otherwise")), ("undecided", _("Not decidable")), ("unreproduced", _("Not as recorded"))]


def percent(figures: Any) -> int:
    """How far a replay is."""
    expected = figures.replay.expected
    return min(100, 100 * figures.decided // expected) if expected else 100


def said(figures: Any) -> str:
    """How far a replay is, in words."""
    return _("%(done)s of %(all)s decided again") % {"done": figures.decided, "all": figures.replay.expected}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@page
@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Begin a replay and show how far it is."""
    given = request.POST
    address = reverse("redraw:studio_decision", args=[key])
    try:
        replay = api.begin_replay(
            key, _number(given.get("before")), _number(given.get("after")), user=request.user,
            since=_moment(given.get("since", "")), until=_moment(given.get("until", "")),
        )  # fmt: skip
    except api.Invalid as refused:
        messages.error(request, refused.sentence)
        return redirect(f"{address}?tab=replay")
    return redirect(f"{address}?tab=replay&replay={replay.pk}")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else 0


def _moment(text: str) -> datetime | None:
    """The beginning of a day in the reader's zone."""
    if not text:
        return None
    try:
        return make_aware(datetime.combine(date.fromisoformat(text), time()))
    except ValueError as error:
        raise api.Invalid(_("“%(text)s” is no date. Write it as 2026-11-24.") % {"text": text[:20]}) from error


@page
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide no more; the figures so far stay."""
    replay = api.replay_figures(pk, user=request.user).replay
    api.stop_replay(pk, user=request.user)
    return redirect(f"{reverse('redraw:studio_decision', args=[replay.before.definition.key])}?tab=replay&replay={pk}")


@page
@require_GET
def progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    """How far a replay is, for the page that watches."""
    figures = api.replay_figures(pk, user=request.user)
    return JsonResponse({"percent": percent(figures), "words": said(figures), "finished": figures.replay.state != "running"})


@page
@require_GET
def cases(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The cases that differ, as CSV."""
    figures = api.replay_figures(pk, user=request.user)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"{figures.replay.before.definition.key}-{figures.replay.before.number}-{figures.replay.after.number}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    api.replay_csv(pk, answer, user=request.user)
    return answer


