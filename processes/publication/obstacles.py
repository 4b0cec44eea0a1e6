"""What stands in the way of a change, each with the place where it is mended; and what is known of its tests.

Tests take seconds, so a look runs none: it tells how those came out that were run with this very content, and how many
wait. The process of a change runs them all before anybody reviews it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import get_language

from processes import ports
from processes.bpmn import BpmnError
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import Invalid
from processes.publication import piloting, services, updating
from processes.publication.checks import check, check_decision
from processes.publication.findings import Finding, in_the_way
from processes.publication.models import ProcessChange
from processes.rehearsal import testing
from processes.rehearsal.testing import TestResult
from processes.spoken import gettext as _

DRAWING, FORM, DECISION, TESTS, RECORD, UPDATE = "drawing", "form", "decision", "tests", "record", "update"


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with where it is mended: `place` is "drawing", "form" or "decision", `target` the element, the form or
    the decision."""

    finding: Finding
    place: str
    target: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a change cannot be handed in: a sentence, and where it is mended. `place` is one of those of `Placed`, or
    "tests", "record" or "update"; `target` the element, the form, the decision, the test or the field of the record.
    `waivable` says that a reason may be given instead."""

    sentence: str
    place: str
    target: str = ""
    waivable: bool = False


@dataclass(frozen=True, slots=True)
class Tested:
    """What is known of the tests of a version as it stands: how many there are, which hold, which fail; the others were
    not run with this content yet."""

    total: int
    held: int
    failing: tuple[TestResult, ...]

    @property
    def waiting(self) -> int:
        """How many were not run yet."""
        return self.total - self.held - len(self.failing)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that is said of a change before it is handed in."""

    found: tuple[Placed, ...]
    obstacles: tuple[Obstacle, ...]
    tested: Tested


def standing(row: ProcessChange) -> Standing:
    """What speaks against a change, what stands in its way, and how its tests stand; runs none of them. `row` may be one
    that is not stored yet."""
    found = tuple(placed(row.version))
    known = tested(row.version)
    return Standing(found, tuple(_obstacles(row, found, known)), known)


def in_way(row: ProcessChange) -> list[str]:
    """Why a change cannot be handed in now, as sentences; empty when it can."""
    return [obstacle.sentence for obstacle in standing(row).obstacles]


def placed(version: ProcessVersion) -> Iterator[Placed]:
    """What the checks find in a version and in the decisions that would be published with it."""
    for finding in check(version):
        yield Placed(finding, FORM if finding.element in version.forms else DRAWING, finding.element)
    decisions = services.decisions_asked(version) if version.is_open else {}
    for key, decision in decisions.items():
        for finding in check_decision(decision):
            yield Placed(finding, DECISION, key)


def tested(version: ProcessVersion) -> Tested:
    """How the tests of a version stand."""
    if not version.tests:
        return Tested(0, 0, ())
    results = testing.results(version).values()
    failing = tuple(result for result in results if not result.passed)
    return Tested(len(version.tests), len(results) - len(failing), failing)


def _obstacles(row: ProcessChange, found: Iterable[Placed], known: Tested) -> Iterator[Obstacle]:
    spoken = {id(one.finding): one for one in found}
    for finding in in_the_way((one.finding for one in found), row.findings_waived):
        one = spoken[id(finding)]
        yield Obstacle(finding.sentence, one.place, one.target, waivable=finding.severity == "block")
    names = _names(row.version) if known.failing else {}
    for result in known.failing:
        where = names.get(result.element, "")
        said = _("The test “%(name)s” fails at “%(step)s”. %(sentence)s") if where else _("The test “%(name)s” fails. %(sentence)s")
        yield Obstacle(said % {"name": result.name, "step": where, "sentence": result.sentence}, TESTS, result.name)
    yield from _of_record(row)
    for other in updating.published_meanwhile(row.version):
        said = _("Version %(number)d of “%(name)s” was published since this draft was begun. Bring the draft up to date.")
        yield Obstacle(said % {"number": other.number, "name": other.definition.title()}, UPDATE)


def _of_record(row: ProcessChange) -> Iterator[Obstacle]:
    if not row.title.strip():
        yield Obstacle(_("Say in a title what changes."), RECORD, "title")
    words = {field.name: field.verbose_name for field in ProcessChange._meta.fields}
    for part in row.missing:
        sentence = _("“%(part)s” is not recorded. Write it, or say why it is left out.") % {"part": str(words[part])}
        yield Obstacle(sentence, RECORD, part)
    if row.way == ProcessChange.Way.AT and (row.at is None or row.at <= ports.now()):
        yield Obstacle(_("Say when it shall be published.") if row.at is None else _("The moment to publish it has passed. Choose a later one."), RECORD, "at")
    if row.way == ProcessChange.Way.PILOT:
        yield from _of_pilot(row)


def _of_pilot(row: ProcessChange) -> Iterator[Obstacle]:
    if row.pilot_until is not None and row.pilot_until <= ports.now():
        yield Obstacle(_("The end of the pilot has passed. Choose a later one."), RECORD, "pilot_until")
    try:
        piloting.demand_rule(row.version, row.rule, row.choices, row.share)
    except Invalid as error:
        yield Obstacle(error.sentence, RECORD, next(iter(error.errors), "rule"))
    except BpmnError:
        return  # the checks say so already


def _names(version: ProcessVersion) -> dict[str, str]:
    try:
        model = catalog.model_of(version)
    except BpmnError:
        return {}
    return {node: model.name_of(node, get_language() or "en") for node in model.nodes}


def findings(row: ProcessChange) -> list[Finding]:
    """What speaks against publishing it, errors first; failing tests are found when it is published."""
    version = row.version
    decisions = services.decisions_asked(version) if version.is_open else {}
    return services.all_findings(version, decisions)


def content_of(version: ProcessVersion) -> str:
    """A hash over all that is published with a version: its drawing and forms, and the decisions that it asks."""
    hashes = [decision.content_hash for decision in services.decisions_asked(version).values()]
    return hashlib.sha256("".join([version.content_hash, *sorted(hashes)]).encode()).hexdigest()
