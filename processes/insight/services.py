"""Replays of decisions: begun by who answers for the decision, carried on in the background part by part."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.models import DecisionDefinition, DecisionVersion
from processes.dmn import DmnError
from processes.errors import AlreadyDone, Invalid, NotAllowed, NotFound, ProcessError
from processes.inbox.supervision import answers_for_decision
from processes.insight.deciding import SAME, Case, Compared, Comparison
from processes.insight.models import DecisionReplay, ReplayedDecision
from processes.insight.sources import AT_ONCE, History, Mark, mark_of
from processes.insight.tally import Tally
from processes.runtime import jobs
from processes.spoken import gettext as _
from processes.spoken import kept

log = logging.getLogger(__name__)


def compare(
    before: DecisionVersion, after: DecisionVersion, cases: Iterable[Case], *, assumed: Mapping[str, Any] | None = None,
    each: Callable[[Compared], None] | None = None,
) -> Tally:  # fmt: skip
    """Decide cases by two versions, here and now; `each` is told of every case. `assumed` are FEEL values by input.

    Invalid when one of the versions cannot be read, or for values of inputs that neither has.
    """
    comparison = comparison_of(before, after, assumed)
    tally = Tally()
    for case in cases:
        found = comparison.decide(case)
        tally.add(found)
        if each is not None:
            each(found)
    return tally


def comparison_of(before: DecisionVersion, after: DecisionVersion, assumed: Mapping[str, Any] | None) -> Comparison:
    """The two versions ready to decide; errors as `compare`."""
    try:
        found = Comparison(before, after, assumed)
    except DmnError as error:
        raise Invalid(_("One of the versions cannot be read: %(reason)s") % {"reason": error.message}) from error
    known = {
        info.name for side in (found.before, found.after) for decision in side.decisions.decisions
        for info in side.decisions.inputs(decision.id)
    }  # fmt: skip
    strange = sorted(set(found.assumed) - known)
    if strange:
        raise Invalid(
            _("Neither version has an input “%(name)s”. They have: %(known)s.")
            % {"name": strange[0], "known": ", ".join(sorted(known))}
        )
    return found


# --- in the background -------------------------------------------------------------------------------------
def begin(
    key: str, before: int, after: int, *, user: Any, since: datetime | None = None, until: datetime | None = None,
    assumed: Mapping[str, Any] | None = None,
) -> DecisionReplay:  # fmt: skip
    """Decide everything recorded of a decision again, in the background, by the version numbered `after`.

    `assumed` are FEEL values for inputs that were not recorded. NotFound for versions there are not, NotAllowed for
    who does not answer for the decision, Invalid for versions or values that do not fit, or while this very replay runs.
    """
    old, new = catalog.decision_version(key, before), catalog.decision_version(key, after)
    demand(old.definition, user)
    if old.pk == new.pk:
        raise Invalid(_("Choose two different versions to compare."))
    if since is not None and until is not None and since >= until:
        raise Invalid(_("The end of the time lies before its beginning; choose a later end."))
    comparison_of(old, new, assumed)
    stored = {name: feel.to_json(value) for name, value in (assumed or {}).items()}
    with ports.audit().acting(user=user, action="decision.replay"), transaction.atomic():
        try:
            with transaction.atomic():
                replay = DecisionReplay.objects.create(
                    before=old, after=new, since=since, until=until, assumed=stored, created_by=user,
                    expected=History(old.definition, since, until).count(),
                )  # fmt: skip
        except IntegrityError as error:
            raise Invalid(_("You have begun this replay already. Wait until it has ended, or stop it.")) from error
        _next_part(replay, 0)
    return replay


def _next_part(replay: DecisionReplay, number: int) -> None:
    jobs.enqueue("processes.insight.services.go_on", str(replay.pk), number, key=f"replay:{replay.pk}:{number}")


def go_on(replay_id: str, number: int) -> None:
    """Decide the next part of a replay and ask for the one after it. Called in the background, perhaps twice: what
    was decided is known from the row's mark, which moves in the same transaction as the figures."""
    with transaction.atomic():
        replay = (
            DecisionReplay.objects.select_for_update(of=("self",))
            .select_related("before__definition", "after__definition")
            .filter(pk=UUID(replay_id), state=DecisionReplay.State.RUNNING)
            .first()
        )
        if replay is None:
            return
        try:
            with transaction.atomic():
                _decide_part(replay)
        except ProcessError as error:
            _fail(replay, error.sentence)
        except Exception as error:
            log.exception("The replay %s failed", replay_id)
            _fail(replay, _("The replay failed with a technical error (%(kind)s). The log of the program tells more.") % {"kind": type(error).__name__})
        replay.save()
        if replay.state == DecisionReplay.State.RUNNING:
            _next_part(replay, number + 1)


