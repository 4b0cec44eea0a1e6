"""`manage.py dispatcher`: makes due timers, jobs, messages and timer starts happen, within two seconds.

Several may run at once; one that dies takes nothing with it. An idle round costs one indexed query.
"""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from processes.runtime import waking

log = logging.getLogger(__name__)

PAUSE, LONGEST_PAUSE = 0.5, 10.0
CHECK_EVERY = 30.0
"""Seconds after which the connection is looked at, and renewed when it is old."""


class Command(BaseCommand):
    help = "Runs what falls due: timers, repeated attempts, messages. Ends with Ctrl-C or a TERM signal."

    stopping = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{waking.drain()} done.")
            return
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        pause, checked = PAUSE, time.monotonic()
        while not self.stopping:
            try:
                moved = waking.sweep() if waking.anything_due() else 0
            except DatabaseError as error:
                log.error("The database did not answer the dispatcher (%s); it tries again.", type(error).__name__)
                connection.close()
                checked = time.monotonic()
                pause = min(pause * 2, LONGEST_PAUSE)
                self.rest(pause)
                continue
            pause = PAUSE
            if time.monotonic() - checked > CHECK_EVERY:
                close_old_connections()
                checked = time.monotonic()
            if not moved:
                self.rest(pause)

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End after the round under way."""
        self.stopping = True

    def rest(self, seconds: float) -> None:
        """Wait, but not through a signal to stop."""
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            time.sleep(0.1)
