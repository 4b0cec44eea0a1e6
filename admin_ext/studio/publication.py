"""The page on which a change of a process is written down, handed in and followed, with its pilots and its history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from admin_ext.pages import page
from admin_ext.studio.drawing import tabs
from admin_ext.studio.forms import version_for
from processes import api, ports
from processes.publication.models import ProcessChange

TEXTS = ("diagnosis", "measures", "customer_view", "training")
LOOKED_BACK = timedelta(days=30)
HAPPENED = {
    "submitted": gettext_lazy("handed in"), "approved": gettext_lazy("agreed to"), "sent_back": gettext_lazy("sent back"),
    "refused": gettext_lazy("turned down"), "published": gettext_lazy("published"), "piloted": gettext_lazy("pilot begun"),
    "rolled_out": gettext_lazy("rolled out"), "pilot_withdrawn": gettext_lazy("pilot withdrawn"),
    "withdrawn": gettext_lazy("taken back"), "checks_failed": gettext_lazy("came back from the checks"),
    "not_published": gettext_lazy("could not be published"), "not_handed_in": gettext_lazy("could not be handed in again"),
}  # fmt: skip
SEVERITY = {
    "error": (pgettext_lazy("finding", "must be mended"), "red", "error"),
    "block": (gettext_lazy("mend it, or let it pass with a reason"), "amber", "front_hand"),
    "warning": (gettext_lazy("worth a look"), "", "warning"),
}  # fmt: skip


@page
@require_GET
def publication(request: HttpRequest, key: str) -> HttpResponse:
    """What stands in the way, the record, when and for whom, what is under way, and what was published by whom and why."""
    user = request.user
    pilots = api.pilots(key, user=user)
    version, draft, may_edit = version_for(user, key)
    changes = api.changes(key, user=user)
    under_way = [row for row in changes if row.state in ("submitted", "approved", "piloted", "sent_back")]
    context = {
        "title": _("Publication"), "process": version.definition, "version": version, "draft": draft, "may_edit": may_edit,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (version.definition.title(), reverse("redraw:process", args=[key]))],
        "tabs": tabs(version, "publication") if draft is not None else [], "pilots": pilots, "under_way": [_told(row) for row in under_way], "may_publish": api.may_publish(user, key),
        "history": [_told(row) for row in changes if row.state in ("published", "withdrawn", "refused")],
    }  # fmt: skip
    if draft is not None:
        row = next((one for one in changes if one.version_id == version.pk and one.is_open), None)
        context |= _prepared(version, row, user)
    return render(request, "redraw/studio/publication.html", context)


def _prepared(version: Any, row: Any, user: Any) -> dict[str, Any]:
    """The draft's part of the page."""
    waived = row.findings_waived if row is not None else {}
    findings = [
        {"finding": one, "word": SEVERITY[one.severity][0], "colour": SEVERITY[one.severity][1], "icon": SEVERITY[one.severity][2],
         "waived": waived.get(one.key, ""), "anchor": f"w-{number}"}
        for number, one in enumerate(api.draft_findings(version.pk, user=user))
    ]  # fmt: skip
    found: dict[str, Any] = {
        "change": row, "findings": findings, "texts": [_text(row, name) for name in TEXTS], "owners": _owners(version, user, row),
        "groups": _groups(version, row), "kind": api.record_kind(version),
        "obstacles": api.change_obstacles(row.pk, user=user) if row is not None else [_("Write the record and save it first.")],
    }  # fmt: skip
    if row is not None and row.way == "pilot":
        found["preview"] = api.pilot_preview(
            version.pk, user=user, rule=row.rule, choices=row.choices, share=row.share, since=ports.now() - LOOKED_BACK
        )
    return found


def _text(row: Any, name: str) -> dict[str, Any]:
    field: Any = ProcessChange._meta.get_field(name)
    return {
        "name": name, "label": field.verbose_name, "hint": field.help_text, "value": getattr(row, name, ""),
        "waived": row.waived.get(name, "") if row is not None else "",
    }  # fmt: skip


def _owners(version: Any, user: Any, row: Any) -> list[Any]:
    people = [*ports.people().members("process_owner"), version.definition.owner, user, getattr(row, "owner", None)]
    return list({one.pk: one for one in people if one is not None and one.is_active}.values())


