"""Changes of processes: prepared, handed in, reviewed, published or piloted, each step with its record.

What people decide comes in through the forms of the process “process_change”; its actions call what is here. Nothing
is half done: a publication that cannot be made leaves everything as it was and gives the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from processes import ports
from processes.catalog import draft_parts as parts
from processes.catalog import drafts
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.errors import Invalid, NotAllowed, NotFound, ProcessError
from processes.inbox import supervision
from processes.ports import Subject
from processes.publication import piloting, rights, services
from processes.publication.findings import Finding, in_the_way
from processes.publication.models import PARTS, Happening, ProcessChange
from processes.runtime import outbox
from processes.runtime import services as runtime
from processes.runtime.models import ProcessInstance
from processes.spoken import gettext as _

KEY = "process_change"
SUBMITTED = "process_change.submitted"
WRITABLE = (
    "title", "diagnosis", "owner_id", "measures", "customer_view", "training", "waived", "customers_notice", "way", "at", "rule",
    "choices", "share", "pilot_until",
)  # fmt: skip
OPEN = ("prepared", "submitted", "sent_back", "approved", "piloted")


# --- reads -------------------------------------------------------------------------------------------------
def visible(user: Any) -> QuerySet[ProcessChange]:
    """The changes that a person may see: own ones, those of processes they answer for, all for reviewers and auditors."""
    rows = ProcessChange.objects.all()
    if user is None or not user.is_active:
        return rows.none()
    if user.is_superuser or rights.READERS & set(ports.people().roles_of(user)):
        return rows
    mine = Q(author=user) | Q(definition__owner=user) | Q(owner=user)
    if "director" in ports.people().roles_of(user):
        mine |= Q(state__in=["submitted", "approved", "piloted", "published"])
    return rows.filter(mine)


def change(change_id: int, *, user: Any) -> ProcessChange:
    """A change that the person may see; NotFound else."""
    found = visible(user).select_related("version__definition", "definition", "author", "owner", "pilot").filter(pk=change_id).first()
    if found is None:
        raise NotFound(_("There is no such change."))
    return found


def changes(key: str, *, user: Any) -> list[ProcessChange]:
    """The changes of a process that the person may see, newest first, with what was done with them."""
    rows = visible(user).filter(definition__key=key)
    related = ("version__definition", "former__definition", "definition", "author", "owner", "pilot")
    return list(rows.select_related(*related).prefetch_related("happenings__by").order_by("-pk"))


def not_by(row: ProcessChange) -> list[int]:
    """Who may not review it (again) in this round: its author, whoever handed it in, who has reviewed it in this round."""
    handed = row.happenings.filter(what="submitted").values_list("by", flat=True)
    reviewed = row.happenings.filter(what__in=["approved", "sent_back"], round=row.round).values_list("by", flat=True)
    return sorted({pk for pk in (row.author_id, *handed, *reviewed) if pk is not None})


def approvals(row: ProcessChange) -> int:
    """How many different people have approved it in this round."""
    return row.happenings.filter(what="approved", round=row.round).values("by").distinct().count()


def came_back(row: ProcessChange) -> str:
    """Why it was sent back, or could not be published or handed in again; the last reason."""
    reasons = row.happenings.filter(what__in=["sent_back", "checks_failed", "not_published", "not_handed_in"])
    return reasons.order_by("at", "pk").values_list("reason", flat=True).last() or ""


def findings(row: ProcessChange) -> list[Finding]:
    """What speaks against publishing it, errors first; failing tests are found when it is published."""
    version = row.version
    decisions = services.decisions_asked(version) if version.is_open else {}
    return services.all_findings(version, decisions)


def newer(version: ProcessVersion) -> ProcessVersion | None:
    """The version that was published since a draft was drawn from another one."""
    published = ProcessVersion.objects.filter(definition=version.definition_id, state=State.PUBLISHED)
    current = published.select_related("definition").first()
    base = version.base_id
    if base is None:
        below = ProcessVersion.objects.filter(definition=version.definition_id, number__lt=version.number, published_at__isnull=False)
        base = below.order_by("-number").values_list("pk", flat=True).first()
    return current if current is not None and base != current.pk and current.pk != version.pk else None


def in_way(row: ProcessChange) -> list[str]:
    """Why a change cannot be handed in now, as sentences; empty when it can."""
    said = [finding.sentence for finding in in_the_way(findings(row), row.findings_waived)]
    words = {field.name: field.verbose_name for field in ProcessChange._meta.fields}
    said += [_("“%(part)s” is not recorded. Write it, or say why it is left out.") % {"part": str(words[p])} for p in row.missing]
    if not row.title.strip():
        said.append(_("Say in a title what changes."))
    if row.way == ProcessChange.Way.AT and row.at is None:
        said.append(_("Say when it shall be published."))
    other = newer(row.version)
    if other is not None:
        said.append(_("%(version)s was published since this draft was begun. Bring the draft up to date.") % {"version": other})
    return said


# --- preparing ---------------------------------------------------------------------------------------------
def prepare(version_id: UUID, *, user: Any) -> ProcessChange:
    """The change that a draft is prepared with; made when there is none."""
    with ports.audit().acting(user=user, action="change.prepare"), transaction.atomic():
        version = ProcessVersion.objects.select_for_update(of=("self",)).select_related("definition").filter(pk=version_id).first()
        if version is None:
            raise NotFound(_("There is no such version."))
        rights.demand(rights.may_edit(user, version.definition))
        found = ProcessChange.objects.filter(version=version, state__in=OPEN).first()
        if found is not None:
            return found
        if version.state != State.DRAFT:
            raise Invalid(_("%(version)s is no draft, so there is nothing to hand in.") % {"version": version})
        return ProcessChange.objects.create(
            definition=version.definition, version=version, author=user, owner_id=version.definition.owner_id
        )


def record(change_id: int, *, user: Any, values: Mapping[str, Any]) -> ProcessChange:
    """Write the record of a change; only while it is prepared or sent back."""
    with ports.audit().acting(user=user, action="change.record"), transaction.atomic():
        row = _mine(change_id, user)
        unknown = sorted(set(values) - set(WRITABLE))
        if unknown:
            raise Invalid(_("“%(name)s” is no part of the record.") % {"name": unknown[0]})
        for name, value in values.items():
            setattr(row, name, value)
        row.waived = {name: why.strip() for name, why in row.waived.items() if name in PARTS and str(why).strip()}
        if row.way not in ProcessChange.Way.values:
            raise Invalid(_("Say when it shall be published."), errors={"way": _("Say when it shall be published.")})
        if row.way == ProcessChange.Way.PILOT:
            row.choices = piloting.demand_rule(row.version, row.rule, row.choices, row.share)
        row.save()
        return row


def waive_finding(change_id: int, key: str, *, reason: str, user: Any) -> ProcessChange:
    """Let a finding of severity “block” pass, with a reason; an empty reason takes that back. Reviewers see it."""
    with ports.audit().acting(user=user, action="change.waive", reason=reason), transaction.atomic():
        row = _mine(change_id, user)
        found = next((finding for finding in findings(row) if finding.key == key), None)
        if found is None or found.severity != "block":
            raise Invalid(_("This finding cannot be let pass. Mend it."))
        row.findings_waived = {name: why for name, why in row.findings_waived.items() if name != key}
        if reason.strip():
            row.findings_waived[key] = reason.strip()
        row.save(update_fields=["findings_waived"])
        return row


def _mine(change_id: int, user: Any) -> ProcessChange:
    """A change that the person may still write, locked."""
    row = _locked(change_id, user)
    rights.demand(rights.may_edit(user, row.definition))
    if not row.is_open:
        raise Invalid(_("This change has been handed in and cannot be written any more."))
    return row


def _locked(change_id: int, user: Any = None, *, seen: bool = True) -> ProcessChange:
    if seen:
        change(change_id, user=user)
    rows = ProcessChange.objects.select_for_update(of=("self",)).select_related("version__definition", "definition", "author")
    return rows.get(pk=change_id)


def note(row: ProcessChange, what: str, by: Any, reason: str = "") -> Happening:
    """Add to what was done with a change."""
    return Happening.objects.create(change=row, what=what, by=by, reason=reason, round=row.round)


# --- on its way --------------------------------------------------------------------------------------------
def submit(change_id: int, *, user: Any) -> ProcessChange:
    """Hand a change in: the draft rests, and the process that reviews it begins. Invalid says what stands in the way."""
    with ports.audit().acting(user=user, action="change.submit"), transaction.atomic():
        row = _mine(change_id, user)
        if row.state != ProcessChange.State.PREPARED:
            raise Invalid(_("This change has been sent back. Hand it in again through the task that tells why."))
        catalog.current_version(KEY)  # without the process nobody would ever see it
        row.author = user
        _hand_in(row, user)
        outbox.send_message(name=SUBMITTED, subject=Subject(KEY, row.pk), key=f"change:{row.pk}:{row.round}")
        return row


def resubmit(change_id: int, *, user: Any, reason: str = "") -> ProcessChange:
    """Hand a change in again that was sent back."""
    with transaction.atomic():
        row = _locked(change_id, seen=False)
        if row.state != ProcessChange.State.SENT_BACK:
            raise Invalid(_("Only a change that was sent back is handed in again."))
        _hand_in(row, user, reason)
        return row


def _hand_in(row: ProcessChange, user: Any, reason: str = "") -> None:
    said = in_way(row)
    if said:
        raise Invalid(_("This change cannot be handed in yet: ") + " ".join(said))
    version = row.version
    version.state, version.waivers = State.IN_REVIEW, dict(row.findings_waived)
    version.save()
    row.state, row.submitted_at, row.round = ProcessChange.State.SUBMITTED, ports.now(), row.round + 1
    row.content_hash = _content(version)
    row.save()
    note(row, "submitted", user, reason)


def review(change_id: int, *, verdict: str, reason: str, user: Any) -> int:
    """Record what a reviewer decided; gives how many have approved in this round. Never the author (four eyes)."""
    with transaction.atomic():
        row = _locked(change_id, seen=False)
        if row.state != ProcessChange.State.SUBMITTED:
            raise Invalid(_("This change is not under review."))
        rights.demand(rights.may_review(user, row.definition, row.author))
        if user.pk in not_by(row):
            raise NotAllowed(_("You have handed this change in or reviewed it already. Somebody else has to look at it."))
        if verdict != "approved":
            runtime.demand_reason(reason)
        note(row, verdict, user, reason)
        if verdict == "sent_back":
            back(row)
        elif verdict == "refused":
            close(row, ProcessChange.State.REFUSED)
        elif verdict != "approved":
            raise Invalid(_("Say whether you approve, send back or refuse."))
        return approvals(row)


def back(row: ProcessChange) -> None:
    """The author may mend it: the draft is a draft again."""
    row.state = ProcessChange.State.SENT_BACK
    row.save(update_fields=["state"])
    _draft_again(row.version)


def close(row: ProcessChange, state: ProcessChange.State) -> None:
    """It goes no further; the draft stays with its drawing."""
    row.state = state
    row.save(update_fields=["state"])
    _draft_again(row.version)


def _draft_again(version: ProcessVersion) -> None:
    if version.state == State.IN_REVIEW:
        version.state = State.DRAFT
        version.save(update_fields=["state", "content_hash"])


def withdraw(change_id: int, *, reason: str, user: Any) -> ProcessChange:
    """Take back one's own change before anything was published; its review ends."""
    why = runtime.demand_reason(reason)
    with ports.audit().acting(user=user, action="change.withdraw", reason=why), transaction.atomic():
        row = _locked(change_id, user)
        if row.author_id != user.pk and not supervision.answers_for(row.definition, user):
            raise NotAllowed(_("Only its author may take a change back."))
        if row.state not in ("prepared", "submitted", "sent_back", "approved"):
            raise Invalid(_("This change is over, or its pilot runs. End the pilot instead."))
        note(row, "withdrawn", user, why)
        close(row, ProcessChange.State.WITHDRAWN)
        instances = ProcessInstance.objects.running().about(KEY, row.pk)
        for pk in list(instances.values_list("pk", flat=True)):
            runtime.cancel_instance(instance_id=pk, user=user, reason=why)
        return row


