"""A process owner publishes version 2 while people and workers are at it: nothing is restarted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from tests.load.receiver import Receiver
from tests.processes.publication.drawing import drawing, user_task
from tests.support.running import Running, Visitor, own_database

pytestmark = pytest.mark.both_databases

PASSWORD = "quite-a-long-one"
SELLER = f"""
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
group, _new = Group.objects.get_or_create(name="seller")
get_user_model().objects.create_user(username="ada", password={PASSWORD!r}, is_staff=True).groups.add(group)
"""
STARTERS = '<redraw:process startRoles="seller"/>'
POST = (
    '<bpmn:serviceTask id="Post" name="Post"><bpmn:extensionElements><redraw:action name="load.post">'
    '<redraw:input name="step" value="Post"/></redraw:action></bpmn:extensionElements>{flows}</bpmn:serviceTask>'
)
VERSION_1 = drawing(user_task("Work"), POST, process=STARTERS)
VERSION_2 = drawing(user_task("Work"), POST, user_task("Check"), process=STARTERS)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with own_database(tmp_path) as url, Running(url, LOAD_RECEIVER=Receiver().url) as house:
        house.shell(SELLER)
        yield house


class Stands(NamedTuple):
    """How an instance stands: its version, its outcome, its open tasks of people."""

    version: int
    outcome: str
    waits: list[str]


class Seller:
    """Ada at the pages of the running server."""

    def __init__(self, running: Running, port: int) -> None:
        self.running = running
        self.pages = Visitor(port).sign_in("ada", PASSWORD)

    def starts(self) -> str:
        """The id of an instance, begun with the button."""
        begun = self.pages.post("/processes/deal/start/")
        assert begun.status == 302, begun.words[:500]
        pk = begun.location.strip("/").rpartition("/")[2]
        return pk.replace("-", "") if self.running.url.startswith("sqlite") else pk

    def does(self, instance: str, step: str) -> None:
        """Take a step that is on offer, and complete it."""
        self.running.until(lambda: self.stands(instance).waits == [step], f"{step} is open")
        ((task,),) = self.running.rows(
            f"SELECT id FROM process_runtime_task WHERE process_id = '{instance}' AND node_id = '{step}' AND status = 'NEW'"
        )
        for act in ("claim", "complete"):
            answer = self.pages.post(f"/work/{UUID(str(task))}/{act}/")
            assert answer.status == 302, answer.words[:500]

    def stands(self, instance: str) -> Stands:
        """How an instance stands by its rows."""
        ((version, outcome),) = self.running.rows(
            "SELECT v.number, i.outcome FROM process_runtime_processinstance i"
            f" JOIN process_catalog_processversion v ON v.id = i.version_id WHERE i.id = '{instance}'"
        )
        waits = self.running.rows(
            f"SELECT node_id FROM process_runtime_task WHERE process_id = '{instance}' AND kind = 'userTask' AND status = 'NEW'"
        )
        return Stands(version, outcome, [node for (node,) in waits])

    def sees(self, instance: str, version: int, outcome: str) -> None:
        """Wait until an instance has come out."""
        self.running.until(lambda: self.stands(instance).outcome != "", "the instance has ended")
        assert self.stands(instance) == Stands(version, outcome, [])


def publish(running: Running, folder: Path, bpmn: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "meta.toml").write_text('key = "deal"\n[title]\nen = "Deal"\n')
    (folder / "process.bpmn").write_text(bpmn)
    running.manage("process", "load", str(folder), "--publish")


def test_web_and_worker_take_version_two_without_a_restart(running: Running, tmp_path: Path) -> None:
    publish(running, tmp_path / "deal", VERSION_1)
    running.begin("manage.py", "workers")
    running.begin("manage.py", "dispatcher")
    ada = Seller(running, running.web())
    first, old = ada.starts(), ada.starts()
    ada.does(first, "Work")
    ada.sees(first, 1, "completed")

    publish(running, tmp_path / "deal", VERSION_2)

    new = ada.starts()
    assert ada.stands(new).version == 2
    ada.does(new, "Work")
    ada.does(new, "Check")  # behind the worker's step
    ada.sees(new, 2, "completed")
    assert ada.stands(old) == Stands(1, "", ["Work"])
    ada.does(old, "Work")
    ada.sees(old, 1, "completed")
