"""Switching the language: a cookie for this browser, and the person's own setting for mails and the next sign-in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from crm_core.kernel.models import User
from crm_core.kernel.people import choose_language


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back to where one was."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = redirect(target if safe else "/")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax", secure=request.is_secure()
        )
        if isinstance(request.user, User):
            choose_language(user=request.user, language=language)
    return response
