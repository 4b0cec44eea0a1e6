"""A form made for a step while it is drawn: empty, or asking for a yes or a no with a reason."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from admin_ext.pages import page
from admin_ext.studio.forms import LANGUAGES, save
from processes import api

MOST_LETTERS = 40
AGREE, NO, WHY, MAY = gettext_noop("Yes, I agree"), gettext_noop("No, I do not"), gettext_noop("Reason of the answer"), gettext_noop("May it go on?")


@page
@require_POST
def make_for_step(request: HttpRequest, key: str) -> HttpResponse:
    """Make a form for a step and tell its key; with kind "approval" it asks whether it may go on."""
    draft = api.open_draft(key, user=request.user)
    name = key_for(request.POST.get("step", ""), taken=draft.version.forms)
    components = approval(name) if request.POST.get("kind") == "approval" else []
    schema = {"type": "default", "schemaVersion": 16, "id": name, "components": components}
    save(draft, name, json.dumps(schema, ensure_ascii=False, indent=2), request.user)
    return JsonResponse({"form": name, "said": _("The form “%(form)s” is made and bound to the step.") % {"form": name}})


def key_for(step: str, *, taken: Any) -> str:
    """The key of a form for a step of that name, another than those that are taken."""
    plain = slugify(step)[:MOST_LETTERS].strip("-").replace("-", "_")
    base = plain if plain[:1].isalpha() else f"form_{plain}".rstrip("_")
    return next(found for number in count(1) if (found := base if number == 1 else f"{base}_{number}") not in taken)


def approval(name: str) -> list[dict[str, Any]]:
    """The fields of an approval: a yes or a no, and why, which a no must say."""
    answer = f"{name}_answer"
    return [
        {"type": "radio", "key": answer, **_said(MAY, "label"), "validate": {"required": True},
         "values": [{"value": "approved", **_said(AGREE, "label")}, {"value": "refused", **_said(NO, "label")}]},
        {"type": "textarea", "key": f"{name}_reason", "validate": {"maxLength": 500},
         **_said(WHY, "label", requiredIf=f'= {answer} = "refused"')},
    ]  # fmt: skip


def _said(words: str, attribute: str, **more: str) -> dict[str, Any]:
    """A text of a form in every language."""
    said = {}
    for language, _name in LANGUAGES:
        with translation.override(language):
            said[language] = _(words)
    return {attribute: said.pop("en"), "properties": {**{f"{attribute}:{code}": text for code, text in said.items()}, **more}}
