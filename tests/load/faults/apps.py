"""A clock that all processes of the run share, and that can be made to jump."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.apps import AppConfig
from django.utils import timezone

from processes import ports


class JumpingClock(ports.SystemClock):
    """The machine's clock, put forward or back by what stands in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text()))


def jump(file: Path, seconds: float) -> None:
    """Put the clock of all processes forward or back to `seconds` from the machine's; none reads half of it."""
    new = file.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(file)


class FaultsConfig(AppConfig):
    name = "tests.load.faults"
    label = "load_faults"

    def ready(self) -> None:
        """Give the engine and Django the clock that jumps."""
        clock = JumpingClock(Path(os.environ["LOAD_CLOCK"]))
        ports.install(clock=clock)
        timezone.now = clock.now