# --- publishing --------------------------------------------------------------------------------------------
def approve(change_id: int, *, user: Any) -> None:
    """All reviews are in favour."""
    with transaction.atomic():
        row = _locked(change_id, seen=False)
        if row.state == ProcessChange.State.SUBMITTED:
            if approvals(row) < 1:
                raise NotAllowed(_("Nobody has approved this change yet."))
            row.state = ProcessChange.State.APPROVED
            row.save(update_fields=["state"])


def publish(change_id: int, *, user: Any = None) -> None:
    """Publish an approved change, or begin its pilot; once, however often it is asked. ProcessError says why it cannot
    be done, and then nothing was."""
    with transaction.atomic():
        row = _locked(change_id, seen=False)
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


def _content(version: ProcessVersion) -> str:
    """A hash over all that is published with a version: its drawing and forms, and the decisions that it asks."""
    hashes = [decision.content_hash for decision in services.decisions_asked(version).values()]
    return hashlib.sha256("".join([version.content_hash, *sorted(hashes)]).encode()).hexdigest()


def _demand_unchanged(row: ProcessChange) -> None:
    """What is published is what was approved, drawn from what is published today."""
    version = ProcessVersion.objects.select_related("definition").get(pk=row.version_id)
    if _content(version) != row.content_hash:
        raise Invalid(_("%(version)s is not what was approved any more.") % {"version": version})
    other = newer(version)
    if other is not None:
        raise Invalid(
            _("%(version)s was published since this draft was begun. Bring the draft up to date.") % {"version": other}
        )


