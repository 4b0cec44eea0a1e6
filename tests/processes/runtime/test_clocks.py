"""The clock of a step and of an instance: it stands still and runs again, and climbs its ladder, each rung once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError

from processes import api, ports
from processes.calendars import PublicHolidays, WorkCalendar, monday_to_friday
from processes.catalog.models import ProcessDefinition
from processes.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from processes.runtime import ladders, ticking, waking
from processes.runtime.models import ClockEvent, HouseRung, PauseReason, ProcessInstance, Task
from tests.processes.publication.drawing import drawing
from tests.processes.runtime.engine_room import Play, drawn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OFFICE = WorkCalendar(
    zone=ZoneInfo("Asia/Shanghai"), weekly=monday_to_friday("09:00-12:00", "13:00-18:00"), holidays=PublicHolidays("CN")
)
LADDER = (
    '<redraw:ladder><redraw:rung at="50" notify="assignee"/><redraw:rung at="100" notify="lead,owner" priority="+20"/>'
    '<redraw:rung at="150" notify="boss" role="boss" priority="95"/></redraw:ladder>'
)
HOUR = timedelta(hours=1)


class Office(ports.RoundTheClock):
    """Everybody works in the Shanghai office, but who has hours of their own."""

    own: dict[int, WorkCalendar] = {}

    def for_subject(self, subject: Any, record: Any = None) -> WorkCalendar:
        return OFFICE

    def for_work(self, subject: Any, record: Any = None, *, user_id: int | None = None, place: str = "") -> WorkCalendar:
        return self.own.get(user_id or 0, OFFICE)


class Staff(ports.DefaultPeople):
    """Everybody's manager is Lin."""

    def manager_of(self, user: Any) -> Any:
        return get_user_model().objects.filter(username="lin").exclude(pk=user.pk).first()


