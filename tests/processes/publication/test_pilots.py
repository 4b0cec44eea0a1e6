"""Pilots: who goes to the piloted version, who stays, that it is kept per customer, and how a pilot ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes import api, ports
from processes.catalog.models import DecisionVersion, Pilot, State
from processes.errors import Invalid
from processes.publication.findings import NotPublishable
from processes.publication.piloting import begin_pilot, end_pilot, pilots, preview
from processes.publication.services import publish_now, withdraw
from processes.runtime.models import PilotAssignment, ProcessInstance
from processes.runtime.piloting import drawn
from tests.processes.inbox.house import THING, HousePeople, house, person, thing
from tests.processes.publication.drawing import drawing, rule_task, user_task
from tests.processes.publication.test_publish import decide, draft, states

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ABOUT = '<redraw:process subject="thing" startRoles="seller"/>'
MESSAGE = (
    '<bpmn:startEvent id="{id}" name="Asked">{{out}}<bpmn:messageEventDefinition id="{id}_d" messageRef="M_asked"/>'
    "</bpmn:startEvent>"
)
NAMED = '<bpmn:message id="M_asked" name="asked"/>'
TIMER = (
    '<bpmn:startEvent id="Start" name="Daily">{out}<bpmn:timerEventDefinition id="T"><bpmn:timeCycle '
    'xsi:type="bpmn:tFormalExpression">R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>'
)


@pytest.fixture(autouse=True)
def _house(clock):
    for role in ("seller", "boss"):
        Group.objects.get_or_create(name=role)
    with house():
        yield


def two(**how: Any) -> tuple[Any, Any]:
    """A published version, and a draft with another step."""
    first = draft(drawing(user_task("Old"), process=ABOUT, **how))
    publish_now(first)
    return first, draft(drawing(user_task("New"), process=ABOUT, **how))


def begun(subject: Any = None, **how: Any) -> ProcessInstance:
    return api.start("deal", subject=("thing", subject.pk) if subject is not None else None, **how)


def test_only_what_the_rule_means_goes_to_the_pilot_and_each_instance_keeps_where_it_went():
    _first, second = two()
    begin_pilot(second, rule='place = "branch:1"')

    here, there = begun(thing("branch:1")), begun(thing("branch:2"))

    assert states() == ["published", "piloted"]
    assert (here.version.number, there.version.number) == (2, 1)
    assert (here.pilot_assignment.arm, there.pilot_assignment.arm) == ("pilot", "outside")


def test_a_rule_may_name_the_record_and_the_values_that_the_instance_begins_with():
    _first, second = two()
    begin_pilot(second, rule='= thing.place = "branch:1" and amount > 5')

    assert begun(thing("branch:1"), data={"amount": 9}).version.number == 2
    assert begun(thing("branch:1"), data={"amount": 3}).version.number == 1


def test_without_a_pilot_nothing_is_stored_and_nothing_more_is_asked(django_assert_num_queries):
    two()
    someone = thing()
    begun(someone)  # what is prepared once is prepared

    from processes.runtime import starting

    with django_assert_num_queries(1):
        starting._current("deal", None, None, "")
    begun(someone)

    assert PilotAssignment.objects.count() == 0


def test_a_share_is_drawn_within_bounds_kept_per_customer_and_grows_without_losing_anybody():
    pilot = UUID(int=20_261_128)
    customers = [f"customer:{n}" for n in range(4000)]

    third = {c for c in customers if drawn(pilot, 30, c)}

    assert 1200 - 4 * 29 < len(third) < 1200 + 4 * 29  # four standard deviations of a binomial
    assert third == {c for c in customers if drawn(pilot, 30, c)}
    assert third < {c for c in customers if drawn(pilot, 60, c)}
    assert not any(drawn(pilot, 0, c) for c in customers)
    assert all(drawn(pilot, 100, c) for c in customers)
    other = {c for c in customers if drawn(UUID(int=7), 30, c)}
    assert 360 - 4 * 18 < len(third & other) < 360 + 4 * 18  # another pilot draws anew


def test_all_records_of_one_customer_go_the_same_way():
    with house_of_customers():
        _first, second = two()
        begin_pilot(second, share=50)
        sent = {place: {begun(thing(place)).version.number for _n in range(3)} for place in map(str, range(40))}

    assert all(len(numbers) == 1 for numbers in sent.values())
    assert {min(numbers) for numbers in sent.values()} == {1, 2}
    arms = PilotAssignment.objects.values_list("arm", flat=True)
    assert set(arms) == {"pilot", "control"}


def house_of_customers() -> Any:
    """The house, where the place of a thing is its customer's number and its group."""
    kind = replace(
        THING, account_id=lambda record: int(record.last_name),
        groups=(ports.SubjectField("branch", "text"),),
        grouped=lambda ids: {row.pk: {"branch": row.last_name} for row in map(THING.load, ids)},
    )  # fmt: skip
    subjects = ports.Subjects()
    subjects.register(kind)
    return ports.using(subjects=subjects, people=HousePeople())


