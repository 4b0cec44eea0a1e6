"""How a process did of late: counts, medians, lateness, over what a person may see, with few questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from processes import api, ports
from processes.inbox import figures as module
from processes.runtime.models import ProcessInstance, Task
from tests.processes.inbox.house import house, instance, person, task, thing, version
from tests.processes.publication.drawing import drawing, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = timedelta(days=1)
BPMN = drawing(user_task("Work"), user_task("Check"), process='<redraw:process subject="thing"/>')


@pytest.fixture(autouse=True)
def _house(clock):
    with house():
        yield


@pytest.fixture
def of():
    return version(bpmn=BPMN)


@pytest.fixture
def one():
    return person("one", "seller")


def ended(of, *, days, ago=1, place="branch:1", end="Done"):
    """An instance that took `days` and ended `ago` days ago."""
    at = ports.now() - ago * DAY
    made = instance(of, thing(place), created=at - days * DAY, outcome="completed", end_node=end, end_labels={"en": end})
    ProcessInstance.objects.filter(pk=made.pk).update(status="DONE", finished=at)
    return made


def did(of, node="Work", *, hours, limit=None, ago=1, status="DONE", **values):
    """A step that was left `ago` days ago after `hours`, with a limit of `limit` hours."""
    at = ports.now() - ago * DAY
    made = task(of, node=node, created=at - timedelta(hours=hours), **values)
    due = made.created + timedelta(hours=limit) if limit is not None else None
    Task.objects.filter(pk=made.pk).update(status=status, finished=at, due_at=due)


def test_half_are_done_in_the_time_of_the_middle_one(of, one):
    for days in (1, 2, 30):
        ended(of, days=days)

    found = api.figures(one, "deal")

    assert (found.finished, found.median) == (3, 2 * DAY)


def test_what_ended_before_the_period_is_not_counted(of, one):
    ended(of, days=1, ago=80)
    ended(of, days=4, ago=3)

    found = api.figures(one, "deal", weeks=8)

    assert (found.begun, found.finished, found.median) == (1, 1, 4 * DAY)


def test_a_young_process_is_measured_over_its_own_weeks(of, one):
    for _number in range(6):
        instance(of, thing(), created=ports.now() - 14 * DAY)

    assert api.figures(one, "deal", weeks=8).begun_a_week == pytest.approx(3.0)


def test_figures_count_only_what_the_person_may_see(of, one):
    ended(of, days=1)
    ended(of, days=9, place="branch:2")
    task(instance(of, thing("branch:2")), node="Work")

    found = api.figures(one, "deal")
    everything = api.figures(person("owner", "process_owner"), "deal")

    assert (found.finished, found.median, found.running, found.steps) == (1, DAY, 0, {})
    assert (everything.finished, everything.running, everything.steps["Work"].now) == (2, 1, 1)


def test_a_step_says_what_is_there_what_is_late_and_what_failed(of, one):
    running = instance(of, thing())
    task(running, node="Work", due_at=ports.now() - DAY)
    task(running, node="Work", due_at=ports.now() + DAY)
    task(running, node="Work", status="ERROR")

    found = api.figures(one, "deal")

    work = found.steps["Work"]
    assert (work.now, work.late, work.failed) == (3, 1, 1)
    assert (found.running, found.late, found.failed) == (1, 1, 1)
    assert found.by_version == {of.pk: 1}


def test_the_share_of_a_step_is_its_part_of_all_time_spent(of, one):
    done = ended(of, days=2)
    did(done, "Work", hours=3)
    did(done, "Check", hours=1)

    found = api.figures(one, "deal")

    assert (found.steps["Work"].share, found.steps["Check"].share) == (75.0, 25.0)
    assert found.slowest.node_id == "Work"
    assert found.slowest.labels["en"] == "Work"
    assert found.steps["Work"].median == timedelta(hours=3)


def test_the_time_of_what_is_around_others_is_not_counted_twice(of, one):
    done = ended(of, days=2)
    did(done, "Work", hours=3)
    Task.objects.update(kind="userTask")
    did(done, "Around", hours=5)
    Task.objects.filter(node_id="Around").update(kind="subProcess")
    did(done, "Choice", hours=5)
    Task.objects.filter(node_id="Choice").update(kind="eventBasedGateway")

    assert api.figures(one, "deal").steps["Work"].share == 100.0


@pytest.mark.parametrize(
    ("hours", "limit", "status", "limited", "missed"),
    [(2, 3, "DONE", 1, 0), (4, 3, "DONE", 1, 1), (3, 3, "CANCELED", 1, 1), (1, 3, "CANCELED", 0, 0), (4, None, "DONE", 0, 0)],
)
def test_a_limit_is_missed_by_finishing_after_it_or_by_being_taken_away_at_it(of, one, hours, limit, status, limited, missed):
    did(ended(of, days=1), "Work", hours=hours, limit=limit, status=status)

    work = api.figures(one, "deal").steps["Work"]

    assert (work.limited, work.missed) == (limited, missed)


def test_ends_are_counted_the_most_usual_first(of, one):
    for end in ("Won", "Lost", "Lost"):
        ended(of, days=1, end=end)

    assert [(end.node_id, end.count) for end in api.figures(one, "deal").ends] == [("Lost", 2), ("Won", 1)]


def test_the_trend_has_one_entry_for_each_week_that_ends_with_this_one(of, one):
    ended(of, days=1, ago=0)
    ended(of, days=3, ago=8)

    trend = api.figures(one, "deal", weeks=4).trend

    assert [week.start.isoformat()[:10] for week in trend] == ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"]
    assert [week.finished for week in trend] == [0, 0, 1, 1]
    assert [week.median for week in trend] == [None, None, 3 * DAY, DAY]


def test_flows_are_counted_by_the_week(of, one):
    done = ended(of, days=14)
    for _number in range(4):
        did(done, "Check", hours=1, arrived_by="Flow_1")

    assert api.figures(one, "deal", weeks=8).flows == {"Flow_1": pytest.approx(4 / 15 * 7)}


def test_work_given_to_several_at_once_came_by_its_flow_once(of, one):
    done = ended(of, days=7)
    did(done, "Check", hours=2, arrived_by="Flow_1", is_body=True)
    for number in (1, 2, 3):
        did(done, "Check", hours=1, arrived_by="Flow_1", loop_counter=number)

    found = api.figures(one, "deal", weeks=8)

    assert found.flows == {"Flow_1": pytest.approx(1 / 8 * 7)}
    assert found.steps["Check"].done == 3


def test_times_come_from_a_sample_spread_over_the_period(of, one, monkeypatch):
    monkeypatch.setattr(module, "SAMPLE", 2)
    for number in range(4):
        did(ended(of, days=8 - number), "Work", hours=number + 1)

    work = api.figures(one, "deal").steps["Work"]

    assert (work.done, work.median) == (4, timedelta(hours=2))


def test_very_many_are_read_in_part_and_it_says_so(of, one, monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(4):
        task(instance(of, thing(), created=ports.now() - number * DAY), node="Work")

    found = api.figures(one, "deal")

    assert found.capped
    assert (found.running, found.steps["Work"].now) == (4, 4)


def test_a_process_that_never_ran_has_no_figures(of, one):
    found = api.figures(one, "deal")

    assert (found.begun, found.median, found.late_share, found.slowest, found.ends) == (0, None, None, None, ())
    assert len(found.trend) == 8


def test_the_pace_of_every_process_is_found_by_two_questions(of, one):
    for days in (1, 2, 3):
        ended(of, days=days, ago=8)
    ended(version("other", bpmn=BPMN), days=5, ago=8)

    with CaptureQueriesContext(connection) as asked:
        found = api.paces(one, weeks=4)

    assert len(asked) <= 6, [query["sql"] for query in asked.captured_queries]
    assert {key: pace.median for key, pace in found.items()} == {"deal": 2 * DAY, "other": 5 * DAY}
    assert sum(found["deal"].begun) == 3


def test_figures_cost_the_same_whatever_runs(of, one):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            api.figures(one, "deal")
        return len(asked)

    did(ended(of, days=1), hours=1)
    task(instance(of, thing()), node="Work")
    questions()  # whatever is remembered from the first time on
    before = questions()
    for _number in range(5):
        task(instance(of, thing()), node="Work")
        did(ended(of, days=1), hours=1)

    assert questions() == before


def test_where_instances_stand_is_one_question(of, one):
    first, second = instance(of, thing()), instance(of, thing())
    task(first, node="Work", owner=one, due_at=ports.now())
    task(second, node="Check", status="ERROR")

    with CaptureQueriesContext(connection) as asked:
        found = api.whereabouts([first, second])

    assert len(asked) == 1
    assert [(place.node_id, place.who, place.failed) for place in found[first.pk]] == [("Work", "one", False)]
    assert [(place.node_id, place.who, place.failed) for place in found[second.pk]] == [("Check", "", True)]
