"""Whether there may be new work, told by one indexed row; and how much, when there may be.

Every step of people writes whom it is offered to, and whoever hands a task on or gives it back writes the offer
anew, so the newest offer's id is the clock of all inboxes: while it stands still, nothing has come to anybody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from uuid_utils.compat import uuid7

from processes import ports
from processes.inbox.visibility import offered
from processes.runtime.models import Task, TaskCandidate

MOST_COUNTED = 100
LOOK_AGAIN = 300
"""After so many seconds the mark changes by itself: a slow transaction's offer may carry an older id than one
that was seen before, and snoozed tasks come back without an offer."""


def mark() -> str:
    """What stays the same while nothing new has come to anybody. Reads one row by the primary key's index."""
    newest = TaskCandidate.objects.order_by("-pk").values_list("pk", flat=True).first()
    return f"{newest.hex if newest else 0}-{int(ports.now().timestamp()) // LOOK_AGAIN}"


def arrived(user: Any, since: datetime) -> int:
    """How many tasks have come to the person or their teams since a moment, counted to a hundred."""
    waiting = Task.objects.human().waiting()
    came = Q(assigned__gt=since) | Q(assigned__isnull=True, created__gt=since) | Q(followup_at__gt=since, followup_at__lte=ports.now())
    mine = waiting.filter(came, owner=user).exclude(followup_at__gt=ports.now())
    teams = waiting.filter(offered(user), created__gt=since)
    return min(MOST_COUNTED, mine.order_by()[:MOST_COUNTED].count() + teams.order_by()[:MOST_COUNTED].count())


def renew(task_id: Any) -> None:
    """Write one offer of a task anew: it has come to somebody though no step has begun."""
    offer = TaskCandidate.objects.filter(task=task_id, excluded=False).first()
    if offer is not None:
        offer.delete()
        offer.pk = uuid7()
        offer.save(force_insert=True)
