"""What every request and answer has: where it came from, safe headers, the person's own time zone and language."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control


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


class AddressMiddleware:
    """The browser's own address when proxies of ours stand before the program (settings.PROXIES of them).

    Limits on public forms and wrong passwords count by address: without this all the world would be one. Only the
    addresses that our own proxies wrote are believed; what stands before them anybody can make up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if settings.PROXIES and len(told) >= settings.PROXIES:
            request.META["REMOTE_ADDR"] = told[-settings.PROXIES]
        return self.get_response(request)


class HeadersMiddleware:
    """Headers that Django has no setting for: no device of the visitor's is asked for, nothing signed in is kept by caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(settings.STATIC_URL):
            patch_cache_control(response, private=True, no_store=True)
        return response
