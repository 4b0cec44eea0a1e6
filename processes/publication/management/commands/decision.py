"""`manage.py decision`: lists decisions, asks one, runs the examples kept with it, checks its tables, and replays what was decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import make_aware

from processes import feel
from processes.catalog import selectors as catalog
from processes.catalog.decision_changes import changes
from processes.catalog.decision_labels import labels_of
from processes.catalog.examples import main_decision, misses, said
from processes.catalog.models import DecisionDefinition, DecisionVersion
from processes.catalog.table_quality import TableQuality, table_quality
from processes.dmn import DmnError, InputInfo
from processes.errors import ProcessError
from processes.insight.deciding import SAME, Case, Compared, Side
from processes.insight.services import compare, comparison_of
from processes.insight.sources import History, from_file
from processes.insight.table import Sheet, line_of
from processes.insight.telling import told_of
from processes.ports import text
from processes.publication.checks import check_decision
from processes.publication.findings import in_the_way
from processes.spoken import spoken


class Command(BaseCommand):
    help = "List decisions, ask one, run its examples, check its tables, or decide again what was decided."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True, metavar="list|try|test|check|replay|diff")
        what.add_parser("list", help="the decisions and their versions")
        ask = what.add_parser("try", help="ask a decision: manage.py decision try terms_level discount=12 margin=30")
        ask.add_argument("key", metavar="KEY")
        ask.add_argument("given", nargs="*", metavar="NAME=VALUE", help="inputs; values are FEEL, or plain text")
        ask.add_argument("--number", type=int, help="the version's number (default: the published one)")
        test = what.add_parser("test", help="run the examples of a decision, or of all")
        test.add_argument("key", metavar="KEY", nargs="?")
        look = what.add_parser("check", help="what speaks against publishing a decision, or any: gaps, overlaps, examples")
        look.add_argument("key", metavar="KEY", nargs="?")
        differ = what.add_parser("diff", help="what changed between two versions, in words")
        differ.add_argument("key", metavar="KEY")
        differ.add_argument("--from", dest="before", type=int, metavar="V1", help="the older version (default: the published one)")
        differ.add_argument("--to", dest="after", type=int, metavar="V2", help="the newer version (default: the newest)")
        again = what.add_parser("replay", help="decide again, by another version, what was decided")
        again.add_argument("key", metavar="KEY")
        again.add_argument("--from", dest="before", type=int, metavar="V1", help="the version compared with (default: the published one)")
        again.add_argument("--to", dest="after", type=int, metavar="V2", help="the version to decide with (default: the newest)")
        again.add_argument("--over", default="history", metavar="FILE|history", help="what was recorded, or a CSV or JSON file of inputs")
        again.add_argument("--since", metavar="DATE", help="only what was decided from this date on")
        again.add_argument("--until", metavar="DATE", help="only what was decided before this date")
        again.add_argument("--assume", action="append", default=[], metavar="NAME=VALUE", help="a value for an input that was not recorded")
        again.add_argument("--csv", metavar="FILE", help="write what differs, line by line, into a file")

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
        failed = 0
        for version in _newest(options["key"]):
            found = misses(catalog.decisions_of(version), version.definition.key, version.examples)
            failed += len(found)
            self.stdout.write(f"{version}: {len(version.examples) - len(found)} of {len(version.examples)} examples hold.")
            for miss in found:
                self.stdout.write(f"  {miss.sentence}")
            for table in table_quality(version):
                self.stdout.write(f"  {_coverage(table)}")
        if failed:
            raise CommandError("Some examples do not hold.")

    def _check(self, options: dict[str, Any]) -> None:
        refused = 0
        for version in _newest(options["key"]):
            found = check_decision(version)
            refused += len(in_the_way(found, {}))
            self.stdout.write(f"{version}: " + (f"{len(found)} findings." if found else "nothing was found."))
            for finding in found:
                self.stdout.write(f"  {finding.severity}: {finding.sentence}")
            for table in table_quality(version):
                for item in table.findings:
                    if item.example_text:
                        self.stdout.write(f"  To see {item.code} in {item.element}: {item.example_text}")
        if refused:
            raise CommandError("Some decisions cannot be published.")

    def _diff(self, options: dict[str, Any]) -> None:
        before, after = _two(options["key"], options["before"], options["after"])
        found = changes(before, after)
        self.stdout.write(f"{before} against {after}" + ("" if found else ": they say the same."))
        name = ""
        for told in found:
            if told.name != name:
                self.stdout.write(f"{told.name}:")
            name = told.name
            self.stdout.write(f"  {told.sentence}")

    def _replay(self, options: dict[str, Any]) -> None:
        before, after = _two(options["key"], options["before"], options["after"])
        assumed = dict(_given(pair) for pair in options["assume"])
        cases, attributes = _cases(options, before, after)
        with _opened(options["csv"]) as target:
            sheet = Sheet(target, comparison_of(before, after, assumed), attributes) if target is not None else None

            def write(found: Compared) -> None:
                if sheet is not None and found.verdict != SAME:
                    sheet.write(line_of(found))

            self.stdout.write(f"{before} against {after}")
            tally = compare(before, after, cases, assumed=assumed, each=write)
        for line in told_of(tally, before, after):
            self.stdout.write(line)


def _newest(key: str | None) -> list[DecisionVersion]:
    """The newest version of the decision of a key, or of every decision."""
    rows = DecisionVersion.objects.select_related("definition").order_by("definition__key", "number")
    if key:
        rows = rows.filter(definition=catalog.decision_definition(key))
    return list({version.definition_id: version for version in rows}.values())


def _coverage(table: TableQuality) -> str:
    """Which rules of a table its examples reach."""
    known = [rule for rule in table.rules if rule.examples is not None]
    if not known:
        return f"{table.label}: it cannot be told which rules the examples reach, since the table is part of another expression."
    said = f"{table.label}: {table.tried} of {len(known)} rules are reached by examples"
    return said + (f"; none reaches rule {', '.join(map(str, table.untried))}." if table.untried else ".")


def _two(key: str, before: int | None, after: int | None) -> tuple[DecisionVersion, DecisionVersion]:
    """The two versions: the published one and the newest, unless told."""
    old = catalog.decision_version(key, before) if before else catalog.current_decision_version(key)
    number = after or old.definition.versions.order_by("-number").values_list("number", flat=True).first()
    new = catalog.decision_version(key, int(number or 0))
    if old.pk == new.pk:
        raise CommandError(f"{old} is the newest version and the one compared with. Name another one with --from or --to.")
    return old, new


def _cases(options: dict[str, Any], before: DecisionVersion, after: DecisionVersion) -> tuple[Iterable[Case], Sequence[str]]:
    """What to decide again, and the names of its attributes."""
    if options["over"] == "history":
        history = History(before.definition, _moment(options["since"]), _moment(options["until"]))
        return history.cases(), history.attributes()
    path = Path(options["over"])
    if not path.is_file():
        raise CommandError(f"There is no file “{path}”. Say --over history, or name a CSV or JSON file of inputs.")
    known: dict[str, InputInfo] = {}
    for version in (before, after):
        side = Side(version)
        known |= {info.name: info for info in side.decisions.inputs(side.name_of(""))}
    found = from_file(path.name, path.read_bytes(), known.values())
    return found.cases, found.attributes


def _moment(text: str | None) -> datetime | None:
    """The beginning of a date in the project's time zone."""
    if not text:
        return None
    try:
        return make_aware(datetime.combine(date.fromisoformat(text), time()))
    except ValueError as error:
        raise CommandError(f"“{text}” is no date. Write it as 2026-11-24.") from error


@contextmanager
def _opened(name: str | None) -> Iterator[TextIO | None]:
    """The file to write, which is there under its name only once it is whole."""
    if not name:
        yield None
        return
    path = Path(name)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _given(pair: str) -> tuple[str, Any]:
    name, equals, value = pair.partition("=")
    if not equals:
        raise CommandError(f"Write “{pair}” as NAME=VALUE.")
    try:
        return name, feel.from_json(json.loads(value))
    except (json.JSONDecodeError, ValueError):
        return name, value
