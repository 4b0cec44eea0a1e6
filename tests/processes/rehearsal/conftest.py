"""A folder of rehearsal files that all test processes share: the tables are made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from processes.rehearsal import rooms


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """No test leaves a rehearsal's file behind."""
    before = set(Path(rooms.folder()).glob("*-*-*-*-*.*"))
    yield
    for file in set(Path(rooms.folder()).glob("*-*-*-*-*.*")) - before:
        file.unlink(missing_ok=True)


@pytest.fixture(scope="session", autouse=True)
def kept_between_runs() -> None:
    """The folder lies under the data of this clone."""
    assert rooms.folder().is_relative_to(settings.DATA_DIR)