def _groups(version: Any, row: Any) -> list[dict[str, Any]]:
    """The groups of the record that have a list to choose from."""
    kind = api.record_kind(version)
    chosen = row.choices if row is not None else {}
    return [
        {"name": group.name, "label": group.label, "chosen": ", ".join(chosen.get(group.name, []))}
        for group in (kind.groups if kind is not None else ()) if group.type != "user"
    ]  # fmt: skip


def _told(row: Any) -> dict[str, Any]:
    """A change with what was done with it, in words."""
    done = [{"word": HAPPENED.get(one.what, one.what), "by": one.by, "at": one.at, "reason": one.reason} for one in row.happenings.all()]
    return {"change": row, "done": done, "approved_by": [one.by for one in row.happenings.all() if one.what == "approved"]}


# --- acting ------------------------------------------------------------------------------------------------
@page
@require_POST
def act(request: HttpRequest, key: str) -> HttpResponse:
    """One of the buttons of the page; leads back to it with what came of it."""
    doing = {"record": _record, "waive": _waive, "submit": _submit, "withdraw": _withdraw, "update": _update, "publish": _publish}
    action = doing.get(request.POST.get("do", ""))
    if action is None:
        raise api.NotFound(_("There is no such button."))
    try:
        messages.success(request, action(request, key))
    except api.Invalid as error:
        messages.error(request, error.sentence)
    return redirect("redraw:studio_publication", key=key)


def _draft(request: HttpRequest, key: str) -> Any:
    draft = api.draft_of(key, user=request.user)
    if draft is None:
        raise api.NotFound(_("There is no draft of this process. Open one to change it."))
    return draft.version


def _record(request: HttpRequest, key: str) -> str:
    """Save the record, first what was written, then when and for whom: a rule that cannot be read loses no sentence."""
    post = request.POST
    row = api.prepare_change(_draft(request, key).pk, user=request.user)
    owner = post.get("owner", "")
    values = {name: post.get(name, "").strip() for name in ("title", *TEXTS)}
    api.record_change(row.pk, user=request.user, values={
        **values, "owner_id": int(owner) if owner.isdecimal() else None, "customers_notice": "customers_notice" in post,
        "waived": {name: post.get(f"without_{name}", "").strip() for name in TEXTS},
    })  # fmt: skip
    share = post.get("share", "")
    choices = {name[6:]: [one.strip() for one in str(value).split(",") if one.strip()] for name, value in post.items() if name.startswith("group_")}
    api.record_change(row.pk, user=request.user, values={
        "way": post.get("way", "now"), "at": _moment(post.get("at", "")), "pilot_until": _moment(post.get("pilot_until", "")),
        "rule": post.get("rule", "").strip(), "choices": {name: one for name, one in choices.items() if one},
        "share": int(share[:4]) if share.isdecimal() else 100,
    })  # fmt: skip
    return _("The record is saved.")


def _moment(text: str) -> datetime | None:
    found = parse_datetime(text) if text else None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def _waive(request: HttpRequest, key: str) -> str:
    row = api.prepare_change(_draft(request, key).pk, user=request.user)
    api.waive_finding(row.pk, request.POST.get("finding", ""), reason=request.POST.get("reason", ""), user=request.user)
    return _("Kept. Reviewers see the reason.")


def _submit(request: HttpRequest, key: str) -> str:
    row = api.prepare_change(_draft(request, key).pk, user=request.user)
    api.submit_change(row.pk, user=request.user)
    return _("Handed in. You hear of it in your inbox.")


def _withdraw(request: HttpRequest, key: str) -> str:
    number = request.POST.get("change", "")
    api.withdraw_change(
        int(number) if number.isdecimal() else 0, reason=request.POST.get("reason", ""), user=request.user
    )
    return _("Taken back. The draft is as it was.")


def _update(request: HttpRequest, key: str) -> str:
    conflicts = api.bring_up_to_date(_draft(request, key).pk, user=request.user)
    if not conflicts:
        return _("The draft is up to date; both changes are in it.")
    places = ", ".join(f"“{one.element}”" for one in conflicts[:5])
    return _("The draft is up to date. Where both had changed the same, yours stands: %(places)s. Look at it.") % {"places": places}


def _publish(request: HttpRequest, key: str) -> str:
    version = _draft(request, key)
    api.publish(key, number=version.number, user=request.user)
    return _("Published. Everything that begins from now on runs on it.")
