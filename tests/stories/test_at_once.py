"""Two people at two servers press the same button in the same moment: one of them gets it, the other is told."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.processes.publication.drawing import drawing, user_task
from tests.support.running import Page, Running, Visitor, own_database

pytestmark = pytest.mark.postgresql

TIMES = 10
PASSWORD = "quite-a-long-one"
PEOPLE = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
group, _new = Group.objects.get_or_create(name="seller")
for name in ("ada", "bob"):
    user = get_user_model().objects.create_user(username=name, password=%r, is_staff=True)
    user.groups.add(group)
"""
START = """
import json
from processes import api
print(json.dumps([str(api.start("deal").pk) for _number in range(%d)]))
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A process with one piece of work for sellers, and two sellers."""
    folder: Path = tmp_path_factory.mktemp("deal")
    (folder / "meta.toml").write_text('key = "deal"\n[title]\nen = "Deal"\n')
    (folder / "process.bpmn").write_text(drawing(user_task("Work")))
    with own_database(folder) as url, Running(url) as house:
        house.shell(PEOPLE % PASSWORD)
        house.manage("process", "load", str(folder), "--publish")
        yield house


@pytest.fixture(scope="module")
def ports(running: Running) -> tuple[int, int]:
    """Two web servers, each a process of its own."""
    return running.web(), running.web()


def work(running: Running) -> list[str]:
    """New tasks, each of an instance of its own."""
    running.shell(START % TIMES)
    found = running.rows("SELECT id FROM process_runtime_task WHERE status = 'NEW' AND kind = 'userTask'")
    assert len(found) == TIMES
    return [str(pk) for (pk,) in found]


def at_once(one: Visitor, other: Visitor, path: str) -> list[Page]:
    """Both press the button; neither before the other is ready."""
    ready = Barrier(2, timeout=60)

    def press(visitor: Visitor) -> Page:
        ready.wait()
        return visitor.post(path)

    with ThreadPoolExecutor(2) as both:
        return list(both.map(press, (one, other)))


def test_of_two_who_take_a_task_exactly_one_gets_it(running: Running, ports: tuple[int, int]) -> None:
    ada, bob = Visitor(ports[0]).sign_in("ada", PASSWORD), Visitor(ports[1]).sign_in("bob", PASSWORD)
    for task in work(running):
        pages = at_once(ada, bob, f"/work/{task}/claim/")
        assert sorted(page.status for page in pages) == [302, 409]
        winner, loser = ("ada", pages[1]) if pages[0].status == 302 else ("bob", pages[0])
        assert f"{winner} has just taken this task." in loser.words
        owner = "SELECT u.username, t.status FROM process_runtime_task t JOIN crm_kernel_user u ON u.id = t.owner_id"
        assert running.rows(f"{owner} WHERE t.id = '{task}'") == [(winner, "ASSIGNED")]


def test_a_task_that_is_completed_twice_at_once_is_done_once(running: Running, ports: tuple[int, int]) -> None:
    ada, again = Visitor(ports[0]).sign_in("ada", PASSWORD), Visitor(ports[1]).sign_in("ada", PASSWORD)
    for task in work(running):
        assert ada.post(f"/work/{task}/claim/").status == 302
        pages = at_once(ada, again, f"/work/{task}/complete/")
        assert sorted(page.status for page in pages) == [302, 409]
        loser = next(page for page in pages if page.status == 409)
        assert "ada finished this task" in loser.words
        assert "Nothing more is asked here." in loser.words
        rows = running.rows(f"SELECT process_id FROM process_runtime_task WHERE id = '{task}' AND status = 'DONE'")
        ends = running.rows(f"SELECT node_id FROM process_runtime_task WHERE process_id = '{rows[0][0]}' AND kind = 'endEvent'")
        assert ends == [("End",)], "the token went on once"


def test_one_completes_what_another_takes_away(running: Running, ports: tuple[int, int]) -> None:
    """The owner finishes while a process owner cancels the instance: one of both happens, never half of each."""
    running.shell("from django.contrib.auth import get_user_model as m\n"
                  f"m().objects.create_superuser(username='eve', password={PASSWORD!r})")  # fmt: skip
    ada, eve = Visitor(ports[0]).sign_in("ada", PASSWORD), Visitor(ports[1]).sign_in("eve", PASSWORD)
    for task in work(running):
        assert ada.post(f"/work/{task}/claim/").status == 302
        ((instance,),) = running.rows(f"SELECT process_id FROM process_runtime_task WHERE id = '{task}'")
        ready = Barrier(2, timeout=60)

        def complete(task: str = task, ready: Barrier = ready) -> Page:
            ready.wait()
            return ada.post(f"/work/{task}/complete/")

        def cancel(instance: str = instance, ready: Barrier = ready) -> Page:
            ready.wait()
            return eve.post(f"/instances/{instance}/act/", act="cancel", reason="not needed")

        with ThreadPoolExecutor(2) as both:
            done, cancelled = (one.result() for one in (both.submit(complete), both.submit(cancel)))
        ((outcome,),) = running.rows(f"SELECT outcome FROM process_runtime_processinstance WHERE id = '{instance}'")
        ((status,),) = running.rows(f"SELECT status FROM process_runtime_task WHERE id = '{task}'")
        assert (outcome, status) in {("completed", "DONE"), ("cancelled", "CANCELED")}
        assert done.status == (302 if outcome == "completed" else 409), done.words[:300]
        assert cancelled.status == 302
