"""The queries of hot paths read the partial indexes, so that a long history costs them nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from uuid_utils.compat import uuid7

from processes import ports
from processes.inbox import selectors
from processes.runtime import waking
from processes.runtime.indexed import KEPT, WAITING_FOR_EVENT
from processes.runtime.models import Outbox, ProcessInstance, Task

pytestmark = pytest.mark.django_db


def plan(rows: QuerySet[Any]) -> str:
    """How SQLite would answer a query with its values bound, as they are when it runs."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return "\n".join(row[3] for row in cursor.fetchall())


QUERIES: dict[str, Callable[[Any], QuerySet[Any]]] = {
    "task_owned": lambda user: selectors._box(user, "mine", None),
    "task_finished_by": lambda user: selectors._box(user, "done", None),
    "task_wake": lambda user: waking._due(ports.now())[0],
    "outbox_due": lambda user: waking._due(ports.now())[1],
    "task_event": lambda user: Task.objects.filter(WAITING_FOR_EVENT, event_key="paid"),
    "outbox_waiting": lambda user: Outbox.objects.filter(KEPT, event_key="paid"),
    "task_incident": lambda user: Task.objects.incidents().order_by("created"),
    "instance_running": lambda user: ProcessInstance.objects.running().filter(version=uuid7()),
}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite plans; run with the tests on SQLite")
@pytest.mark.parametrize("index", QUERIES)
def test_a_query_reads_its_partial_index(index, django_user_model):
    user = django_user_model.objects.create(username="ada")
    assert index in plan(QUERIES[index](user))


def test_only_words_of_our_own_are_written_out():
    with pytest.raises(ValueError, match="Not words of our own"):
        Task.objects.filter(status__literally="NEW' OR 1=1 --").count()
    with pytest.raises(ValueError, match="Not words of our own"):
        Task.objects.filter(status__literally=()).count()
    assert not Task.objects.filter(status__literally="NEW").exists()
