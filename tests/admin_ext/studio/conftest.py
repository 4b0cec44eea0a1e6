"""A process with a published version and a draft beside it, in the small house."""

from __future__ import annotations

from typing import Any

import pytest

from processes import ports
from processes.catalog.models import ProcessVersion
from processes.publication.services import publish_now
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import drawing, user_task
from tests.processes.publication.test_publish import draft

ABOUT = '<redraw:process subject="thing"/>'


@pytest.fixture
def things(clock) -> Any:
    changes = ports.subjects().get("process_change")
    with house(), ports.subjects().temporarily(changes):
        yield


@pytest.fixture
def version() -> ProcessVersion:
    """A draft beside what is published."""
    for role in ("seller", "process_owner", "process_reviewer", "director"):
        person(f"a_{role}", role)
    first = draft(drawing(user_task("Old"), process=ABOUT))
    publish_now(first)
    second = draft(drawing(user_task("Old"), user_task("New"), process=ABOUT))
    second.base = first
    second.save()
    return second
