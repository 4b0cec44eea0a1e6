"""Statements that PostgreSQL is sent again and again are prepared there under a name.

Reading and planning a statement of a step costs the server as much as running it. A connection that has been sent the
same SQL a few times prepares it and from then on calls it by name, in the same kind of message. A pooler that gives
every transaction another connection cannot have that: Django's setting `DISABLE_SERVER_SIDE_CURSORS` says that there
is one, and then nothing is prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

SOON = 2
"""How often a connection is sent a statement as it is before it is prepared."""

MOST_PREPARED, MOST_COUNTED = 150, 500
"""How many statements a connection prepares, and of how many it counts the uses; the shapes of a step are far fewer."""


class Repeated:
    """What one connection has been sent, and what it knows by name."""

    def __init__(self) -> None:
        self.uses: dict[str, int] = {}
        self.names: dict[str, str] = {}

    def call(self, cursor: Any, sql: str, params: Sequence[Any]) -> str:
        """The call of a statement by its name, or the statement itself as long as it has none."""
        name = self.names.get(sql)
        if name is None:
            if not self._is_due(sql, params):
                return sql
            name = f"redraw_{len(self.names)}"
            cursor.execute(f"PREPARE {name} AS {numbered(sql)}")
            self.names[sql] = name
        return f"EXECUTE {name}({', '.join(['%s'] * len(params))})"

    def _is_due(self, sql: str, params: Sequence[Any]) -> bool:
        uses = self.uses.get(sql, 0)
        if uses or len(self.uses) < MOST_COUNTED:
            self.uses[sql] = uses + 1
        return uses >= SOON and len(self.names) < MOST_PREPARED and bool(params) and "%%" not in sql


def numbered(sql: str) -> str:
    """The SQL with its parameters as PostgreSQL counts them: $1, $2 ..."""
    first, *others = sql.split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, start=1))


_of_connection: WeakKeyDictionary[Any, Repeated] = WeakKeyDictionary()


def repeated(connection: Any) -> Repeated | None:
    """What a connection to PostgreSQL knows; None where a pooler stands between."""
    if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        return None
    return _of_connection.setdefault(connection.connection, Repeated())
