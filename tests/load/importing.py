"""A file of many rows through the pages of the running product, with its real workers, measured, and killed on demand.

    python -m tests.load.importing --rows 100000 --kind accounts [--kill]     (DATABASE_URL empty: SQLite in a new folder)
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from html import unescape
from pathlib import Path

import psycopg
from psycopg import sql

from tests.browser.product import MANAGE, _wait, environment, free_port
from tests.load.killing import descendants, end_group

PATIENCE = 600.0
PASSWORD = "a long word for a load test"
HEADS = {
    "accounts": ("name,industry,employees,revenue,city,account manager", "Company {n},food,{few},{n}.50,Kunshan,loader"),
    "leads": ("company,contact_name,email,phone,message", "Company {n},Person {n},p{n}@c{n}.example,138{n:08d},We need machine {few}"),
}  # fmt: skip


@dataclass
class Measured:
    """Seconds of each step, the slowest opening of the preview, the largest process (MB), and what came of it."""

    uploaded: float = 0.0
    shown: float = 0.0
    loaded: float = 0.0
    opening: float = 0.0
    web_mb: float = 0.0
    worker_mb: float = 0.0
    kills: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class Visitor:
    """Somebody at the pages over HTTP, with cookies and forms as a browser sends them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=120) as answer:
            return str(answer.read().decode())

    def post(self, path: str, fields: dict[str, str], file: tuple[str, bytes] | None = None) -> str:
        """Send a form; gives the address it led to."""
        fields = {**fields, "csrfmiddlewaretoken": next(c.value or "" for c in self.jar if c.name == "csrftoken")}
        mark = uuid.uuid4().hex
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()]
        if file is not None:
            parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'.encode() + file[1] + b"\r\n")
        request = urllib.request.Request(
            self.address + path, b"".join([*parts, f"--{mark}--\r\n".encode()]),
            {"Content-Type": f"multipart/form-data; boundary={mark}", "Referer": self.address + path},
        )  # fmt: skip
        with self.opener.open(request, timeout=300) as answer:
            answer.read()
            return urllib.parse.urlsplit(answer.geturl()).path

    def sign_in(self) -> None:
        self.get("/admin/login/")
        self.post("/admin/login/", {"username": "loader", "password": PASSWORD})


@contextmanager
def product(folder: Path, url: str = "") -> Iterator[tuple[str, dict[str, subprocess.Popen[bytes]], dict[str, str]]]:
    """The product with its shipped roles and one administrator: its address, its processes, its environment."""
    env = {**os.environ, **environment(folder), **({"DATABASE_URL": url} if url else {})}
    make = (
        "from django.core.management import call_command as c; c('roles', 'load', verbosity=0); "
        "c('process', 'load', '--publish', verbosity=0); from django.contrib.auth.models import Group; "
        "from crm_core.kernel.models import User; "
        f"u = User.objects.create_user('loader', password='{PASSWORD}', display_name='loader', is_staff=True); "
        "u.groups.add(Group.objects.get(name='administrator'))"
    )
    subprocess.run([*MANAGE, "migrate", "-v0"], env=env, check=True)
    subprocess.run([*MANAGE, "shell", "-v0", "-c", make], env=env, check=True)
    port = free_port()
    running = {
        "web": subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
             "--worker-class", "gthread", "--threads", "4", "--log-level", "warning", "--timeout", "120"],
            env=env, start_new_session=True),
    }  # fmt: skip
    keep(running, env)
    try:
        _wait(port, running["web"])
        yield f"http://127.0.0.1:{port}", running, env
    finally:
        for process in running.values():
            end_group(process.pid)
            process.wait()


def keep(running: dict[str, subprocess.Popen[bytes]], env: dict[str, str]) -> None:
    """Start workers and dispatcher where they do not run, as the supervisor does."""
    for name in ("workers", "dispatcher"):
        if name not in running or running[name].poll() is not None:
            running[name] = subprocess.Popen([*MANAGE, name], env=env, start_new_session=True)


def peak_mb(pids: list[int]) -> float:
    """The most memory that one of some processes has had, in MB."""
    found = [0.0]
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            continue
        if peak := re.search(r"VmHWM:\s+(\d+) kB", status):
            found.append(int(peak[1]) / 1024)
    return max(found)


def file_of(kind: str, rows: int) -> bytes:
    """A table of so many different rows."""
    head, row = HEADS[kind]
    return "\n".join([head, *(row.format(n=n, few=n % 900) for n in range(rows)), ""]).encode()


def until_finished(who: Visitor, page: str, kill: int, running: dict[str, subprocess.Popen[bytes]], env: dict[str, str]) -> int:
    """Watch the progress as the page does; at `kill` per cent kill -9 the workers at their work. Gives how often."""
    deadline, kills = time.monotonic() + PATIENCE, 0
    while time.monotonic() < deadline:
        keep(running, env)
        told = json.loads(who.get(f"{page}progress/"))
        if told["finished"]:
            return kills
        if kill and not kills and told["percent"] >= kill:
            for pid in descendants(running["workers"].pid):
                with suppress(ProcessLookupError):  # those above it have ended it
                    os.kill(pid, signal.SIGKILL)
            end_group(running["workers"].pid)
            kills += 1
        time.sleep(0.25)
    raise RuntimeError(f"The file was not finished within {PATIENCE:.0f} s.")


def run(kind: str, rows: int, *, kill: int = 0, url: str = "") -> Measured:
    """Upload, look and load; with `kill`, the workers are killed when so many per cent are loaded."""
    done = Measured()
    with tempfile.TemporaryDirectory() as place, product(Path(place), url) as (address, running, env):
        who = Visitor(address)
        who.sign_in()
        who.get("/imports/")
        began = time.monotonic()
        page = who.post("/imports/", {"what": kind}, ("many.csv", file_of(kind, rows)))
        done.uploaded = time.monotonic() - began
        until_finished(who, page, 0, running, env)
        done.shown = time.monotonic() - began
        for _n in range(5):
            at = time.monotonic()
            who.get(page)
            done.opening = max(done.opening, time.monotonic() - at)
        began = time.monotonic()
        who.post(f"{page}load/", {})
        done.kills = until_finished(who, page, kill, running, env)
        done.loaded = time.monotonic() - began
        done.web_mb = peak_mb([running["web"].pid, *descendants(running["web"].pid)])
        done.worker_mb = peak_mb(descendants(running["workers"].pid))
        done.counts = report_of(who, page)
    return done


def report_of(who: Visitor, page: str) -> dict[str, int]:
    """The figures of the report."""
    found = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", unescape(who.get(page)))
    return {name: int(number.replace(",", "")) for name, number in found}


def empty_database(server: str, name: str) -> str:
    """A new database on a PostgreSQL server; one of that name from an earlier run goes."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return f"{server}/{name}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=sorted(HEADS), default="accounts")
    parser.add_argument("--kill", type=int, default=0, metavar="PERCENT")
    chosen = parser.parse_args()
    print(json.dumps(asdict(run(chosen.kind, chosen.rows, kill=chosen.kill, url=os.environ.get("DATABASE_URL", ""))), indent=2))
