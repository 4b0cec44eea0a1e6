"""Conditions of the partial indexes, in the words that their queries need (see `processes.runtime.lookups`)."""

from __future__ import annotations

from django.db.models import Q
from viewflow.workflow.status import STATUS

from processes.runtime.models import OPEN, Outbox

State = Outbox.State

ASLEEP = Q(status__literally=(STATUS.SCHEDULED, STATUS.STARTED), next_attempt_at__isnull=False)
"""Tasks that the dispatcher looks at, at `next_attempt_at`."""

WAITING_FOR_EVENT = Q(status__literally=OPEN) & ~Q(event_key__literally="")
"""Tasks that a message or a signal moves."""

UNDELIVERED = Q(state__literally=(State.PENDING, State.WAITING))
"""Outbox rows that are not delivered yet."""

KEPT = Q(state__literally=State.WAITING)
"""Messages that nobody waits for yet."""
