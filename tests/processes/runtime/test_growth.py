"""What a step costs does not grow with what has happened before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from processes import api
from processes.runtime import starting
from processes.runtime.models import Task
from tests.processes.runtime.engine_room import drawn
from tests.processes.sketch import call, for_each, looped, sketch

pytestmark = pytest.mark.django_db


def effort(act: Callable[[], Any]) -> int:
    """How many thousand instructions SQLite carries out for something."""
    done = [0]

    def tick() -> None:
        done[0] += 1

    connection.ensure_connection()
    connection.connection.set_progress_handler(tick, 1000)
    try:
        act()
    finally:
        connection.connection.set_progress_handler(None, 1000)
    return done[0]


def test_calling_processes_costs_sqlite_the_same_however_many_steps_there_were():
    """A called instance refers to the row that calls it, which is written after it. While a reference is open, SQLite would look
    for who else refers to each new row, and through all rows where no index helps."""
    drawn(sketch("Start -> A -> End", key="called"), key="called")
    calling = drawn(sketch("Start -> Calls -> End", Calls=looped(call("called"), for_each("[1, 2, 3, 4, 5]"))))
    with api.by_hand():
        first = starting.start_version(calling)
        before = effort(lambda: starting.start_version(calling))
        row = Task.objects.filter(process=first.pk, node_id="Start").values().get()
        Task.objects.bulk_create((Task(**{**row, "id": Task._meta.pk.get_default()}) for _number in range(5000)), batch_size=500)
        assert effort(lambda: starting.start_version(calling)) < 1.5 * before + 10
