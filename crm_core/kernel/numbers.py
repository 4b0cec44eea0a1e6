"""Numbers for people: L-2026-00001, counted per prefix and year by one locked row each."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from crm_core.kernel.models.sequences import NumberSequence
from processes import ports

# One statement on both databases: the row is created or moved on, and stays locked until
# the caller's transaction ends, so that no number is given twice and none is read early.
_DRAW = """
    INSERT INTO {table} (key, last) VALUES (%s, %s)
    ON CONFLICT (key) DO UPDATE SET last = {table}.last + excluded.last
    RETURNING last
"""


def take_numbers(prefix: str, count: int = 1) -> list[str]:
    """The next `count` numbers of a prefix in the present year (of the project's time zone).

    Numbers of a transaction that is rolled back are given again. Raises ValueError for an
    empty prefix or a negative count.
    """
    if not prefix or count < 0:
        raise ValueError("A number needs a prefix and a count of at least zero.")
    if count == 0:
        return []
    year = ports.clock().today(ZoneInfo(settings.TIME_ZONE)).year
    with connection.cursor() as cursor:
        cursor.execute(_DRAW.format(table=NumberSequence._meta.db_table), [f"{prefix}-{year}", count])
        (last,) = cursor.fetchone()
    return [f"{prefix}-{year}-{number:05d}" for number in range(last - count + 1, last + 1)]
