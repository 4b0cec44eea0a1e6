"""`manage.py assignment replay`: what another rule would have done with the work that was assigned."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from crm_core.sales.services.assignment.eligibility import OFF_SHIFT, SKILL_MATCH
from crm_core.sales.services.assignment.methods import METHODS
from crm_core.sales.services.assignment.replay import Replay, replay_assignments
from processes.errors import Invalid

COLUMNS = ("assignment", "at", "about", "record", "method", "before", "after", "moved", "load before", "load after", "reason")


class Command(BaseCommand):
    help = "Decides the assignments of some days again, by their own rule or another, and compares. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["replay"])
        parser.add_argument("--from", dest="begin", type=date.fromisoformat, help="the first day, such as 2026-11-01")
        parser.add_argument("--to", dest="end", type=date.fromisoformat, help="the last day")
        parser.add_argument("--method", choices=METHODS, help="instead of each row's own method")
        parser.add_argument("--off-shift", choices=OFF_SHIFT, help="instead of each row's own")
        parser.add_argument("--skill-match", choices=SKILL_MATCH, help="instead of each row's own")
        parser.add_argument("--role", help="only work for this role")
        parser.add_argument("--subject", help="only work about this: lead, opportunity, case")
        parser.add_argument("--csv", type=Path, help="write every row to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        begin, end = options["begin"], options["end"]
        try:
            found = replay_assignments(
                method=options["method"], off_shift=options["off_shift"], skill_match=options["skill_match"],
                begin=_midnight(begin) if begin else None, end=_midnight(end + timedelta(days=1)) if end else None,
                role=options["role"], subject_type=options["subject"],
            )  # fmt: skip
        except Invalid as error:
            raise CommandError(str(error)) from error
        names = dict(get_user_model().objects.filter(pk__in=found.people).values_list("pk", "username"))
        self.tell(found, names)
        if options["csv"]:
            write(found, names, options["csv"])
            self.stdout.write(f"Every row stands in {options['csv']}.")

    def tell(self, found: Replay, names: dict[int, str]) -> None:
        """The figures of both sides."""
        self.stdout.write(f"{len(found.rows)} assignments, {found.moved} of which would have gone another way.")
        self.stdout.write(f"{'person':24} {'before':>8} {'after':>8}")
        for pk in found.people:
            self.stdout.write(f"{names.get(pk, pk)!s:24} {found.before[pk]:8} {found.after[pk]:8}")
        for label, (before, after) in (("nobody", found.unassigned), ("spread", found.spread)):
            self.stdout.write(f"{label:24} {before:8} {after:8}")


def write(found: Replay, names: dict[int, str], path: Path) -> None:
    """Every row as CSV, in UTF-8 with a mark, so that spreadsheets read Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for one in found.rows:
            row = one.row
            out.writerow([
                row.pk, row.at.isoformat(), row.subject_type, row.subject_id, row.method, _name(names, one.before),
                _name(names, one.after), "yes" if one.moved else "no", one.load_before, one.load_after, one.reason,
            ])  # fmt: skip


def _name(names: dict[int, str], pk: int | None) -> str:
    """A sign-in name, made harmless for spreadsheets, which take some beginnings for a formula."""
    name = "" if pk is None else names.get(pk, str(pk))
    return f"'{name}" if name[:1] in ("=", "+", "-", "@") else name


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
