"""kill -9 of workers and dispatchers while instances run: nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.killing import run
from tests.support.running import own_database

pytestmark = [pytest.mark.both_databases]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of its own for the processes, on the server the tests run on."""
    with own_database(tmp_path) as found:
        yield found


def test_instances_survive_a_few_kills(url: str) -> None:
    outcome = run(instances=40, kills=4, seed=5, url=url, pause=10)
    assert sum(outcome.kills.values()) == 4
    assert outcome.wrong == []


@pytest.mark.long
def test_two_hundred_instances_survive_twenty_kills(url: str) -> None:
    outcome = run(instances=200, kills=20, seed=1, url=url, pause=40)
    assert sum(outcome.kills.values()) == 20
    assert outcome.in_flight == 200
    assert outcome.wrong == []
