"""Conditions of the partial indexes, in the words that their queries need (see `processes.runtime.lookups`)."""

from __future__ import annotations

from django.db.models import Q
from viewflow.workflow.status import PROCESS, STATUS

from processes.runtime.models import OPEN, Outbox

State = Outbox.State

ASLEEP = Q(status__literally=(STATUS.SCHEDULED, STATUS.STARTED), next_attempt_at__isnull=False)
"""Tasks that the dispatcher looks at, at `next_attempt_at`."""

TICKING = Q(status__literally=OPEN, clock_at__isnull=False)
"""Tasks whose clock the dispatcher looks at, at `clock_at`."""

TICKING_INSTANCES = Q(status__literally=(PROCESS.NEW,), clock_at__isnull=False)
"""Instances whose clock the dispatcher looks at, at `clock_at`."""

WAITING_FOR_EVENT = Q(status__literally=OPEN) & ~Q(event_key__literally="")
"""Tasks that a message or a signal moves."""

UNDELIVERED = Q(state__literally=(State.PENDING, State.WAITING))
"""Outbox rows that are not delivered yet."""

KEPT = Q(state__literally=State.WAITING)
"""Messages that nobody waits for yet."""

DEAD = Q(state__literally=State.DEAD)
"""What could not be delivered and waits for a person."""

FAILED = Q(outcome__literally="error")
"""Instances that ended in an error."""
