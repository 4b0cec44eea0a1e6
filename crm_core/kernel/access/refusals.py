"""The log of refusals survives the transaction that the refusal rolls back.

The row is written at once; if the surrounding transaction is rolled back (as it is when the
refusal leaves a service as an exception), it is written again, under the same key, when the
outermost `acting` block ends.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db import connection

from crm_core.kernel import acting
from crm_core.kernel.models.access import AccessRefusal

_pending: ContextVar[list[AccessRefusal] | None] = ContextVar("redraw_refusals", default=None)


def log_refusal(*, user: Any, record: str, object_id: Any, action: str, code: str) -> None:
    """Write down that `user` was refused `action` on a record: ids and codes, nothing personal."""
    known = isinstance(object_id, int) or (isinstance(object_id, str) and object_id.isdecimal())
    row = AccessRefusal(
        user_id=getattr(user, "pk", None),
        record=record,
        object_id=int(object_id) if known and abs(int(object_id)) < 2**63 else None,
        action=action[:40],
        code=code[:40],
        request_id=acting.current().request_id,
    )
    AccessRefusal.objects.bulk_create([row])
    if connection.in_atomic_block and acting.is_inside():
        waiting = _pending.get()
        if waiting is None:
            _pending.set([row])
        else:
            waiting.append(row)


def write_pending() -> None:
    """Write again what a rollback may have taken away; runs when the outermost `acting` block ends.

    When a transaction is still open then, its fate is its opener's, and so is that of the rows.
    """
    waiting = _pending.get()
    if waiting:
        _pending.set(None)
        if not connection.in_atomic_block:
            AccessRefusal.objects.bulk_create(waiting, ignore_conflicts=True)
