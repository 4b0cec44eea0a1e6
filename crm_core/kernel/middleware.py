"""Tells the audit trail who acts in a request, and keeps the log of its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import uuid_utils.compat as uuid7
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crm_core.kernel.acting import acting, refine


class ActingMiddleware:
    """Attributes everything that a request writes to the person signed in.

    The person is read only when there is a session at all: a public page costs no query.
    Every request gets an id of ours (nobody else's is trusted), which stands in the audit
    trail, in the refusal log, and in the response's header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid7.uuid7().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        known = user if user is not None and user.is_authenticated else None
        with acting(known, request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Name the page by its route: a path may hold a signed link, which no log should."""
        if request.resolver_match is not None:
            refine(action=f"{request.method} {request.resolver_match.route}")
