"""Audit triggers for PostgreSQL, and how a transaction is told who acts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from crm_core.kernel.audit.payload import moved_moment, payload
from crm_core.kernel.audit.registry import AuditedTable, audited_tables

PREFIX = "redraw_audit_"
# `manage.py flush` lifts triggers with the prefix guard_ while it empties the database.
GUARD = "guard_audit_"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION redraw_audit() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    told jsonb := coalesce(nullif(current_setting('redraw.acting', true), ''), '{}')::jsonb;
    before jsonb := '{}';
    after jsonb := '{}';
    changes jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
    SELECT jsonb_object_agg(k, CASE WHEN k = ANY (string_to_array(TG_ARGV[3], ',')) THEN '[null, null]'::jsonb
                                    ELSE jsonb_build_array(before -> k, after -> k) END)
      INTO changes
      FROM jsonb_object_keys(before || after) AS k
     WHERE coalesce(before -> k, 'null') IS DISTINCT FROM coalesce(after -> k, 'null')
       AND k = ANY (string_to_array(TG_ARGV[2], ','));
    IF changes IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;
    INSERT INTO {trail} (at, model, object_id, operation, changes, actor_id, acting_for_id, instance_id, task_id,
                         action, reason, request_id)
    VALUES (coalesce((told ->> 'at')::timestamptz, clock_timestamp()), TG_ARGV[0],
            (before || after) ->> TG_ARGV[1], lower(TG_OP), coalesce(changes, '{}'), (told ->> 'actor')::bigint,
            (told ->> 'acting_for')::bigint,
            coalesce(told ->> 'instance', ''), coalesce(told ->> 'task', ''), coalesce(told ->> 'action', ''),
            coalesce(told ->> 'reason', ''), coalesce(told ->> 'request', ''));
    RETURN NULL;
END $body$;
CREATE OR REPLACE FUNCTION redraw_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Audit entries are never changed or removed.' USING ERRCODE = 'integrity_constraint_violation';
END $body$;
"""


def functions(trail: str) -> str:
    """The DDL of the two functions behind all triggers."""
    return FUNCTIONS.replace("{trail}", _q(trail))


def triggers(table: AuditedTable, trail: str) -> dict[str, str]:
    """Name -> DDL of the trigger of a table; the name changes with its text."""
    arguments = ", ".join(
        _text(value) for value in (table.label, table.key, ",".join(table.columns), ",".join(table.hidden))
    )
    return dict(
        [
            _named(
                f"AFTER INSERT OR UPDATE OR DELETE ON {_q(table.table)}"
                f" FOR EACH ROW EXECUTE FUNCTION redraw_audit({arguments})"
            )
        ]
    )


def guards(trail: str) -> dict[str, str]:
    """Name -> DDL of the triggers that keep the trail from being changed."""
    return dict(
        [
            _named(
                f"BEFORE UPDATE OR DELETE ON {_q(trail)} FOR EACH ROW EXECUTE FUNCTION redraw_audit_keep()",
                GUARD,
            ),
            _named(
                f"BEFORE TRUNCATE ON {_q(trail)} FOR EACH STATEMENT EXECUTE FUNCTION redraw_audit_keep()",
                GUARD,
            ),
        ]
    )


def _named(body: str, prefix: str = PREFIX) -> tuple[str, str]:
    name = prefix + hashlib.sha256(body.encode()).hexdigest()[:20]
    return name, f"CREATE TRIGGER {_q(name)} {body}"


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def existing(cursor: Any) -> dict[str, str]:
    """Name -> table of our triggers that are in the current schema."""
    cursor.execute(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE NOT t.tgisinternal AND (t.tgname LIKE 'redraw\\_audit\\_%%' OR t.tgname LIKE 'guard\\_audit\\_%%') AND n.nspname = current_schema()",
        [],
    )
    return dict(cursor.fetchall())


def columns(cursor: Any) -> dict[str, set[str]]:
    """Nothing to restrict: the trigger compares whatever columns a row has."""
    return {}


def drop(cursor: Any, name: str, table: str) -> None:
    """Remove a trigger."""
    cursor.execute(f"DROP TRIGGER IF EXISTS {_q(name)} ON {_q(table)}")


# --- telling the transaction ---------------------------------------------------------------

_WRITE = re.compile(
    r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?"?([A-Za-z0-9_]+)"?', re.IGNORECASE
)
_OTHER_WRITE = re.compile(r"\s*(?:WITH|COPY|MERGE|TRUNCATE|DO|CALL)\b", re.IGNORECASE)
_BACK = re.compile(r"\s*ROLLBACK\s+TO", re.IGNORECASE)
_IDLE = 0
_tables: set[str] = set()


def _touches_audited(sql: str) -> bool:
    if not _tables:
        _tables.update(table.table for table in audited_tables())
    if found := _WRITE.match(sql):
        return found[1] in _tables
    return _OTHER_WRITE.match(sql) is not None


class Teller:
    """Sends the acting context before the first audited write of a transaction, and when it changed.

    A transaction is new when the connection was idle before a statement. The setting is
    local to the transaction; without one (autocommit) it holds until the next write, which
    sends it again. What a savepoint takes back is sent again too.
    """

    def __init__(self) -> None:
        self.sent: str | None = None
        self.busy = False

    def __call__(self, execute: Callable, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        connection = context["connection"]
        raw = connection.connection
        if self.busy or raw is None or not isinstance(sql, str):
            return execute(sql, params, many, context)
        if raw.info.transaction_status == _IDLE:
            self.sent = None
        if _touches_audited(sql):
            self.tell(connection)
        result = execute(sql, params, many, context)
        if _BACK.match(sql):
            self.sent = None
        return result

    def tell(self, connection: Any) -> None:
        """Send the context unless this transaction has it already."""
        wanted = payload(moment=moved_moment())
        if self.sent == wanted:
            return
        local = connection.in_atomic_block
        self.busy = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('redraw.acting', %s, %s)", [wanted, local])
        finally:
            self.busy = False
        self.sent = wanted


def prepare_connection(connection: Any) -> None:
    """Have a connection tell its transactions who acts."""
    if not any(isinstance(wrapper, Teller) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(Teller())
