"""What all tests share: the clock under control, and honest skips for services that are not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation

from processes import ports

NEEDS = {"browser": ("REDRAW_TEST_CHROMIUM", "Chromium"), "outside_data": ("REDRAW_OUTSIDE_DATA", "the outside data")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, with the reason, what cannot run here; with CI=true nothing but outside data may be left out."""
    on_postgresql = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    strict = os.environ.get("CI") == "true"
    for item in items:
        if item.get_closest_marker("postgresql") and not on_postgresql:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: run by make test with DATABASE_URL set"))
        for marker, (variable, what) in NEEDS.items():
            if item.get_closest_marker(marker) and not os.environ.get(variable):
                if strict and marker == "browser":
                    continue
                item.add_marker(pytest.mark.skip(reason=f"needs {what}: {variable} is not set"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Before a browser the threads of the server ask at once, as in the product: then SQLite lies in a file, where one waits
    for the other, and not in a memory that they share."""
    database = connections["default"].settings_dict
    if "sqlite" not in database["ENGINE"] or not any(item.get_closest_marker("browser") for item in request.session.items):
        return
    folder = Path(settings.BASE_DIR) / "build" / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"browser-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}.sqlite3"
    database["TEST"]["NAME"] = str(folder / name)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Every test begins in English: a page of the test before may have left another language behind."""
    with translation.override("en"):
        yield


@pytest.fixture
def clock() -> Iterator[ports.FixedClock]:
    """A clock that stands at Tuesday 24 November 2026, 10:34 in Shanghai, until the test moves it."""
    moved = ports.FixedClock(datetime(2026, 11, 24, 2, 34, tzinfo=UTC))
    with ports.using(clock=moved):
        yield moved


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """The folder of outside data."""
    return Path(os.environ["REDRAW_OUTSIDE_DATA"])
