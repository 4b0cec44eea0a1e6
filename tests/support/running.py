"""The product as its own processes: a database that they share, web servers, workers, and visitors at the pages."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The URL of an empty database that other processes reach too, of the kind the tests run on."""
    where = settings.DATABASES["default"]
    if "postgresql" not in where["ENGINE"]:
        yield f"sqlite:///{folder / 'running.sqlite3'}"
        return
    host, port, user, password = where["HOST"] or "127.0.0.1", where["PORT"] or 5432, where["USER"], where["PASSWORD"]
    server = f"host={host} port={port} user={user} dbname=postgres" + (f" password={password}" if password else "")
    name = f"redraw_running_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"postgresql://{user}:{password}@{host}:{port}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Page(NamedTuple):
    """What a server answered."""

    status: int
    text: str
    location: str

    @property
    def words(self) -> str:
        """The text without its mark-up."""
        bare = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", self.text)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))


class Visitor:
    """Somebody at the pages of one server, with a browser's cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> Page:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields))

    def sign_in(self, username: str, password: str) -> Visitor:
        """Fill in the form at the door."""
        self.get("/admin/login/")
        entered = self.post("/admin/login/", username=username, password=password)
        if entered.status != 302:
            raise AssertionError(f"{username} could not sign in: {entered.status} {entered.words[:500]}")
        return self

    def _ask(self, method: str, path: str, body: str = "") -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.cookies.get("csrftoken", "")}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: found.value for name, found in SimpleCookie(header).items()}
        return Page(answer.status, text, answer.headers.get("Location", ""))


class Running:
    """The product's processes on one database. Whatever was started is ended with the block."""

    def __init__(self, url: str, **environment: str) -> None:
        self.url = url
        self.environment = {
            **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.load.settings", "REDRAW_JOBS": "queue",
            "REDRAW_LOG_LEVEL": "ERROR", **environment,
        }  # fmt: skip
        self.children: list[subprocess.Popen[bytes]] = []
        self.manage("migrate", "-v0", "--run-syncdb")

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_error: object) -> None:
        for child in self.children:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def manage(self, *words: str) -> None:
        """Run a command of `manage.py` to its end."""
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True)

    def shell(self, code: str) -> Any:
        """What a piece of Python in a process of its own prints as JSON."""
        done = subprocess.run([sys.executable, "manage.py", "shell", "-v0", "-c", code], cwd=ROOT, env=self.environment,
                              stdout=subprocess.PIPE, text=True, check=True)  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None

    def begin(self, *command: str) -> None:
        """Start a process that goes on."""
        self.children.append(
            subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.environment, start_new_session=True)
        )

    def web(self) -> int:
        """Start a web server; its port, once it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        self.begin("-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
                   "--threads", "4", "--log-level", "warning", "--timeout", "120")  # fmt: skip
        self.until(lambda: _answers(port), "the web server answers")
        return port

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        if self.url.startswith("sqlite"):
            with sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20) as connection:
                return list(connection.execute(query))
        with psycopg.connect(self.url) as connection:
            return list(connection.execute(query.encode()))

    def until(self, holds: Any, what: str) -> None:
        """Wait until something holds; AssertionError after a while."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {PATIENCE:.0f} s in vain until {what}.")
            time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return Visitor(port).get("/healthz").status == 200
    except (ConnectionError, TimeoutError):
        return False
