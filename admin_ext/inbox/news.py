"""“3 new”: the inbox asks now and then whether work has come, and mostly hears that nothing has."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from admin_ext.pages import may_enter
from processes import api


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """How much has come since the page was made. While nothing has come to anybody the answer is 304, and costs
    the session, the person and one row of the engine."""
    if not request.user.is_authenticated:
        return JsonResponse({"n": 0, "words": ""}, status=403)
    etag = f'"{request.user.pk}-{api.news_mark()}"'
    if request.headers.get("If-None-Match") == etag:
        answer: HttpResponse = HttpResponseNotModified()
    elif not may_enter(request.user):
        return JsonResponse({"n": 0, "words": ""}, status=403)
    else:
        n = api.news_for(request.user, since=_moment(request.GET.get("since", "")))
        answer = JsonResponse({"n": n, "words": ngettext("%(n)d new", "%(n)d new", n) % {"n": n} if n else ""})
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _moment(text: str) -> datetime:
    """The moment of a page in seconds; the end of time for what makes no sense, so that nothing is new."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)
