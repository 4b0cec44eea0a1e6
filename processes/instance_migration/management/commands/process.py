"""`manage.py process`, with `migrate`: moves running instances from one version to another."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser

from processes import ports
from processes.instance_migration import services
from processes.instance_migration.planning import Plan
from processes.instance_migration.rehearsing import Rehearsal
from processes.publication.management.commands import process


class Command(process.Command):
    help = "Load, publish, withdraw, list, check and migrate processes."

    def add_subcommands(self, what: Any) -> None:
        super().add_subcommands(what)
        migrate: CommandParser = what.add_parser("migrate", help="move running instances from one version to another")
        migrate.add_argument("key", metavar="KEY")
        migrate.add_argument("--from", dest="source", type=int, required=True, metavar="N")
        migrate.add_argument("--to", dest="target", type=int, required=True, metavar="N")
        migrate.add_argument("--by", required=True, metavar="USER", help="in whose name; who answers for the process")
        migrate.add_argument("--map", action="append", default=[], metavar="OLD=NEW",
                             help="let an element or flow of the new drawing stand for one of the old; OLD= for none")  # fmt: skip
        migrate.add_argument("--restart", action="append", default=[], metavar="ELEMENT",
                             help="let the timers and limits of an element begin anew")  # fmt: skip
        migrate.add_argument("--reason", default="", help="why; without one it is only rehearsed")

    def _migrate(self, options: dict[str, Any]) -> None:
        user = get_user_model().objects.filter(username=options["by"]).first()
        if user is None:
            raise CommandError(f"There is no user “{options['by']}”.")
        changes = dict(_pair(text) for text in options["map"])
        where = (options["key"], options["source"], options["target"])
        found = services.way(*where, user=user, changes=changes, restart=options["restart"])
        self._tell_plan(found.plan)
        self._tell_rehearsal(services.rehearse(found))
        if not options["reason"].strip():
            self._say("This was a rehearsal; nothing was changed. Give a --reason to move the instances.")
            return
        begun = services.begin(
            *where, user=user, reason=options["reason"], changes=changes, restart=options["restart"]
        )
        self._say(f"Migration {begun.pk} has begun; the workers move the instances.")

    def _tell_plan(self, plan: Plan) -> None:
        for move in plan.moves.values():
            if move.why != "same" or move.restart:
                anew = ", timers begin anew" if move.restart else ""
                self._say(f"  {move.source} -> {move.target or 'nothing'} ({move.why.replace('_', ' ')}{anew})")

    def _tell_rehearsal(self, found: Rehearsal) -> None:
        self._say(
            f"{found.total} instances run: {found.moves} can move, {found.decide} need a decision, {found.cannot} cannot, "
            f"{found.wait} are busy. Timers: {found.timers_kept} run on, {found.timers_restarted} begin anew."
        )
        for step in found.steps.values():
            self._say(
                f"  {ports.text(step.labels) or step.element} -> {ports.text(step.target_labels) or step.target}: "
                f"{step.tokens} tokens, {step.offered_anew} offered anew, limits {step.limits_kept} kept and "
                f"{step.limits_restarted} begun anew"
            )
        for reason in found.reasons.values():
            self._say(f"  {reason.count} stay: {reason.sentence}")


def _pair(text: str) -> tuple[str, str]:
    old, found, new = text.partition("=")
    if not found or not old.strip():
        raise CommandError(f"“{text}” does not say which stands for which; write --map OLD=NEW.")
    return old.strip(), new.strip()
