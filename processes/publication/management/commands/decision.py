"""`manage.py decision`: lists decisions, asks one, and runs the examples kept with it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from processes import feel
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of
from processes.catalog.examples import main_decision, misses, said
from processes.catalog.models import DecisionDefinition, DecisionVersion
from processes.dmn import DmnError
from processes.errors import ProcessError
from processes.ports import text
from processes.spoken import spoken


class Command(BaseCommand):
    help = "List decisions, ask one, or run its examples."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True, metavar="list|try|test")
        what.add_parser("list", help="the decisions and their versions")
        ask = what.add_parser("try", help="ask a decision: manage.py decision try terms_level discount=12 margin=30")
        ask.add_argument("key", metavar="KEY")
        ask.add_argument("given", nargs="*", metavar="NAME=VALUE", help="inputs; values are FEEL, or plain text")
        ask.add_argument("--number", type=int, help="the version's number (default: the published one)")
        test = what.add_parser("test", help="run the examples of a decision, or of all")
        test.add_argument("key", metavar="KEY", nargs="?")

    def handle(self, *, what: str, **options: Any) -> None:
        try:
            getattr(self, f"_{what}")(options)
        except ProcessError as error:
            raise CommandError(error.sentence) from error
        except DmnError as error:
            raise CommandError(spoken(error.message)) from error

    def _list(self, options: dict[str, Any]) -> None:
        definitions = DecisionDefinition.objects.prefetch_related("versions")
        if not definitions:
            self.stdout.write("There are no decisions yet. Load some with: manage.py process load")
        for definition in definitions:
            versions = ", ".join(f"v{v.number} {v.get_state_display().lower()}" for v in definition.versions.all())
            self.stdout.write(f"{definition.key}: {definition.title('en')} ({versions})")

    def _try(self, options: dict[str, Any]) -> None:
        key, number = options["key"], options.get("number")
        version = catalog.decision_version(key, number) if number else catalog.current_decision_version(key)
        decisions = catalog.decisions_of(version)
        name = main_decision(decisions, key)
        wanted = {info.name: info for info in decisions.inputs(name)}
        given = dict(_given(pair) for pair in options["given"])
        strange = sorted(set(given) - set(wanted))
        missing = [info for title, info in wanted.items() if title not in given]
        if strange:
            raise CommandError(f"“{key}” has no input “{strange[0]}”. It has: {', '.join(wanted)}.")
        if missing:
            labels = labels_of(version.dmn)
            lines = [f"  {i.name}={i.type}  {text(labels.get(i.name))} {i.allowed}".rstrip() for i in missing]
            raise CommandError("Give these inputs too:\n" + "\n".join(lines))
        answer = decisions.evaluate(name, given)
        self.stdout.write(f"{version} answers {said(answer.value)}.")
        for row in answer.trace:
            for rule in row.rules:
                notes = "; ".join(rule.annotations.values())
                self.stdout.write(f"  {row.name}: rule {rule.number}" + (f" ({notes})" if notes else ""))
        for diagnostic in answer.diagnostics:
            self.stdout.write(f"  Something has no value: {spoken(diagnostic.reason)}")

    def _test(self, options: dict[str, Any]) -> None:
        rows = DecisionVersion.objects.select_related("definition").order_by("definition__key", "number")
        if options.get("key"):
            rows = rows.filter(definition=catalog.decision_definition(options["key"]))
        newest = {version.definition_id: version for version in rows}
        failed = 0
        for version in newest.values():
            found = misses(catalog.decisions_of(version), version.definition.key, version.examples)
            failed += len(found)
            self.stdout.write(f"{version}: {len(version.examples) - len(found)} of {len(version.examples)} examples hold.")
            for miss in found:
                self.stdout.write(f"  {miss.sentence}")
        if failed:
            raise CommandError("Some examples do not hold.")


def _given(pair: str) -> tuple[str, Any]:
    name, equals, value = pair.partition("=")
    if not equals:
        raise CommandError(f"Write “{pair}” as NAME=VALUE.")
    try:
        return name, feel.from_json(json.loads(value))
    except (json.JSONDecodeError, ValueError):
        return name, value
