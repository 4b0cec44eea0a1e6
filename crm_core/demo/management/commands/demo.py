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

from crm_core.demo import services


class Command(BaseCommand):
    help = "Prepares the shipped content and, in an empty database, the demo company or a company's files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["prepare", "build", "load"])
        parser.add_argument("folder", nargs="?", type=Path, help="for load: the folder with the company's files")
        parser.add_argument("--days", type=int, help="for build: live through fewer days")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("roles", "load", verbosity=0)
        call_command("process", "load", "--publish", verbosity=0)
        if options["what"] == "load":
            self.load(options["folder"])
        elif services.is_empty():
            self.build(options["days"])
        elif options["what"] == "build":
            raise CommandError("The database is not empty: the demo company is built into an empty one only.")

    def build(self, days: int | None) -> None:
        """Build the demo company, with its progress."""
        self.stdout.write("Building the demo company: its people live through two months of work. This takes some minutes.")
        logging.getLogger("processes").setLevel(logging.ERROR)  # what fails for a while is part of the story

        def progress(at: datetime, counted: Counter[str]) -> None:
            self.stdout.write(f"\r  {at:%Y-%m-%d}  {counted['tasks']:>6} tasks finished ", ending="")
            self.stdout.flush()

        built = services.build(days=days, progress=progress)
        self.stdout.write(f"\n  done in {built.seconds:.0f} s")
        for reason, times in built.refused.most_common(20):
            self.stdout.write(f"  refused {times} times: {reason}")

    def load(self, folder: Path | None) -> None:
        """Take in a company's files, once."""
        if folder is None or not folder.is_dir():
            raise CommandError("Name the folder that holds the company's files: demo load DIR.")
        raise CommandError("This version cannot take in a company's files yet.")