def could_not(change_id: int, *, reason: str) -> None:
    """An approved change could not be published: it goes back to its author, with the reason."""
    with transaction.atomic():
        row = _locked(change_id, seen=False)
        note(row, "not_published", None, reason)
        back(row)


def end_pilot(change_id: int, *, roll_out: bool, reason: str, user: Any) -> None:
    """Roll the pilot of a change out, or withdraw it; once. NotAllowed for who does not answer for the process."""
    with transaction.atomic():
        row = _locked(change_id, seen=False)
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


# --- conflicts ---------------------------------------------------------------------------------------------
def bring_up_to_date(version_id: UUID, *, user: Any, prefer: str = "mine") -> tuple[Any, ...]:
    """Merge what was published since a draft was begun into the draft; gives the conflicts, in which `prefer` decided.

    NotAllowed for who does not answer for the process, Invalid when a version cannot be read or nothing was published.
    """
    with ports.audit().acting(user=user, action="draft.bring_up_to_date"), transaction.atomic():
        version = ProcessVersion.objects.select_related("definition").filter(pk=version_id).first()
        if version is None:
            raise NotFound(_("There is no such version."))
        rights.demand(rights.may_edit(user, version.definition))
        ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
        other = newer(version)
        if version.state != State.DRAFT or other is None:
            raise Invalid(_("Nothing was published since this draft was begun."))
        base = version.base or other
        conflicts: list[Any] = []
        for part in dict.fromkeys([*parts.parts_of(version), *parts.parts_of(other)]):
            mine, theirs = parts.content_of(version, part), parts.content_of(other, part)
            before = parts.content_of(base, part) if version.base_id else mine
            if theirs in (mine, before):
                continue
            text = theirs
            if mine != before:
                merged = drafts.merger_of(part)(before, theirs, mine, prefer=prefer)
                text, found = merged.text, merged.conflicts
                conflicts += found
            drafts.save_part(version, part, text, revision=drafts.revision_of(version, part), user=user)
            version.refresh_from_db()
        version.base = other
        version.save(update_fields=["base", "content_hash"])
        return tuple(conflicts)


def errors_of(row: ProcessChange) -> list[str]:
    """What stands in the way of publishing an approved change, as sentences."""
    try:
        _demand_unchanged(row)
    except ProcessError as error:
        return [error.sentence]
    return [finding.sentence for finding in in_the_way(findings(row), row.findings_waived)]
