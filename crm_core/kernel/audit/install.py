"""Puts the triggers into the database after every migrate, and prepares connections."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.db import connections

from crm_core.kernel.audit import postgresql, sqlite
from crm_core.kernel.audit.registry import audited_tables
from crm_core.kernel.models.audit import AuditEntry

_DIALECTS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


class NoAuditHere(RuntimeError):
    """The database is neither SQLite nor PostgreSQL, so nothing could be audited."""


def dialect(connection: Any) -> ModuleType:
    """The generator for a connection's database; raises NoAuditHere for others."""
    try:
        return _DIALECTS[connection.vendor]
    except KeyError:
        raise NoAuditHere(
            f"Auditing is not built for {connection.vendor}: use SQLite or PostgreSQL."
        ) from None


def install(using: str = "default") -> int:
    """Create missing triggers and remove outdated ones; returns how many were created.

    Tables and columns that are not there yet (a migrate of single apps) are left for the next time.
    """
    connection = connections[using]
    speaking = dialect(connection)
    trail = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if trail not in there:
            return 0
        wanted = dict(speaking.guards(trail))
        columns = speaking.columns(cursor)
        for table in audited_tables():
            if table.table in there:
                table = table.only(columns.get(table.table))
                wanted.update(speaking.triggers(table, trail))
        if speaking is postgresql:
            cursor.execute(postgresql.functions(trail))
        found = speaking.existing(cursor)
        for name in found.keys() - wanted.keys():
            speaking.drop(cursor, name, found[name])
        missing = wanted.keys() - found.keys()
        for name in sorted(missing):
            cursor.execute(wanted[name])
    return len(missing)


def remove(using: str = "default") -> None:
    """Remove every audit trigger, so that tables may be rebuilt; `install` brings them back."""
    connection = connections[using]
    speaking = dialect(connection)
    with connection.cursor() as cursor:
        for name, table in speaking.existing(cursor).items():
            speaking.drop(cursor, name, table)


def before_migrate(*, using: str, plan: Any = (), **_signal: Any) -> None:
    """SQLite changes a table by rebuilding it, which triggers on other tables would stop."""
    if plan and connections[using].vendor == "sqlite":
        remove(using)


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Bring the triggers up to date."""
    install(using)


def on_connection(*, connection: Any, **_signal: Any) -> None:
    """Prepare a new connection for the triggers."""
    if connection.vendor in _DIALECTS:
        dialect(connection).prepare_connection(connection)
