"""The floor: the rows that the engine leaves, written by hand, with nothing decided or checked.

`STATEMENTS` is what it executes; the bench prints it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from processes import ports

INSTANCE = (
    "INSERT INTO process_runtime_processinstance (flow_class, status, id, created, finished, labels, title,"
    " business_key, subject_type, data, depth, suspended, priority, outcome, end_node, end_labels, end_reason,"
    " definition_id, root_id, version_id) VALUES (%s, %s, %s, %s, %s, '{}', '', '', '', %s, 0, false, 50, %s, %s,"
    " %s, '', %s, %s, %s)"
)
TASK_HEAD = (
    "INSERT INTO process_runtime_task (flow_task, flow_task_type, id, status, created, finished, node_id, kind,"
    " labels, role, form_key, icon, badge, arrived_by, armed, is_body, priority, event_key, attempts, data,"
    " process_id, prev_task_id) VALUES "
)
TASK_ROW = (
    "(%s, %s, %s, %s, %s, %s, %s, %s, %s, '', '', '', '', %s, false, false, 50, '', %s, '{}', %s, %s)"
)
VARIABLE = (
    "INSERT INTO process_runtime_variablechange (id, name, value, at, reason, instance_id)"
    " VALUES (%s, 'n', '1', %s, '', %s)"
)
LOAD = "SELECT * FROM process_runtime_task WHERE id = %s"
CLAIM = (
    "UPDATE process_runtime_task SET status = 'ASSIGNED', owner_id = %s, assigned = %s"
    " WHERE id = %s AND status = 'NEW' AND owner_id IS NULL"
)
LOCK = "SELECT * FROM process_runtime_processinstance WHERE id = %s{lock}"
DONE = (
    "UPDATE process_runtime_task SET status = 'DONE', finished = %s, completed_by_id = %s WHERE id = %s"
    " AND status = 'ASSIGNED'"
)
ACTOR = "UPDATE process_runtime_processinstance SET last_actor_id = %s WHERE id = %s"

STATEMENTS = {
    "start": ["BEGIN", INSTANCE, TASK_HEAD + "(2 rows)", "COMMIT"],
    "complete": [LOAD, CLAIM, "BEGIN", LOCK.format(lock=" FOR NO KEY UPDATE on PostgreSQL"), DONE,
                 TASK_HEAD + "(1 row)", ACTOR, "COMMIT"],
    "chain of ten": ["BEGIN", INSTANCE, TASK_HEAD + "(12 rows)", VARIABLE, "COMMIT"],
}  # fmt: skip

LINE = ("Start", "One", "Two", "Three", "End")
CHAIN = ("Start", *(name for n in range(1, 6) for name in (f"Choice{n}", f"Work{n}")), "End")


@dataclass
class Instance:
    """An instance of the line with its open task and how far it is."""

    pk: UUID
    task: UUID
    at: int


class Floor:
    """Writes the rows."""

    def __init__(self, line: Any, chain: Any) -> None:
        self.line, self.chain_version = line, chain
        self.lock = " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""

    def _id(self, value: UUID | None) -> Any:
        return value.hex if value is not None and connection.vendor == "sqlite" else value

    def _instance(self, cursor: Any, version: Any, now: Any, *, data: Any, ended: bool) -> UUID:
        pk = uuid7()
        cursor.execute(INSTANCE, [
            "process_compiler/flows.x", "DONE" if ended else "NEW", self._id(pk), now, now if ended else None,
            json.dumps(data), "completed" if ended else "", "End" if ended else "", '{"en": "Done"}' if ended else "{}",
            self._id(version.definition_id), self._id(pk), self._id(version.pk),
        ])  # fmt: skip
        return pk

    def _rows(self, cursor: Any, instance: UUID, names: tuple[str, ...], now: Any, *, before: UUID | None) -> UUID:
        values: list[Any] = []
        last = before
        for name in names:
            pk = uuid7()
            person = name in ("One", "Two", "Three")
            values += [
                f"process_compiler/flows.x.n_{name}_n", "userTask", self._id(pk), "NEW" if person else "DONE", now,
                None if person else now, name, "userTask" if person else "serviceTask", json.dumps({"en": name}),
                f"F_{name}", 1 if name.startswith("Work") else 0, self._id(instance), self._id(last),
            ]  # fmt: skip
            last = pk
        cursor.execute(TASK_HEAD + ", ".join([TASK_ROW] * len(names)), values)
        if last is None:
            raise ValueError("There is nothing to write.")
        return last

    def start(self) -> Instance:
        """An instance of the line at its first task."""
        now = ports.now()
        with connection.cursor() as cursor:
            pk = self._instance(cursor, self.line, now, data={}, ended=False)
            return Instance(pk, self._rows(cursor, pk, LINE[:2], now, before=None), 1)

    def claim(self, instance: Instance, user: Any) -> None:
        """Load the task and take it."""
        with connection.cursor() as cursor:
            cursor.execute(LOAD, [self._id(instance.task)])
            cursor.fetchall()
            cursor.execute(CLAIM, [user.pk, ports.now(), self._id(instance.task)])

    def submit(self, instance: Instance, user: Any) -> None:
        """Finish it, and make the next."""
        now = ports.now()
        with connection.cursor() as cursor:
            cursor.execute(LOCK.format(lock=self.lock), [self._id(instance.pk)])
            cursor.fetchall()
            cursor.execute(DONE, [now, user.pk, self._id(instance.task)])
            instance.at += 1
            instance.task = self._rows(cursor, instance.pk, (LINE[instance.at],), now, before=instance.task)
            if instance.at == 2:
                cursor.execute(ACTOR, [user.pk, self._id(instance.pk)])

    def chain(self) -> None:
        """An instance of the chain, from start to end."""
        now = ports.now()
        with connection.cursor() as cursor:
            pk = self._instance(cursor, self.chain_version, now, data={"n": 1}, ended=True)
            self._rows(cursor, pk, CHAIN, now, before=None)
            cursor.execute(VARIABLE, [self._id(uuid7()), now, self._id(pk)])
