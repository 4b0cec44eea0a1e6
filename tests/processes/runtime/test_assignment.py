"""Whom the engine gives a task to by its own methods: in turn, or by who has least to do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from processes import api, ports
from processes.runtime import assignment, starting
from processes.runtime.models import Task
from tests.processes.runtime.engine_room import drawn
from tests.processes.sketch import element, sketch

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Staff(ports.DefaultPeople):
    """People of whom some are away."""

    def __init__(self) -> None:
        self.away: set[str] = set()

    def is_available(self, user, at):
        return user.username not in self.away


@pytest.fixture
def staff(django_user_model):
    group = Group.objects.create(name="agents")
    for name in ("ada", "bob", "eve"):
        django_user_model.objects.create(username=name).groups.add(group)
    people, clock = Staff(), ports.FixedClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    with ports.using(people=people, clock=clock), api.by_hand():
        yield people


def given(method: str) -> str:
    """Whom the next task goes to."""
    ports.clock().move(ports.now() + timedelta(minutes=1))
    task = element("userTask", ours=f'<redraw:task role="agents" method="{method}"/>')
    instance = starting.start_version(drawn(sketch("Start -> A -> End", A=task), key=method))
    return Task.objects.stored().get(process=instance.pk, node_id="A").owner.username


def test_work_goes_round_and_passes_over_who_is_away(staff):
    assert [given("round_robin") for _n in range(6)] == ["ada", "bob", "eve"] * 2
    staff.away = {"ada"}
    assert [given("round_robin") for _n in range(3)] == ["bob", "eve", "bob"]
    staff.away = set()
    assert given("round_robin") == "ada", "whoever waits longest"


def test_work_goes_to_who_has_least(staff):
    assert Counter(given("least_load") for _n in range(6)) == {"ada": 2, "bob": 2, "eve": 2}
    Task.objects.filter(owner__username="eve").update(status="DONE")
    assert [given("least_load") for _n in range(2)] == ["eve", "eve"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite plans; run with the tests on SQLite")
def test_whose_turn_it_is_stands_in_one_row_of_an_index(staff):
    composed = assignment._last_turn.composed()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {composed.sql}", composed.params)
        found = " ".join(row[3] for row in cursor.fetchall())
    assert "task_turns" in found
    assert "TEMP B-TREE" not in found
