"""`manage.py flush`, as Django's, but able to empty tables that guard their rows.

On SQLite a flush deletes row by row, which the guards refuse. They are lifted first; Django's flush ends with
the post-migrate signal, whose receivers install them again.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import connections

from processes.catalog import guards


class Command(Flush):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        lifted = guards.lift(connection)
        try:
            super().handle(**options)
        finally:
            # Without its closing signal (tests ask for that) the flush leaves nobody else to do this.
            if lifted:
                guards.install(connection)
