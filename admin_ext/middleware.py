"""The person's own time zone and language on every page."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class PersonMiddleware:
    """Shows times in the person's zone, and pages in the person's language unless a cookie says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        zone = getattr(user, "zone", "") if user.is_authenticated else ""
        language = getattr(user, "language", "") if user.is_authenticated else ""
        if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        try:
            place = ZoneInfo(zone) if zone else None
        except (ZoneInfoNotFoundError, ValueError):
            place = None
        with timezone.override(place):
            return self.get_response(request)
