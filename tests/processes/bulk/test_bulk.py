"""One thing done to many instances: only those one may act on, each by itself, and what could not be done is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes import actions, api, ports
from processes.actions import Action
from processes.bulk import services
from processes.bulk.models import BulkItem, BulkRun
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.errors import Invalid, NotFound, ProcessError
from processes.inbox.instances import Wanted
from processes.runtime import starting
from processes.runtime.models import ProcessInstance, Task
from tests.processes.inbox.house import HousePeople
from tests.processes.publication.drawing import user_task
from tests.processes.runtime.engine_room import publish, service

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Works:
    """Whether the action of the drawings works at present."""

    def __init__(self) -> None:
        self.on = False
        self.broken: set[Any] = set()

    def __call__(self, call: Any) -> None:
        if not self.on or call.instance_id in self.broken:
            raise ProcessError("The printer is out of paper.")


@pytest.fixture
def works(db: None, clock: ports.FixedClock) -> Iterator[Works]:
    Group.objects.get_or_create(name="seller")
    found = Works()
    with api.by_hand(), actions.temporarily(Action("test.print", found)), ports.using(people=HousePeople()):
        yield found


def person(name: str, *roles: str) -> Any:
    user = get_user_model().objects.create_user(name)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


@pytest.fixture
def boss() -> Any:
    return person("boss", "process_owner")


def running(version: ProcessVersion, number: int, **values: Any) -> list[ProcessInstance]:
    """Instances of a version, brought to where they stand still."""
    made = [starting.start_version(version, data={}, **values) for _n in range(number)]
    api.drain()
    return made


def failed(number: int) -> list[ProcessInstance]:
    """Instances whose only step failed."""
    return running(publish(service("test.print", retries="0"), user_task("After")), number)


def states(run: BulkRun) -> dict[str, int]:
    return {str(state): n for state, n in api.bulk_progress(run.pk, user=run.created_by).counts.items()}


def test_failed_steps_are_tried_again_and_go_on(works: Works, boss: Any) -> None:
    failed(3)
    assert Task.objects.incidents().count() == 3
    works.on = True

    run = api.begin_bulk("retry", user=boss, wanted=Wanted(state="incident"))
    api.drain()

    assert states(run) == {"done": 3}
    assert not Task.objects.incidents().exists()
    assert Task.objects.open().filter(node_id="After").count() == 3
    run.refresh_from_db()
    assert run.state == "done"


def test_what_has_nothing_failed_is_told_so(works: Works, boss: Any) -> None:
    failed(2)
    standing = running(publish(user_task("Work"), key="other"), 1)[0]

    run = api.begin_bulk("retry", user=boss, wanted=Wanted())
    api.drain()

    assert states(run) == {"done": 2, "nothing": 1}
    told = api.bulk_outcomes(run.pk, user=boss, state="nothing")
    assert [(one.instance.pk, one.reason) for one in told] == [(standing.pk, "No step of it has failed any more.")]


def test_an_instance_that_cannot_keeps_no_other_from_it(works: Works, boss: Any) -> None:
    first, second, third = running(publish(user_task("Work")), 3)
    run = api.begin_bulk("cancel", user=boss, reason="Entered twice", instances=[first.pk, second.pk, third.pk])
    ProcessDefinition.objects.update(owner=None)
    api.cancel(second.pk, user=boss, reason="By hand meanwhile")

    api.drain()

    assert states(run) == {"done": 2, "nothing": 1}
    assert [one.reason for one in api.bulk_outcomes(run.pk, user=boss, state="nothing")] == ["This process instance has ended."]
    ended = ProcessInstance.objects.stored().filter(outcome="cancelled")
    assert sorted(ended.values_list("end_reason", flat=True)) == ["By hand meanwhile", "Entered twice", "Entered twice"]


def test_only_what_one_answers_for_is_taken(works: Works, boss: Any) -> None:
    owner = person("owner", "seller")
    mine, other = publish(user_task("Work"), key="mine"), publish(user_task("Work"), key="other")
    ProcessDefinition.objects.filter(pk=mine.definition_id).update(owner=owner)
    of_mine = running(mine, 2)
    of_other = running(other, 2, user=owner)  # started by the owner of the other process, so seen and yet not theirs to stop
    assert api.count_instances(owner, Wanted()).n == 4
    assert api.count_instances(owner, Wanted(), actable=True).n == 2

    run = api.begin_bulk("cancel", user=owner, reason="Over", wanted=Wanted())
    api.drain()

    assert states(run) == {"done": 2}
    assert {row.pk for row in ProcessInstance.objects.stored().filter(outcome="cancelled")} == {row.pk for row in of_mine}
    with pytest.raises(Invalid):
        api.begin_bulk("cancel", user=owner, reason="Over", instances=[row.pk for row in of_other])


def test_who_answers_for_nothing_begins_nothing(works: Works, boss: Any) -> None:
    made = running(publish(user_task("Work")), 1)

    for user in (person("seller", "seller"), person("auditor", "auditor")):
        with pytest.raises(Invalid):
            api.begin_bulk("cancel", user=user, reason="Over", instances=[made[0].pk])
        assert not api.may_act_on_some(user)

    assert not BulkRun.objects.exists()


def test_rights_lost_meanwhile_refuse_the_rest(works: Works) -> None:
    owner = person("owner")
    version = publish(user_task("Work"))
    ProcessDefinition.objects.filter(pk=version.definition_id).update(owner=owner)
    running(version, 2)
    run = api.begin_bulk("cancel", user=owner, reason="Over", wanted=Wanted())
    ProcessDefinition.objects.filter(pk=version.definition_id).update(owner=person("new"))

    api.drain()

    assert states(run) == {"refused": 2}
    assert all(one.reason for one in api.bulk_outcomes(run.pk, user=owner, state="refused"))
    assert not ProcessInstance.objects.stored().filter(outcome="cancelled").exists()


def test_a_reason_must_be_given_but_to_try_again(works: Works, boss: Any) -> None:
    running(publish(user_task("Work")), 1)

    with pytest.raises(ProcessError, match="Say why"):
        api.begin_bulk("cancel", user=boss, reason="  ", wanted=Wanted())

    assert not BulkRun.objects.exists()


def test_a_run_stopped_leaves_the_rest(works: Works, boss: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PART", 1)
    running(publish(user_task("Work")), 3)
    run = api.begin_bulk("suspend", user=boss, reason="Audit", wanted=Wanted())
    services.go_on(str(run.pk), 0)

    api.stop_bulk(run.pk, user=boss)
    api.drain()

    assert states(run) == {"done": 1, "waiting": 2}
    assert ProcessInstance.objects.stored().filter(suspended=True).count() == 1


def test_a_part_that_is_called_twice_does_nothing_twice(works: Works, boss: Any) -> None:
    running(publish(user_task("Work")), 2)
    run = api.begin_bulk("suspend", user=boss, reason="Audit", wanted=Wanted())
    services.go_on(str(run.pk), 0)
    moments = list(BulkItem.objects.order_by("pk").values_list("at", flat=True))

    services.go_on(str(run.pk), 0)

    assert list(BulkItem.objects.order_by("pk").values_list("at", flat=True)) == moments


def test_more_than_one_run_takes_is_said(works: Works, boss: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 2)
    running(publish(user_task("Work")), 3)

    run = api.begin_bulk("suspend", user=boss, reason="Audit", wanted=Wanted())

    assert (run.total, run.capped, run.items.count()) == (2, True, 2)


def test_a_run_is_seen_by_who_began_it_and_by_process_owners(works: Works, boss: Any) -> None:
    owner = person("owner")
    version = publish(user_task("Work"))
    ProcessDefinition.objects.filter(pk=version.definition_id).update(owner=owner)
    running(version, 1)
    run = api.begin_bulk("suspend", user=owner, reason="Audit", wanted=Wanted())

    assert api.bulk_progress(run.pk, user=owner).run == api.bulk_progress(run.pk, user=boss).run == run
    assert (api.bulk_runs(owner), api.bulk_runs(person("other"))) == ([run], [])
    for call in (api.bulk_progress, api.stop_bulk):
        with pytest.raises(NotFound):
            call(run.pk, user=person(f"stranger-{call.__name__}", "seller"))
