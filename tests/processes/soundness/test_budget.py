"""A loop that never waits ends as an incident and not as a worker that spins for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from processes import api
from processes.runtime.step import BUDGET
from tests.processes.runtime.engine_room import Play, drawn
from tests.processes.sketch import CATCH, THROW, again_while, element, for_each, looped, plain, sketch, sub

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

XOR = "exclusiveGateway"
SPINS = {
    "tasks": sketch("Start -> M -> A -> M", M=XOR, A="task"),
    "a sub-process": sketch("Start -> M -> Sub -> M", M=XOR, Sub=sub("Start1 -> T -> End1", T="task")),
    "links": sketch("Start -> A -> Away", "Here -> A", A="task", Away=plain("link", THROW, name="x"),
                    Here=plain("link", CATCH, name="x")),
    "a step that repeats itself": sketch("Start -> A -> End", A=looped(element("task"), again_while("true"))),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    with api.by_hand():
        yield


@pytest.mark.parametrize("name", SPINS)
def test_a_loop_without_a_wait_ends_as_an_incident(name):
    play = Play(drawn(SPINS[name]))
    assert play.outcome == ""
    assert len(play.failed) == 1
    assert "never rests" in play.at(play.failed[0]).error["sentence"]


def test_a_chain_just_as_long_as_the_budget_runs_through():
    steps = [f"T{number}" for number in range(BUDGET - 2)]
    play = Play(drawn(sketch(" -> ".join(["Start", *steps, "End"]), **dict.fromkeys(steps, "task"))))
    assert (play.outcome, play.failed) == ("completed", [])


def test_as_many_runs_one_after_another_as_there_are_items():
    step = looped(element("task"), for_each("items", output="item", sequential=True))
    play = Play(drawn(sketch("Start -> A -> End", A=step)), items=list(range(BUDGET + 500)))
    assert (play.outcome, play.failed, len(play.data["item"])) == ("completed", [], BUDGET + 500)
