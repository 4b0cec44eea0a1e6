"""Beside the task of a reviewer: the record of the change, what it changes, what was let pass and why, its tests, its pilot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from admin_ext import words
from admin_ext.inbox import beside
from admin_ext.studio import publication_words as said
from processes import api
from processes.publication.models import PARTS, ProcessChange

KIND = "process_change"
TEMPLATE = "redraw/studio/publication_beside.html"


def register() -> None:
    """Called once from AppConfig.ready."""
    beside.register(KIND, title=gettext_lazy("The change"), template=TEMPLATE, fill=fill)


def fill(row: ProcessChange, user: Any) -> Mapping[str, Any]:
    """Everything that a reviewer weighs."""
    version = row.version
    before = row.former or version.base
    waived = [one.finding for one in api.change_findings(row) if row.findings_waived.get(one.finding.key)] if version.is_open else []
    return {
        "change": row, "url": reverse("redraw:studio_publication", args=[row.definition.key]),
        "record": list(_record(row)), "changed": said.changed(row.definition.key, before, version, user),
        "waived": [{"finding": one, "why": row.findings_waived[one.key]} for one in waived],
        "tested": api.change_tests(row), "when": when(row), "pilot": list(pilot_words(row)),
    }  # fmt: skip


def _record(row: ProcessChange) -> Iterator[dict[str, str]]:
    """The parts of the record, each written or left out with the reason."""
    for part in PARTS:
        found: Any = ProcessChange._meta.get_field(part)
        text = str(row.owner or "") if part == "owner" else getattr(row, part)
        if text or row.waived.get(part):
            yield {"label": str(found.verbose_name), "text": text, "without": "" if text else row.waived[part]}


def when(row: ProcessChange) -> str:
    """When it shall be published, in words."""
    if row.way == ProcessChange.Way.AT and row.at is not None:
        return _("It is published at %(moment)s.") % {"moment": words.moment(row.at)}
    if row.way == ProcessChange.Way.PILOT:
        return _("A part takes it first, the pilot.")
    return _("It is published as soon as it is approved.")


def pilot_words(row: ProcessChange) -> Iterator[tuple[str, str, bool]]:
    """Who is in the pilot: pairs of what is limited and to what; true for what stands as it was written."""
    if row.way != ProcessChange.Way.PILOT:
        return
    kind = api.record_kind(row.version)
    groups = {group.name: (str(group.label), kind.group_words) for group in kind.groups} if kind is not None else {}
    listed = {one.name: one for one in kind.audiences()} if kind is not None else {}
    for name, values in row.choices.items():
        if name in groups:
            label, called = groups[name][0], groups[name][1](name, values)
        else:
            found = listed.get(name)
            label, called = (str(found.label), dict(found.options())) if found is not None else (name, {})
        yield label, pgettext("between the parts of a list", ", ").join(called.get(value, value) for value in values), True
    if row.rule.strip():
        yield _("And only when"), row.rule.strip(), True
    yield _("Share of customers"), f"{row.share} %", False
    if row.pilot_until is not None:
        yield _("Until"), words.moment(row.pilot_until), False
