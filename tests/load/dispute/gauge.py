"""What each process under load notes of itself: how long its steps took, and how many statements it sent.

A step is a transaction in which the engine moved an instance, from its begin to the end of its commit, waiting for locks
included. Every second the process writes what came since into its own file of the folder `LOAD_GAUGE`.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.backends.signals import connection_created

FLUSH_EVERY = 1.0


class Gauge:
    """The figures of this process that are not written yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self.steps: list[tuple[float, float]] = []
        self.statements = 0
        self.local = threading.local()
        self.pid = 0

    def begin(self) -> None:
        """A transaction begins."""
        self.local.began, self.local.moved = time.time(), False

    def moved(self) -> None:
        """The engine writes what it moved in the transaction under way."""
        self.local.moved = True

    def end(self) -> None:
        """The transaction is over."""
        if getattr(self.local, "moved", False):
            self.local.moved = False
            with self.lock:
                self.steps.append((self.local.began, time.time() - self.local.began))

    def count(self, execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """An execute wrapper: several statements in one message count as several."""
        with self.lock:
            self.statements += str(sql).count(";\n") + 1
        self.write_on()
        return execute(sql, params, many, context)

    def write_on(self) -> None:
        """See to it that this process, which may be a fork of another, writes."""
        if self.pid != os.getpid():
            self.pid, self.steps, self.statements = os.getpid(), [], 0
            self.lock = threading.Lock()
            threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        with (self.folder / f"{os.getpid()}.jsonl").open("a") as file:
            while True:
                time.sleep(FLUSH_EVERY)
                with self.lock:
                    steps, self.steps, statements, self.statements = self.steps, [], self.statements, 0
                file.write(json.dumps({"at": time.time(), "steps": steps, "statements": statements}) + "\n")
                file.flush()


def installed(gauge: Gauge) -> None:
    """Have this process note what it does."""
    from processes.runtime.step import Step

    enter, leave, write = transaction.Atomic.__enter__, transaction.Atomic.__exit__, Step.write

    def entering(self: Any) -> None:
        outermost = not transaction.get_connection(self.using).in_atomic_block
        enter(self)
        if outermost:
            gauge.begin()

    def leaving(self: Any, *error: Any) -> None:
        try:
            leave(self, *error)
        finally:
            if not transaction.get_connection(self.using).in_atomic_block:
                gauge.end()

    def writing(self: Step) -> None:
        gauge.moved()
        write(self)

    transaction.Atomic.__enter__, transaction.Atomic.__exit__, Step.write = entering, leaving, writing  # type: ignore[method-assign]
    connection_created.connect(lambda connection, **_given: connection.execute_wrappers.append(gauge.count), weak=False)


class GaugeConfig(AppConfig):
    name = "tests.load.dispute"
    label = "load_gauge"

    def ready(self) -> None:
        """Begin to note, where a folder is named."""
        if folder := os.environ.get("LOAD_GAUGE"):
            installed(Gauge(Path(folder)))
