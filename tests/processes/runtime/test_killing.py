"""kill -9 of workers and dispatchers while instances run: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from tests.load.killing import run

pytestmark = [pytest.mark.both_databases]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of its own for the processes, on the server the tests run on."""
    where = settings.DATABASES["default"]
    if "postgresql" not in where["ENGINE"]:
        yield f"sqlite:///{tmp_path / 'killing.sqlite3'}"
        return
    host, port, user, password = where["HOST"] or "127.0.0.1", where["PORT"] or 5432, where["USER"], where["PASSWORD"]
    server = f"host={host} port={port} user={user} dbname=postgres" + (f" password={password}" if password else "")
    name = f"redraw_killing_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"postgresql://{user}:{password}@{host}:{port}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


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
