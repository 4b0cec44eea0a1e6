"""The product running for a browser: a database of its own with a small demo company, its web process and workers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.env import BASE_DIR

MANAGE = [sys.executable, str(BASE_DIR / "manage.py")]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    """What tells a process of the product to work in `folder`."""
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'product.sqlite3'}", "REDRAW_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip


def build(folder: Path, *, days: int, copy_of: Path | None = None) -> dict[str, str]:
    """Make the database of `folder`: a copy of another one, else `days` of demo history. Gives its environment."""
    env = environment(folder)
    if copy_of is not None:
        shutil.copy(copy_of, folder / "product.sqlite3")
    whole = {**os.environ, **env}
    subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], env=whole, check=True)
    if copy_of is None:
        subprocess.run([*MANAGE, "demo", "build", "--days", str(days)], env=whole, check=True)
    return env


@contextmanager
def serving(folder: Path, *, workers: bool = True) -> Iterator[str]:
    """The address of the product on the database of `folder`, with its workers; ended with the block."""
    port = free_port()
    env = {**os.environ, **environment(folder), "PORT": str(port)}
    commands = [
        [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
         "--worker-class", "gthread", "--threads", "4", "--chdir", str(BASE_DIR), "--log-level", "warning"],
    ]  # fmt: skip
    if workers:
        commands += [[*MANAGE, "workers"], [*MANAGE, "dispatcher"]]
    running = [subprocess.Popen(command, env=env, start_new_session=True) for command in commands]
    try:
        _wait(port, running[0])
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise RuntimeError("The web process ended before it answered.")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError("The web process did not answer within a minute.")
