"""Messages and signals: delivered once, kept, held back, given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from processes import api
from processes.runtime import outbox
from processes.runtime.models import Outbox, Task
from tests.processes.runtime.engine_room import ALARM, MESSAGE, SIGNAL, TOLD, outcome, publish, row

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    with api.by_hand():
        yield


def waiting(number: int):
    return api.start("deal", data={"number": number})


def test_a_message_moves_the_one_that_waits_for_its_value_and_brings_its_data():
    publish(TOLD, named=MESSAGE)
    first, second = waiting(1), waiting(2)
    api.message("told", correlation=2, data={"answer": "yes"})
    api.drain()
    assert (outcome(first), outcome(second)) == ("", "completed")
    assert row(second, "Told").process.data["answer"] == "yes"


def test_a_second_delivery_of_the_same_row_does_nothing():
    publish(TOLD, named=MESSAGE)
    first, second = waiting(1), waiting(1)
    api.message("told", correlation=1)
    sent = Outbox.objects.get()
    assert outbox.deliver(sent.pk) is True
    assert outbox.deliver(sent.pk) is False
    assert sorted([outcome(first), outcome(second)]) == ["", "completed"]


def test_a_message_with_a_key_is_taken_once():
    publish(TOLD, named=MESSAGE)
    first, second = waiting(1), waiting(1)
    for _time in range(2):
        api.message("told", correlation=1, key="mail-7")
        api.drain()
    assert sorted([outcome(first), outcome(second)]) == ["", "completed"]


def test_a_message_that_nobody_waits_for_is_kept_for_who_begins_to_wait():
    publish(TOLD, named=MESSAGE)
    api.message("told", correlation=1)
    api.drain()
    late = waiting(1)
    api.drain()
    assert outcome(late) == "completed"


def test_a_kept_message_expires(clock):
    publish(TOLD, named=MESSAGE)
    api.message("told", correlation=1)
    api.drain()
    while (due := api.next_due()) is not None:
        clock.move(max(due, clock.now()))
        api.drain()
    assert Outbox.objects.get().state == Outbox.State.EXPIRED
    late = waiting(1)
    api.drain()
    assert outcome(late) == ""


def test_a_message_of_a_transaction_that_is_undone_was_never_sent():
    publish(TOLD, named=MESSAGE)
    one = waiting(1)
    with transaction.atomic():
        api.message("told", correlation=1)
        transaction.set_rollback(True)
    api.drain()
    assert outcome(one) == ""


def test_a_suspended_instance_gets_its_message_when_it_is_resumed(clock, django_user_model):
    boss = django_user_model.objects.create(username="boss", is_superuser=True)
    publish(TOLD, named=MESSAGE)
    one = waiting(1)
    api.suspend(one.pk, user=boss)
    api.message("told", correlation=1)
    for _look in range(10):
        clock.move(clock.now() + timedelta(minutes=10))
        api.drain()
    assert outcome(one) == ""
    api.resume(one.pk, user=boss)
    api.drain()
    assert outcome(one) == "completed"


def test_a_signal_reaches_all_who_wait_and_nobody_who_comes_later():
    publish(ALARM, named=SIGNAL)
    both = [api.start("deal") for _number in range(2)]
    api.signal("alarm")
    api.drain()
    late = api.start("deal")
    api.drain()
    assert [outcome(one) for one in [*both, late]] == ["completed", "completed", ""]


def test_what_cannot_be_delivered_is_given_up_after_some_attempts(clock, monkeypatch):
    publish(TOLD, named=MESSAGE)
    one = waiting(1)
    monkeypatch.setattr(outbox, "_trigger", lambda task_id, row: 1 / 0)
    api.message("told", correlation=1)
    for _attempt in range(outbox.ATTEMPTS):
        api.drain()
        clock.move(clock.now() + timedelta(hours=1))
    sent = Outbox.objects.get()
    assert (sent.state, sent.attempts) == (Outbox.State.DEAD, outbox.ATTEMPTS)
    assert "ZeroDivisionError" in sent.error["sentence"]
    assert Task.objects.stored().get(process=one.pk, node_id="Told").is_open
