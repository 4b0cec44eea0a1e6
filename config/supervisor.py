"""Keeps the product's processes running: web, workers, dispatcher.

A process that dies is started again, after a pause that grows while it keeps dying; a signal to
stop is passed on to all, and who does not stop in time is killed (the engine is safe against it).
"""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass, field
from types import FrameType

GRACE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass
class Child:
    """One process under supervision."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    start_again_at: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it through us alone."""
        self.process = subprocess.Popen(self.command, env=self.environment or None, start_new_session=True)
        self.started_at = time.monotonic()


class Supervisor:
    """Starts children, restarts the dead, and ends all of them together."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.stopping = False

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def start(self) -> None:
        """Start every child and listen for signals to stop."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Look after the children until told to stop."""
        while not self.stopping:
            for child in self.children:
                self._look_after(child)
            time.sleep(0.2)
        self._end_all()

    def _look_after(self, child: Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.start_again_at:
                child.start()
            return
        code = child.process.poll()
        if code is None:
            return
        lived = time.monotonic() - child.started_at
        child.pause = 0.0 if lived > 60 else min(LONGEST_PAUSE_SECONDS, max(0.5, child.pause * 2))
        print(f"{child.name} ended (code {code}); starting it again in {child.pause:.1f} s.", flush=True)
        child.process = None
        child.start_again_at = time.monotonic() + child.pause

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
