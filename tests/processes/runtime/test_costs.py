"""What a step costs: few statements, fewer messages, whatever the length of what it passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from processes import actions, api, ports
from processes.runtime import services, starting
from processes.runtime.models import Task
from processes.runtime.step import Step
from processes.runtime.store import TASKS
from processes.runtime.together import SEPARATOR
from tests.bench.drawings import chain, line
from tests.processes.runtime.engine_room import drawn
from tests.processes.sketch import element, for_each, looped, sketch, timer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """The engine without what the product adds around it. Statements are sent as they are: that one is prepared now
    and then hangs on what this connection was sent before."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    nothing = actions.Action("bench.nothing", lambda call: None)
    bare = {"people": ports.DefaultPeople(), "subjects": ports.Subjects(), "grants": ports.NoGrants(),
            "calendars": ports.RoundTheClock(), "audit": ports.NoAudit(), "notifier": ports.NoNotices()}  # fmt: skip
    with ports.using(**bare), actions.temporarily(nothing), api.by_hand():
        yield


def cost(act: Callable[[], Any]) -> tuple[int, int]:
    """Statements and messages of something, the transaction's own left out."""
    with CaptureQueriesContext(connection) as heard:
        act()
    sent = [query["sql"] for query in heard.captured_queries]
    sent = [sql for sql in sent if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    return sum(sql.rstrip(";").count(SEPARATOR) + 1 for sql in sent), len(sent)


def test_a_chain_of_automated_nodes_costs_the_same_whatever_its_length():
    found = set()
    for length in (1, 5, 10):
        version = drawn(chain(length), key=f"bench_chain{length * 2}")
        starting.start_version(version, data={"n": 1})  # compiled now
        with CaptureQueriesContext(connection) as heard:
            starting.start_version(version, data={"n": 1})
        assert not any("bench" in query["sql"] for query in heard.captured_queries if query["sql"].startswith("SAVEPOINT"))
        inserts = [q["sql"] for q in heard.captured_queries if "process_runtime_task " in q["sql"]]
        found.add(sum(sql.count("INSERT INTO process_runtime_task ") for sql in inserts))
        assert sum(q["sql"].startswith("SAVEPOINT") for q in heard.captured_queries) == 1, "the transaction's own"
    assert found == {1}


def test_taking_and_completing_a_task(django_user_model):
    user = get_user_model().objects.create(username="ada")
    version = drawn(line(), key="bench_line")

    def task(instance: Any) -> Any:
        return Task.objects.stored().get(process=instance.pk, status="NEW").pk

    instance = starting.start_version(version)
    services.complete(task_id=task(instance), user=user, data={})  # who acted last is known now
    first = task(instance)
    assert cost(lambda: services.take(task_id=first, user=user)) == (1, 1)
    assert services.take(task_id=first, user=user) is None, "it is taken"
    messages = 2 if connection.vendor == "postgresql" else 4
    assert cost(lambda: services.complete(task_id=first, user=user, data={})) == (4, messages)


@pytest.mark.parametrize("border", ["", "Late -> C -> Done"])
def test_completing_one_of_many_runs_reads_the_same_however_many_there_are(monkeypatch, border):
    user = get_user_model().objects.create(username="ada")
    read: list[int] = []
    for number in (5, 60):
        parts = {"Done": "endEvent", "Late": timer("P1D", on="A")} if border else {}
        many = looped(element("userTask"), for_each("items"))
        version = drawn(sketch("Start -> A -> B -> End", *([border] if border else []), A=many, **parts), key=f"many{number}")
        instance = starting.start_version(version, data={"items": list(range(number))})
        tasks = Task.objects.stored().filter(process=instance.pk, status="NEW", is_body=False).order_by("loop_counter")
        rows: list[Any] = []
        adopt = Step.adopt
        with monkeypatch.context() as patched:
            patched.setattr(Step, "adopt", lambda self, row, rows=rows, adopt=adopt: rows.append(row) or adopt(self, row))
            services.complete(task_id=tasks[0].pk, user=user, data={})
        read.append(len(rows))
        assert tasks.count() == number - 1
    assert read[0] == read[1] < 6


def test_a_new_row_is_what_django_would_make_of_it():
    made, ours = Task(kind="userTask", node_id="A"), TASKS.new(kind="userTask", node_id="A")
    different = {f.attname for f in TASKS.fields if getattr(made, f.attname, None) != getattr(ours, f.attname, None)}
    assert different == {"id", "created"}, "each has its own"
    assert ours._state.adding
    with pytest.raises(TypeError, match="Task has no knid"):
        TASKS.new(knid="userTask")


def test_a_row_read_is_what_django_reads():
    version = drawn(line(), key="bench_line")
    instance = starting.start_version(version)
    for stored in Task.objects.stored().filter(process=instance.pk):
        (ours,) = TASKS.select("id = %s", [stored.pk])
        assert ours == stored
        assert not ours._state.adding
        assert ours._state.db == stored._state.db
        assert ours.get_deferred_fields() == {"flow_task"}
        assert {name: ours.__dict__[name] for name in TASKS.read_names} == {n: getattr(stored, n) for n in TASKS.read_names}
