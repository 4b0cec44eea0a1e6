"""`manage.py process`: loads, publishes, lists and checks processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from processes.bpmn import BpmnError, parse
from processes.catalog import selectors as catalog
from processes.catalog.exporting import write_folder
from processes.catalog.folder import DRAWING, FORMS, read_folder
from processes.catalog.loading import SHIPPED, Loaded, load_all
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.errors import NotFound, ProcessError
from processes.lint import ERROR, check_text
from processes.publication.content import shown
from processes.publication.findings import Finding, of_lint
from processes.publication.services import Published, publish_loaded, publish_now, withdraw
from processes.rehearsal import testing
from processes.runtime.house_clocks import load_house_clocks


class Command(BaseCommand):
    help = "Load, publish, withdraw, list and check processes."

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_subcommands(parser.add_subparsers(dest="what", required=True))

    def add_subcommands(self, what: Any) -> None:
        """The words that may follow the command."""
        load = what.add_parser("load", help="bring folders of definitions into the catalogue")
        load.add_argument("dirs", nargs="*", metavar="DIR", help="a process's folder or one that holds several "
                          "(default: what is shipped)")  # fmt: skip
        load.add_argument("--publish", action="store_true", help="publish what is new, unless somebody has drawn "
                          "a version of their own")  # fmt: skip
        given = what.add_parser("import", help="bring folders of definitions into the catalogue as drafts")
        given.add_argument("dirs", nargs="+", metavar="DIR", help="a process's folder or one that holds several")
        taken_out = what.add_parser("export", help="write a version as the folder that import reads")
        taken_out.add_argument("key", metavar="KEY")
        taken_out.add_argument("--number", type=int, help="the version's number (default: the published one, else the newest)")
        taken_out.add_argument("--to", type=Path, required=True, metavar="DIR", help="where the folder is to lie")
        taken_out.add_argument("--replace", action="store_true", help="write over files there that say something else")
        publish = what.add_parser("publish", help="publish the newest version, or the one of a number")
        publish.add_argument("key", metavar="KEY")
        publish.add_argument("--number", type=int, help="the version's number")
        taken = what.add_parser("withdraw", help="let nothing start on the published version any more")
        taken.add_argument("key", metavar="KEY")
        taken.add_argument("--reason", default="", help="why")
        test = what.add_parser("test", help="run the tests of the newest version, or of the one of a number")
        test.add_argument("key", metavar="KEY")
        test.add_argument("--number", type=int, help="the version's number")
        what.add_parser("list", help="the processes and their versions")
        lint = what.add_parser("lint", help="say what is wrong with a drawing, or a folder's")
        lint.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *, what: str, **options: Any) -> None:
        self.quiet = options.get("verbosity") == 0
        try:
            getattr(self, f"_{what}")(options)
        except ProcessError as error:
            raise CommandError(error.sentence) from error

    # --- what it does ----------------------------------------------------------------------------------
    def _load(self, options: dict[str, Any]) -> None:
        if not options.get("dirs"):
            load_house_clocks()
        loaded = load_all(options.get("dirs") or (SHIPPED,))
        for item in loaded:
            if item.new:
                self._say(_loaded(item))
        published = publish_loaded(loaded) if options.get("publish") else []
        for done in published:
            self._tell(done)
        if not published and not any(item.new for item in loaded):
            self._say(f"All {len(loaded)} processes are known already; nothing has changed.")

    def _import(self, options: dict[str, Any]) -> None:
        for item in load_all(options["dirs"]):
            self._say(_loaded(item) if item.new else f"{item.version} is this very content already; nothing has changed.")

    def _export(self, options: dict[str, Any]) -> None:
        key, number = options["key"], options.get("number")
        version = catalog.version(key, number) if number else shown(key)
        folder, written = write_folder(version, options["to"], replace=bool(options.get("replace")))
        if written:
            self._say(f"{version} is written to {folder}: {', '.join(written)}.")
        else:
            self._say(f"{folder} holds {version} already; nothing was written.")

    def _publish(self, options: dict[str, Any]) -> None:
        key, number = options["key"], options.get("number")
        version = catalog.version(key, number) if number else newest(key)
        self._tell(publish_now(version))

    def _test(self, options: dict[str, Any]) -> None:
        key, number = options["key"], options.get("number")
        version = catalog.version(key, number) if number else newest(key)
        results = testing.run(version, again=True)
        for result in results:
            self._say(f"passed: {result.name}" if result.passed else f"failed: {result.name}: {result.sentence}")
        failed = sum(not result.passed for result in results)
        if failed:
            raise CommandError(f"{failed} of {len(results)} tests of {version} fail.")
        self._say(f"All {len(results)} tests of {version} hold." if results else f"{version} has no tests yet.")

    def _withdraw(self, options: dict[str, Any]) -> None:
        version = withdraw(catalog.current_version(options["key"]), reason=options.get("reason") or "")
        self._say(f"{version} is withdrawn: nothing starts on it any more, what runs goes on.")

    def _list(self, options: dict[str, Any]) -> None:
        definitions = ProcessDefinition.objects.prefetch_related("versions")
        if not definitions:
            self._say("There are no processes yet. Load some with: manage.py process load")
        for definition in definitions:
            versions = ", ".join(f"v{v.number} {v.get_state_display().lower()}" for v in definition.versions.all())
            self._say(f"{definition.key}: {definition.title('en')} ({versions})")

    def _lint(self, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        drawing = file / DRAWING if file.is_dir() else file
        if not drawing.is_file():
            raise CommandError(f"There is no file “{drawing}”.")
        known: dict[str, Any] = {}
        if (drawing.parent / FORMS).is_dir() and drawing.name == DRAWING:
            folder = read_folder(drawing.parent)
            known = {"forms": folder.forms, "decisions": {d.key: None for d in folder.decisions} or None}
        problems = [of_lint(problem) for problem in check_text(drawing.read_bytes(), **known)]
        for problem in problems:
            self._say(_line(problem))
        if any(problem.severity == ERROR for problem in problems):
            raise CommandError(f"{drawing.name} cannot be published as it is.")
        self._say(f"{drawing.name} can be published: {_elements(drawing)} steps, events and gateways.")

    # --- words -----------------------------------------------------------------------------------------
    def _say(self, text: str) -> None:
        if not self.quiet:
            self.stdout.write(text)

    def _tell(self, done: Published) -> None:
        instead = f" in place of v{done.former.number}" if done.former else ""
        besides = f", with {', '.join(str(d) for d in done.decisions)}" if done.decisions else ""
        self._say(f"{done.version} is published{instead}{besides}.")
        for finding in done.warnings:
            self._say(f"  {_line(finding)}")


def newest(key: str) -> ProcessVersion:
    """The version of a process with the highest number; NotFound when there is none."""
    found = ProcessVersion.objects.filter(definition__key=key).select_related("definition").order_by("-number").first()
    if found is None:
        catalog.definition(key)
        raise NotFound(f"The process “{key}” has no version yet.")
    return found


def _loaded(item: Loaded) -> str:
    besides = f" with {', '.join(str(d) for d in item.decisions)}" if item.decisions else ""
    return f"{item.version} is loaded{besides}."


def _line(finding: Finding) -> str:
    return f"{finding.severity}: {finding.sentence}" + (f" [{finding.element}]" if finding.element else "")


def _elements(drawing: Path) -> int:
    try:
        return len(parse(drawing.read_bytes()).nodes)
    except BpmnError as error:
        raise CommandError(error.sentence) from error
