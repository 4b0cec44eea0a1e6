"""The house every story begins with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from processes import api, ports
from tests.stories.house import House


@pytest.fixture
def house(db: None, clock: ports.FixedClock) -> Iterator[House]:
    """A company on a Tuesday morning, with nobody waiting yet; jobs run when the story lets them."""
    with api.by_hand():
        yield House(clock)
