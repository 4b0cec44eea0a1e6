"""`manage.py process`, with `diff`: what leads from one version of a process to another."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser

from processes.comparison import selectors
from processes.comparison.model import Difference, Running
from processes.instance_migration.management.commands import process


class Command(process.Command):
    help = "Load, publish, withdraw, list, check, compare and migrate processes."

    def add_subcommands(self, what: Any) -> None:
        super().add_subcommands(what)
        diff: CommandParser = what.add_parser("diff", help="say what leads from one version to another")
        diff.add_argument("key", metavar="KEY")
        diff.add_argument("--from", dest="source", type=int, required=True, metavar="N")
        diff.add_argument("--to", dest="target", type=int, required=True, metavar="N")
        diff.add_argument("--by", metavar="USER", help="as this person would see it (default: all there is)")

    def _diff(self, options: dict[str, Any]) -> None:
        where = options["key"], options["source"], options["target"]
        found = selectors.difference(*where, user=_person(options["by"])) if options.get("by") else selectors.compare(*where, answers=True)
        if not found:
            self._say(f"Versions {found.before.number} and {found.after.number} say the same.")
        self._tell_difference(found)
        if found.running is not None:
            self._tell_running(found.before.number, found.running)

    def _tell_difference(self, found: Difference) -> None:
        for change in found.drawing:
            self._say(f"drawing: {change.sentence} [{change.element}]")
            for one in change.properties:
                self._say(f"    {one.name}: {one.before} -> {one.after}")
        for one in found.attributes:
            self._say(f"process: {one.name}: {one.before} -> {one.after}")
        for decision in found.decisions:
            self._say(f"decision {decision.key}: version {decision.before or '-'} -> {decision.after or '-'}")
            for told in decision.told:
                self._say(f"    {told.name}: {told.sentence}")
        for form in found.forms:
            self._say(f"form {form.form}: {form.sentence}".rstrip(": "))
            for change_ in form.fields:
                self._say(f"    {change_.sentence}")
                for detail in change_.details:
                    self._say(f"        {detail.name}: {detail.before} -> {detail.after}")

    def _tell_running(self, number: int, found: Running) -> None:
        self._say(f"{found.total} instances run on version {number}." if not found.known else
                  f"{found.total} instances run on version {number}: {found.moves} could move, {found.decide} need a decision, "
                  f"{found.cannot} cannot, {found.wait} are busy.")  # fmt: skip
        for rest in found.standing:
            self._say(f"    {rest.tokens} at “{rest.name}”: {rest.sentence}")
        for count, sentence in found.reasons:
            self._say(f"    {count} stay: {sentence}")


def _person(name: str) -> Any:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user “{name}”.")
    return user
