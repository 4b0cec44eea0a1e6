"""What falls due: timers, jobs, timer starts; one that goes wrong holds up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from processes import actions, api
from processes.actions import Action, ActionCall
from processes.runtime import jobs, starting, waking
from processes.runtime.models import Outbox, ProcessInstance, StartSubscription, Task
from processes.runtime.nodes.waiting import WaitingNode
from tests.processes.runtime.engine_room import outcome, publish, row, service, timer_start, wait

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

done: list[str] = []


def remember(text: str) -> None:
    done.append(text)


def fail(_text: str) -> None:
    done.append("tried")
    raise ZeroDivisionError


def post(call: ActionCall) -> None:
    done.append(call.key)


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    done.clear()
    with api.by_hand(), actions.temporarily(Action("test.post", post, background=True)):
        yield


def test_a_timer_fires_when_it_is_due_and_not_before(clock):
    publish(wait("PT2H"))
    one = api.start("deal")
    assert api.next_due() == clock.now() + timedelta(hours=2)
    clock.move(clock.now() + timedelta(hours=2, seconds=-1))
    assert api.drain() == 0
    clock.move(clock.now() + timedelta(seconds=1))
    api.drain()
    assert (outcome(one), api.next_due()) == ("completed", None)


def test_an_idle_round_is_one_query(django_assert_num_queries, clock):
    publish(wait("PT2H"))
    api.start("deal")
    with django_assert_num_queries(1):
        assert not waking.anything_due()
    clock.move(clock.now() + timedelta(hours=2))
    assert waking.anything_due()


def test_a_timer_that_cannot_fire_becomes_an_incident_and_others_fire(clock, monkeypatch):
    publish(wait("PT2H"))
    bad, good = api.start("deal"), api.start("deal")
    fire = WaitingNode.trigger

    def trigger(node, step, task, payload=None):
        if task.process_id == bad.pk:
            raise KeyError(node.node_id)
        fire(node, step, task, payload)

    monkeypatch.setattr(WaitingNode, "trigger", trigger)
    clock.move(clock.now() + timedelta(hours=2))
    api.drain()
    assert outcome(good) == "completed"
    assert row(bad, "Wait").status == "SCHEDULED"
    for _time in range(waking.STUMBLES):
        clock.move(clock.now() + timedelta(hours=1))
        api.drain()
    assert row(bad, "Wait").status == "ERROR"
    monkeypatch.undo()
    boss = _boss()
    api.retry(row(bad, "Wait").pk, user=boss)
    clock.move(clock.now() + timedelta(hours=2))
    api.drain()
    assert outcome(bad) == "completed"


def _boss():
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create(username="boss", is_superuser=True)


def test_a_job_whose_worker_died_is_run_again_under_the_same_key(clock):
    publish(service("test.post", timeout="PT1M"))
    one = api.start("deal")
    task = row(one, "Work")
    Task.objects.filter(pk=task.pk).update(  # a worker took it and died
        status="STARTED", attempts=1, next_attempt_at=clock.now() + timedelta(minutes=1)
    )
    api.drain()
    assert done == []
    clock.move(clock.now() + timedelta(minutes=1))
    api.drain()
    assert (done, outcome(one)) == ([f"{task.pk}:0"], "completed")


def test_a_job_that_kills_its_worker_each_time_becomes_an_incident(clock):
    publish(service("test.post", timeout="PT1M", retries="2"))
    one = api.start("deal")
    Task.objects.filter(process=one.pk, node_id="Work").update(
        status="STARTED", attempts=3, next_attempt_at=clock.now() + timedelta(minutes=1)
    )
    clock.move(clock.now() + timedelta(minutes=1))
    api.drain()
    failed = row(one, "Work")
    assert (failed.status, done) == ("ERROR", [])
    assert "3 times" in failed.error["sentence"]


def test_a_job_that_was_pushed_twice_runs_once():
    publish(service("test.post"))
    task = row(api.start("deal"), "Work")
    assert jobs.run_task(str(task.pk), 0) is True
    assert jobs.run_task(str(task.pk), 0) is False
    assert len(done) == 1


def test_jobs_at_a_long_queue_are_put_off_together_and_nothing_else_is(clock, monkeypatch, django_assert_max_num_queries):
    with actions.temporarily(Action("test.fails", lambda _call: fail(""))):
        publish(service("test.post"))
        publish(wait("PT1M"), key="waiting")
        publish(service("test.fails", retries="1", backoff="PT1M"), key="failing")
        tasks = [row(api.start("deal"), "Work").pk for _number in range(20)]
        waiting, failing = api.start("waiting"), api.start("failing")
        clock.move(clock.now() + timedelta(minutes=1))
        monkeypatch.setattr(waking, "jobs_are_queued", lambda: True)
        monkeypatch.setattr(waking, "queue_is_long", lambda _more_than: True)
        with django_assert_max_num_queries(40):
            waking.sweep()
    later = set(Task.objects.filter(pk__in=tasks).values_list("status", "attempts", "next_attempt_at"))
    assert later == {("SCHEDULED", 0, clock.now() + waking.REDELIVERY)}
    assert (outcome(waiting), row(failing, "Work").attempts) == ("completed", 2)


def test_a_timer_starts_a_process_at_each_of_its_moments_once(clock):
    publish(wait("PT1M"), start=timer_start("R/PT1H"))
    for _hour in range(3):
        clock.move(clock.now() + timedelta(hours=1))
        api.drain()
        api.drain()
    assert ProcessInstance.objects.count() == 3


def test_a_start_that_fails_gives_up_its_moment_and_keeps_the_next(clock, monkeypatch):
    publish(wait("PT1M"), start=timer_start("R/PT1H"))
    first = StartSubscription.objects.get().next_due
    start = starting.start_version
    monkeypatch.setattr(starting, "start_version", lambda *args, **kwargs: 1 / 0)
    clock.move(first)
    for _time in range(waking.STUMBLES):
        api.drain()
        clock.move(clock.now() + timedelta(minutes=2))
    found = StartSubscription.objects.get()
    assert (found.active, found.next_due) == (True, first + timedelta(hours=1))
    monkeypatch.setattr(starting, "start_version", start)
    clock.move(found.next_due)
    api.drain()
    assert ProcessInstance.objects.count() == 1


# --- background calls ----------------------------------------------------------------------------------------
HERE = "processes.runtime.test_calls."


def test_a_call_with_a_key_is_made_once(monkeypatch):
    monkeypatch.setattr(jobs, "import_string", lambda path: remember)
    for _time in range(2):
        api.enqueue(HERE + "remember", "hello", key="k")
        api.drain()
    assert done == ["hello"]


def test_only_functions_of_the_product_are_called():
    with pytest.raises(ValueError, match="no function of this product"):
        api.enqueue("os.system", "true")


def test_a_call_that_fails_in_a_worker_is_made_again_and_given_up_at_last(clock, monkeypatch):
    monkeypatch.setattr(jobs, "import_string", lambda path: fail)
    api.enqueue(HERE + "fail", "x")
    called = Outbox.objects.get()
    for attempt in range(8):
        assert jobs.run_call(str(called.pk), attempt) is True
        assert jobs.run_call(str(called.pk), attempt) is False
    called.refresh_from_db()
    assert (called.state, len(done)) == (Outbox.State.DEAD, 8)
