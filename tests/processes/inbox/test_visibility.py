"""Whom work is offered to, who sees which instances, and that one answer never differs from the list."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from processes.errors import NotFound
from processes.inbox import selectors
from processes.inbox.visibility import instances_seen, offered, tasks_seen
from processes.runtime.models import ProcessInstance, Task, TaskCandidate
from tests.processes.inbox.house import house, instance, person, task, thing, version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _house():
    with house():
        yield


def may_take(user):
    return set(Task.objects.filter(offered(user)))


def sees(user):
    return set(ProcessInstance.objects.stored().filter(instances_seen(user)))


def test_a_role_is_offered_work_of_its_place_only():
    here, elsewhere = person("here", "seller"), person("elsewhere", "seller", place="branch:2")
    other_role = person("other", "finance")
    plain = instance(version())
    in_place, anywhere = task(plain, to="seller", place="branch:1"), task(plain, to="seller")

    assert may_take(here) == {in_place, anywhere}
    assert may_take(elsewhere) == {anywhere}
    assert may_take(other_role) == set()


def test_a_person_named_is_offered_it_whatever_the_role():
    named = person("named")
    row = task(instance(version()))
    TaskCandidate.objects.create(task=row, user=named)

    assert may_take(named) == {row}


def test_who_did_the_other_step_is_never_offered_this_one():
    asker, second = person("asker", "manager"), person("second", "manager")
    row = task(instance(version()), to="manager", without=asker)

    assert may_take(asker) == set()
    assert may_take(second) == {row}


def test_what_is_taken_done_suspended_or_over_is_offered_to_nobody():
    one = person("one", "seller")
    of = version()
    task(instance(of), to="seller", owner=person("two"))
    task(instance(of), to="seller", status="DONE")
    task(instance(of, suspended=True), to="seller")
    task(instance(of, status="CANCELED"), to="seller")

    assert may_take(one) == set()


def test_work_about_a_record_that_policy_hides_is_not_offered():
    one = person("one", "seller")
    of = version()
    visible = task(instance(of, thing()), to="seller")
    task(instance(of, thing(place="branch:2")), to="seller")

    assert may_take(one) == {visible}


def test_an_instance_is_seen_by_policy_by_own_work_by_start_by_owning_the_process_and_by_oversight():
    one, two, owner, auditor = person("one"), person("two", place="branch:2"), person("owner", place=""), person(
        "auditor", "auditor", place="")  # fmt: skip
    of = version()
    about = instance(of, thing())
    hidden = instance(of, thing(place="branch:2"))
    started = instance(of, started_by=one)
    worked = instance(of)
    task(worked, owner=one, status="DONE", completed_by=one)
    offered_by_name = instance(of)
    TaskCandidate.objects.create(task=task(offered_by_name), user=one)
    others = instance(of)

    assert sees(one) == {about, started, worked, offered_by_name}
    assert sees(two) == {hidden}
    assert sees(owner) == set()
    of.definition.owner = owner
    of.definition.save()
    assert sees(owner) == sees(auditor) == {about, hidden, started, worked, offered_by_name, others}


def test_nobody_and_somebody_who_left_see_nothing():
    gone = person("gone", "administrator")
    task(instance(version(), thing()), to="administrator", owner=gone)
    gone.is_active = False

    assert sees(gone) == set()
    assert not Task.objects.filter(tasks_seen(gone)).exists()
    assert selectors.work_for(gone).items == []
    assert selectors.work_for(None).items == []


def test_the_answer_for_one_task_equals_its_row_filter_for_everybody():
    people = [
        person("one", "seller"), person("two", "seller", place="branch:2"), person("three", "finance"),
        person("four"), person("five", "auditor", place=""),
    ]  # fmt: skip
    of = version()
    for place in ("branch:1", "branch:2"):
        task(instance(of, thing(place=place)), to="seller", place=place)
        task(instance(of, thing(place=place)), to="finance", without=people[2])
        task(instance(of, started_by=people[3]), owner=people[0])
    for user in people:
        listed = set(Task.objects.filter(tasks_seen(user)).values_list("pk", flat=True))
        single = {pk for pk in Task.objects.values_list("pk", flat=True) if opens(pk, user)}
        assert single == listed
        takes = {item.task_id for item in selectors.work_for(user, box="teams").items}
        assert takes == {row.pk for row in may_take(user)} <= listed


def opens(pk, user):
    try:
        selectors.task_form(pk, user=user)
    except NotFound:
        return False
    return True


def test_pages_of_two_thousand_tasks_cost_the_same_few_queries(clock):
    one = person("one", "seller")
    of = version()
    record = thing()

    def more(number):
        instances = [instance(of, record) for _n in range(2)]
        rows = [
            Task(process=instances[n % 2], node_id="Work", kind="userTask", labels={"en": "Do it"}, flow_task_type="human",
                 flow_task="process_compiler/flows.deal_v1.n_Work_n", role="seller",
                 owner=one if n % 4 == 0 else None, status="ASSIGNED" if n % 4 == 0 else "NEW")
            for n in range(number)
        ]  # fmt: skip
        Task.objects.bulk_create(rows)
        group = one.groups.get()
        TaskCandidate.objects.bulk_create(TaskCandidate(task=row, group=group, scope_key="branch:1") for row in rows)

    def cost(box):
        with CaptureQueriesContext(connection) as caught:
            page = selectors.work_for(one, box=box, limit=50)
            [(item.title, item.subject.title, item.reason, item.owner_name) for item in page.items]
        return len(caught), len(page.items)

    more(40)
    few = {box: cost(box)[0] for box in selectors.BOXES}
    more(2000)

    for box in selectors.BOXES:
        queries, items = cost(box)
        assert queries == few[box] <= 4
        assert items == (50 if box in ("mine", "teams") else 0)
    counts = selectors.counts_for(one)
    assert (counts.mine, counts.teams) == (510, 1000)


def test_all_pages_together_are_everything_once_and_in_order(clock):
    one = person("one", "seller")
    of = version()
    moments = [None, clock.now(), clock.now().replace(hour=9), clock.now().replace(hour=9), None, clock.now().replace(day=28)]
    for number, moment in enumerate(moments):
        task(instance(of), owner=one, due_at=moment, priority=(number % 3) * 10 + 20)
    seen, cursor = [], None
    while True:
        page = selectors.work_for(one, after=cursor, limit=2)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [item.task_id for item in seen] == [item.task_id for item in selectors.work_for(one).items]
    assert len({item.task_id for item in seen}) == len(moments)
    dues = [item.due_at for item in seen]
    assert dues == [*sorted(d for d in dues if d), None, None]
