"""Trying a version on a part of what begins, and what becomes of it: rolled out, or withdrawn.

A version that is piloted is as fixed as a published one: its decisions are pinned, its content never changes again.
Its decisions become the current ones only when it is rolled out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.models import DecisionVersion, Pilot, ProcessDefinition, ProcessVersion, State
from processes.errors import Invalid, NotFound
from processes.ports import SubjectType
from processes.publication import services
from processes.publication.findings import Finding, NotPublishable, in_the_way
from processes.runtime.models import PilotAssignment, ProcessInstance
from processes.runtime.piloting import RuleBroken, chosen, drawn, matches
from processes.spoken import gettext as _

PREVIEWED = 500
"""How many of the newest instances a preview asks its rule of."""


def begin_pilot(
    version: ProcessVersion, user: Any = None, *, rule: str = "", choices: Mapping[str, Sequence[str]] | None = None,
    share: int = 100, until: datetime | None = None, waivers: Mapping[str, str] | None = None,
    tested: bool = False,
) -> Pilot:  # fmt: skip
    """Send those new instances to a version that its rule and its share mean.

    Raises NotPublishable with the findings, Invalid for a rule that cannot be read, for a process of which nothing is
    published and while another pilot of it runs.
    """
    stored = ProcessVersion.objects.select_related("definition").get(pk=version.pk)
    failing = [] if tested else services.failing_tests(stored)
    with ports.audit().acting(user=user, action="process.pilot"), transaction.atomic():
        definition = ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
        version = ProcessVersion.objects.select_related("definition").get(pk=version.pk)
        _demand_room(definition, version)
        clean = demand_rule(version, rule, choices or {}, share)
        if waivers:
            version.waivers = {**version.waivers, **waivers}
        decisions = services.decisions_asked(version)
        found = services.all_findings(version, decisions) + failing
        refused = in_the_way(found, version.waivers) + list(_unbound(version, decisions))
        if refused:
            raise NotPublishable(str(version), refused)
        for decision in decisions.values():
            if decision.is_open:
                decision.state = State.PILOTED
                decision.save()
        services.pin(version, decisions)
        version.state = State.PILOTED
        version.save()
        return Pilot.objects.create(
            definition=definition, version=version, rule=rule.strip(), choices=clean, share=share, until=until, by=user
        )


def _demand_room(definition: ProcessDefinition, version: ProcessVersion) -> None:
    if not version.is_open:
        raise Invalid(_("%(version)s is no draft any more, so no pilot can begin with it.") % {"version": version})
    if not definition.versions.filter(state=State.PUBLISHED).exists():
        raise Invalid(_("Nothing is published yet that the rest could go to. Publish this version at once."))
    running = running_pilot(definition)
    if running is not None:
        raise Invalid(
            _("A pilot of %(version)s is running. Roll it out or withdraw it first.") % {"version": running.version}
        )


def demand_rule(
    version: ProcessVersion, rule: str, choices: Mapping[str, Sequence[str]], share: int
) -> dict[str, list[str]]:
    """The choices of a pilot, cleaned; Invalid by field when rule, choices or share cannot be used."""
    if not 0 < share <= 100:
        raise Invalid(
            _("The share is a number from 1 to 100."), errors={"share": _("The share is a number from 1 to 100.")}
        )
    if rule.strip():
        try:
            feel.parse(rule.strip().removeprefix("="))
        except feel.FeelSyntaxError as error:
            sentence = _("The rule cannot be read: %(why)s") % {"why": str(error)}
            raise Invalid(sentence, errors={"rule": sentence}) from error
    kind = subject_of(version)
    known = {*(group.name for group in kind.groups), *(one.name for one in kind.audiences())} if kind is not None else set()
    wrong = sorted(set(choices) - known)
    if wrong:
        sentence = _("Records of this process are not grouped by “%(name)s”.") % {"name": wrong[0]}
        raise Invalid(sentence, errors={"choices": sentence})
    return {name: sorted(map(str, values)) for name, values in choices.items() if values}


def subject_of(version: ProcessVersion) -> SubjectType | None:
    """The kind of record that a version is about."""
    key = catalog.model_of(version).process.ext.subject
    return ports.subjects().get(key) if key else None


def _unbound(version: ProcessVersion, decisions: Mapping[str, DecisionVersion]) -> Iterable[Finding]:
    """A decision that is asked by its latest version stands outside the pilot: a draft of it would not be asked."""
    for asked in services.decisions_named(version):
        decision = decisions.get(asked.key)
        if asked.binding == "latest" and decision is not None and decision.is_open:
            yield Finding(
                "pilot_latest", asked.key, "error",
                _("“%(key)s” is asked by its latest version, so a pilot cannot have a draft of it. Publish the decision "
                  "first, or bind it to the version.") % {"key": asked.key},
            )  # fmt: skip


def end_pilot(pilot_id: UUID, user: Any = None, *, roll_out: bool, reason: str = "") -> Pilot:
    """Publish the version for everybody, or let nothing more begin on it; what runs goes on. Invalid once it has ended."""
    how = Pilot.End.ROLLED_OUT if roll_out else Pilot.End.WITHDRAWN
    action = f"pilot.{how.value}"
    with ports.audit().acting(user=user, action=action, reason=reason), transaction.atomic():
        found = Pilot.objects.filter(pk=pilot_id).first()
        if found is None:
            raise NotFound(_("There is no such pilot."))
        ProcessDefinition.objects.select_for_update().get(pk=found.definition_id)
        pilot = Pilot.objects.select_related("version__definition").get(pk=pilot_id)
        if pilot.ended_at is not None:
            raise Invalid(_("This pilot has ended already."))
        close(pilot, user, how, reason)
        if roll_out:
            services.publish_now(pilot.version, user, tested=True)  # its tests held, and it cannot change
        else:
            services.retire_pilot(pilot.version)
        return pilot


def close(pilot: Pilot, user: Any, how: Pilot.End, reason: str) -> None:
    """Note how a pilot ended, in the caller's transaction."""
    pilot.ended_at, pilot.ended_by, pilot.end, pilot.end_reason = ports.now(), user, how, reason
    pilot.save(update_fields=["ended_at", "ended_by", "end", "end_reason"])


