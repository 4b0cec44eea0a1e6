"""How a change ends: published, piloted and then rolled out or withdrawn, or back with its author when it could not be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from processes import ports
from processes.catalog.models import ProcessVersion, State
from processes.errors import Invalid, ProcessError
from processes.publication import piloting, rights, services
from processes.publication.changes import OPEN, back, locked, note
from processes.publication.findings import in_the_way
from processes.publication.models import ProcessChange
from processes.publication.obstacles import content_of, findings
from processes.publication.updating import newer
from processes.runtime import services as runtime
from processes.spoken import gettext as _


def publish(change_id: int, *, user: Any = None) -> None:
    """Publish an approved change, or begin its pilot; once, however often it is asked. ProcessError says why it cannot
    be done, and then nothing was."""
    with transaction.atomic():
        row = locked(change_id, seen=False)
        if row.state in (ProcessChange.State.PUBLISHED, ProcessChange.State.PILOTED):
            return
        if row.state != ProcessChange.State.APPROVED:
            raise Invalid(_("This change has not been approved."))
    _demand_unchanged(row)
    failing = services.failing_tests(row.version)  # they take a while, so nothing is locked meanwhile
    if failing:
        raise services.NotPublishable(str(row.version), failing)
    with transaction.atomic():
        if row.way == ProcessChange.Way.PILOT:
            row.pilot = piloting.begin_pilot(
                row.version, row.author, rule=row.rule, choices=row.choices, share=row.share, until=row.pilot_until,
                tested=True,
            )  # fmt: skip
            row.state = ProcessChange.State.PILOTED
            row.save(update_fields=["state", "pilot"])
            note(row, "piloted", row.author)
        else:
            done = services.publish_now(row.version, row.author, tested=True)
            published(row, done)


def published(row: ProcessChange, done: services.Published) -> None:
    """Note on a change that its version was published."""
    row.state, row.published_at, row.former = ProcessChange.State.PUBLISHED, ports.now(), done.former
    row.decisions = [str(decision) for decision in done.decisions]
    row.save(update_fields=["state", "published_at", "former", "decisions"])
    note(row, "published", row.author)


def _demand_unchanged(row: ProcessChange) -> None:
    """What is published is what was approved, drawn from what is published today."""
    version = ProcessVersion.objects.select_related("definition").get(pk=row.version_id)
    if content_of(version) != row.content_hash:
        raise Invalid(_("%(version)s is not what was approved any more.") % {"version": version})
    other = newer(version)
    if other is not None:
        raise Invalid(
            _("%(version)s was published since this draft was begun. Bring the draft up to date.") % {"version": other}
        )


def could_not(change_id: int, *, reason: str) -> None:
    """An approved change could not be published: it goes back to its author, with the reason."""
    with transaction.atomic():
        row = locked(change_id, seen=False)
        note(row, "not_published", None, reason)
        back(row)


def end_pilot(change_id: int, *, roll_out: bool, reason: str, user: Any) -> None:
    """Roll the pilot of a change out, or withdraw it; once. NotAllowed for who does not answer for the process."""
    with transaction.atomic():
        row = locked(change_id, seen=False)
        rights.demand(rights.may_edit(user, row.definition))
        if row.state != ProcessChange.State.PILOTED or row.pilot_id is None:
            return
        former = ProcessVersion.objects.filter(definition=row.definition_id, state=State.PUBLISHED).first()
        why = runtime.demand_reason(reason)
        piloting.end_pilot(row.pilot_id, user, roll_out=roll_out, reason=why)
        note(row, "rolled_out" if roll_out else "pilot_withdrawn", user, why)
        row.state = ProcessChange.State.PUBLISHED if roll_out else ProcessChange.State.WITHDRAWN
        row.published_at = ports.now() if roll_out else None
        row.former = former if roll_out else None
        row.save(update_fields=["state", "published_at", "former"])


def publish_directly(version: ProcessVersion, *, user: Any, waivers: Mapping[str, str] | None = None) -> services.Published:
    """Publish without a review, where the house has nobody else to review; the record says so."""
    rights.demand(rights.may_publish(user, version.definition))
    if ProcessChange.objects.filter(version=version, state__in=OPEN).exclude(state="prepared").exists():
        raise Invalid(_("%(version)s is under review. Take the change back first.") % {"version": version})
    return services.publish_now(version, user, waivers=waivers, means=ProcessChange.Means.DIRECT)


def errors_of(row: ProcessChange) -> list[str]:
    """What stands in the way of publishing an approved change, as sentences."""
    try:
        _demand_unchanged(row)
    except ProcessError as error:
        return [error.sentence]
    return [finding.sentence for finding in in_the_way(findings(row), row.findings_waived)]
