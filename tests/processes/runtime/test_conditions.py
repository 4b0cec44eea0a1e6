"""Conditions that read the record: asked when the record is changed, by whomever, and not by looking again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from processes import api, ports
from processes.ports import Subject, SubjectType
from processes.runtime import starting
from processes.runtime.models import Outbox, ProcessInstance
from tests.processes.runtime.engine_room import Play, drawn, later
from tests.processes.sketch import conditional, sketch

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BOTH = "parallelGateway"
WAITS = sketch(
    "Start -> Fork -> Wait -> B -> End", "Fork -> A -> End", Fork=BOTH, Wait=conditional("thing.score > 3"),
)  # fmt: skip
BESIDE = sketch("Start -> A -> End", "When -> B -> Done", Done="endEvent", When=conditional("thing.score > 3", on="A", beside=True))


@dataclass
class Thing:
    """A record that is kept in memory."""

    pk: int
    score: int = 0


@pytest.fixture
def things(clock: ports.FixedClock) -> Iterator[dict[int, Thing]]:
    """Two records that processes can be about."""
    known = {1: Thing(1), 2: Thing(2)}
    subjects = ports.Subjects()
    subjects.register(SubjectType(
        key="thing", label="Thing", fields=(), load=known.get, view=lambda thing: {"score": thing.score}, model=Thing,
    ))  # fmt: skip
    with ports.using(subjects=subjects), api.by_hand():
        yield known


def about(thing: Thing, bpmn: str = WAITS) -> Play:
    begun = Play.on(starting.start_version(drawn(bpmn), subject=Subject("thing", thing.pk)))
    Outbox.objects.all().delete()  # the second looks have a test of their own
    return begun


def change(thing: Thing, score: int) -> None:
    thing.score = score
    api.record_changed(thing)
    api.drain()


def test_who_waits_for_a_record_goes_on_when_it_is_changed(things):
    one, other = about(things[1]), about(things[2])
    change(things[1], 3)
    assert (one.waits, other.waits) == (["A", "Wait"], ["A", "Wait"])
    change(things[1], 4)
    assert (one.waits, other.waits) == (["A", "B"], ["A", "Wait"])


def test_every_instance_about_the_record_is_asked(things):
    plays = [about(things[1]) for _number in range(3)]
    change(things[1], 9)
    assert [play.waits for play in plays] == [["A", "B"]] * 3


def test_where_nobody_waits_a_change_costs_one_question(things, django_assert_num_queries):
    about(things[2])
    with django_assert_num_queries(1):
        api.record_changed(things[1])
    with django_assert_num_queries(0):
        api.record_changed(object())


def test_a_condition_beside_an_activity_happens_once_until_it_was_false(things):
    play = about(things[1], BESIDE)
    for score, paths in ((4, 1), (5, 1), (1, 1), (6, 2)):
        change(things[1], score)
        assert play.waits == ["A", *["B"] * paths], score


def test_a_change_in_the_moment_when_the_waiting_began_is_seen_soon(things, clock):
    play = Play.on(starting.start_version(drawn(WAITS), subject=Subject("thing", 1)))
    things[1].score = 7  # by somebody who could not see the row that waits
    api.drain()
    assert play.waits == ["A", "Wait"]
    later(clock, seconds=2)
    assert play.waits == ["A", "B"]
    later(clock, minutes=1)
    assert api.next_due() is None


def test_a_suspended_instance_is_asked_once_it_is_resumed(things, clock, admin_user):
    play = about(things[1])
    ProcessInstance.objects.filter(pk=play.id).update(suspended=True)
    change(things[1], 9)
    assert play.waits == ["A", "Wait"]
    ProcessInstance.objects.filter(pk=play.id).update(suspended=False)
    later(clock, minutes=20)
    assert play.waits == ["A", "B"]
    assert clock.now() - play.at("B").created < timedelta(minutes=20)


def test_a_condition_on_variables_alone_does_not_hear_of_the_record(things):
    play = about(things[1], sketch("Start -> Fork -> Wait -> B -> End", "Fork -> A -> End", Fork=BOTH, Wait=conditional("n > 3")))
    play.edit(n=1)
    assert play.at("Wait").event_key == ""
