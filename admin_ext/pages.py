"""What all our own pages share: signed in, and errors of the floors below as pages that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_core.kernel.access.refusals import log_refusal
from crm_core.kernel.access.standing import standing_of
from processes import errors

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

# Error -> (status, icon, title). The sentence of the error is the text of the page.
KINDS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.NotFound, 404, "search_off"),
    (errors.AlreadyTaken, 409, "person_check"),
    (errors.AlreadyDone, 409, "task_alt"),
    (errors.StaleForm, 409, "sync_problem"),
    (errors.LockTimeout, 503, "hourglass_top"),
    (errors.NotAllowed, 403, "lock"),
)


def may_enter(user: Any) -> bool:
    """Whether the person works here: active, and staff or in a role other than partner's alone."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or user.is_staff or bool(set(standing_of(user).roles) - {"partner"})


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, so that an error is data and not a page."""
    return request.headers.get("X-Requested-With") == "fetch"


def error_page(request: HttpRequest, *, status: int, icon: str, sentence: str, code: str = "") -> HttpResponse:
    """A whole page for something that could not be done."""
    titles = {
        403: _("This is closed to you"),
        404: _("There is nothing here"),
        409: _("Somebody was quicker"),
        503: _("Please try again in a moment"),
    }
    if wants_json(request):
        return JsonResponse({"error": sentence, "code": code}, status=status)
    context = {"title": titles.get(status, _("This could not be done")), "icon": icon, "sentence": sentence,
               "code": code, "status": status}  # fmt: skip
    user = getattr(request, "user", None)
    inside = user is not None and may_enter(user)  # the frame of the house is for who works here
    return render(request, "redraw/error.html" if inside else "redraw/error_plain.html", context, status=status)


def answer_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page for an error of the floors below; refusals by the engine are logged as those of policies are."""
    for kind, status, icon in KINDS:
        if isinstance(error, kind):
            if isinstance(error, errors.NotAllowed) and not isinstance(error, PermissionDenied):
                record = request.resolver_match.url_name if request.resolver_match else "page"
                log_refusal(user=request.user, record=str(record)[:60], object_id=None,
                            action=request.method or "GET", code=error.code)  # fmt: skip
            sentence, code = getattr(error, "sentence", str(error)), getattr(error, "code", "")
            return error_page(request, status=status, icon=icon, sentence=sentence, code=code)
    if isinstance(error, errors.ProcessError):
        return error_page(request, status=400, icon="error", sentence=error.sentence, code=error.code)
    raise error


def page(view: View) -> View:
    """A page for people who work here. Refusals, stale and missing things become pages with a sentence."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_enter(request.user):
            log_refusal(user=request.user, record="page", object_id=None, action="enter", code="outside")
            return error_page(request, status=403, icon="lock", code="outside",
                              sentence=_("Your account has no role here yet. Ask an administrator for one."))  # fmt: skip
        try:
            return view(request, *args, **kwargs)
        except errors.ProcessError as error:
            return answer_error(request, error)

    return login_required(inside)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 403 page of the whole site: the reason, and where to go."""
    sentence = getattr(exception, "sentence", "") or str(exception or "")
    return error_page(request, status=403, icon="lock", code=getattr(exception, "code", ""),
                      sentence=sentence or _("You may not see this page. Ask an administrator."))  # fmt: skip


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 404 page of the whole site."""
    return error_page(request, status=404, icon="search_off",
                      sentence=_("The address may be wrong, or what stood here is gone."))  # fmt: skip


def broken_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose protection against forgery did not hold."""
    return error_page(request, status=403, icon="shield", code="csrf",
                      sentence=_("The form was open for too long. Go back, reload the page and send it again."))  # fmt: skip


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """The page after too many wrong passwords."""
    return render(request, "redraw/locked.html", status=429)
