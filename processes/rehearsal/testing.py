"""Process tests: recorded from a rehearsal or from a real run, kept with the draft, run in a sandbox.

A test is `{"name", "at", "record", "data", "steps", "expect"}`: when it begins, how the record is, what people enter and
how long it takes, and the way, answers and end that must come of it. All run in one file, each taken back at its end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from processes import ports
from processes.bpmn import BpmnError
from processes.catalog import drafts
from processes.catalog import selectors as catalog
from processes.catalog.draft_parts import TESTS
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.compiler.compile import CompileError, compile_version
from processes.errors import Invalid, NotAllowed, NotFound, ProcessError
from processes.inbox.supervision import answers_for
from processes.rehearsal import playing, rooms, services
from processes.rehearsal.content import Content, gather
from processes.rehearsal.expecting import Miss, compared, not_open, outcome_of
from processes.rehearsal.models import ProcessTestRun
from processes.rehearsal.sandbox import Inside, inside
from processes.spoken import gettext as _
from processes.spoken import kept, spoken, told

Test = Mapping[str, Any]
LONGEST_NAME = 200


@dataclass(frozen=True)
class TestResult:
    """How a test came out: `sentence` says what was expected and what happened, `element` where."""

    __test__ = False

    name: str
    passed: bool
    sentence: str = ""
    element: str = ""
    at: datetime | None = None


# --- kept with a draft -----------------------------------------------------------------------------------------
def record(rehearsal_id: UUID, name: str, *, user: Any) -> Test:
    """Keep what was done in a rehearsal as a test of the draft. NotAllowed unless the person answers for the process."""
    row = services.found(rehearsal_id, user)
    demand_owner(row.version.definition, user)
    with services.held(rehearsal_id, user) as held:
        expect = inside(services.file_of(held), held.clock, lambda room: outcome_of(playing.instance_of(services.instance_id(held))))
        test = {"name": title_of(name), "at": held.began.isoformat(), "record": held.record, "data": held.data,
                "steps": held.steps, "expect": expect}  # fmt: skip
    add(held.version, test, user=user)
    return test


def add(version: ProcessVersion, test: Test, *, user: Any) -> None:
    """Put a test beside the others of a draft; one of the same name is replaced. Invalid where there is no draft."""
    with transaction.atomic(), ports.audit().acting(user=user, action="process.test"):
        draft = draft_of(version)
        _keep(draft, [one for one in draft.tests if one.get("name") != test["name"]] + [dict(test)], user)


def remove(key: str, number: int, name: str, *, user: Any) -> None:
    """Take a test away from a draft."""
    version = catalog.version(key, number)
    demand_owner(version.definition, user)
    with transaction.atomic(), ports.audit().acting(user=user, action="process.test"):
        draft = draft_of(version, this_one=True)
        left = [one for one in draft.tests if one.get("name") != name]
        if len(left) == len(draft.tests):
            raise NotFound(_("There is no test “%(name)s”.") % {"name": name})
        _keep(draft, left, user)


def _keep(draft: ProcessVersion, listed: list[Any], user: Any) -> None:
    """Save the tests of a draft as an editor would: whoever has them open is told, and both changes survive."""
    content = json.dumps(listed, ensure_ascii=False)
    drafts.save_part(draft, TESTS, content, revision=drafts.revision_of(draft, TESTS), user=user)


def draft_of(version: ProcessVersion, *, this_one: bool = False) -> ProcessVersion:
    """The version itself while it is a draft, else the newest draft of its process, locked. Invalid without one."""
    rows = ProcessVersion.objects.select_for_update(of=("self",)).select_related("definition").filter(definition=version.definition_id)
    found = rows.filter(pk=version.pk).first() if version.is_open or this_one else rows.order_by("-number").first()
    if found is None or not found.is_open:
        raise Invalid(
            _("A published version and its tests stay as they are. Begin a draft of “%(process)s” first; the test goes there.")
            % {"process": version.definition.title()}
        )
    return found


def demand_owner(definition: ProcessDefinition, user: Any) -> None:
    """NotAllowed unless the person answers for the process."""
    if not answers_for(definition, user):
        raise NotAllowed(_("Only the owner of the process or an administrator may do this."))


def title_of(name: str) -> str:
    """The name of a test, without needless blanks."""
    title = " ".join(name.split())
    if not title or len(title) > LONGEST_NAME:
        raise Invalid(_("Give the test a name of at most %(n)d characters.") % {"n": LONGEST_NAME}, errors={"name": _("Give it a name.")})
    return title


# --- run -------------------------------------------------------------------------------------------------------
def run(version: ProcessVersion, *, again: bool = False, most: int | None = None) -> list[TestResult]:
    """Run the tests of a version that were not run yet with this very content, or all `again`; gives all results.

    With `most` so many are run and no more, so that whoever waits can be told how far it is; the others have no result.
    """
    if not version.tests:
        return []
    try:
        compile_version(version)
        content = gather(version)
    except (CompileError, BpmnError) as error:
        raise Invalid(
            _("%(version)s cannot be rehearsed yet, since its drawing does not run: %(why)s")
            % {"version": version, "why": spoken(error.sentence)}
        ) from error
    hashes = {_digest(content, test): test for test in version.tests}
    known = {} if again else {row.content_hash: row for row in ProcessTestRun.objects.filter(version=version, content_hash__in=hashes)}
    waiting = dict([(key, test) for key, test in hashes.items() if key not in known][:most])
    fresh = dict(zip(waiting, _played(content, version.pk, waiting.values()), strict=True)) if waiting else {}
    with transaction.atomic():
        ProcessTestRun.objects.filter(version=version).exclude(content_hash__in=known).delete()
        rows = [
            ProcessTestRun(version=version, content_hash=key, name=waiting[key]["name"], passed=miss is None,
                           sentence=kept(miss.sentence) if miss else {}, element=miss.element if miss else "", at=ports.now())
            for key, miss in fresh.items()
        ]  # fmt: skip
        ProcessTestRun.objects.bulk_create(rows)
    done = {**known, **{row.content_hash: row for row in rows}}
    return [_result(done[key]) for key in hashes if key in done]


def results(version: ProcessVersion) -> dict[str, TestResult]:
    """What is known of the tests of a version as it is now, by name; those not run are missing."""
    try:
        content = gather(version)
    except BpmnError:
        return {}
    hashes = [_digest(content, test) for test in version.tests]
    found = ProcessTestRun.objects.filter(version=version, content_hash__in=hashes)
    return {row.name: _result(row) for row in found}


def _result(row: ProcessTestRun) -> TestResult:
    return TestResult(row.name, row.passed, told(row.sentence), row.element, row.at)


def _digest(content: Content, test: Test) -> str:
    said = json.dumps(test, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f"{content.digest}\n{said}".encode()).hexdigest()


def _played(content: Content, version_id: UUID, tests: Iterable[Test]) -> list[Miss | None]:
    file = rooms.folder() / f"{uuid7()}.sqlite3"
    rooms.copy_to(file)
    try:
        inside(file, ports.now(), lambda room: content.write())
        return [inside(file, datetime.fromisoformat(test["at"]), partial(_play, version_id, test)) for test in tests]
    finally:
        file.unlink(missing_ok=True)


def _play(version_id: UUID, test: Test, room: Inside) -> Miss | None:
    """Run one test and take everything back."""
    with transaction.atomic():
        try:
            return _miss(room, version_id, test)
        finally:
            transaction.set_rollback(True)


def _miss(room: Inside, version_id: UUID, test: Test) -> Miss | None:
    try:
        with transaction.atomic():
            instance = playing.begin(room, None, version_id, record=test.get("record") or {}, data=test.get("data") or {})
    except ProcessError as error:
        return Miss("", _("The process did not start: %(why)s") % {"why": error.sentence})
    stopped = None
    for step in test.get("steps", ()):
        try:
            with transaction.atomic():
                playing.act(room, instance, step)
        except playing.CannotStep:
            stopped = not_open(instance, step)
            break
        except ProcessError as error:
            stopped = Miss(str(step.get("element") or ""), _refused(error))
            break
    return compared(instance, test.get("expect") or {}, stopped=stopped)


def _refused(error: ProcessError) -> str:
    """Why a step could not be done, with what was wrong in its fields."""
    errors = error.errors if isinstance(error, Invalid) else {}
    return " ".join([error.sentence, *(f"{name}: {text}" for name, text in errors.items())])
