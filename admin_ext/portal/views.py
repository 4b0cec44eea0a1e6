"""What customers see, without a password: forms for questions and complaints, their case, a survey.

No third parties, no scripts needed. Deliveries are limited by address, and a field that people do not see
catches programs; what is wrong comes back beside its field with everything that was typed.
"""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_core.kernel.links import LinkInvalid
from crm_core.marketing.services import member_of_link, unsubscribe
from crm_core.sales.services import receive_lead
from crm_core.service.services import (
    answer_survey,
    customer_answers,
    customer_view,
    receive_case,
    survey_view,
)
from crm_core.service.services.customers import token_of
from processes.errors import Invalid

PER_HOUR = 20
"""Deliveries from one address in an hour."""

MOST_TEXT = 20_000
"""Characters of one answer."""

TRAP = "website_url"
LEAD_FIELDS = ("contact_name", "company", "email", "phone", "message")
CASE_FIELDS = ("contact_name", "company", "contact_email", "contact_phone", "subject_line", "description", "product")


def _over_limit(request: HttpRequest, what: str) -> bool:
    """Whether this address has sent too much in the last hour; counts the present delivery."""
    key = f"portal:{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, 3600)
    return int(cache.incr(key)) > PER_HOUR


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, f"redraw/portal/{template}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _must_be_short(typed: dict[str, str]) -> None:
    """Raise Invalid for a longer text than anybody reads: nothing is cut off unseen."""
    long = [name for name, text in typed.items() if len(text) > MOST_TEXT]
    if long:
        sentence = _("Please keep it below %(most)s characters.") % {"most": MOST_TEXT}
        raise Invalid(sentence, errors=dict.fromkeys(long, sentence))


def _key(request: HttpRequest) -> str | None:
    return request.POST.get("_delivery", "")[:80] or None


def _too_many(request: HttpRequest) -> HttpResponse:
    sentence = _("Many messages came from your network in the last hour. Please try again later, or call us.")
    return _page(request, "message", {"title": _("Please try again later"), "text": sentence}, status=429)


@never_cache
def lead(request: HttpRequest) -> HttpResponse:
    """The form for questions."""
    typed: dict[str, str] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        if request.POST.get(TRAP):
            return redirect(reverse("portal:lead_form") + "?sent=1")
        if _over_limit(request, "lead"):
            return _too_many(request)
        typed = _typed(request, LEAD_FIELDS)
        try:
            _must_be_short(typed)
            receive_lead(
                data={**typed, "language": request.LANGUAGE_CODE}, source="web_form", channel="web",
                consent=request.POST.get("consent") == "yes", idempotency_key=_key(request),
            )  # fmt: skip
        except Invalid as error:
            errors = error.errors or {"message": error.sentence}
        else:
            return redirect(reverse("portal:lead_form") + "?sent=1")
    context = {"title": _("Ask us"), "typed": typed, "errors": errors, "sent": "sent" in request.GET}
    return _page(request, "lead", context, status=422 if errors else 200)


@never_cache
def complaint(request: HttpRequest) -> HttpResponse:
    """The form for complaints; it leads to the customer's own page of the case."""
    typed: dict[str, str] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        if request.POST.get(TRAP):
            return redirect(reverse("portal:complaint_form"))
        if _over_limit(request, "case"):
            return _too_many(request)
        typed = _typed(request, CASE_FIELDS)
        try:
            _must_be_short(typed)
            received = receive_case(
                data={**typed, "kind": "complaint", "language": request.LANGUAGE_CODE}, channel="web",
                idempotency_key=_key(request),
            )  # fmt: skip
        except Invalid as error:
            errors = error.errors or {"description": error.sentence}
        else:
            return redirect(reverse("portal:case", args=(token_of(received),)))
    context = {"title": _("Tell us what went wrong"), "typed": typed, "errors": errors}
    return _page(request, "complaint", context, status=422 if errors else 200)


def _wrong_link(request: HttpRequest, error: LinkInvalid) -> HttpResponse:
    return _page(request, "message", {"title": _("This link does not work"), "text": error.sentence}, status=404)


@never_cache
def case(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's page of a case: where it stands, our answer, accept or not, add something."""
    problem = ""
    try:
        if request.method == "POST":
            answer = request.POST.get("answer") or None
            try:
                customer_answers(token, answer=answer, text=request.POST.get("text", ""))
                return redirect(reverse("portal:case", args=(token,)))
            except Invalid as error:
                problem = error.sentence
        shown = customer_view(token)
    except LinkInvalid as error:
        return _wrong_link(request, error)
    context = {"title": shown.number, "case": shown, "problem": problem, "text": request.POST.get("text", "")}
    return _page(request, "case", context, status=422 if problem else 200)


@never_cache
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """One question with a scale, and a word if one wants to."""
    problem = ""
    try:
        if request.method == "POST":
            try:
                answer_survey(token, mark=request.POST.get("mark", ""), text=request.POST.get("text", ""))
                return redirect(reverse("portal:survey", args=(token,)))
            except Invalid as error:
                problem = error.sentence
        shown = survey_view(token)
    except LinkInvalid as error:
        return _wrong_link(request, error)
    context = {
        "title": _("Your opinion"), "survey": shown, "problem": problem,
        "marks": list(range(shown.lowest, shown.highest + 1)),
    }  # fmt: skip
    return _page(request, "survey", context, status=422 if problem else 200)


@never_cache
def no_more(request: HttpRequest, token: str) -> HttpResponse:
    """One click, and no more mails of that kind. Opening the page does nothing: mail programs open links too."""
    try:
        if request.method == "POST":
            address = unsubscribe(token)
            sentence = _("Nothing of this kind will go to %(address)s any more.") % {"address": address}
            return _page(request, "message", {"title": _("Done"), "text": sentence})
        address = member_of_link(token).address
    except LinkInvalid as error:
        return _wrong_link(request, error)
    return _page(request, "no_more", {"title": _("No more mails of this kind?"), "address": address})
