"""A savepoint that costs nothing where nothing is written.

What an action wrote must be undone when it fails, and the step must go on. Most actions of a long automatic
chain ask the database nothing, so the savepoint is set just before the first statement, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from uuid_utils.compat import uuid7


@contextmanager
def undone_if_it_fails() -> Iterator[None]:
    """Undo what the block wrote, and forget what it left for after the commit, when it raises.

    Must be used inside a transaction, which then goes on. The savepoint has its place among Django's own from the
    beginning, so `atomic` blocks and hooks inside know that they are within it.
    """
    sid, wrappers = f"undo_{uuid7().hex}", connection.execute_wrappers

    def before_the_first(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        here = wrappers.index(before_the_first)
        inner = wrappers[here + 1 :]  # blocks inside this one, whose savepoints come after its own
        del wrappers[here:]
        with connection.cursor() as cursor:
            cursor.execute(connection.ops.savepoint_create_sql(sid))
        wrappers.extend(inner)
        return execute(sql, params, many, context)

    connection.savepoint_ids.append(sid)
    wrappers.append(before_the_first)
    try:
        yield
    except BaseException:
        connection.savepoint_ids.pop()
        transaction.set_rollback(False)
        if before_the_first in wrappers:  # nothing was sent, so there is nothing to undo but what was left for later
            wrappers.remove(before_the_first)
            connection.run_on_commit = [hook for hook in connection.run_on_commit if sid not in hook[0]]
        else:
            connection.savepoint_rollback(sid)
        raise
    connection.savepoint_ids.pop()
    if before_the_first in wrappers:
        wrappers.remove(before_the_first)
    else:
        connection.savepoint_commit(sid)
