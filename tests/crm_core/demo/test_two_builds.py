"""Two builds of the demo company agree in business key, step, person and offset from the start.

Nothing may hang on the moment of the build, on keys that the database or UUIDs give, or on the order of sets.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from crm_core.demo import services
from crm_core.demo.services import Built
from processes.runtime.models import ProcessInstance, Task

END = datetime(2026, 11, 25, 18, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday; builds of the same days end there."""

Line = tuple[object, ...]


def ended_before(days: int, at: datetime | None) -> timedelta | None:
    """The offset from the first morning of a build."""
    return None if at is None else at - (END.replace(hour=7) - timedelta(days=days))


def history(days: int) -> list[Line]:
    """Every step of every instance, in the order in which it came up."""
    rows = Task.objects.stored().order_by("id").values_list(
        "process__definition__key", "process__business_key", "node_id", "loop_counter", "status",
        "completed_by__username", "owner__username", "created", "finished", "due_at",
    )  # fmt: skip
    return [(*row[:7], *(ended_before(days, at) for at in row[7:])) for row in rows]


def other_keys() -> None:
    """Let the rows that are written from now on have other keys than those of a fresh database."""
    if connection.vendor == "sqlite":  # on PostgreSQL the sequences have gone on
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
            names = [name for (name,) in cursor.fetchall()]
            cursor.execute("DELETE FROM sqlite_sequence")
            cursor.executemany("INSERT INTO sqlite_sequence VALUES (%s, %s)", [(name, 7000) for name in names])


def built(days: int, *, keys_differ: bool = False) -> tuple[Built, list[Line]]:
    """Build, read the history and take all of it back."""
    with transaction.atomic():
        if keys_differ:
            other_keys()
        done = services.build(days=days, until=END)
        lines = history(days)
        assert not Task.objects.incidents().exists(), "nothing of the demo fails"
        assert ProcessInstance.objects.filter(definition__key="lead_assignment").count() > 5
        transaction.set_rollback(True)
    return done, lines


@pytest.mark.django_db
def test_two_builds_of_a_day_agree_whatever_keys_their_rows_have() -> None:
    call_command("roles", "load", verbosity=0)
    call_command("process", "load", "--publish", verbosity=0)

    first, lines = built(1)
    second, others = built(1, keys_differ=True)

    assert first.counted["tasks"] > 20
    assert first.counted["nobody"] == 0, "each piece of work is offered to somebody"
    assert first.counted == second.counted
    assert lines == others


@pytest.mark.long
def test_two_builds_in_processes_of_their_own_agree_whatever_the_order_of_sets(tmp_path: Path) -> None:
    days = 4
    logs = []
    for seed in ("1", "20261125"):
        path = tmp_path / f"{seed}.sqlite3"
        env = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "PYTHONHASHSEED": seed, "REDRAW_SECRET_KEY": seed}
        for command in (["migrate", "-v0"], ["demo", "build", "--days", str(days), "--until", END.isoformat()]):
            subprocess.run([sys.executable, "manage.py", *command], env=env, cwd=settings.BASE_DIR, check=True, capture_output=True)
        logs.append(log_of(path))

    assert len(logs[0]) > 1000
    assert logs[0] == logs[1]


def log_of(path: Path) -> list[Line]:
    """The history in a file, with what the trail of changes says beside it."""
    database = sqlite3.connect(path)
    steps = database.execute(
        """SELECT d.key, p.business_key, t.node_id, t.loop_counter, t.status, u.username, t.created, t.finished, t.due_at
           FROM process_runtime_task t JOIN process_runtime_processinstance p ON p.id = t.process_id
           JOIN process_catalog_processdefinition d ON d.id = p.definition_id
           LEFT JOIN crm_kernel_user u ON u.id = t.completed_by_id ORDER BY t.id"""
    ).fetchall()
    begin, end = (
        at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S") for at in (END.replace(hour=7) - timedelta(days=4), END)
    )
    changes = database.execute(
        "SELECT model, operation, at, actor_id, action FROM crm_kernel_auditentry WHERE at BETWEEN ? AND ? ORDER BY id", [begin, end]
    ).fetchall()
    return [*steps, *changes]
