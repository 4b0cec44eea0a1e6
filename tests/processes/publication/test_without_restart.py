"""Version 2 is published by one process while others run: they use it at once, and finish the old on version 1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.processes.publication.drawing import drawing, user_task

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class Running:
    """A process of the product that stays alive between what it is asked."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.publication.running_process"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._line() == "ready"

    def ask(self, do: str, **what: Any) -> Any:
        self.child.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self.child.stdin.flush()
        return self._line()

    def _line(self) -> Any:
        line = self.child.stdout.readline()
        assert line, "the process died"
        answer = json.loads(line)
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def end(self) -> None:
        self.child.stdin.close()
        self.child.wait(timeout=20)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of processes that share one database: the test's own where others can reach it."""
    where = settings.DATABASES["default"]
    if connection.vendor == "postgresql":
        host, port = where["HOST"] or "127.0.0.1", where["PORT"] or 5432
        url = f"postgresql://{where['USER']}:{where['PASSWORD']}@{host}:{port}/{connection.settings_dict['NAME']}"
    else:
        url = f"sqlite:///{tmp_path / 'house.sqlite3'}"
    values = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "REDRAW_JOBS": "inline"}
    if connection.vendor != "postgresql":
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=values, check=True)
    return values


@pytest.fixture
def house(environment: dict[str, str]) -> Iterator[list[Running]]:
    """Three processes: two that work, and one that publishes."""
    running = [Running(environment) for _number in range(3)]
    yield running
    for one in running:
        one.end()


def write(folder: Path, bpmn: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "meta.toml").write_text('key = "deal"\n[title]\nen = "Deal"\n')
    (folder / "process.bpmn").write_text(bpmn)
    return str(folder)


STARTERS = '<redraw:process startRoles="seller"/>'


def test_new_instances_take_version_two_and_old_ones_finish_on_version_one(house, tmp_path):
    web, worker, owner = house
    folder = tmp_path / "deal"
    assert owner.ask("load", folder=write(folder, drawing(user_task("Work"), process=STARTERS))) == ["deal v1"]
    first, second, old = web.ask("start"), worker.ask("start"), web.ask("start")
    assert [one["version"] for one in (first, second, old)] == [1, 1, 1]

    assert owner.ask("load", folder=write(folder, drawing(user_task("Work"), user_task("Check"), process=STARTERS))) == ["deal v2"]

    third, fourth = web.ask("start"), worker.ask("start")
    assert (third["version"], fourth["version"]) == (2, 2)
    done = {"did": "Work", "version": 1, "outcome": "completed", "waits": []}
    assert web.ask("finish", instance=first["instance"]) == done
    assert worker.ask("finish", instance=second["instance"]) == done
    goes_on = {"did": "Work", "version": 2, "outcome": "", "waits": ["Check"]}
    assert worker.ask("finish", instance=third["instance"]) == goes_on
    assert web.ask("finish", instance=fourth["instance"]) == goes_on
    # the third has run neither version before
    assert owner.ask("finish", instance=old["instance"]) == done
    assert owner.ask("finish", instance=fourth["instance"])["outcome"] == "completed"
