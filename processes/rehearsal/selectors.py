"""Reads about rehearsals and tests: what a person may try of a process, and how its tests stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.errors import NotAllowed, NotFound
from processes.inbox.forms import FormSchema
from processes.inbox.supervision import answers_for
from processes.rehearsal import playing, services, testing
from processes.rehearsal.models import Rehearsal
from processes.spoken import gettext as _

MOST_SHOWN = 20


@dataclass(frozen=True)
class Rehearsable:
    """What a person may rehearse of a process."""

    definition: ProcessDefinition
    versions: tuple[ProcessVersion, ...]
    fields: tuple[ports.SampleField, ...]
    begun: tuple[Rehearsal, ...]
    owns: bool


@dataclass(frozen=True)
class TestShown:
    """A test of a version, and how it came out; `result` is None while it was not run with this content."""

    __test__ = False

    name: str
    at: str
    record: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, Any]
    result: testing.TestResult | None


@dataclass(frozen=True)
class TestsShown:
    """The tests of a version; `names` says what elements are called, `fields` what those of forms are called, `may_change`
    whether tests can be taken away."""

    __test__ = False

    version: ProcessVersion
    versions: tuple[ProcessVersion, ...]
    tests: tuple[TestShown, ...]
    names: Mapping[str, str]
    fields: Mapping[str, str]
    may_change: bool


def rehearsable(key: str, *, user: Any) -> Rehearsable:
    """What a person may rehearse of a process: whoever answers for it the newest versions, others the published one."""
    definition = catalog.definition(key)
    listed = catalog.versions(key).exclude(state=State.RETIRED)[:MOST_SHOWN]
    allowed = tuple(version for version in listed if services.may_rehearse(version, user))
    if not allowed:
        if not answers_for(definition, user):
            raise NotAllowed(_("Only those who work in this process may practise it. Ask its owner."))
        raise NotFound(_("The process “%(key)s” has no version that can be rehearsed.") % {"key": key})
    begun = Rehearsal.objects.filter(by=user, version__definition=definition, state=Rehearsal.State.RUNNING).select_related("version__definition")
    subject = catalog.model_of(allowed[0]).process.ext.subject
    return Rehearsable(definition, allowed, playing.sample_fields(subject), tuple(begun[:MOST_SHOWN]), answers_for(definition, user))


def tests(key: str, number: int | None, *, user: Any) -> TestsShown:
    """The tests of a version (the newest unless told) with their results; for who answers for the process."""
    versions = tuple(catalog.versions(catalog.definition(key).key).exclude(state=State.RETIRED)[:MOST_SHOWN])
    if number is None and not versions:
        raise NotFound(_("The process “%(key)s” has no version that can be rehearsed.") % {"key": key})
    version = _demanded(key, versions[0].number if number is None else number, user)
    known = testing.results(version)
    model = catalog.model_of(version)
    shown = tuple(
        TestShown(
            test["name"], str(test.get("at", "")), test.get("record") or {}, tuple(test.get("steps") or ()),
            test.get("expect") or {}, known.get(test["name"]),
        )
        for test in version.tests
    )  # fmt: skip
    language = get_language() or "en"
    names = {node_id: model.name_of(node_id, language) for node_id in model.nodes}
    fields = {
        item.key: ports.text(item.labels, language) or item.key
        for schema in version.forms.values() for item in FormSchema.parse(schema).fields
    }  # fmt: skip
    return TestsShown(version, versions, shown, names, fields, version.is_open)


def run_tests(key: str, number: int, *, user: Any) -> list[testing.TestResult]:
    """Run all tests of a version again."""
    return testing.run(_demanded(key, number, user), again=True)


def run_waiting_tests(version: ProcessVersion, *, user: Any, most: int) -> None:
    """Run so many of the tests that were not run with this content yet."""
    testing.demand_owner(version.definition, user)
    testing.run(version, most=most)


def _demanded(key: str, number: int, user: Any) -> ProcessVersion:
    version = catalog.version(key, number)
    testing.demand_owner(version.definition, user)
    return version

