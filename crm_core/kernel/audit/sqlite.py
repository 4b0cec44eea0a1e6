"""Audit triggers for SQLite, and the functions of the connection that they call."""
# ruff: noqa: S608 (statements are made of our own models names, each quoted)

from __future__ import annotations

import hashlib
from typing import Any

from crm_core.kernel.audit.payload import payload
from crm_core.kernel.audit.registry import AuditedTable
from processes import ports

PREFIX = "redraw_audit_"
# `manage.py flush` lifts triggers with the prefix guard_ while it empties the database.
GUARD = "guard_audit_"


def _acting() -> str:
    return payload(moment=ports.now().replace(tzinfo=None))


def prepare_connection(connection: Any) -> None:
    """Give a new connection the functions that the triggers call."""
    raw = connection.connection
    # Functions of the application may be called from triggers only in a trusted schema.
    raw.execute("PRAGMA trusted_schema = ON")
    raw.create_function("redraw_acting", 0, _acting)


def triggers(table: AuditedTable, trail: str) -> dict[str, str]:
    """Name -> DDL of the three triggers of a table; a name changes with its text."""
    return dict(_named(table.table, operation, _trigger(table, trail, operation)) for operation in _PAIRS)


def guards(trail: str) -> dict[str, str]:
    """Name -> DDL of the triggers that keep the trail from being changed."""
    return dict(
        _named(
            trail,
            verb.lower(),
            f"BEFORE {verb} ON {_q(trail)} BEGIN"
            " SELECT RAISE(ABORT, 'Audit entries are never changed or removed.'); END",
            GUARD,
        )
        for verb in ("UPDATE", "DELETE")
    )


_PAIRS = {
    "insert": (None, "NEW"),
    "update": ("OLD", "NEW"),
    "delete": ("OLD", None),
}


def _named(table: str, what: str, body: str, prefix: str = PREFIX) -> tuple[str, str]:
    digest = hashlib.sha256(body.encode()).hexdigest()[:12]
    name = f"{prefix}{table}_{what}_{digest}"
    return name, f"CREATE TRIGGER {_q(name)} {body}"


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _value(table: AuditedTable, side: str | None, column: str) -> str:
    if side is None or column in table.hidden:
        return "NULL"
    reference = f"{side}.{_q(column)}"
    if column in table.booleans:
        return f"json(CASE {reference} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
    if column in table.documents:
        return f"json({reference})"
    return reference


def _trigger(table: AuditedTable, trail: str, operation: str) -> str:
    before, after = _PAIRS[operation]
    pieces = []
    for column in table.columns:
        old = f"{before}.{_q(column)}" if before else "NULL"
        new = f"{after}.{_q(column)}" if after else "NULL"
        pair = f"json_array({_value(table, before, column)}, {_value(table, after, column)})"
        pieces.append(f"SELECT {_text(column)} AS k, {pair} AS v WHERE {old} IS NOT {new}")
    differs = " OR ".join(f"OLD.{_q(column)} IS NOT NEW.{_q(column)}" for column in table.columns)
    when = f" WHEN {differs}" if operation == "update" else ""
    side = after or before
    names = ("instance", "task", "action", "reason", "request")
    told = ", ".join(f"coalesce(json_extract(c, '$.{name}'), '')" for name in names)
    # Every name in it comes from our own models, and is quoted.
    return (
        f"AFTER {operation.upper()} ON {_q(table.table)} FOR EACH ROW{when} BEGIN"
        f" INSERT INTO {_q(trail)} (at, model, object_id, operation, changes, actor_id,"
        " acting_for_id, instance_id, task_id, action, reason, request_id)"
        f" SELECT json_extract(c, '$.at'), {_text(table.label)}, CAST({side}.{_q(table.key)} AS TEXT),"
        f" {_text(operation)}, (SELECT json_group_object(k, json(v)) FROM ({' UNION ALL '.join(pieces)})),"
        f" json_extract(c, '$.actor'), json_extract(c, '$.acting_for'), {told}"
        " FROM (SELECT redraw_acting() AS c); END"
    )


def existing(cursor: Any) -> dict[str, str]:
    """Name -> table of our triggers that are in the database."""
    cursor.execute(
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND (name LIKE 'redraw_audit_%' OR name LIKE 'guard_audit_%')"
    )
    return dict(cursor.fetchall())


def drop(cursor: Any, name: str, table: str) -> None:
    """Remove a trigger."""
    cursor.execute(f"DROP TRIGGER IF EXISTS {_q(name)}")


def columns(cursor: Any) -> dict[str, set[str]]:
    """Table -> its columns, as they are now."""
    cursor.execute(
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
    )
    found: dict[str, set[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, set()).add(column)
    return found
