"""The product's processes, started as `make run` starts them, and whoever supervises them."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg

from config.env import BASE_DIR
from config.run import children
from tests.load.killing import descendants, end_group

PATIENCE = 120.0


class House:
    """Web, workers and two dispatchers on one database."""

    def __init__(self, environment: dict[str, str], port: int, log: Path) -> None:
        self.environment, self.port, self.url = environment, port, environment["DATABASE_URL"]
        self.log = log.open("wb")
        self.commands = {child.name.lower(): child.command for child in children(port)}
        self.commands["second dispatcher"] = self.commands["dispatcher"]
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own."""
        return subprocess.Popen(command, cwd=BASE_DIR, env=self.environment, stderr=self.log, start_new_session=True)

    def call(self, *command: str) -> str:
        """Run Python to its end; gives what it said."""
        done = subprocess.run([sys.executable, *command], cwd=BASE_DIR, env=self.environment, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def keep(self) -> None:
        """Start what does not run."""
        for name, command in self.commands.items():
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                if process is not None:
                    end_group(process.pid)
                self.running[name] = self.begin(*command)

    def kill(self, name: str, chosen: random.Random) -> None:
        """kill -9: the whole group of a process, or some process of it."""
        process = self.running[name]
        below = descendants(process.pid)
        if below and chosen.random() < 0.5:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(chosen.choice([process.pid, *below]), signal.SIGKILL)
        else:
            end_group(process.pid)

    def end(self) -> None:
        """End all."""
        for process in self.running.values():
            end_group(process.pid)
            process.wait()
        self.log.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says, as soon as it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._rows(query)
            except (psycopg.OperationalError, sqlite3.OperationalError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20)) as connection, connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self.url, connect_timeout=10) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []
