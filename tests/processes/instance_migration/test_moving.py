"""Running instances moved from one drawing to another, and what they do there.

Each test is a drawing before, a drawing after, where an instance stood, and how it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes import api, ports
from processes.catalog.models import ProcessVersion, State
from processes.errors import Invalid
from processes.instance_migration import services
from processes.instance_migration.models import MigratedInstance, Migration
from processes.runtime.models import ProcessInstance, Task, TaskCandidate
from tests.processes.inbox.house import HousePeople
from tests.processes.runtime import engine_room
from tests.processes.runtime.engine_room import Play, forget, later
from tests.processes.sketch import (
    END,
    call,
    conditional,
    element,
    error,
    for_each,
    looped,
    message,
    signal,
    sketch,
    sub,
    timer,
    user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PARALLEL = {"Fork": "parallelGateway", "Join": "parallelGateway"}


@pytest.fixture(autouse=True)
def by_hand(clock: ports.FixedClock) -> Iterator[None]:
    with api.by_hand():
        yield


def drawn(text: str, key: str = "deal") -> ProcessVersion:
    """The next version of a process, in the place of the one before."""
    ProcessVersion.objects.filter(definition__key=key, state=State.PUBLISHED).update(state=State.RETIRED)
    return engine_room.drawn(text, key=key)


def boss() -> Any:
    return get_user_model().objects.get_or_create(username="player", defaults={"is_superuser": True})[0]


def moved(old: ProcessVersion, new: ProcessVersion, **plan: Any) -> Migration:
    """Move what runs on a version, and let the workers do it."""
    begun = api.migrate("deal", old.number, new.number, user=boss(), reason="redrawn", **plan)
    forget()
    api.drain()
    begun.refresh_from_db()
    assert begun.state == Migration.State.DONE
    return begun


def why(migration: Migration) -> list[str]:
    return [reason for one in api.stayed_behind(migration.pk, user=boss()) for reason in one.reasons]


def across(before: str, after: str, *, to: tuple[str, ...] = (), plan: dict[str, Any] | None = None, **data: Any) -> Play:
    """An instance of a drawing, brought to where it should stand, then moved to another drawing."""
    old = drawn(before)
    play = Play(old, **data).do(*to) if to else Play(old, **data)
    new = drawn(after)
    migration = moved(old, new, **(plan or {}))
    assert why(migration) == []
    assert play.instance.version_id == new.pk
    return play


# --- what rests -----------------------------------------------------------------------------------------------------
def test_a_task_goes_on_as_the_new_drawing_says() -> None:
    play = across(sketch("Start -> A -> B -> End"), sketch("Start -> A -> C -> End"))
    assert play.waits == ["A"]
    assert (play.do("A").waits, play.do("C").outcome) == (["C"], "completed")


def test_a_renamed_step_takes_its_work_and_its_past_along() -> None:
    after = sketch("Start -> Check -> B -> End").replace('id="Check" name="Check"', 'id="Check" name="A"')
    play = across(sketch("Start -> A -> B -> End"), after)
    assert play.waits == ["Check"]
    old = drawn(sketch("Start -> A -> B -> End"))
    passed = Play(old).do("A")
    moved(old, drawn(after))
    assert (passed.waits, "Check" in passed.done, "A" in passed.done) == (["B"], True, False)


def test_a_token_nobody_knows_a_place_for_stays_and_says_so() -> None:
    old, new = drawn(sketch("Start -> A -> End")), drawn(sketch("Start -> B -> End", B="serviceTask"))
    play = Play(old)
    migration = moved(old, new)
    assert why(migration) == ["A token rests on “A”, and nothing in the new drawing stands for it. Say in the plan where it goes."]
    assert (play.instance.version_id, play.waits) == (old.pk, ["A"])
    assert play.do("A").outcome == "completed"


def test_a_person_sends_it_elsewhere() -> None:
    old = sketch("Start -> A -> End")
    new = sketch("Start -> X -> Y -> End")
    assert across(old, new, plan={"changes": {"A": "Y"}}).waits == ["Y"]


def test_who_has_a_task_keeps_it_while_they_have_its_role(clock: ports.FixedClock) -> None:
    for name in ("sales", "law"):
        Group.objects.create(name=name)
    people = {name: get_user_model().objects.create(username=name) for name in ("seller", "lawyer")}
    people["seller"].groups.add(Group.objects.get(name="sales"))
    people["lawyer"].groups.add(Group.objects.get(name="law"))
    old = drawn(sketch("Start -> A -> End", A=user(role="sales")))
    play, free = Play(old), Play(old)
    api.claim(play.at("A").pk, user=people["seller"])
    same = drawn(sketch("Start -> A -> B -> End", A=user(role="sales", form="deal")))
    moved(old, same)
    assert (play.at("A").owner, play.at("A").form_key, free.at("A").owner) == (people["seller"], "deal", None)
    moved(same, drawn(sketch("Start -> A -> C -> End", A=user(role="law"))))
    assert (play.at("A").owner, play.at("A").role) == (None, "law")
    offered = TaskCandidate.objects.filter(task=play.at("A").pk).values_list("group__name", "user__username")
    assert list(offered) == [("law", None)]


def test_four_eyes_hold_over_a_move() -> None:
    old = drawn(sketch("Start -> A -> B -> End", A=user(), B=user(fourEyes="A")))
    play = Play(old).do("A")
    after = sketch("Start -> Ask -> B -> End", Ask=user(), B=user(fourEyes="Ask"))
    moved(old, drawn(after.replace('id="Ask" name="Ask"', 'id="Ask" name="A"')))
    excluded = TaskCandidate.objects.filter(task=play.at("B").pk, excluded=True)
    assert [row.user for row in excluded] == [play.person]


# --- until when -----------------------------------------------------------------------------------------------------
def test_a_limit_runs_on_when_it_is_the_same_and_begins_anew_when_it_differs(clock: ports.FixedClock) -> None:
    old = drawn(sketch("Start -> A -> End", A=user(limit="P1D")))
    play = Play(old)
    due = play.at("A").due_at
    later(clock, hours=3)
    same = drawn(sketch("Start -> A -> B -> End", A=user(limit="P1D")))
    moved(old, same)
    assert play.at("A").due_at == due
    other = drawn(sketch("Start -> A -> C -> End", A=user(limit="P2D")))
    moved(same, other)
    assert (play.at("A").due_at - clock.now()).total_seconds() == 2 * 24 * 3600


def test_a_timer_on_the_border_runs_on_and_leads_where_the_new_drawing_says(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> End", "Late -> B -> Done", Late=timer("PT4H", "", on="A"))
    after = sketch("Start -> A -> End", "Late -> C -> Done", Late=timer("PT4H", "", on="A"))
    old = drawn(before)
    play = Play(old)
    later(clock, hours=3)
    moved(old, drawn(after))
    later(clock, hours=1, seconds=5)
    assert play.waits == ["C"]


def test_a_timer_that_differs_begins_anew_and_a_new_one_begins(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> End", "Late -> B -> Done", Late=timer("PT4H", "", on="A"))
    after = sketch(
        "Start -> A -> End", "Late -> B -> Done", "Soon -> C -> Told",
        Late=timer("PT5H", "", on="A"), Soon=timer("PT1H", "", on="A", beside=True),
    )
    old = drawn(before)
    play = Play(old)
    later(clock, hours=3)
    moved(old, drawn(after))
    later(clock, hours=1, minutes=5)
    assert play.waits == ["A", "C"]
    later(clock, hours=4)
    assert play.waits == ["B", "C"]


def test_what_has_happened_on_the_border_does_not_happen_again(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> End", "Soon -> C -> Told", Soon=timer("PT1H", "", on="A", beside=True))
    old = drawn(before)
    play = Play(old)
    later(clock, hours=2)
    assert play.waits == ["A", "C"]
    moved(old, drawn(before.replace('name="deal"', 'name="redrawn"').replace('name="C"', 'name="Call"')))
    later(clock, hours=5)
    assert (play.waits, play.armed) == (["A", "C"], [])


def test_a_border_event_that_the_new_drawing_lacks_is_taken_away(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> End", "Late -> B -> Done", Late=timer("PT4H", "", on="A"))
    play = across(before, sketch("Start -> A -> End"))
    later(clock, hours=9)
    assert (play.waits, play.armed) == (["A"], [])


def test_an_intermediate_timer_runs_on_or_begins_anew(clock: ports.FixedClock) -> None:
    before, after = sketch("Start -> W -> A -> End", W=timer("PT4H")), sketch("Start -> W -> B -> End", W=timer("PT4H"))
    old = drawn(before)
    play = Play(old)
    later(clock, hours=3)
    new = drawn(after)
    moved(old, new)
    newest = drawn(sketch("Start -> W -> C -> End", W=timer("PT4H")))
    moved(new, newest, restart=["W"])
    later(clock, hours=2)
    assert play.waits == ["W"]
    later(clock, hours=2, seconds=5)
    assert play.waits == ["C"]


# --- events ---------------------------------------------------------------------------------------------------------
def test_a_message_is_waited_for_by_the_name_that_the_new_drawing_gives(clock: ports.FixedClock) -> None:
    before = sketch("Start -> W -> A -> End", W=message("paid", key="= number"))
    after = sketch("Start -> W -> A -> End", W=message("settled", key="= number"))
    play = across(before, after, number="7")
    api.message("paid", correlation="7")
    later(clock, seconds=5)
    assert play.waits == ["W"]
    api.message("settled", correlation="7")
    later(clock, seconds=5)
    assert play.waits == ["A"]


def test_a_signal_on_the_border_is_heard_after_the_move(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> End", "S -> B -> Done", S=signal("alarm", "", on="A"))
    after = sketch("Start -> A -> End", "S -> C -> Done", S=signal("alarm", "", on="A"))
    play = across(before, after)
    api.signal("alarm")
    later(clock, seconds=5)
    assert play.waits == ["C"]


def test_a_condition_is_asked_as_the_new_drawing_words_it() -> None:
    before = sketch("Start -> A -> End", "When -> B -> Done", When=conditional("amount > 100", "", on="A"))
    after = sketch("Start -> A -> End", "When -> B -> Done", When=conditional("amount > 10", "", on="A"))
    assert across(before, after, amount=50).waits == ["B"]


def test_the_events_behind_an_event_gateway_are_those_of_the_new_drawing(clock: ports.FixedClock) -> None:
    before = sketch("Start -> G -> M -> A -> End", "G -> T -> B -> End",
                    G="eventBasedGateway", M=message("paid", key="= number"), T=timer("PT4H"))  # fmt: skip
    after = sketch("Start -> G -> M -> A -> End", "G -> T -> B -> End", "G -> S -> C -> End", G="eventBasedGateway",
                   M=message("paid", key="= number"), T=timer("PT4H"), S=signal("stop"))  # fmt: skip
    play = across(before, after, number="7")
    assert play.armed == ["M", "S", "T"]
    api.signal("stop")
    later(clock, seconds=5)
    assert (play.waits, play.armed) == (["C"], [])


# --- joins, scopes, many at once --------------------------------------------------------------------------------------
def test_a_join_keeps_who_has_come() -> None:
    before = sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", **PARALLEL)
    after = sketch("Start -> Fork -> A -> Join -> C -> End", "Fork -> B -> Join", **PARALLEL)
    play = across(before, after, to=("A",))
    assert play.waits == ["B", "Join"]
    assert play.do("B").waits == ["C"]


def test_a_join_that_needs_less_now_lets_through_who_has_come() -> None:
    before = sketch("Start -> Fork -> A -> Join -> D -> End", "Fork -> B -> Join", **PARALLEL)
    after = sketch("Start -> Fork -> A -> Join -> D -> End", "Fork -> B -> Out", **PARALLEL)
    assert across(before, after, to=("A",)).waits == ["B", "D"]


def test_a_token_at_a_join_whose_way_in_is_gone_needs_a_word(clock: ports.FixedClock) -> None:
    before = sketch("Start -> Fork -> A -> Join -> End", "Fork -> B -> Join", **PARALLEL)
    after = sketch("Start -> Fork -> A -> C -> Join -> End", "Fork -> B -> Join", **PARALLEL)
    old, new = drawn(before), drawn(after)
    play = Play(old).do("A")
    assert "Say in the plan which" in why(moved(old, new))[0]
    moved(old, new, changes={"F_A_Join": "F_C_Join"})
    assert play.do("B").outcome == "completed"


def test_what_runs_in_a_sub_process_stays_in_it() -> None:
    before = sketch("Start -> P -> End", P=sub("StartIn -> A -> EndIn"))
    after = sketch("Start -> P -> B -> End", P=sub("StartIn -> A -> C -> EndIn"))
    play = across(before, after)
    assert play.waits == ["A", "P"]
    assert (play.do("A").waits, play.do("C").waits) == (["C", "P"], ["B"])


def test_a_step_drawn_into_another_scope_stays_where_it_was() -> None:
    old, new = drawn(sketch("Start -> A -> End")), drawn(sketch("Start -> P -> End", P=sub("StartIn -> A -> EndIn")))
    Play(old)
    assert "lies in another sub-process" in why(moved(old, new))[0]


def test_an_event_sub_process_that_is_new_begins_to_wait(clock: ports.FixedClock) -> None:
    handler = sub("Alarm -> Help -> Over", more={"triggeredByEvent": "true"}, Alarm=signal("alarm", "startEvent"))
    old = drawn(sketch("Start -> A -> End"))
    play = Play(old)
    text = sketch("Start -> A -> End").replace("</bpmn:process>", handler.xml("Handler", "") + "</bpmn:process>")
    text = text.replace("<bpmn:process ", handler.root + "<bpmn:process ", 1)
    moved(old, drawn(text))
    api.signal("alarm")
    later(clock, seconds=5)
    assert "Help" in play.waits
    assert "A" not in play.waits


def test_each_of_many_moves_with_its_own_values() -> None:
    before = sketch("Start -> A -> End", A=looped(element("userTask"), for_each("[3, 5]", output="answer")))
    after = sketch("Start -> A -> B -> End", A=looped(element("userTask"), for_each("[3, 5]", output="answer")))
    play = across(before, after)
    assert play.waits == ["A", "A", "A"]
    play.do("A", answer=1)
    assert play.do("A", answer=2).waits == ["B"]
    assert sorted(play.data["answer"]) == [1, 2]


def test_a_called_process_goes_on_and_comes_back_to_the_new_drawing() -> None:
    drawn(sketch("Start -> Inner -> End", key="part"), key="part")
    before = sketch("Start -> C -> A -> End", C=call("part"))
    play = across(before, sketch("Start -> C -> B -> End", C=call("part")))
    child = ProcessInstance.objects.get(definition__key="part")
    Play.on(child).do("Inner")
    api.drain()
    assert play.waits == ["B"]


def test_a_failed_step_is_tried_again_as_the_new_drawing_has_it() -> None:
    before = sketch("Start -> G -{amount > 10}-> A -> End", G="exclusiveGateway")
    after = sketch("Start -> G -{amount > 10}-> A -> End", "G -else-> B -> End", G="exclusiveGateway")
    play = across(before, after, amount=1)
    assert play.failed == ["G"]
    assert play.retry("G").waits == ["B"]


def test_an_error_of_inside_finds_the_border_of_the_new_drawing() -> None:
    before = sketch("Start -> P -> End", P=sub("StartIn -> A -> Bad", Bad=error("wrong", END)))
    after = sketch("Start -> P -> End", "Caught -> B -> End", P=sub("StartIn -> A -> Bad", Bad=error("wrong", END)),
                   Caught=error("wrong", "", on="P"))  # fmt: skip
    assert across(before, after).do("A").waits == ["B"]


# --- rehearsal, rights, undo -------------------------------------------------------------------------------------------
def test_a_rehearsal_says_what_would_become_of_each_and_changes_nothing(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> B -> End", "Late -> X -> End", Late=timer("PT4H", "", on="A"))
    old = drawn(before)
    first, second, _third = Play(old), Play(old).do("A"), Play(old)
    new = drawn(sketch("Start -> A -> C -> End", "Late -> X -> End", Late=timer("PT4H", "", on="A"), C="serviceTask"))
    rows = list(Task.objects.stored().order_by("pk").values_list("pk", "node_id", "status"))
    found = api.rehearse_migration(api.plan_migration("deal", old.number, new.number, user=boss()))
    assert (found.total, found.moves, found.decide, found.cannot, found.timers_kept) == (3, 2, 1, 0, 2)
    assert {name: (step.tokens, step.offered_anew) for name, step in found.steps.items()} == {"A": (2, 2)}
    (reason,) = found.reasons.values()
    assert (reason.kind, reason.element, reason.instances) == ("decide", "B", [second.id])
    assert list(Task.objects.stored().order_by("pk").values_list("pk", "node_id", "status")) == rows
    assert first.instance.version_id == old.pk


def test_an_instance_that_has_not_gone_on_is_put_back_as_it_was(clock: ports.FixedClock) -> None:
    before = sketch("Start -> A -> End", "Late -> B -> Done", Late=timer("PT4H", "", on="A"), A=user(limit="P1D"))
    after = sketch("Start -> Ask -> End", "Late -> C -> Done", Late=timer("PT9H", "", on="Ask"), Ask=user(limit="P5D"))
    old = drawn(before)
    play = Play(old)
    fields = ("node_id", "status", "scheduled", "due_at", "warn_at", "event_key", "arrived_by", "labels", "role")
    rows = list(Task.objects.stored().open().order_by("pk").values(*fields))
    migration = moved(old, drawn(after.replace('id="Ask" name="Ask"', 'id="Ask" name="A"')))
    assert play.waits == ["Ask"]
    forget()
    api.undo_migration(migration.pk, play.id, user=boss())
    assert list(Task.objects.stored().open().order_by("pk").values(*fields)) == rows
    later(clock, hours=5)
    assert play.waits == ["B"]
    with pytest.raises(api.NotFound, match="taken back already"):
        api.undo_migration(migration.pk, play.id, user=boss())


def test_what_has_gone_on_is_not_put_back() -> None:
    old = drawn(sketch("Start -> A -> B -> End"))
    play = Play(old)
    migration = moved(old, drawn(sketch("Start -> A -> C -> End")))
    play.do("A")
    with pytest.raises(Invalid, match="has gone on in the new version"):
        api.undo_migration(migration.pk, play.id, user=boss())
    assert play.waits == ["C"]


def test_only_who_answers_for_the_process_may(clock: ports.FixedClock) -> None:
    old, new = drawn(sketch("Start -> A -> End")), drawn(sketch("Start -> A -> B -> End"))
    stranger = get_user_model().objects.create(username="stranger")
    with ports.using(people=HousePeople()):
        for call_ in (
            lambda: api.plan_migration("deal", old.number, new.number, user=stranger),
            lambda: api.migrate("deal", old.number, new.number, user=stranger, reason="x"),
            lambda: api.migration(moved(old, new).pk, user=stranger),
        ):
            with pytest.raises(api.NotAllowed):
                call_()


def test_one_that_fails_stays_and_the_others_move() -> None:
    old = drawn(sketch("Start -> A -> End"))
    good, bad = Play(old, limit="P1D"), Play(old, limit=True)
    migration = moved(old, drawn(sketch("Start -> A -> B -> End", A=user(limit="= limit"))))
    states = dict(MigratedInstance.objects.filter(migration=migration).values_list("instance", "state"))
    assert states == {good.id: "moved", bad.id: "refused"}
    assert (bad.instance.version_id, bad.waits, bad.at("A").due_at) == (old.pk, ["A"], None)
    assert bad.do("A").outcome == "completed"


def test_two_migrations_of_one_version_do_not_run_at_once() -> None:
    old, new = drawn(sketch("Start -> A -> End")), drawn(sketch("Start -> A -> B -> End"))
    Play(old)
    first = api.migrate("deal", old.number, new.number, user=boss(), reason="x")
    with pytest.raises(Invalid, match="are being moved already"):
        api.migrate("deal", old.number, new.number, user=boss(), reason="x")
    api.stop_migration(first.pk, user=boss())
    forget()
    api.drain()
    assert api.migration(first.pk, user=boss()).counts == {"waiting": 1}


def test_a_part_that_is_asked_for_twice_moves_nothing_twice() -> None:
    old = drawn(sketch("Start -> A -> B -> End"))
    plays = [Play(old) for _number in range(3)]
    new = drawn(sketch("Start -> A -> C -> End"))
    begun = api.migrate("deal", old.number, new.number, user=boss(), reason="x")
    forget()
    services.go_on(str(begun.pk), 0)
    services.go_on(str(begun.pk), 0)
    api.drain()
    assert api.migration(begun.pk, user=boss()).counts == {"moved": 3}
    assert [play.waits for play in plays] == [["A"]] * 3


def test_what_ended_meanwhile_is_left_alone() -> None:
    old = drawn(sketch("Start -> A -> End"))
    play = Play(old)
    begun = api.migrate("deal", old.number, drawn(sketch("Start -> A -> B -> End")).number, user=boss(), reason="x")
    play.do("A")
    forget()
    api.drain()
    assert (api.migration(begun.pk, user=boss()).counts, play.outcome) == ({"ended": 1}, "completed")
