"""What all tests share: the clock under control, registries as shipped, clean ports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from processes import ports


@pytest.fixture
def clock() -> Iterator[ports.FixedClock]:
    """A clock that stands at Tuesday 24 November 2026, 10:34 in Shanghai, until the test moves it."""
    moved = ports.FixedClock(datetime(2026, 11, 24, 2, 34, tzinfo=UTC))
    with ports.using(clock=moved):
        yield moved
