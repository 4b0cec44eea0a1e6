"""What each process under load notes of itself: how long its steps took, and how many statements it sent.

A step is a transaction in which the engine moved an instance, from its begin to the end of its commit, waiting for locks
included. Every second the process writes what came since into its own file of the folder `LOAD_GAUGE`.
"""

from __future__ import annotations

import json
import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
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

    @property
    def under_way(self) -> list[tuple[float, list[bool]]]:
        """The transactions of this thread that are not committed yet, each with when it began and whether the engine
        moved something in it; what is done after a commit may begin others before the first is left."""
        if not hasattr(self.local, "stack"):
            self.local.stack = []
        stack: list[tuple[float, list[bool]]] = self.local.stack
        return stack

    def committed(self) -> None:
        """The newest transaction is committed."""
        if self.under_way:
            began, moved = self.under_way.pop()
            if moved:
                with self.lock:
                    self.steps.append((began, time.time() - began))

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

    enter, leave, write, hooks = (
        transaction.Atomic.__enter__, transaction.Atomic.__exit__, Step.write, BaseDatabaseWrapper.run_and_clear_commit_hooks,
    )  # fmt: skip

    def entering(self: Any) -> None:
        if not transaction.get_connection(self.using).in_atomic_block:
            gauge.under_way.append((time.time(), []))
        enter(self)

    def leaving(self: Any, *error: Any) -> None:
        outermost, depth = len(transaction.get_connection(self.using).atomic_blocks) == 1, len(gauge.under_way)
        try:
            leave(self, *error)
        finally:
            if outermost:
                del gauge.under_way[depth - 1 :]  # there still after a rollback

    def after_commit(self: Any) -> None:
        gauge.committed()
        hooks(self)

    def writing(self: Step) -> None:
        write(self)
        gauge.under_way[-1][1].append(True)

    transaction.Atomic.__enter__, transaction.Atomic.__exit__, Step.write = entering, leaving, writing  # type: ignore[method-assign]
    BaseDatabaseWrapper.run_and_clear_commit_hooks = after_commit  # type: ignore[method-assign]
    connection_created.connect(partial(count_on, gauge), weak=False)


def count_on(gauge: Gauge, connection: Any, **_given: Any) -> None:
    """Count what a connection is sent, once, however often it is opened anew."""
    if gauge.count not in connection.execute_wrappers:
        connection.execute_wrappers.append(gauge.count)


class GaugeConfig(AppConfig):
    name = "tests.load.dispute"
    label = "load_gauge"

    def ready(self) -> None:
        """Begin to note, where a folder is named."""
        if folder := os.environ.get("LOAD_GAUGE"):
            installed(Gauge(Path(folder)))
