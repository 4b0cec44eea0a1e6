"""Which element of a new drawing stands for which of an old one."""

from __future__ import annotations

import pytest

from processes.bpmn import parse
from processes.errors import Invalid
from processes.instance_migration.planning import plan
from tests.processes.sketch import call, message, sketch, timer, user

OLD = sketch("Start -> A -> B -> End", Late=timer("PT1H", "", on="A"))


def moves(old: str, new: str, **given: object) -> dict[str, tuple[str, str]]:
    found = plan(parse(old.encode()), parse(new.encode()), **given)  # type: ignore[arg-type]
    return {name: (move.target, move.why) for name, move in found.moves.items()}


def renamed(drawing: str, old: str, new: str, *, name: str | None = None) -> str:
    """The drawing with an element under another id; its name stays unless one is given."""
    text = drawing.replace(f'id="{old}"', f'id="{new}"').replace(f'Ref="{old}"', f'Ref="{new}"')
    return text if name is None else text.replace(f'id="{new}" name="{old}"', f'id="{new}" name="{name}"')


def test_the_same_id_and_kind_is_the_same_element() -> None:
    assert moves(OLD, OLD)["A"] == ("A", "same")
    other = sketch("Start -> A -> B -> End", A="serviceTask", Late=timer("PT1H", "", on="A"))
    assert moves(OLD, other)["A"] == ("", "gone")


def test_a_user_task_may_become_a_manual_one() -> None:
    assert moves(OLD, sketch("Start -> A -> B -> End", A="manualTask"))["A"] == ("A", "same")


def test_the_same_name_finds_what_has_another_id() -> None:
    found = moves(OLD, renamed(OLD, "A", "Check"))
    assert (found["A"], found["Late"]) == (("Check", "alike"), ("Late", "same"))


def test_the_same_neighbours_find_what_has_another_id_and_name() -> None:
    assert moves(OLD, renamed(OLD, "A", "Check", name="Look at it"))["A"] == ("Check", "alike")


def test_two_as_good_as_each_other_are_left_to_a_person() -> None:
    new = renamed(sketch("Start -> A -> B -> End", "Start -> Y -> B"), "A", "X")
    new = new.replace('id="X" name="A"', 'id="X" name="X"')
    assert moves(OLD, new)["A"] == ("", "gone")


def test_a_person_says_otherwise() -> None:
    new = sketch("Start -> A -> C -> B -> End")
    found = moves(OLD, new, changes={"A": "C", "B": ""})
    assert (found["A"], found["B"]) == (("C", "by_hand"), ("", "by_hand"))


@pytest.mark.parametrize(
    ("changes", "restart", "sentence"),
    [
        ({"Z": "A"}, [], "old drawing has no element “Z”"),
        ({"A": "Z"}, [], "new drawing has no element “Z”"),
        ({"A": "End"}, [], "“A” cannot become “End”"),
        ({"A": "B", "B": "B"}, [], "cannot become the same one"),
        ({"F_Start_A": "F_Z"}, [], "no sequence flow “F_Z”"),
        ({}, ["Z"], "old drawing has no element “Z”"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changes: dict[str, str], restart: list[str], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        moves(OLD, OLD, changes=changes, restart=restart)


def test_a_call_of_another_process_is_another_element() -> None:
    old, new = (sketch("Start -> A -> End", A=call(key)) for key in ("one", "two"))
    assert moves(old, new)["A"] == ("", "gone")


def test_timers_begin_anew_where_they_differ_or_where_a_person_says_so() -> None:
    new = sketch("Start -> A -> B -> End", Late=timer("PT2H", "", on="A"))
    old_model, new_model = parse(OLD.encode()), parse(new.encode())
    assert plan(old_model, new_model).restarts("Late")
    assert not plan(old_model, old_model).restarts("Late")
    assert plan(old_model, old_model, restart=["Late"]).restarts("Late")
    limits = [parse(sketch("Start -> A -> End", A=user(limit=text)).encode()) for text in ("P1D", "P2D")]
    assert plan(limits[0], limits[1]).restarts("A")


def test_flows_are_matched_by_their_ends() -> None:
    old = parse(sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join",
                       Fork="parallelGateway", Join="parallelGateway").encode())  # fmt: skip
    new = parse(sketch("Start -> Fork -> A -> C -> Join -> End", "Fork -> B -> Join",
                       Fork="parallelGateway", Join="parallelGateway").encode())  # fmt: skip
    assert plan(old, new).flows["F_B_Join"] == "F_B_Join"
    assert "F_A_Join" not in plan(old, new).flows
    assert plan(old, new, changes={"F_A_Join": "F_C_Join"}).flows["F_A_Join"] == "F_C_Join"


def test_events_of_another_kind_are_other_events() -> None:
    old, new = sketch("Start -> A -> End", A=message("paid")), sketch("Start -> A -> End", A=timer("PT1H"))
    assert moves(old, new)["A"] == ("", "gone")
    assert moves(old, sketch("Start -> A -> End", A=message("sent")))["A"] == ("A", "same")
