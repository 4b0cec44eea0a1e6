"""`manage.py roles load FILE`: seed roles and their levels; `roles show` prints the table in use."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_core.kernel.access import roles
from crm_core.kernel.models import RolePermission


class Command(BaseCommand):
    help = "Loads the roles of a TOML file (idempotent), or shows the levels in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["load", "show"])
        parser.add_argument(
            "file", nargs="?", type=Path, default=settings.BASE_DIR / "fixtures/roles/roles.toml"
        )
        parser.add_argument(
            "--reset", action="store_true", help="overwrite levels that were changed in the table"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "show":
            for cell in RolePermission.objects.select_related("role").exclude(level="none"):
                self.stdout.write(f"{cell.role.key:24} {cell.record:24} {cell.action:8} {cell.level}")
            return
        try:
            report = roles.load(options["file"], reset=options["reset"])
        except roles.BadRoles as error:
            raise CommandError(error.sentence) from error
        if options["verbosity"] == 0:
            return
        self.stdout.write(
            f"{report.roles} roles; {report.added} levels added, {report.changed} changed, {len(report.kept)} kept."
        )
        for name in report.kept:
            self.stdout.write(f"  kept as it is in the table: {name}")
        for name in report.without_policy:
            self.stdout.write(f"  no policy asks for the record: {name}")
