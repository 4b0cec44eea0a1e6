"""The files that rehearsals are copied from: an empty house of today's tables, then one furnished like the real one.

Making the tables takes about twenty seconds and is done once for each state of the code; furnishing takes less than
one and is done anew when roles, places or calendars of the real house have changed. Each rehearsal then is a copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader

from processes import ports
from processes.errors import ProcessError
from processes.rehearsal.sandbox import Inside, inside
from processes.spoken import gettext as _


class NotReady(ProcessError):
    """The room for rehearsals is being made; it will be there in half a minute."""

    code = "rehearsal_not_ready"


class NoRoom(ProcessError):
    """The room for rehearsals could not be made."""

    code = "no_rehearsal_room"


def folder() -> Path:
    """Where the files of rehearsals are kept."""
    place = Path(settings.DATA_DIR) / "rehearsals"
    place.mkdir(parents=True, exist_ok=True)
    return place


def is_ready() -> bool:
    """Whether the empty house of this state of the code is there."""
    return empty_house().exists()


def make_soon() -> None:
    """Begin to make the empty house, in the background; nothing happens when somebody is at it."""
    if not is_ready() and not any(thread.name == _THREAD for thread in threading.enumerate()):
        threading.Thread(target=_make_quietly, name=_THREAD, daemon=True).start()


def copy_to(file: Path, *, wait: bool = True) -> None:
    """Put a furnished house into a file. NotReady while the tables are being made and `wait` is not asked for."""
    if not wait and not is_ready():
        make_soon()
        raise NotReady(
            _("The practice room is being prepared, once after each update of the program. It takes about half a minute.")
        )
    shutil.copyfile(_furnished(), file)


# --- the empty house -----------------------------------------------------------------------------------------
_THREAD = "rehearsal-room"


@cache
def empty_house() -> Path:
    """The file with today's tables and nothing in them."""
    known = sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations)
    return folder() / f"empty-{_digest(known)}.sqlite3"


def make_empty_house() -> Path:
    """Make it, if it is not there: by another process, since migrating tells every part of this one."""
    target = empty_house()
    with _alone("empty"):
        if not target.exists():
            made = target.with_suffix(".new")
            made.unlink(missing_ok=True)
            told = {**os.environ, "DATABASE_URL": f"sqlite:///{made}", "REDRAW_DATA_DIR": str(settings.DATA_DIR)}
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity=0"]
            done = subprocess.run(command, env=told, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
            if done.returncode:
                made.unlink(missing_ok=True)
                raise NoRoom(_("The practice room could not be prepared: %(why)s") % {"why": done.stderr.strip()[-300:]})
            _clear("empty-*.sqlite3")
            made.replace(target)
    return target


def _make_quietly() -> None:
    try:
        make_empty_house()
    finally:
        connections.close_all()


# --- the furnished one ---------------------------------------------------------------------------------------
def _furnished() -> Path:
    brought = ports.rehearsing().bring()
    kinds, rights = list(ContentType.objects.order_by("pk").values_list()), list(Permission.objects.order_by("pk").values_list())
    empty = make_empty_house()
    target = folder() / f"house-{_digest([empty.stem, brought, kinds, rights])}.sqlite3"
    if target.exists():
        return target
    with _alone("house"):
        if not target.exists():
            made = target.with_suffix(".new")
            shutil.copyfile(empty, made)
            inside(made, ports.now(), lambda room: _furnish(room, brought, kinds, rights))
            made.with_suffix(".lock").unlink(missing_ok=True)
            _clear("house-*.sqlite3")
            made.replace(target)
    return target


def _furnish(room: Inside, brought: Any, kinds: list[Any], rights: list[Any]) -> None:
    """Kinds of rows keep their real ids: Django remembers them for the whole program."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM auth_permission")
        cursor.execute("DELETE FROM django_content_type")
        _insert(cursor, ContentType, kinds)
        _insert(cursor, Permission, rights)
    with transaction.atomic():
        ports.rehearsing().furnish(brought)


def _insert(cursor: Any, model: Any, rows: list[Any]) -> None:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    places = ", ".join(["%s"] * len(model._meta.concrete_fields))
    if rows:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({places})", rows)  # noqa: S608


def _clear(pattern: str) -> None:
    for old in folder().glob(pattern):
        old.unlink(missing_ok=True)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


@contextmanager
def _alone(what: str) -> Iterator[None]:
    with (folder() / f"{what}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
