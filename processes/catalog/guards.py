"""Database triggers that keep published versions and their pins unchangeable, whoever writes.

The models refuse already; these also stop `queryset.update()`, other programs and hand-written SQL. They are
installed after every migrate (SQLite drops triggers whenever Django rebuilds a table, so a migration alone
would lose them) and carry the prefix `guard_`, by which `manage.py flush` finds and lifts them: emptying the
whole database is a decision of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

PREFIX = "guard_"
OPEN = "('draft', 'in_review')"


@dataclass(frozen=True)
class Guard:
    """One trigger: before `event` on `table`, refuse with `sentence` when `condition` holds."""

    name: str
    table: str
    event: str
    condition: str
    sentence: str


VERSION_TABLES = {
    "process_catalog_processversion": (
        "id",
        "definition_id",
        "number",
        "bpmn",
        "forms",
        "tests",
        "content_hash",
    ),
    "process_catalog_decisionversion": ("id", "definition_id", "number", "dmn", "examples", "content_hash"),
}
PINS = "process_catalog_pinneddecision"
_PUBLISHED_PROCESS = (
    "EXISTS (SELECT 1 FROM process_catalog_processversion v"
    " WHERE v.id = {row}.process_version_id AND v.state NOT IN ('draft', 'in_review'))"
)


def _guards() -> Iterator[Guard]:
    for table, columns in VERSION_TABLES.items():
        changed = " OR ".join(f"CAST(OLD.{c} AS text) <> CAST(NEW.{c} AS text)" for c in columns)
        short = table.rsplit("_", 1)[1]
        yield Guard(
            f"{PREFIX}{short}_content", table, "UPDATE",
            f"OLD.state NOT IN {OPEN} AND (NEW.state IN {OPEN} OR {changed})",
            "A published version cannot be changed. Save the change as a new version.",
        )  # fmt: skip
        yield Guard(
            f"{PREFIX}{short}_delete", table, "DELETE", f"OLD.state NOT IN {OPEN}",
            "A published version cannot be deleted. Retire it instead.",
        )  # fmt: skip
    sentence = "The decisions of a published process version cannot be changed. Publish a new version."
    for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        condition = _PUBLISHED_PROCESS.format(row=row)
        if event == "UPDATE":
            condition += " OR " + _PUBLISHED_PROCESS.format(row="NEW")
        yield Guard(f"{PREFIX}pins_{event.lower()}", PINS, event, condition, sentence)


GUARDS = tuple(_guards())


def statements(guard: Guard, vendor: str) -> Iterable[str]:
    """The SQL that installs a guard anew on a database of that vendor (sqlite or postgresql)."""
    if vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {guard.name}"
        yield (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
            f" WHEN {guard.condition} BEGIN SELECT RAISE(ABORT, '{guard.sentence}'); END"
        )
    elif vendor == "postgresql":
        row = "OLD" if guard.event == "DELETE" else "NEW"
        yield (
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN"
            f" IF {guard.condition} THEN RAISE EXCEPTION '{guard.sentence}' USING ERRCODE = 'check_violation';"
            f" END IF; RETURN {row}; END $guard$"
        )
        yield f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}"
        yield (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
        )
    else:
        raise NotImplementedError(f"Published versions cannot be guarded on a {vendor} database.")


def install(connection: Any) -> None:
    """Install every guard on a connection whose tables stand."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in GUARDS:
            if guard.table in existing and "process_catalog_processversion" in existing:
                for statement in statements(guard, connection.vendor):
                    cursor.execute(statement)


def install_after_migrate(*, using: str, **_kwargs: Any) -> None:
    """Receiver of `post_migrate`."""
    from django.db import connections

    install(connections[using])


def lift(connection: Any) -> list[str]:
    """Drop every trigger with the prefix of guards, whoever installed it; gives the names dropped."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
            )
        found = [(name, table) for name, table in cursor.fetchall() if name.startswith(PREFIX)]
        for name, table in found:
            tail = "" if connection.vendor == "sqlite" else f' ON "{table}"'
            cursor.execute(f'DROP TRIGGER "{name}"{tail}')
    return [name for name, _table in found]
