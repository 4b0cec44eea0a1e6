"""Between two statements nobody has a task without its rights, or rights without the task: seen from another connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from crm_core.kernel.absence_services import end_absence, enter_absence
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.models import Grant, User
from crm_core.parties.models import Account
from processes import api, ports
from processes.runtime import starting
from processes.runtime.models import Task
from tests.crm_core.support import branch, person, role, team
from tests.processes.publication.drawing import user_task
from tests.processes.runtime.engine_room import publish
from tests.support.rows import make

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SEEN = """
SELECT t.status, t.owner_id, (SELECT array_agg(g.user_id ORDER BY g.user_id) FROM crm_kernel_grant g
 WHERE g.source_kind = 'task' AND g.source_id = t.id::text AND g.action = 'change'),
 (SELECT array_agg(p.user_id ORDER BY p.user_id) FROM guardian_userobjectpermission p JOIN auth_permission a ON a.id = p.permission_id
 WHERE p.content_type_id = %s AND p.object_pk = %s AND a.codename = 'change_account')
FROM process_runtime_task t WHERE t.id = %s
"""


@pytest.fixture
def people(db: Any) -> dict[str, User]:
    """Sellers of two branches, and who gives out the work."""
    role("seller")
    found = {name: person(role("seller"), of=team(name, branch(name)), username=name) for name in ("ann", "bea")}
    return found | {"root": User.objects.create_superuser("root")}


@pytest.fixture
def work(people: dict[str, User]) -> tuple[Account, Task]:
    """A task of a record in a third branch, which nobody sees but by the step."""
    account = make(Account, name="Huaxin", manager=people["root"], branch=branch("third"))
    version = publish(user_task(attributes='grants="view,change"'), process='<redraw:process subject="account"/>')
    with api.by_hand():
        instance = starting.start_version(version, subject=ports.Subject("account", account.pk), data={}, user=None)
    return account, Task.objects.open().human().get(process=instance)


@contextmanager
def watched(account: Account, task: Task) -> Iterator[set[Any]]:
    """Looks again and again from a connection of its own, each time with one statement; gives all that was seen."""
    seen: set[Any] = set()
    stop, began = Event(), Event()
    kind = ContentType.objects.get_for_model(Account).pk

    def look() -> None:
        try:
            with connection.cursor() as cursor:
                while not stop.is_set():
                    cursor.execute(SEEN, [kind, str(account.pk), task.pk])
                    status, owner, grants, guardian = cursor.fetchone()
                    seen.add((status, owner, tuple(grants or ()), tuple(guardian or ())))
                    began.set()
        finally:
            connections.close_all()

    thread = Thread(target=look)
    thread.start()
    assert began.wait(10)
    try:
        yield seen
    finally:
        stop.set()
        thread.join(10)


def agree(seen: set[Any]) -> bool:
    """Whether at every look exactly who had the task had its rights, in both tables."""
    for status, owner, grants, guardian in seen:
        wanted = (owner,) if status == "ASSIGNED" else ()
        if grants != wanted or guardian != wanted:
            return False
    return True


def test_giving_handing_on_giving_back_and_finishing_leave_no_gap(people, work):
    account, task = work
    ann, bea, root = people["ann"], people["bea"], people["root"]
    steps: list[Callable[[], Any]] = []
    for _time in range(5):
        steps += [
            lambda: api.assign(task.pk, to=ann, user=root),
            lambda: api.delegate(task.pk, to=bea, user=ann, reason="Yours"),
            lambda: api.hand_back(task.pk, user=bea, reason="Not mine"),
            lambda: api.release(task.pk, user=root),
        ]
    steps += [lambda: api.assign(task.pk, to=bea, user=root), lambda: api.complete(task.pk, user=bea)]

    with api.by_hand(), watched(account, task) as seen:
        for step in steps:
            step()

    assert agree(seen), seen
    assert len(seen) >= 3, "the other thread looked in between"
    assert Grant.objects.count() == 0


def test_a_substitute_has_the_rights_until_the_absence_is_ended_and_not_one_look_longer(people, work):
    account, task = work
    ann, bea, root = people["ann"], people["bea"], people["root"]
    api.assign(task.pk, to=ann, user=root)
    absence = enter_absence(employee=ann.employee, starts_at=ports.now() - timedelta(minutes=1),
                            ends_at=ports.now() + timedelta(days=1), substitute=bea)  # fmt: skip
    ending, ended, looks = Event(), Event(), []

    def look() -> None:
        """As requests do: a person of its own each time. What began after the end was committed must not see it."""
        try:
            for _time in range(2000):
                after = ended.is_set()
                allowed = policy_for(Account).rows(User.objects.get(pk=bea.pk), "change").filter(pk=account.pk).exists()
                looks.append((after, allowed))
                ending.set()
                if after:
                    break
        finally:
            connections.close_all()

    thread = Thread(target=look)
    thread.start()
    assert ending.wait(10)
    end_absence(absence, by=ann)
    ended.set()
    thread.join(20)

    assert (False, True) in looks, "she had them while it lasted"
    assert looks[-1] == (True, False), "and at the first look after it no more"
    assert Grant.objects.filter(user=bea).count() == 0
