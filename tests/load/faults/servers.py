"""The databases of the run, and how each is restarted."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tests.browser.product import free_port

LOCKED_SECONDS = (1.0, 4.0)


class File:
    """An SQLite file. It has no server; what comes nearest is somebody who holds its lock for a while."""

    def __init__(self, url: str) -> None:
        self.url = url

    def restart(self, chosen: random.Random) -> str:
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=60, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(chosen.uniform(*LOCKED_SECONDS))
            connection.execute("ROLLBACK")
        return "database locked"


class Foreign:
    """A database on a server that others use: all its connections are cut off."""

    def __init__(self, url: str) -> None:
        self.url = url

    def restart(self, chosen: random.Random) -> str:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(cut)
        return "database's connections cut"


class Cluster:
    """A PostgreSQL server of our own, stopped as if its machine had failed, or in good order, and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.url = f"postgresql://postgres@127.0.0.1:{port}/redraw"
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres", "postgres")
        self._do("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8")
        self._control("start")
        with psycopg.connect(self.url.replace("/redraw", "/postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE redraw")

    def restart(self, chosen: random.Random) -> str:
        how = chosen.choice(["immediate", "fast"])
        self._control("restart", "-m", how)
        return f"database restarted ({how})"

    def end(self) -> None:
        self._control("stop", "-m", "immediate")

    def _control(self, *words: str) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c max_connections=100"
        self._do("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", str(self.folder / "log"), "-w", "-t", "60", *words)

    def _do(self, program: str, *words: str) -> None:
        subprocess.run([*self.user, _tool(program), *words], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


Server = File | Foreign | Cluster


@contextmanager
def server(kind: str, url: str) -> Iterator[Server]:
    """The database of a run: at a URL, or a new one of a kind in a folder of its own."""
    if url:
        yield File(url) if url.startswith("sqlite") else Foreign(url)
        return
    with tempfile.TemporaryDirectory(prefix="redraw-faults-") as place:
        if kind == "sqlite":
            yield File(f"sqlite:///{place}/faults.sqlite3")
            return
        cluster = Cluster(Path(place), free_port())
        try:
            yield cluster
        finally:
            cluster.end()


def _tool(program: str) -> str:
    """Where a program of PostgreSQL lies."""
    found = shutil.which(program) or next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))), "")
    if not found:
        raise SystemExit(f"{program} is not on this machine. Name a database with DATABASE_URL; its connections are cut off instead.")
    return found