def test_choices_name_groups_of_the_record():
    with house_of_customers():
        _first, second = two()
        begin_pilot(second, choices={"branch": ["7", "8"]})

        assert [begun(thing(place)).version.number for place in ("7", "8", "9")] == [2, 2, 1]


def test_a_message_starts_the_pilot_at_its_own_start_for_the_same_message():
    publish_now(draft(drawing(user_task("Old"), process=ABOUT, named=NAMED, start=MESSAGE.format(id="Start"))))
    other = drawing(user_task("New"), process=ABOUT, named=NAMED, start=MESSAGE.format(id="Start"))
    second = draft(other.replace('"Start"', '"Asked"').replace("F_Start_", "F_Asked_"))
    begin_pilot(second, rule='place = "branch:1"')

    for place in ("branch:1", "branch:2"):
        api.message("asked", subject=("thing", thing(place).pk))
    api.drain()

    found = ProcessInstance.objects.order_by("pk").values_list("version__number", "pilot_assignment__arm")
    assert list(found) == [(2, "pilot"), (1, "outside")]


def test_a_start_that_the_pilots_drawing_lacks_is_left_to_the_published_version():
    publish_now(draft(drawing(user_task("Old"), process=ABOUT, named=NAMED, start=MESSAGE.format(id="Start"))))
    begin_pilot(draft(drawing(user_task("New"), process=ABOUT)))

    api.message("asked", subject=("thing", thing().pk))
    api.drain()

    assert ProcessInstance.objects.get().version.number == 1


def test_a_moment_starts_the_pilot_once_each_time(clock):
    publish_now(draft(drawing(user_task("Old"), start=TIMER)))
    begin_pilot(draft(drawing(user_task("New"), start=TIMER)))

    for _day in range(2):
        clock.move(clock.now() + timedelta(days=1))
        api.drain()

    assert list(ProcessInstance.objects.values_list("version__number", flat=True)) == [2, 2]


def test_a_call_that_is_bound_late_goes_to_the_pilot():
    _first, second = two()
    call = (
        '<bpmn:callActivity id="Call" name="Call" calledElement="deal"><bpmn:extensionElements>'
        '<redraw:call binding="{binding}" {more}/></bpmn:extensionElements>{{flows}}</bpmn:callActivity>'
    )
    publish_now(draft(drawing(call.format(binding="latest", more=""), key="late", process=ABOUT), key="late"))
    publish_now(draft(drawing(call.format(binding="fixed", more='version="1"'), key="fixed", process=ABOUT), key="fixed"))
    begin_pilot(second, rule='place = "branch:1"')

    about = ("thing", thing("branch:1").pk)
    api.start("late", subject=about)
    api.start("fixed", subject=about)

    called = ProcessInstance.objects.filter(definition__key="deal").order_by("pk")
    assert [row.version.number for row in called] == [2, 1]


