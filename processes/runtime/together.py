"""Several statements in one message to the database.

On PostgreSQL most of a step's time is waiting for answers, one for each statement. Statements that do not
depend on each other's answers are sent together; each still sees what the ones before it did, and, under READ
COMMITTED, what others have committed until it begins. So "lock, then read" stays sound when it is one message.
SQLite runs inside this process, where a statement more costs no waiting: there they run one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from processes.runtime.repeated import repeated

SEPARATOR = ";\n"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters; `reads` says that it gives rows."""

    sql: str
    params: Sequence[Any]
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows a statement gave, and how many rows it read or changed."""

    rows: list[tuple[Any, ...]]
    count: int


def execute(connection: Any, statements: Iterable[Statement]) -> list[Answer]:
    """Run statements in their order; an answer for each. Database errors are raised as ever."""
    wanted = list(statements)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql" or connection.settings_dict["OPTIONS"].get("server_side_binding"):
            return [_one(cursor, statement) for statement in wanted]
        known = repeated(connection)
        cursor.execute(
            SEPARATOR.join(s.sql if known is None else known.call(cursor, s.sql, s.params) for s in wanted),
            [value for statement in wanted for value in statement.params],
        )
        answers: list[Answer] = []
        for statement in wanted:
            if answers and not cursor.nextset():
                raise AssertionError("The database gave fewer answers than it was asked for.")
            answers.append(_answer(cursor, statement))
        return answers


def _one(cursor: Any, statement: Statement) -> Answer:
    cursor.execute(statement.sql, statement.params)
    return _answer(cursor, statement)


def _answer(cursor: Any, statement: Statement) -> Answer:
    return Answer(cursor.fetchall() if statement.reads else [], cursor.rowcount)
