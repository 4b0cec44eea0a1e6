"""The way into a rehearsal's data: inside, the engine and all above it work on a file of their own.

The thread's default database is another one there, the clock stands until it is moved, jobs wait for `drain`, and
what would leave the house is kept. The work runs in a context of its own, so that nothing that is remembered beside
the database (who acts, whose refusals are still to be written) passes in or out. Give plain data back: a queryset
or a row that is asked for more outside would be answered by the real database.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import load_backend
from django.utils import timezone, translation

from processes import ports
from processes.apart import MARK
from processes.runtime import delivery

T = TypeVar("T")

_PRAGMAS = "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA foreign_keys=ON;"


@dataclass
class Inside:
    """What there is in a rehearsal beside its rows: the clock, and what would have left the house."""

    clock: ports.FixedClock
    mails: list[dict[str, Any]] = field(default_factory=list)

    def mail(self, message: Any) -> None:
        """Keep a mail in place of sending it."""
        self.mails.append({
            "at": self.clock.now().isoformat(), "to": ", ".join(message.recipients()), "subject": str(message.subject),
            "body": str(message.body),
        })  # fmt: skip


def inside(file: Path, at: datetime, work: Callable[[Inside], T]) -> T:
    """Do something in a rehearsal whose data are in `file`, at a moment. Who shares the file holds `alone` meanwhile."""
    base = {item.name: getattr(ports.current(), item.name) for item in fields(ports.Ports)}
    language, zone = translation.get_language(), timezone.get_current_timezone()

    def run() -> T:
        room = Inside(ports.FixedClock(at))
        apart = {**base, "clock": room.clock, "notifier": ports.NoNotices(), "outward": room}
        with translation.override(language), timezone.override(zone), ports.using(**apart), delivery.by_hand(), _data(file):
            return work(room)

    return Context().run(run)


@contextmanager
def _data(file: Path) -> Iterator[None]:
    """Let the default database of this thread be a file."""
    real = connections[DEFAULT_DB_ALIAS]
    apart = connection_to(file)
    connections[DEFAULT_DB_ALIAS] = apart
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = real
        apart.close()


def connection_to(file: Path) -> Any:
    """A connection of Django to a file, marked as that of a rehearsal."""
    wanted = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file),
              "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _PRAGMAS}}  # fmt: skip
    settings = connections.configure_settings({DEFAULT_DB_ALIAS: wanted})[DEFAULT_DB_ALIAS]
    connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
    setattr(connection, MARK, True)
    return connection


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Wait until nobody else works on a file."""
    with file.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
