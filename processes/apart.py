"""Whether this thread works on the throw-away data of a rehearsal, for what is kept in memory by ids of rows.

A rehearsal runs the real engine in the same program, with another database in the place of the default one. What
memory keeps by ids must not pass from one to the other, and ids are equal in both more often than not.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

MARK = "redraw_apart"


def is_apart() -> bool:
    """Whether the default database of this thread is that of a rehearsal."""
    return bool(getattr(connections[DEFAULT_DB_ALIAS], MARK, False))


def dialect(connection: Any) -> tuple[str, str]:
    """What SQL and converters that were made for a connection are kept by: its alias, and what it speaks."""
    return connection.alias, connection.vendor
