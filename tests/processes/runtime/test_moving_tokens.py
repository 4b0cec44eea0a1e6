"""A token put elsewhere by hand: what goes with it, what stays, and where it may not go."""

from __future__ import annotations

import pytest

from processes import api, ports
from tests.processes.runtime.engine_room import Play, drawn, later
from tests.processes.sketch import element, for_each, looped, sketch, sub, timer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PARALLEL = {"Fork": "parallelGateway", "Join": "parallelGateway"}


def put(play: Play, step: str, to: str) -> Play:
    api.move_token(play.at(step).pk, to=to, user=play.person, reason="it was rung in")
    return play


def test_it_goes_on_from_where_it_was_put() -> None:
    play = put(Play(drawn(sketch("Start -> A -> B -> C -> End"))), "A", "C")
    assert play.waits == ["C"]
    assert play.do("C").outcome == "completed"


def test_what_waits_on_its_behalf_goes_with_it(clock: ports.FixedClock) -> None:
    play = Play(drawn(sketch("Start -> A -> B -> End", "Late -> X -> End", Late=timer("PT1H", "", on="A"))))
    assert [labels["en"] for labels, _who in api.token_move(play.at("A").pk, user=play.person).lost] == ["A", "Late"]
    put(play, "A", "B")
    later(clock, hours=2)
    assert (play.waits, play.armed) == (["B"], [])


def test_a_sub_process_is_left_with_all_that_is_in_it() -> None:
    play = Play(drawn(sketch("Start -> P -> B -> End", P=sub("StartIn -> A -> EndIn"))))
    assert put(play, "P", "B").waits == ["B"]


def test_the_other_tokens_go_on_and_are_named_before() -> None:
    play = Play(drawn(sketch("Start -> Fork -> A -> Join -> C -> End", "Fork -> B -> Join", **PARALLEL)))
    shown = api.token_move(play.at("A").pk, user=play.person)
    assert [labels["en"] for labels in shown.beside] == ["B"]
    assert [goal.element for goal in shown.goals] == ["Fork", "C", "End", "B"]


@pytest.mark.parametrize("to", ["A", "Start", "Join", "Late", "Inner", "Nowhere"])
def test_some_places_are_refused_and_nothing_is_changed(to: str) -> None:
    text = sketch(
        "Start -> Fork -> A -> Join -> P -> End", "Fork -> B -> Join", "Late -> X -> End", Late=timer("PT1H", "", on="A"),
        P=sub("StartIn -> Inner -> EndIn"), **PARALLEL,
    )  # fmt: skip
    play = Play(drawn(text))
    with pytest.raises(api.Invalid, match="cannot be moved there"):
        put(play, "A", to)
    assert (play.waits, play.armed) == (["A", "B"], ["Late"])


def test_one_run_of_several_is_not_moved_alone_but_the_step_as_a_whole_is() -> None:
    play = Play(drawn(sketch("Start -> A -> B -> End", A=looped(element("userTask"), for_each("[1, 2]")))))
    run = next(row for row in play.instance.task_set.filter(node_id="A", is_body=False))
    body = play.instance.task_set.get(node_id="A", is_body=True)
    with pytest.raises(api.Invalid, match="one of several runs"):
        api.move_token(run.pk, to="B", user=play.person, reason="x")
    api.move_token(body.pk, to="B", user=play.person, reason="x")
    assert play.waits == ["B"]


def test_a_reason_is_demanded() -> None:
    play = Play(drawn(sketch("Start -> A -> B -> End")))
    with pytest.raises(api.ProcessError, match="Say why"):
        api.move_token(play.at("A").pk, to="B", user=play.person, reason=" ")
    assert play.waits == ["A"]