def running_pilot(definition: ProcessDefinition) -> Pilot | None:
    """The pilot of a process that has not ended."""
    return Pilot.objects.filter(definition=definition, ended_at__isnull=True).select_related("version__definition").first()


@dataclass(frozen=True)
class PilotSeen:
    """A pilot with how many instances went where."""

    pilot: Pilot
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Everything that has begun since."""
        return sum(self.counts.values())


def pilots(key: str) -> list[PilotSeen]:
    """The pilots of a process, newest first, with their counts by arm."""
    rows = list(
        Pilot.objects.filter(definition__key=key).select_related("version__definition", "by", "ended_by").order_by("-since")
    )
    counts: dict[UUID, dict[str, int]] = {row.pk: dict.fromkeys(PilotAssignment.Arm.values, 0) for row in rows}
    found = PilotAssignment.objects.filter(pilot__in=counts).values_list("pilot_id", "arm").annotate(n=Count("pk"))
    for pilot_id, arm, n in found:
        counts[pilot_id][arm] = n
    return [PilotSeen(row, counts[row.pk]) for row in rows]


@dataclass(frozen=True)
class Preview:
    """What a pilot would have taken of the newest instances: how many were asked, meant by the rule, and drawn."""

    asked: int
    meant: int
    taken: int
    broken: str = ""

    @property
    def percent(self) -> float:
        """The share of all that begins."""
        return 100 * self.taken / self.asked if self.asked else 0.0


def preview(version: ProcessVersion, *, rule: str, choices: Mapping[str, Sequence[str]], share: int, since: datetime) -> Preview:
    """What would have gone to a pilot, counted on the instances that really began since a moment, the newest first.

    The draw is that of a pilot that is not there yet, so who is drawn will be others, as many of them."""
    clean = demand_rule(version, rule, choices, share)
    pilot = Pilot(definition=version.definition, version=version, rule=rule.strip(), choices=clean, share=share)
    rows = ProcessInstance.objects.filter(definition=version.definition_id, created__gte=since).order_by("-created")
    asking = Pilot(definition=version.definition, version=version, rule=rule.strip(), share=share)  # groups are asked of all at once
    asked = meant = taken = 0
    broken = ""
    listed = list(rows.values_list("subject_type", "subject_id")[:PREVIEWED])
    about = _chosen(pilot, listed)
    for kind, number in listed:
        asked += 1
        if clean and (kind, number) not in about:
            continue
        subject = ports.Subject(kind, number) if kind and number is not None else None
        if not rule.strip() and share == 100:
            fits, customer = True, ""
        else:
            try:
                fits, customer = matches(asking, subject, {})
            except RuleBroken as error:
                broken = error.sentence
                continue
        meant += fits
        taken += fits and drawn(pilot.pk, share, customer or str(asked))
    return Preview(asked, meant, taken, broken)


def _chosen(pilot: Pilot, listed: Sequence[tuple[str, int | None]]) -> set[tuple[str, int]]:
    """The records that are in the groups that a pilot names; few queries for each kind."""
    found: set[tuple[str, int]] = set()
    for key in {kind for kind, _number in listed if kind} if pilot.choices else ():
        kind = ports.subjects().get(key)
        ids = sorted({number for other, number in listed if other == key and number is not None})
        found |= {(key, number) for number in chosen(pilot, kind, ids)} if kind is not None else set()
    return found
