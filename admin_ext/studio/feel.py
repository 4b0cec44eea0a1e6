"""What fields with expressions ask while somebody writes in them: is this right, and which names are there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from admin_ext.pages import page
from processes import api

MOST_NAMES = 200


def version_of(text: str) -> UUID:
    """The version an address or an answer names; 404 for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def element_of(given: Any) -> str:
    """The element or the form that is meant: an expression stands in one of them."""
    form = given.get("form", "")
    return f"form:{form}" if form else given.get("element", "")


@page
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Whether a text can be read as the kind that is meant: {ok, error: {sentence, from, to}, unknown: [...]}."""
    found = api.check_expression(
        version_of(request.POST.get("version", "")), element_of(request.POST), request.POST.get("text", ""),
        kind=request.POST.get("kind") or "expression", user=request.user,
        also=request.POST.getlist("also")[:MOST_NAMES],
    )  # fmt: skip
    return JsonResponse({
        "ok": found.ok, "error": mark(found.error) if found.error is not None else None,
        "unknown": [mark(item) for item in found.unknown],
    })  # fmt: skip


@page
@require_GET
def names(request: HttpRequest) -> HttpResponse:
    """The names in scope, in the order in which they are offered."""
    found = api.names_in_scope(version_of(request.GET.get("version", "")), element_of(request.GET), user=request.user)
    return JsonResponse({"names": [
        {"name": item.name, "type": item.type, "label": item.label, "help": item.help, "kind": item.kind,
         "source": item.source, "choices": [{"value": value, "label": label} for value, label in item.choices]}
        for item in found
    ], "words": words()})  # fmt: skip


def words() -> dict[str, Any]:
    """What the list of names says of itself."""
    return {
        "take": pgettext("what a key does", "take"), "close": pgettext("what a key does", "close"), "count": _("{n} names"),
        "types": {
            "text": pgettext("type of a value", "text"), "number": pgettext("type of a value", "number"), "boolean": pgettext("type of a value", "yes or no"), "date": pgettext("type of a value", "date"), "datetime": pgettext("type of a value", "date and time"),
            "time": pgettext("type of a value", "time"), "choice": pgettext("type of a value", "choice"), "user": pgettext("type of a value", "person"), "money": pgettext("type of a value", "amount"), "list": pgettext("type of a value", "list"),
            "context": pgettext("type of a value", "with entries"), "any": "",
        },
    }  # fmt: skip


def mark(item: Any) -> dict[str, Any]:
    """A sentence about a part of a text, as the browser takes it."""
    return {"sentence": item.sentence, "from": item.start, "to": item.end}
