"""What waits, and what may be done about what could not be delivered; how healthy a process is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes import api, ports
from processes.catalog.models import ProcessDefinition
from processes.errors import AlreadyDone, NotAllowed, NotFound, ProcessError
from processes.inbox.health import Health
from processes.runtime.models import Outbox, ProcessInstance, Task
from tests.processes.inbox.house import house, instance, person, task, thing, version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _house(clock):
    with house(), api.by_hand():
        yield


@pytest.fixture
def of():
    return version()


@pytest.fixture
def boss():
    return person("boss", "process_owner")


def timer(run, *, in_hours):
    at = ports.now() + in_hours * HOUR
    return Task.objects.create(process=run, node_id="Wait", kind="intermediateCatchEvent", labels={"en": "Wait"}, status="SCHEDULED",
                               scheduled=at, next_attempt_at=at, flow_task="f", flow_task_type="x")  # fmt: skip


def letter(run=None, **values):
    return Outbox.objects.create(**{"kind": "message", "name": "told", "state": "dead", "attempts": 8, "next_attempt_at": None,
                                    "error": {"en": "Refused."}, "instance": run, **values})  # fmt: skip


def test_timers_behind_are_told_with_their_lag(of, boss):
    run = instance(of)
    late, soon = timer(run, in_hours=-3), timer(run, in_hours=2)

    found = api.waiting(boss)

    assert [row.pk for row in found.timers] == [late.pk, soon.pk]
    assert (found.timer_depth.n, found.timer_depth.behind, found.timer_depth.lag) == (2, 1, 3 * HOUR)


def test_what_rests_is_not_behind(of, boss):
    timer(instance(of, suspended=True), in_hours=-3)

    assert api.waiting(boss).timers == []


def test_only_what_one_may_see_waits(of):
    timer(instance(of, thing("branch:2")), in_hours=1)
    mine = timer(instance(of, thing("branch:1")), in_hours=1)
    letter(instance(of, thing("branch:1")))

    found = api.waiting(person("staff", "seller", place="branch:1"))

    assert [row.pk for row in found.timers] == [mine.pk]
    assert (found.outbox, found.letters, found.kept) == (None, [], [])


def test_messages_that_are_waited_for_by_name_and_key(of, boss):
    waits = task(instance(of), node="Told", status="STARTED")
    Task.objects.filter(pk=waits.pk).update(kind="intermediateCatchEvent", event_key="message:told:K-1:2")

    assert [(one.name, one.key) for one in api.waiting(boss).expected] == [("told", "K-1:2")]


def test_a_letter_is_delivered_again_with_all_its_attempts(of, boss):
    row = letter(instance(of))

    api.deliver_again(row.pk, user=boss)

    row.refresh_from_db()
    assert (row.state, row.attempts, row.next_attempt_at) == ("pending", 0, ports.now())
    with pytest.raises(AlreadyDone):
        api.deliver_again(row.pk, user=boss)


def test_a_letter_is_dropped_with_a_reason_that_stays(of, boss):
    row = letter(instance(of))

    with pytest.raises(ProcessError, match="Say why"):
        api.drop_letter(row.pk, user=boss, reason=" ")
    api.drop_letter(row.pk, user=boss, reason="The case is closed.")

    row.refresh_from_db()
    assert row.state == "dropped"
    assert (row.error["en"], row.error["dropped"]["reason"], row.error["dropped"]["by"]) == ("Refused.", "The case is closed.", boss.pk)
    assert api.waiting(boss).letters == []


def test_owners_deal_with_the_letters_of_their_processes_alone(of):
    owner, auditor = person("owner", "seller"), person("auditor", "auditor")
    ProcessDefinition.objects.filter(pk=of.definition_id).update(owner=owner)
    mine, other, from_outside = letter(instance(of)), letter(instance(version("other"))), letter()

    assert [row.pk for row, _run in api.waiting(owner).letters] == [mine.pk]
    assert api.waiting(owner).may_mend == {mine.pk}
    assert (len(api.waiting(auditor).letters), api.waiting(auditor).may_mend) == (3, frozenset())
    for row in (other, from_outside):
        with pytest.raises(NotFound):
            api.deliver_again(row.pk, user=owner)
    with pytest.raises(NotAllowed):
        api.drop_letter(mine.pk, user=auditor, reason="I may not.")
    assert set(Outbox.objects.values_list("state", flat=True)) == {"dead"}


def test_health_counts_failures_of_two_weeks_and_how_they_moved(of, boss):
    now = ports.now()
    for days in (1, 2, 9):
        made = instance(of, created=now - days * 24 * HOUR)
        ProcessInstance.objects.filter(pk=made.pk).update(status="DONE", outcome="error", finished=now - days * 24 * HOUR)
    task(instance(of, created=now - HOUR), status="ERROR", created=now - HOUR)
    version("quiet")

    found = api.health(boss)

    assert found["deal"] == Health(now - HOUR, 3, 1)
    assert found["deal"].trend == 1
    assert found["quiet"] == Health(None, 0, 0)
    assert api.health(person("staff", "seller"))["deal"] == Health(None, 0, 0)
