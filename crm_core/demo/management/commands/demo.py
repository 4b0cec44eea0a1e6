"""`manage.py demo prepare | build | load DIR`: content, demo company, or a company's own files."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from crm_core.demo import services
from crm_core.demo.folder import gaps
from crm_core.demo.folder import load as load_folder
from processes import api
from processes.errors import Invalid

KINDS = {
    "width": "full-width characters", "blanks": "odd blanks", "empty": "words that mean nothing (NULL, N/A)",
    "unit": "amounts with a unit",
}  # fmt: skip


class Command(BaseCommand):
    help = "Prepares the shipped content and, in an empty database, the demo company or a company's files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["prepare", "build", "load"])
        parser.add_argument("folder", nargs="?", type=Path, help="for load: the folder with the company's files")
        parser.add_argument("--days", type=int, help="for build: live through fewer days")
        parser.add_argument(
            "--until", type=datetime.fromisoformat, help="for build: end at this moment (ISO 8601 with its offset) instead of now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "build":
            call_command("migrate", interactive=False, verbosity=0)
        call_command("roles", "load", verbosity=0)
        call_command("process", "load", "--publish", verbosity=0)
        if options["what"] == "load":
            self.load(options["folder"])
        elif services.is_empty():
            self.build(options["days"], options["until"])
        elif options["what"] == "build":
            raise CommandError(
                "The database is not empty, and the demo company is built into an empty one only. Name another, for "
                "example DATABASE_URL=sqlite:///var/demo-history.sqlite3, or take the old one away."
            )

    def build(self, days: int | None, until: datetime | None) -> None:
        """Build the demo company, with its progress."""
        self.stdout.write("Building the demo company: its people live through two months of work. This takes some minutes.")
        logging.getLogger("processes").setLevel(logging.ERROR)  # what fails for a while is part of the story

        def progress(at: datetime, counted: Counter[str]) -> None:
            self.stdout.write(f"\r  {at:%Y-%m-%d}  {counted['tasks']:>6} tasks finished ", ending="")
            self.stdout.flush()

        built = services.build(days=days, until=until, progress=progress)
        self.stdout.write(f"\n  done in {built.seconds:.0f} s")
        for reason, times in built.refused.most_common(20):
            self.stdout.write(f"  refused {times} times: {reason}")

    def load(self, folder: Path | None) -> None:
        """Take in a company's files, once."""
        if folder is None or not folder.is_dir():
            raise CommandError("Name the folder that holds the company's files: demo load DIR.")
        if not services.is_empty():
            return  # taken in already; nothing is wiped or mixed
        logging.getLogger("processes").setLevel(logging.ERROR)
        try:
            with transaction.atomic(), api.by_hand():
                loaded = load_folder(folder, self.stdout.write)
        except Invalid as refused:
            raise CommandError(refused.sentence) from refused
        for run in loaded.runs:
            self.stdout.write(
                f"  {run.file_name}: {run.created} created, {run.updated} changed, {run.errors} refused of {run.total} rows"
            )
            for repair, times in sorted(run.repairs.items(), key=lambda item: -item[1]):
                column, _bar, kind = repair.partition("|")
                self.stdout.write(f"    {times:>6} repaired in {column}: {KINDS.get(kind, kind)}")
            for problem in run.problems[:10]:
                self.stdout.write(f"    line {problem['line']}: {' '.join(problem['sentences'])}")
        for line in loaded.left:
            self.stdout.write(f"  left alone: {line}")
        for what, count in gaps().items():
            self.stdout.write(f"  {count:>6} {what}")
