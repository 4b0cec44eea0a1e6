"""What reviewers decide of a change."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from processes.errors import Invalid, NotAllowed
from processes.publication import rights
from processes.publication.changes import approvals, back, close, locked, not_by, note
from processes.publication.models import ProcessChange
from processes.runtime import services as runtime
from processes.spoken import gettext as _


def review(change_id: int, *, verdict: str, reason: str, user: Any) -> int:
    """Record what a reviewer decided; gives how many have approved in this round. Never the author (four eyes)."""
    with transaction.atomic():
        row = locked(change_id, seen=False)
        if row.state != ProcessChange.State.SUBMITTED:
            raise Invalid(_("This change is not under review."))
        rights.demand(rights.may_review(user, row.definition, row.author))
        if user.pk in not_by(row):
            raise NotAllowed(_("You have handed this change in or reviewed it already. Somebody else has to look at it."))
        if verdict != "approved":
            runtime.demand_reason(reason)
        note(row, verdict, user, reason)
        if verdict == "sent_back":
            back(row)
        elif verdict == "refused":
            close(row, ProcessChange.State.REFUSED)
        elif verdict != "approved":
            raise Invalid(_("Say whether you approve, send back or refuse."))
        return approvals(row)


def approve(change_id: int, *, user: Any) -> None:
    """All reviews are in favour."""
    with transaction.atomic():
        row = locked(change_id, seen=False)
        if row.state == ProcessChange.State.SUBMITTED:
            if approvals(row) < 1:
                raise NotAllowed(_("Nobody has approved this change yet."))
            row.state = ProcessChange.State.APPROVED
            row.save(update_fields=["state"])
