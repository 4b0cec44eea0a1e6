"""The house every story begins with."""

from __future__ import annotations

import pytest

from processes import ports
from tests.stories.house import House


@pytest.fixture
def house(db: None, clock: ports.FixedClock, settings: object) -> House:
    """A company on a Tuesday morning, with nobody waiting yet; jobs run when the story lets them."""
    settings.PROCESS_JOBS = "inline"  # type: ignore[attr-defined]
    settings.PROCESS_EAGER = False  # type: ignore[attr-defined]
    return House(clock)
