"""`make run`: sets the product up where needed and serves it with its workers on 127.0.0.1.

Every step may be repeated: a second start finds all of it done and is quick.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.core.management import CommandError

from config import env
from config.messages import compile_catalogues
from config.supervisor import Child, Supervisor

START_SECONDS = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve Redraw CRM on this machine.")
    parser.add_argument(
        "--data", metavar="DIR", help="start with a company's files instead of the demo company"
    )
    options = parser.parse_args()
    folder = Path(options.data).expanduser().resolve() if options.data else None
    if folder and not folder.is_dir():
        print(f"There is no folder “{options.data}”. Name the folder that holds the company's files.")
        return 2
    choose_database(folder)
    began = time.monotonic()
    compile_catalogues()
    try:
        set_up(folder)
    except CommandError as error:
        print(error)
        return 2
    port = env.number("PORT", 8000)
    supervisor = Supervisor(children(port))
    supervisor.start()
    if not wait_until_served(port):
        print(f"The web server did not answer on port {port}; the lines above say why.")
        supervisor.stopping = True
        supervisor.watch()
        return 1
    greet(port, time.monotonic() - began)
    supervisor.watch()
    return 0


def choose_database(folder: Path | None) -> None:
    """A folder's data live in a database of their own; whoever sets DATABASE_URL has chosen already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if folder and not env.text("DATABASE_URL"):
        name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "data"
        tag = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
        data_dir = env.path("REDRAW_DATA_DIR", env.BASE_DIR / "var")
        os.environ["DATABASE_URL"] = f"sqlite:///{data_dir / f'{name}-{tag}.sqlite3'}"


def set_up(folder: Path | None) -> None:
    """Database, shipped content and data, each only where it is missing."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Preparing the database ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    if folder:
        call_command("demo", "load", str(folder))
    else:
        call_command("demo", "prepare")
    connection.close()


def children(port: int) -> list[Child]:
    """The processes of one machine: web, background workers, dispatcher."""
    python = sys.executable
    manage = [python, str(env.BASE_DIR / "manage.py")]
    web = [
        python, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", str(env.number("REDRAW_WEB_WORKERS", 1)),
        "--threads", "8", "--chdir", str(env.BASE_DIR), "--log-level", "warning", "--graceful-timeout", "5",
    ]  # fmt: skip
    return [
        Child("Web", web),
        Child("Background workers", [*manage, "workers"]),
        Child("Dispatcher", [*manage, "dispatcher"]),
    ]


def wait_until_served(port: int) -> bool:
    """Whether the web process answers within a minute."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    return False


def greet(port: int, seconds: float) -> None:
    """Print the address and who can sign in."""
    from crm_core.demo.selectors import sign_ins

    print(f"\nRedraw CRM serves on http://127.0.0.1:{port}/ (ready after {seconds:.0f} s). Ctrl-C ends it.\n")
    people = sign_ins()
    if people:
        print("Sign in as one of them:")
        width = max(len(person.username) for person in people)
        for person in people:
            print(f"  {person.username:<{width}}  {person.password}   {person.what}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
