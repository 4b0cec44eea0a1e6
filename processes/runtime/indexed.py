"""Conditions of the partial indexes as literal SQL.

SQLite uses a partial index only where the query says its condition in literal values; bound parameters, which
Django makes of every value, would have it read the whole table each time.
"""

from __future__ import annotations

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from viewflow.workflow.status import STATUS

from processes.runtime.models import OPEN, Outbox, Task


def _among(states: tuple[object, ...]) -> str:
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"


def _literal(sql: str) -> RawSQL:
    return RawSQL(sql, (), output_field=BooleanField())  # noqa: S611 (words of our own)


_task, _outbox = Task._meta.db_table, Outbox._meta.db_table
State = Outbox.State

ASLEEP = _literal(
    f"{_task}.status IN {_among((STATUS.SCHEDULED, STATUS.STARTED))} AND {_task}.next_attempt_at IS NOT NULL"
)
"""Tasks that the dispatcher looks at, at `next_attempt_at`."""

WAITING_FOR_EVENT = _literal(f"{_task}.status IN {_among(OPEN)} AND NOT ({_task}.event_key = '')")
"""Tasks that a message or a signal moves."""

UNDELIVERED = _literal(f"{_outbox}.state IN {_among((State.PENDING.value, State.WAITING.value))}")
"""Outbox rows that are not delivered yet."""

KEPT = _literal(f"{_outbox}.state = '{State.WAITING.value}'")
"""Messages that nobody waits for yet."""