@pytest.mark.parametrize("rule", ["nothing.there + 1 > 2", "place", '1 / 0 = 1 and place = "x"'])
def test_a_broken_rule_stops_nothing_and_the_owner_is_told_once(rule):
    told: list[Any] = []

    class Notices:
        def notify(self, **how: Any) -> None:
            told.append(how)

    first, second = two()
    owner = person("owner")
    first.definition.owner = owner
    first.definition.save()
    begin_pilot(second, rule=rule)

    with ports.using(notifier=Notices()):
        found = [begun(thing()) for _n in range(2)]

    assert [row.version.number for row in found] == [1, 1]
    assert {row.pilot_assignment.arm for row in found} == {"broken"}
    assert [one["users"] for one in told] == [[owner]]
    assert Pilot.objects.get().error["sentence"] in told[0]["context"]["text"]


def test_rolled_out_it_takes_everything_and_what_runs_goes_on():
    boss = person("boss_1", "boss")
    _first, second = two()
    pilot = begin_pilot(second, boss, share=1)
    before = begun(thing())

    end_pilot(pilot.pk, boss, roll_out=True, reason="better")

    pilot.refresh_from_db()
    assert states() == ["retired", "published"]
    assert (pilot.end, pilot.ended_by, pilot.end_reason) == ("rolled_out", boss, "better")
    after = begun(thing())
    assert after.version.number == 2
    assert not hasattr(after, "pilot_assignment")
    before.refresh_from_db()
    assert before.is_open


def test_withdrawn_nothing_more_begins_on_it_and_what_runs_goes_on():
    _first, second = two()
    pilot = begin_pilot(second)
    before = begun(thing())

    end_pilot(pilot.pk, roll_out=False, reason="worse")

    assert states() == ["published", "retired"]
    assert before.version.number == 2
    assert begun(thing()).version.number == 1
    task = before.task_set.get(kind="userTask")
    worker = person("worker", "seller")
    api.claim(task.pk, user=worker)
    api.complete(task.pk, user=worker)
    assert ProcessInstance.objects.get(pk=before.pk).outcome == "completed"
    with pytest.raises(Invalid, match="ended already"):
        end_pilot(pilot.pk, roll_out=True)


def test_after_its_last_moment_a_pilot_takes_nothing_more(clock):
    _first, second = two()
    begin_pilot(second, until=clock.now() + timedelta(days=7))

    assert begun(thing()).version.number == 2
    clock.move(clock.now() + timedelta(days=7))
    assert begun(thing()).version.number == 1


def test_a_decision_of_a_pilot_is_asked_by_the_pilot_alone_until_it_is_rolled_out():
    ask = rule_task("size", ("n", "= 5"))
    decide(limit=10)
    publish_now(draft(drawing(ask)))
    decide(limit=1)
    pilot = begin_pilot(draft(drawing(ask, user_task("New"))), share=100)

    assert api.start("deal").data["answer"] == "large"
    assert api.start("deal", version=1).data["answer"] == "small"
    assert [v.state for v in DecisionVersion.objects.order_by("number")] == ["published", "piloted"]

    end_pilot(pilot.pk, roll_out=True)
    assert [v.state for v in DecisionVersion.objects.order_by("number")] == ["retired", "published"]


def test_a_draft_of_a_decision_asked_by_its_latest_version_cannot_be_piloted():
    ask = rule_task("size", ("n", "= 5"), binding="latest")
    decide()
    publish_now(draft(drawing(ask)))
    decide(limit=1)
    second = draft(drawing(ask, user_task("New")))

    with pytest.raises(NotPublishable, match="bind it"):
        begin_pilot(second)

    assert states() == ["published", "draft"]
    assert not Pilot.objects.exists()


