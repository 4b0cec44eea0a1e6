"""Writes of the catalogue by people: a draft beside what is published. Folders come in through `loading`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from processes.bpmn import BpmnError, parse
from processes.catalog import selectors
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.errors import Invalid
from processes.spoken import gettext as _
from processes.spoken import spoken


def save_draft_version(
    *, key: str, bpmn: str, forms: Mapping[str, Any] | None = None, notes: str = "", user: Any = None
) -> ProcessVersion:
    """Keep a drawing as a draft of a process: in place of the person's own open draft, else as the next version.

    The drawing may be unfinished, but it must be BPMN; Invalid says why it is not. NotFound without the process.
    """
    try:
        parse(bpmn)
    except BpmnError as error:
        sentence = spoken(error.sentence)
        raise Invalid(sentence, errors={"bpmn": sentence}) from error
    with transaction.atomic():
        found = selectors.definition(key)
        definition = ProcessDefinition.objects.select_for_update().get(pk=found.pk)
        newest = definition.versions.order_by("-number").first()
        if newest is None or not newest.is_open or newest.created_by_id != getattr(user, "pk", None):
            number = (definition.versions.aggregate(most=Max("number"))["most"] or 0) + 1
            newest = ProcessVersion(definition=definition, number=number, created_by=user)
        newest.bpmn, newest.notes = bpmn, notes
        if forms is not None:
            newest.forms = dict(forms)
        newest.save()
        return newest


def discard_draft(version: ProcessVersion) -> None:
    """Delete a draft; ImmutableVersion for what was published, Invalid when instances run on it."""
    if version.processinstance_set.exists():
        raise Invalid(
            _("%(version)s has been tried out, and its instances stand on it. Keep it.") % {"version": version}
        )
    version.delete()
