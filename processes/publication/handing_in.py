"""A change on its way: handed in, handed in again, taken back."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.models import State
from processes.errors import Invalid, NotAllowed
from processes.inbox import supervision
from processes.ports import Subject
from processes.publication.changes import KEY, close, locked, note, written_by
from processes.publication.models import ProcessChange
from processes.publication.obstacles import content_of, in_way
from processes.runtime import outbox
from processes.runtime import services as runtime
from processes.runtime.models import ProcessInstance
from processes.spoken import gettext as _

SUBMITTED = "process_change.submitted"


def submit(change_id: int, *, user: Any) -> ProcessChange:
    """Hand a change in: the draft rests, and the process that reviews it begins. Invalid says what stands in the way."""
    with ports.audit().acting(user=user, action="change.submit"), transaction.atomic():
        row = written_by(change_id, user)
        if row.state != ProcessChange.State.PREPARED:
            raise Invalid(_("This change has been sent back. Hand it in again through the task that tells why."))
        catalog.current_version(KEY)  # without the process nobody would ever see it
        row.author = user
        _hand_in(row, user)
        outbox.send_message(name=SUBMITTED, subject=Subject(KEY, row.pk), key=f"change:{row.pk}:{row.round}")
        return row


def resubmit(change_id: int, *, user: Any, reason: str = "") -> ProcessChange:
    """Hand a change in again that was sent back."""
    with transaction.atomic():
        row = locked(change_id, seen=False)
        if row.state != ProcessChange.State.SENT_BACK:
            raise Invalid(_("Only a change that was sent back is handed in again."))
        _hand_in(row, user, reason)
        return row


def _hand_in(row: ProcessChange, user: Any, reason: str = "") -> None:
    said = in_way(row)
    if said:
        raise Invalid(_("This change cannot be handed in yet: ") + " ".join(said))
    version = row.version
    version.state, version.waivers = State.IN_REVIEW, dict(row.findings_waived)
    version.save()
    row.state, row.submitted_at, row.round = ProcessChange.State.SUBMITTED, ports.now(), row.round + 1
    row.content_hash = content_of(version)
    row.save()
    note(row, "submitted", user, reason)


def withdraw(change_id: int, *, reason: str, user: Any) -> ProcessChange:
    """Take back one's own change before anything was published; its review ends."""
    why = runtime.demand_reason(reason)
    with ports.audit().acting(user=user, action="change.withdraw", reason=why), transaction.atomic():
        row = locked(change_id, user)
        if row.author_id != user.pk and not supervision.answers_for(row.definition, user):
            raise NotAllowed(_("Only its author may take a change back."))
        if row.state not in ("prepared", "submitted", "sent_back", "approved"):
            raise Invalid(_("This change is over, or its pilot runs. End the pilot instead."))
        note(row, "withdrawn", user, why)
        close(row, ProcessChange.State.WITHDRAWN)
        instances = ProcessInstance.objects.running().about(KEY, row.pk)
        for pk in list(instances.values_list("pk", flat=True)):
            runtime.cancel_instance(instance_id=pk, user=user, reason=why)
        return row