class Told(ports.NoNotices):
    """Remembers whom it told what, once for each key, as a notifier must."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.keys: set[tuple[int, str]] = set()

    def notify(self, *, users: Any, kind: str, context: Any) -> None:
        for user in users:
            if (user.pk, context["key"]) not in self.keys:
                self.keys.add((user.pk, context["key"]))
                self.said.append((user.username, kind))


@pytest.fixture
def told(clock) -> Iterator[Told]:
    found = Told()
    bare = {"subjects": ports.Subjects(), "grants": ports.NoGrants(), "audit": ports.NoAudit()}
    with ports.using(calendars=Office(), people=Staff(), notifier=found, **bare), api.by_hand():
        yield found


@pytest.fixture
def people(told) -> dict[str, Any]:
    made = {name: get_user_model().objects.create_user(name) for name in ("ada", "bob", "lin", "olga", "zed")}
    for name, role in (("ada", "seller"), ("bob", "seller"), ("zed", "boss")):
        made[name].groups.add(Group.objects.get_or_create(name=role)[0])
    PauseReason.objects.create(key="customer", name="Waiting for the customer", name_zh="等待客户", message="told")
    return made


def task(limit: str = "PT4H", more: str = LADDER, attributes: str = 'limitTime="working"', element: str = "userTask") -> str:
    return (
        f'<bpmn:{element} id="Work" name="Work"><bpmn:extensionElements><redraw:task role="seller" limit="{limit}" {attributes}/>'
        f"{more}</bpmn:extensionElements>{{flows}}</bpmn:{element}>"
    )


def begun(people: dict[str, Any], *steps: str, process: str = "", owner: str = "ada", key: str = "deal") -> Play:
    version = drawn(drawing(*(steps or (task(),)), process=process, key=key), key=key)
    ProcessDefinition.objects.filter(pk=version.definition_id).update(owner=people["olga"])
    play = Play(version)
    if owner:
        api.claim(play.at("Work").pk, user=people[owner])
    return play


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


def live(clock: ports.FixedClock, until: datetime) -> None:
    """Let time pass from one moment at which something is due to the next."""
    while (due := api.next_due()) is not None and due <= until:
        clock.move(max(due, clock.now()))
        api.drain()
    clock.move(until)
    api.drain()


# --- the ladder ---------------------------------------------------------------------------------------------------
def test_each_rung_is_done_when_its_share_of_working_time_has_passed(people, told, clock):
    play = begun(people)  # 10:34, four working hours: due 15:34, half of it 13:34 after lunch
    row = play.at("Work")
    assert (row.due_at, row.warn_at, row.clock_at) == (at(24, 15, 34), at(24, 13, 34), at(24, 13, 34))

    live(clock, at(24, 13, 33))
    assert told.said == []
    live(clock, at(24, 13, 34))
    assert told.said == [("ada", "warned")]
    live(clock, at(24, 15, 34))
    assert told.said[1:] == [("lin", "due"), ("olga", "due")]
    assert (play.at("Work").priority, play.at("Work").owner) == (70, people["ada"])

    live(clock, at(24, 17, 34))  # two hours more
    row = play.at("Work")
    assert told.said[3:] == [("zed", "overdue")]
    assert (row.owner, row.role, row.priority, row.clock_at, row.due_at) == (None, "boss", 95, None, at(24, 15, 34))
    assert list(row.candidates.filter(excluded=False).values_list("group__name", "user")) == [("boss", None)]
    assert api.claim(row.pk, user=people["zed"]).owner_id == people["zed"].pk
    events = ClockEvent.objects.filter(instance=play.id).order_by("at", "share").values_list("kind", "share", "data")
    assert [(kind, share) for kind, share, _data in events] == [("rung", 50), ("rung", 100), ("rung", 150)]
    assert events[1][2] == {"priority": [50, 70], "told": [people["lin"].pk, people["olga"].pk]}


def test_unclaimed_work_tells_whom_it_is_offered_to_and_their_leads(people, told, clock):
    begun(people, owner="")
    live(clock, at(24, 15, 34))
    assert told.said == [("ada", "warned"), ("bob", "warned"), ("lin", "due"), ("olga", "due")]


def test_rungs_that_nobody_looked_at_in_time_are_done_in_their_order_and_once(people, told, clock):
    play = begun(people)
    clock.move(at(25, 9, 30))
    api.drain()
    api.drain()
    assert list(ClockEvent.objects.order_by("id").values_list("share", flat=True)) == [50, 100, 150]
    assert [kind for _name, kind in told.said] == ["warned", "due", "due", "overdue"]
    assert play.at("Work").clock_at is None


def test_a_second_dispatcher_finds_nothing_more_to_do(people, told, clock):
    play = begun(people)
    row = play.at("Work")
    clock.move(at(24, 13, 34))
    assert ticking.look(play.id, row.pk) is True
    assert ticking.look(play.id, row.pk) is False
    assert told.said == [("ada", "warned")]


def test_a_rung_cannot_be_written_a_second_time(people, told, clock):
    play = begun(people)
    live(clock, at(24, 13, 34))
    event = ClockEvent.objects.get()
    with pytest.raises(IntegrityError):
        ClockEvent.objects.create(instance_id=play.id, kind="rung", once=event.once)


def test_what_happened_to_a_clock_is_never_changed(people, told, clock):
    begun(people)
    live(clock, at(24, 13, 34))
    event = ClockEvent.objects.get()
    event.share = 60
    with pytest.raises(TypeError, match="stays as it is"):
        event.save()


def test_a_step_without_a_ladder_has_that_of_its_process_else_that_of_the_house(people, told, clock):
    HouseRung.objects.create(share=80, notify="lead")
    process = '<redraw:ladder><redraw:rung at="40" notify="owner"/></redraw:ladder>'
    begun(people, task(more=""), process=process)
    begun(people, task(more=""), key="other")
    live(clock, at(24, 18))
    assert told.said == [("olga", "warned"), ("lin", "warned")]


def test_the_shares_at_which_a_drawing_warns_tell_who_has_it(people, told, clock):
    play = begun(people, task(more="", attributes='limitTime="working" warn="50,75"'))
    assert play.at("Work").warn_at == at(24, 13, 34)
    live(clock, at(24, 18))
    assert told.said == [("ada", "warned"), ("ada", "warned")]


def test_a_rung_that_cannot_be_done_is_told_and_the_next_one_comes(people, told, clock):
    ladder = '<redraw:ladder><redraw:rung at="50" role="ghost"/><redraw:rung at="75" notify="assignee"/></redraw:ladder>'
    play = begun(people, task(more=ladder))
    live(clock, at(24, 18))
    failed, done = ClockEvent.objects.order_by("share")
    assert (failed.kind, failed.share, done.kind, done.share) == ("failed", 50, "rung", 75)
    assert "no role “ghost”" in failed.data["error"]["sentence"]
    assert (play.at("Work").owner, told.said) == (people["ada"], [("ada", "warned")])


def test_a_clock_that_cannot_be_moved_holds_up_nothing(people, told, clock, monkeypatch):
    bad, good = begun(people), begun(people)
    climb = ladders.climb

    def fail(step, holder, rung):
        if step.instance.pk == bad.id:
            raise ZeroDivisionError
        return climb(step, holder, rung)

    monkeypatch.setattr(ladders, "climb", fail)
    clock.move(at(24, 13, 34))
    api.drain()
    assert [event.instance_id for event in ClockEvent.objects.all()] == [good.id]
    assert bad.at("Work").clock_at == clock.now() + timedelta(minutes=1)
    monkeypatch.undo()
    live(clock, at(24, 13, 36))
    assert ClockEvent.objects.filter(instance=bad.id).get().share == 50


def test_finished_work_has_no_rungs_left(people, told, clock):
    play = begun(people)
    api.complete(play.at("Work").pk, user=people["ada"])
    live(clock, at(26, 18))
    assert (told.said, ClockEvent.objects.count(), api.next_due()) == ([], 0, None)


def test_any_step_may_have_a_limit(people, told, clock):
    waiting = task(element="receiveTask").replace('name="Work">', 'name="Work" messageRef="M">', 1)
    version = drawn(drawing(waiting, named='<bpmn:message id="M" name="told"/>'))
    play = Play(version)
    assert play.at("Work").due_at == at(24, 15, 34)
    live(clock, at(24, 17, 34))
    assert [(e.share, e.data.get("role")) for e in ClockEvent.objects.order_by("share")] == [(50, None), (100, None), (150, None)]
    assert (play.waits, told.said) == (["Work"], [("zed", "overdue")]), "nobody has it, so a role is told alone"


# --- standing still ---------------------------------------------------------------------------------------------
def pause(play: Play, by: Any, **more: Any) -> Task:
    api.pause_clock(play.at("Work").pk, user=by, reason="customer", **more)
    return play.at("Work")


def test_what_was_left_is_left_when_the_clock_runs_again(people, told, clock):
    play = begun(people)
    live(clock, at(24, 14, 34))  # 3 of 4 hours
    row = pause(play, people["ada"], note="Photographs are to come")
    assert (row.due_at, row.warn_at, row.clock_at, row.paused_at) == (None, None, None, at(24, 14, 34))
    assert row.clock["left"] == HOUR / timedelta(microseconds=1)

    live(clock, at(27, 9))
    assert told.said == [("ada", "warned")], "a clock that stands still comes to no rung"
    api.resume_clock(row.pk, user=people["ada"])
    row = play.at("Work")
    assert (row.due_at, row.paused_at) == (at(27, 10), None)
    live(clock, at(27, 13))
    assert list(ClockEvent.objects.filter(kind="rung").order_by("at").values_list("share", flat=True)) == [50, 100, 150]
    paused, resumed = ClockEvent.objects.filter(kind__in=["paused", "resumed"]).order_by("at")
    assert (paused.by, paused.reason, paused.note, paused.due_at) == (people["ada"], "customer", "Photographs are to come", None)
    assert (resumed.due_at, resumed.data["stood"]) == (at(27, 10), (3 * HOUR + 26 * timedelta(minutes=1) + 16 * HOUR) // timedelta(microseconds=1))


def test_one_that_was_late_is_as_late_when_it_runs_again(people, told, clock):
    play = begun(people)
    clock.move(at(24, 16, 34))
    pause(play, people["ada"])
    clock.move(at(26, 11))
    api.resume_clock(play.at("Work").pk, user=people["ada"])
    assert play.at("Work").due_at == at(26, 10)


def test_a_pause_ends_by_itself_at_its_moment(people, told, clock):
    play = begun(people)
    pause(play, people["ada"], until=at(26, 9))
    live(clock, at(26, 9))
    row = play.at("Work")
    assert (row.paused_at, row.due_at) == (None, at(26, 14))
    assert ClockEvent.objects.get(kind="resumed").by is None


def test_a_pause_ends_when_the_message_comes_that_it_waits_for(people, told, clock):
    users = get_user_model().objects
    thing = ports.SubjectType(
        key="thing", label="Thing", fields=(), load=lambda pk: users.get(pk=pk), view=lambda record: {}, visible=lambda user: users.all()
    )
    first, second = people["lin"].pk, people["zed"].pk
    with ports.subjects().temporarily(thing):
        version = drawn(drawing(task(), process='<redraw:process subject="thing"/>'))
        one, other = (api.start("deal", subject=("thing", pk), version=version.number) for pk in (first, second))
        for instance in (one, other):
            api.claim(Play.on(instance).at("Work").pk, user=people["ada"])
            pause(Play.on(instance), people["ada"])
        clock.move(at(25, 9))
        api.message("told", subject=("thing", first))
        api.message("else", subject=("thing", second))
        api.drain()
        assert (Play.on(one).at("Work").due_at, Play.on(other).at("Work").due_at) == (at(25, 14), None)
        pause(Play.on(one), people["ada"])
        live(clock, at(26, 18))
        assert Play.on(one).at("Work").paused_at == at(25, 9), "an older message does not end a later pause"


def test_finishing_while_it_stands_still_is_in_time(people, told, clock):
    play = begun(people)
    row = pause(play, people["ada"])
    clock.move(at(30, 9))
    api.complete(row.pk, user=people["ada"])
    row.refresh_from_db()
    assert row.finished < row.due_at == at(30, 14)
    assert row.paused_at is None


def test_timers_on_the_border_stand_still_with_the_step(people, told, clock):
    border = (
        '<bpmn:boundaryEvent id="Late" name="Late" attachedToRef="Work" cancelActivity="false"><bpmn:outgoing>FL</bpmn:outgoing>'
        '<bpmn:timerEventDefinition id="LD" redraw:time="working"><bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R2/PT4H</bpmn:timeCycle>'
        '</bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="Said" name="Said"><bpmn:incoming>FL</bpmn:incoming>'
        '</bpmn:endEvent><bpmn:sequenceFlow id="FL" sourceRef="Late" targetRef="Said"/></bpmn:process>'
    )
    version = drawn(drawing(task()).replace("</bpmn:process>", border))
    play = Play(version)
    api.claim(play.at("Work").pk, user=people["ada"])
    clock.move(at(24, 14, 34))
    pause(play, people["ada"])
    live(clock, at(27, 9))
    assert "Late" not in play.done
    api.resume_clock(play.at("Work").pk, user=people["ada"])
    live(clock, at(27, 10))
    assert play.done.count("Late") == 1
    live(clock, at(27, 15))
    assert play.done.count("Late") == 2


def test_who_may_stop_the_clock(people, told, clock):
    play = begun(people)
    row = play.at("Work")
    with pytest.raises(NotFound):
        api.pause_clock(row.pk, user=people["bob"], reason="customer")
    api.follow(play.id, user=play.person)
    auditor = get_user_model().objects.create_user("audit")
    auditor.groups.add(Group.objects.create(name="auditor"))
    with pytest.raises(NotAllowed, match="stopped by who has it"):
        api.pause_clock(row.pk, user=auditor, reason="customer")
    assert play.at("Work").paused_at is None
    api.pause_clock(row.pk, user=people["lin"], reason="customer")
    with pytest.raises(AlreadyDone, match="stands still already"):
        api.pause_clock(row.pk, user=people["ada"], reason="customer")
    api.resume_clock(row.pk, user=people["ada"])
    with pytest.raises(AlreadyDone, match="runs already"):
        api.resume_clock(row.pk, user=people["ada"])


def test_a_pause_needs_a_reason_of_the_list_and_a_moment_ahead(people, told, clock):
    play = begun(people)
    row = play.at("Work")
    for wrong in ({"reason": "nonsense"}, {"reason": "customer", "until": clock.now()}, {"reason": "customer", "note": "x" * 501}):
        with pytest.raises(Invalid):
            api.pause_clock(row.pk, user=people["ada"], **wrong)
    assert (play.at("Work").paused_at, ClockEvent.objects.count()) == (None, 0)
    free = begun(people, task(limit=""), key="free")
    with pytest.raises(Invalid, match="no limit"):
        api.pause_clock(free.at("Work").pk, user=people["ada"], reason="customer")


# --- whose time ---------------------------------------------------------------------------------------------------
def test_the_calendar_of_who_has_the_step_counts(people, told, clock, monkeypatch):
    paris = WorkCalendar(zone=ZoneInfo("Europe/Paris"), weekly=monday_to_friday("09:00-17:00"))
    monkeypatch.setattr(Office, "own", {people["bob"].pk: paris})
    given = task(attributes=f'limitTime="working" assignee="= {people["bob"].pk}"')
    play = begun(people, given, owner="")
    assert play.at("Work").due_at == datetime(2026, 11, 24, 13, tzinfo=ZoneInfo("Europe/Paris"))
    clock.move(datetime(2026, 11, 24, 11, 30, tzinfo=ZoneInfo("Europe/Paris")))
    assert pause(play, people["bob"]).clock["left"] == HOUR * 1.5 / timedelta(microseconds=1)


# --- whole instances ------------------------------------------------------------------------------------------------
LIMITED = '<redraw:process limit="P2D" limitTime="working"/>' + LADDER.replace(' role="boss"', "")


def test_an_instance_has_a_clock_of_the_same_kind(people, told, clock):
    play = begun(people, task(limit="P9D", more='<redraw:ladder><redraw:rung at="99" notify="owner"/></redraw:ladder>'), process=LIMITED)
    assert play.instance.due_at == at(26, 10, 34)
    live(clock, at(26, 10, 34))
    assert told.said == [("ada", "warned"), ("lin", "due"), ("olga", "due")]
    assert (play.instance.priority, play.at("Work").priority) == (70, 70), "its open work becomes as urgent"
    api.pause_instance_clock(play.id, user=play.person, reason="customer", note="In writing")
    live(clock, at(30, 9))
    assert (play.instance.due_at, play.instance.paused_at) == (None, at(26, 10, 34))
    assert play.at("Work").paused_at is None, "the clock of the step runs on"
    api.resume_instance_clock(play.id, user=play.person)
    assert play.instance.due_at == at(30, 9)
    live(clock, at(30, 18))
    assert told.said[3:] == [("zed", "overdue")]
    kinds = ClockEvent.objects.filter(instance=play.id, task=None).order_by("at", "id").values_list("kind", flat=True)
    assert list(kinds) == ["rung", "rung", "paused", "resumed", "rung"]


def test_an_instance_that_ends_while_its_clock_stands_still_tells_when_it_would_have_been_due(people, told, clock):
    play = begun(people, process=LIMITED)
    api.pause_instance_clock(play.id, user=play.person, reason="customer")
    clock.move(at(30, 9))
    api.complete(play.at("Work").pk, user=people["ada"])
    ended = ProcessInstance.objects.get(pk=play.id)
    assert (ended.outcome, ended.paused_at, ended.due_at) == ("completed", None, at(1, 18, month=12))


def test_a_suspended_instance_comes_to_no_rung_until_it_goes_on(people, told, clock):
    play = begun(people)
    api.suspend(play.id, user=play.person)
    live(clock, at(24, 15, 34))
    assert told.said == []
    api.resume(play.id, user=play.person)
    api.drain()
    assert [kind for _name, kind in told.said] == ["warned", "due", "due"]


def test_a_round_without_anything_due_is_still_one_query(people, told, clock, django_assert_num_queries):
    begun(people, process=LIMITED)
    with django_assert_num_queries(1):
        assert not waking.anything_due()
    with django_assert_num_queries(1):
        assert waking.next_due() == at(24, 13, 34)