def _fail(replay: DecisionReplay, sentence: str) -> None:
    replay.state, replay.problem, replay.finished_at = DecisionReplay.State.FAILED, kept(sentence), ports.now()


def _decide_part(replay: DecisionReplay) -> None:
    """Decide the cases behind the mark; the replay, not yet saved, says whether more may follow."""
    assumed = {name: feel.from_json(value) for name, value in replay.assumed.items()}
    comparison = comparison_of(replay.before, replay.after, assumed)
    history = History(replay.before.definition, replay.since, replay.until)
    cases = history.part(_mark(replay))
    tally = Tally(replay.figures)
    rows = []
    for case in cases:
        found = comparison.decide(case)
        tally.add(found)
        if found.verdict != SAME:
            rows.append(_row(replay, found))
    ReplayedDecision.objects.bulk_create(rows, batch_size=AT_ONCE)
    replay.figures = tally.as_json()
    if cases:
        last = mark_of(cases[-1])
        replay.mark = [str(last.version), last.at.isoformat(), str(last.pk)]
    if len(cases) < AT_ONCE:
        replay.state, replay.finished_at = DecisionReplay.State.DONE, ports.now()


def _mark(replay: DecisionReplay) -> Mark | None:
    if not replay.mark:
        return None
    version, at, pk = replay.mark
    return Mark(UUID(version), datetime.fromisoformat(at), UUID(pk))


def _row(replay: DecisionReplay, found: Compared) -> ReplayedDecision:
    case, about = found.case, found.case.subject
    return ReplayedDecision(
        replay=replay, evaluation_id=mark_of(case).pk, verdict=found.verdict,
        subject_type=about.type if about else "", subject_id=about.id if about else None,
        before=found.before.outcome, after=found.after.outcome,
        rules_before=dict(found.before.rules), rules_after=dict(found.after.rules),
        outputs=list(found.differing), attributes=dict(case.attributes),
        problem=kept(found.problem) if found.problem else {},
    )  # fmt: skip


def stop(replay_id: UUID, *, user: Any) -> None:
    """Decide no more; the figures so far stay. AlreadyDone when it has ended."""
    replay_of(replay_id, user=user)
    with ports.audit().acting(user=user, action="decision.replay.stop"):
        stopped = DecisionReplay.objects.filter(pk=replay_id, state=DecisionReplay.State.RUNNING).update(
            state=DecisionReplay.State.STOPPED, finished_at=ports.now()
        )
    if not stopped:
        raise AlreadyDone(_("This replay has ended already."))


# --- who may ---------------------------------------------------------------------------------------------
def demand(definition: DecisionDefinition, user: Any) -> None:
    """NotAllowed unless the person answers for the decision or for a process that asks it."""
    if not answers_for_decision(definition, user):
        raise NotAllowed(_("Only the owner of the decision, or of a process that asks it, may do this."))


def replay_of(replay_id: UUID, *, user: Any) -> DecisionReplay:
    """A replay, for who answers for its decision; NotFound for everybody else."""
    found = (
        DecisionReplay.objects.select_related("before__definition", "after__definition", "created_by")
        .filter(pk=replay_id)
        .first()
    )
    if found is None or not answers_for_decision(found.before.definition, user):
        raise NotFound(_("There is no such replay, or it is none of yours."))
    return found
