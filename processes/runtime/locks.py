"""The lock of an instance: one row, taken by whoever moves the instance.

On PostgreSQL it is `FOR NO KEY UPDATE`, which, unlike `FOR UPDATE`, lets other rows that refer to the
instance be written meanwhile; waiting ends after a few seconds with a clear error instead of a hung page.
SQLite has no row locks: there the transaction itself is IMMEDIATE, and a second writer waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from processes.errors import LockTimeout, NotFound
from processes.runtime.models import ProcessInstance
from processes.runtime.store import INSTANCES
from processes.runtime.together import Statement, execute
from processes.spoken import gettext as _

WAIT_SECONDS = 5
"""How long a step waits for another step of the same instance."""

_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL error code lock_not_available


def locking(where: str, params: Sequence[Any], *, skip_locked: bool = False) -> Statement:
    """The statement that reads an instance and locks it until the end of the transaction."""
    suffix = ""
    if connection.vendor == "postgresql":
        suffix = " FOR NO KEY UPDATE"
        if skip_locked:
            suffix += " SKIP LOCKED"
        else:  # set when the row is found, that is before it is waited for; spares a statement
            where += f" AND set_config('lock_timeout', '{WAIT_SECONDS}s', true) IS NOT NULL"
    return INSTANCES.selecting(where, params, suffix)


@contextmanager
def patiently() -> Iterator[None]:
    """Raise LockTimeout when a lock is not to be had within `WAIT_SECONDS`."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
            raise LockTimeout(_("Somebody else works on this just now. Please try again in a moment.")) from error
        raise


def locked_instance(instance_id: UUID) -> ProcessInstance:
    """The instance's row, locked until the end of the transaction.

    Must be called inside a transaction. Raises NotFound, or LockTimeout after `WAIT_SECONDS`.
    """
    with patiently():
        found = INSTANCES.rows(execute(INSTANCES.connection(), [locking("id = %s", [instance_id])])[0])
    if not found:
        raise NotFound(_("There is no such process instance."))
    return found[0]


class RowLock:
    """The same lock in the shape that Viewflow's `Flow.lock_impl` asks for."""

    @contextmanager
    def __call__(self, flow_class: Any, process_pk: UUID) -> Iterator[None]:
        with transaction.atomic():
            locked_instance(process_pk)
            yield