def test_one_pilot_at_a_time_and_nothing_else_is_published_meanwhile():
    _first, second = two()
    begin_pilot(second)
    third = draft(drawing(user_task("Newer"), process=ABOUT))

    for attempt in (begin_pilot, publish_now):
        with pytest.raises(Invalid, match="A pilot of deal v2 is running"):
            attempt(third)
    assert states() == ["published", "piloted", "draft"]


def test_a_pilot_ends_with_the_published_version():
    first, second = two()
    begin_pilot(second)

    withdraw(first, reason="closed")

    assert states() == ["retired", "retired"]
    assert Pilot.objects.get().end == "withdrawn"


@pytest.mark.parametrize(
    ("how", "field"), [({"share": 0}, "share"), ({"rule": "place ="}, "rule"), ({"choices": {"moon": ["1"]}}, "choices")]
)
def test_a_pilot_that_cannot_be_asked_does_not_begin(how, field):
    _first, second = two()

    with pytest.raises(Invalid) as refused:
        begin_pilot(second, **how)

    assert list(refused.value.errors) == [field]
    assert states() == ["published", "draft"]


def test_the_preview_counts_what_really_began(clock):
    _first, second = two()
    for place in ["branch:1"] * 3 + ["branch:2"] * 7:
        begun(thing(place))

    found = preview(second, rule='place = "branch:1"', choices={}, share=100, since=clock.now() - timedelta(days=30))

    assert (found.asked, found.meant, found.taken, found.percent) == (10, 3, 3, 30.0)
    assert second.state == State.DRAFT


def test_the_counts_of_a_pilot_say_where_everything_went():
    _first, second = two()
    begin_pilot(second, rule='place = "branch:1"')
    for place in ("branch:1", "branch:1", "branch:2"):
        begun(thing(place))

    seen = pilots("deal")[0]

    assert seen.counts == {"pilot": 2, "control": 0, "outside": 1, "broken": 0}
    assert seen.total == 3


@pytest.fixture
def gathered() -> Any:
    """Things in places, some of which are gathered as “gold”."""
    gold: set[int] = set()
    audience = ports.Audience("segment", "Segment", lambda: [("gold", "Gold")], lambda ids, keys: frozenset(gold & set(ids)) if "gold" in keys else frozenset())
    group = ports.SubjectField("place", "text", "Place")
    places = get_user_model().objects
    kind = replace(
        THING, groups=(group,), audiences=lambda: [audience],
        grouped=lambda ids: {pk: {"place": place} for pk, place in places.filter(pk__in=ids).values_list("pk", "last_name")},
    )  # fmt: skip
    subjects = ports.Subjects()
    subjects.register(kind)
    with ports.using(subjects=subjects):
        yield gold


def test_a_pilot_for_a_segment_takes_who_is_in_it(gathered):
    _first, second = two()
    inside, outside = thing(), thing()
    gathered.add(inside.pk)
    begin_pilot(second, choices={"segment": ["gold"]})

    assert [begun(one).version.number for one in (inside, outside)] == [2, 1]


def test_groups_and_segments_must_both_hold_and_one_that_is_gone_holds_for_nobody(gathered):
    _first, second = two()
    inside, elsewhere = thing("branch:1"), thing("branch:2")
    gathered.update({inside.pk, elsewhere.pk})
    begin_pilot(second, choices={"segment": ["gold"], "place": ["branch:1"]})
    assert [begun(one).version.number for one in (inside, elsewhere)] == [2, 1]

    Pilot.objects.update(choices={"segment": ["gone"]})

    assert begun(inside).version.number == 1


def test_the_preview_asks_groups_and_segments_of_all_at_once(gathered, clock, django_assert_max_num_queries):
    _first, second = two()
    things = [thing("branch:1") for _turn in range(6)]
    for one in things:
        begun(one)
    gathered.update(one.pk for one in things[:2])

    with django_assert_max_num_queries(8):
        found = preview(second, rule="", choices={"segment": ["gold"], "place": ["branch:1"]}, share=100, since=clock.now() - timedelta(days=1))

    assert (found.asked, found.meant, found.taken) == (6, 2, 2)
