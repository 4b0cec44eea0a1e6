"""Publishing and withdrawing versions: from one moment to the next, in one transaction, without a restart.

Nothing keeps which version is the current one: every start asks the rows, and a compiled class is looked up by
its version. So web and worker processes run a new version with the first start after this commit, and running
instances stay on theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from processes import ports
from processes.bpmn import BpmnError
from processes.bpmn.model import DecisionExt, Task
from processes.catalog import selectors as catalog
from processes.catalog.loading import Loaded
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    Pilot,
    PinnedDecision,
    ProcessDefinition,
    ProcessVersion,
    State,
)
from processes.errors import Invalid, ProcessError
from processes.publication.checks import check, check_decision, check_tests
from processes.publication.findings import Finding, NotPublishable, in_the_way
from processes.publication.models import Happening, ProcessChange
from processes.publication.subscriptions import subscribe, unsubscribe
from processes.runtime.failures import Failure
from processes.spoken import gettext as _


@dataclass(frozen=True)
class Published:
    """A version that was published, what it took the place of, the decisions published with it, and what was
    said about it besides."""

    version: ProcessVersion
    former: ProcessVersion | None
    decisions: tuple[DecisionVersion, ...]
    warnings: tuple[Finding, ...]


def publish_now(
    version: ProcessVersion, user: Any = None, *, waivers: Mapping[str, str] | None = None, tested: bool = False,
    means: str = ProcessChange.Means.PROGRAM,
) -> Published:  # fmt: skip
    """Make a version the one that new instances run on; the one before is retired and its instances go on.

    Of each decision the drawing asks by pin, the newest version is fixed for ever; a draft of it is published
    with the process. `waivers` gives reasons by the key of a finding ("code:element") that may be let pass.
    Its process tests must hold, unless they are known to (`tested`), as those of what is shipped with the product.
    Raises NotPublishable with the findings, Invalid for a version that is published already.
    """
    asked = ProcessVersion.objects.select_related("definition").get(pk=version.pk)
    failing = [] if tested else failing_tests(asked)
    with ports.audit().acting(user=user, action="process.publish"), transaction.atomic():
        definition = ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
        version = ProcessVersion.objects.select_related("definition").get(pk=version.pk)
        if version.state == State.PUBLISHED:
            raise Invalid(_("%(version)s is published already.") % {"version": version})
        if (version.content_hash, version.tests) != (asked.content_hash, asked.tests):
            raise Invalid(_("%(version)s was changed while its tests ran. Look at it once more, then publish it.") % {"version": version})
        if waivers and version.is_open:
            version.waivers = {**version.waivers, **waivers}
        _settle_pilots(version, user)
        decisions = decisions_asked(version) if version.is_open else _piloted_decisions(version)
        findings = all_findings(version, decisions) + failing
        refused = in_the_way(findings, version.waivers)
        if refused:
            raise NotPublishable(str(version), refused)
        opened = [decision for decision in decisions.values() if decision.is_open or decision.state == State.PILOTED]
        for decision in opened:
            _switch_decision(decision, user)
        former = ProcessVersion.objects.filter(definition=definition, state=State.PUBLISHED).first()
        try:
            subscribe(version, former)
        except Failure as failure:
            raise NotPublishable(str(version), [_failed(failure)]) from failure
        if version.is_open:
            pin(version, decisions)
        _retire(former)
        _set_published(version, user)
        _record(version, user, former, opened, means)
        return Published(version, former, tuple(opened), tuple(f for f in findings if f not in refused))


def publish_decision(version: DecisionVersion, user: Any = None) -> DecisionVersion:
    """Make a decision version the current one, for drawings that ask the latest and for pins made from now on.

    NotPublishable when one of its examples does not hold, or its tables contradict themselves.
    """
    with ports.audit().acting(user=user, action="decision.publish"), transaction.atomic():
        DecisionDefinition.objects.select_for_update().get(pk=version.definition_id)
        refused = in_the_way(check_decision(version), {})
        if refused:
            raise NotPublishable(str(version), refused)
        if version.state != State.PUBLISHED:
            _switch_decision(version, user)
        return version


def withdraw(version: ProcessVersion, user: Any = None, *, reason: str = "") -> ProcessVersion:
    """Retire a published version without another in its place: nothing starts on it, what runs goes on."""
    with ports.audit().acting(user=user, action="process.withdraw", reason=reason), transaction.atomic():
        ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
        version = ProcessVersion.objects.select_related("definition").get(pk=version.pk)
        if version.state not in (State.PUBLISHED, State.PILOTED):
            raise Invalid(_("%(version)s is not published, so it cannot be withdrawn.") % {"version": version})
        _end_pilots(version, user, reason)
        unsubscribe(version)
        _retire(version)
        return version


def publish_loaded(loaded: Iterable[Loaded], user: Any = None) -> list[Published]:
    """Publish what was loaded from folders where nothing stands in its place: the process has no published
    version yet, or one that came from a folder too. What somebody in the house has drawn is left alone, and so is a
    process of which a pilot runs."""
    piloted = set(Pilot.objects.filter(ended_at__isnull=True).values_list("definition_id", flat=True))
    current = {v.definition_id: v for v in catalog.published_versions().only("definition_id", "number", "created_by_id")}
    published = []
    for item in loaded:
        standing = current.get(item.version.definition_id)
        if item.version.definition_id in piloted:
            continue
        if item.version.is_open and (standing is None or standing.created_by_id is None):
            published.append(publish_now(item.version, user, tested=True))
    return published


# --- pilots ------------------------------------------------------------------------------------------------
def _settle_pilots(version: ProcessVersion, user: Any) -> None:
    """Publishing a piloted version rolls it out. While a pilot runs nothing else is published: what the rest runs on
    would change under the comparison."""
    other = Pilot.objects.filter(definition=version.definition_id, ended_at__isnull=True).exclude(version=version)
    running = other.select_related("version__definition").first()
    if running is not None:
        raise Invalid(
            _("A pilot of %(version)s is running. Roll it out or withdraw it first.") % {"version": running.version}
        )
    Pilot.objects.filter(version=version, ended_at__isnull=True).update(
        ended_at=ports.now(), ended_by=user, end=Pilot.End.ROLLED_OUT
    )


def _end_pilots(version: ProcessVersion, user: Any, reason: str) -> None:
    """Without a published version there is no rest: a pilot of the process ends with it."""
    for pilot in Pilot.objects.filter(definition=version.definition_id, ended_at__isnull=True).select_related("version"):
        pilot.ended_at, pilot.ended_by, pilot.end, pilot.end_reason = ports.now(), user, Pilot.End.WITHDRAWN, reason
        pilot.save(update_fields=["ended_at", "ended_by", "end", "end_reason"])
        if pilot.version_id != version.pk:
            retire_pilot(pilot.version)


def retire_pilot(version: ProcessVersion) -> None:
    """Nothing begins on a piloted version any more, in the caller's transaction; its decisions go with it, unless a
    published process asks them too."""
    for decision in _piloted_decisions(version).values():
        decision.state = State.RETIRED
        decision.save(update_fields=["state"])
    _retire(version)


def _piloted_decisions(version: ProcessVersion) -> dict[str, DecisionVersion]:
    """The decisions that are piloted with a version: pinned by it, and published by nobody yet."""
    pins = version.pins.filter(decision_version__state=State.PILOTED).select_related("decision_version__definition")
    return {found.key: found.decision_version for found in pins}


# --- the record --------------------------------------------------------------------------------------------
def _record(
    version: ProcessVersion, user: Any, former: ProcessVersion | None, decisions: list[DecisionVersion], means: str
) -> None:
    """Every publication has its record: that of its change, else one that says who published it and how."""
    rows = ProcessChange.objects.filter(version=version)
    if rows.filter(state__in=["approved", "piloted"]).exists():
        return  # whoever publishes a change writes its record
    row = rows.filter(state="prepared").first() or ProcessChange(
        definition=version.definition, version=version, author=user, title=version.notes.strip().split("\n")[0].lstrip("# ")[:200]
    )
    row.state, row.means, row.former, row.published_at = ProcessChange.State.PUBLISHED, means, former, ports.now()
    row.findings_waived, row.decisions = dict(version.waivers), [str(decision) for decision in decisions]
    row.content_hash = version.content_hash
    row.save()
    Happening.objects.create(change=row, what="published", by=user)


# --- parts -------------------------------------------------------------------------------------------------
def failing_tests(version: ProcessVersion) -> list[Finding]:
    """The tests that fail. They run before anything is locked; a drawing that does not run at all has worse findings."""
    try:
        return check_tests(version)
    except Invalid:
        return []


def decisions_named(version: ProcessVersion) -> list[DecisionExt]:
    """What the drawing says of each decision it asks; nothing for a drawing that cannot be read."""
    try:
        nodes = catalog.model_of(version).nodes.values()
    except BpmnError:
        return []
    return [node.decision for node in nodes if isinstance(node, Task) and node.decision is not None]


def decisions_asked(version: ProcessVersion) -> dict[str, DecisionVersion]:
    """The newest version of each decision that the drawing asks, by key; those bound to the latest too, since
    a draft of one must be published for it to be found."""
    asked = {decision.key for decision in decisions_named(version)}
    found: dict[str, DecisionVersion] = {}
    rows = DecisionVersion.objects.filter(definition__key__in=asked).exclude(state__in=[State.RETIRED, State.PILOTED])
    for row in rows.select_related("definition").order_by("number"):
        found[row.definition.key] = row
    return found


def all_findings(version: ProcessVersion, decisions: Mapping[str, DecisionVersion]) -> list[Finding]:
    """What speaks against a version and the decisions that would be published with it."""
    return check(version) + [found for decision in decisions.values() for found in check_decision(decision)]


def pin(version: ProcessVersion, decisions: Mapping[str, DecisionVersion]) -> None:
    """Fix the decisions that a version asks, in the caller's transaction."""
    PinnedDecision.objects.filter(process_version=version).delete()
    pinned = {decision.key for decision in decisions_named(version) if decision.binding != "latest"}
    missing = sorted(pinned - set(decisions))
    if missing:
        raise ProcessError(_("The decision “%(key)s” has no version to ask.") % {"key": missing[0]})
    PinnedDecision.objects.bulk_create(
        PinnedDecision(process_version=version, key=key, decision_version=decisions[key]) for key in sorted(pinned)
    )


def _switch_decision(version: DecisionVersion, user: Any) -> None:
    for former in DecisionVersion.objects.filter(definition=version.definition_id, state=State.PUBLISHED):
        former.state = State.RETIRED
        former.save(update_fields=["state"])
    _set_published(version, user)


def _retire(version: ProcessVersion | None) -> None:
    if version is not None:
        version.state = State.RETIRED
        version.save(update_fields=["state"])


def _set_published(version: ProcessVersion | DecisionVersion, user: Any) -> None:
    version.state = State.PUBLISHED
    version.published_at = ports.now()
    version.published_by = user
    version.save()


def _failed(failure: Failure) -> Finding:
    return Finding("bad_start", failure.place, "error", failure.sentence)
