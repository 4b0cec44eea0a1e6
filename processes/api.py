"""THE DOOR of the engine: every call that the floors above may make, and nothing else.

Users are user objects, ids are UUIDs. Every writing call is one transaction, is attributed in the audit
trail, and raises a `ProcessError` with a whole sentence when it cannot be done; then nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes import ports
from processes.actions import Action, ActionCall, Param, action, all_actions, get_action, register_action
from processes.errors import (
    AlreadyDone,
    AlreadyTaken,
    BpmnError,
    Invalid,
    LockTimeout,
    NotAllowed,
    NotFound,
    ProcessError,
    StaleForm,
)
from processes.ports import Subject, SubjectField, SubjectType
from processes.spoken import gettext

if TYPE_CHECKING:
    from processes.catalog.drafts import Saved
    from processes.comparison.model import Difference
    from processes.insight.models import DecisionReplay
    from processes.insight.selectors import CaseSaid, Figures
    from processes.publication.drafting import Draft
    from processes.publication.models import ProcessChange
    from processes.rehearsal.models import Rehearsal
    from processes.rehearsal.services import RehearsalState
    from processes.rehearsal.testing import TestResult
    from processes.runtime.models import ProcessInstance, Task
    from processes.runtime.services import Completed

__all__ = [
    "Action",
    "ActionCall",
    "AlreadyDone",
    "AlreadyTaken",
    "BpmnError",
    "Invalid",
    "LockTimeout",
    "NotAllowed",
    "NotFound",
    "Param",
    "ProcessError",
    "StaleForm",
    "Subject",
    "SubjectField",
    "SubjectType",
    "about_version",
    "action",
    "all_actions",
    "ask_decision",
    "assign",
    "begin_rehearsal",
    "begin_replay",
    "begin_step",
    "bring_up_to_date",
    "by_hand",
    "cancel",
    "cancel_task",
    "change",
    "change_obstacles",
    "changes",
    "check",
    "check_expression",
    "choice_sources",
    "claim",
    "comment",
    "comparable_versions",
    "complete",
    "count",
    "counts_for",
    "decision",
    "decision_definitions",
    "decision_difference",
    "decision_editor",
    "decision_questions",
    "decision_shown",
    "decisions",
    "decisions_taken",
    "definitions",
    "delegate",
    "delete_view",
    "difference",
    "difference_pictures",
    "draft_findings",
    "draft_of",
    "drain",
    "drawing",
    "edit_variables",
    "edited_decision",
    "end_pilot",
    "end_rehearsal",
    "end_steps",
    "enqueue",
    "export_content",
    "figures",
    "follow",
    "follows",
    "form_findings",
    "forms_of",
    "get_action",
    "gettext",
    "history",
    "import_content",
    "incidents",
    "instance",
    "instances",
    "instances_of_subject",
    "laid_out",
    "may_act",
    "may_edit",
    "may_publish",
    "may_redraw",
    "may_rehearse",
    "may_review",
    "may_start",
    "message",
    "migrate",
    "migration",
    "move_token",
    "names_in_scope",
    "news_for",
    "news_mark",
    "next_due",
    "open_decision_draft",
    "open_draft",
    "optional_steps",
    "paces",
    "part",
    "pilot_preview",
    "pilots",
    "plan_migration",
    "prepare_change",
    "preview_form",
    "publish",
    "pulse",
    "record_change",
    "record_changed",
    "record_kind",
    "record_test",
    "register_action",
    "register_choices",
    "register_subject",
    "rehearsable",
    "rehearsal",
    "rehearsal_refused",
    "rehearsal_room",
    "rehearse_message",
    "rehearse_migration",
    "rehearse_step",
    "rehearse_wait",
    "release",
    "remove_test",
    "replay_csv",
    "replay_figures",
    "replayed_cases",
    "replays",
    "resume",
    "retry",
    "run_tests",
    "running_about",
    "save_draft",
    "save_part",
    "save_view",
    "saved_views",
    "signal",
    "skip",
    "snooze",
    "start",
    "stayed_behind",
    "steps_ahead",
    "stop_migration",
    "stop_replay",
    "submit_change",
    "suspend",
    "table_quality",
    "task_form",
    "test_from_instance",
    "tests",
    "timers",
    "token_move",
    "traps",
    "undo_migration",
    "unfollow",
    "values",
    "versions",
    "waive_finding",
    "whereabouts",
    "withdraw",
    "withdraw_change",
    "work_for",
]  # fmt: skip


def _acting(user: Any, what: str, **where: Any) -> AbstractContextManager[None]:
    return ports.audit().acting(user=user, action=what, **where)


# --- instances ---------------------------------------------------------------------------------------------
def start(
    key: str,
    *,
    subject: Subject | tuple[str, int] | None = None,
    data: Mapping[str, Any] | None = None,
    user: Any = None,
    business_key: str | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
    at: str | None = None,
) -> ProcessInstance:
    """Start a process by its key: on its published version, or on the version of that number.

    `data` become variables. With an `idempotency_key` a second call gives the instance of the first.
    `at` is the id of an element to begin at instead of the start event (for the import of running business).
    Raises NotFound without such a process or version, NotAllowed when the person may not start it.
    """
    from processes.inbox import supervision
    from processes.runtime import services

    with _acting(user, "process.start"):
        if user is not None:
            supervision.demand_start(user, key, subject)
        return services.start(
            key=key, subject=subject, data=data, user=user, business_key=business_key, version=version,
            idempotency_key=idempotency_key, at=at,
        )  # fmt: skip


def may_start(user: Any, key: str, subject: Subject | tuple[str, int] | None = None) -> bool:
    """Whether the person may start the published version of a process about a record."""
    from processes.inbox import supervision

    return supervision.may_start(user, key, subject)


def message(
    name: str,
    *,
    correlation: Any = None,
    subject: Subject | tuple[str, int] | None = None,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> None:
    """Send a message: joins the caller's transaction and is delivered after it.

    It goes to the running instance that waits for the name with this correlation value, else starts the
    processes whose message start has the name; when nobody waits it is kept for a while. With a `key` the
    same message is taken once only.
    """
    from processes.runtime import outbox

    outbox.send_message(name=name, correlation=correlation, subject=subject, data=data, key=key)


def signal(name: str, *, data: Mapping[str, Any] | None = None, key: str | None = None) -> None:
    """Throw a signal to everybody who waits for it: joins the caller's transaction, delivered after it."""
    from processes.runtime import outbox

    outbox.send_signal(name=name, data=data, key=key)


def record_changed(record: Any) -> None:
    """Say that a record has been changed: conditional events of instances about it that read its fields are asked
    after the caller's transaction. Nothing is done when nobody waits for that."""
    from processes.runtime import outbox

    outbox.record_changed(record)


def cancel(instance_id: UUID, *, user: Any, reason: str) -> None:
    """End an instance and everything it called, without its end events."""
    from processes.inbox import supervision

    with _acting(user, "process.cancel", instance=instance_id, reason=reason):
        supervision.cancel(instance_id=instance_id, user=user, reason=reason)


def suspend(instance_id: UUID, *, user: Any, reason: str = "") -> None:
    """Let an instance rest: no task, timer or message moves it until it is resumed."""
    from processes.inbox import supervision

    with _acting(user, "process.suspend", instance=instance_id, reason=reason):
        supervision.suspend(instance_id=instance_id, user=user)


def resume(instance_id: UUID, *, user: Any, reason: str = "") -> None:
    """Let a suspended instance go on."""
    from processes.inbox import supervision

    with _acting(user, "process.resume", instance=instance_id, reason=reason):
        supervision.resume(instance_id=instance_id, user=user)


# --- tasks -------------------------------------------------------------------------------------------------
def claim(task_id: UUID, *, user: Any) -> Task:
    """Take an offered task. AlreadyTaken when somebody was quicker, NotAllowed for who is no candidate."""
    from processes.inbox import taking

    with _acting(user, "task.claim", task=task_id):
        return taking.claim(task_id=task_id, user=user)


def release(task_id: UUID, *, user: Any) -> Task:
    """Give a taken task back to its candidates."""
    from processes.inbox import taking

    with _acting(user, "task.release", task=task_id):
        return taking.release(task_id=task_id, user=user)


def assign(task_id: UUID, *, to: Any, user: Any, reason: str = "") -> Task:
    """Give a task to a person."""
    from processes.inbox import taking

    with _acting(user, "task.assign", task=task_id, reason=reason):
        return taking.assign(task_id=task_id, to=to, user=user)


def delegate(task_id: UUID, *, to: Any, user: Any, reason: str) -> Task:
    """Hand one's own task on to a colleague who may do it, with a reason."""
    from processes.inbox import taking

    with _acting(user, "task.delegate", task=task_id, reason=reason):
        return taking.delegate(task_id=task_id, to=to, user=user)


def complete(
    task_id: UUID, *, user: Any, data: Mapping[str, Any] | None = None, fingerprint: str | None = None
) -> Completed:
    """Finish a task with the values of its form; the step's form checks and converts them.

    Gives the task and the id of a next task of the same instance that the person may do at once, if any.
    Raises Invalid (with errors by field), AlreadyDone, NotAllowed, StaleForm, LockTimeout.
    """
    from processes.inbox import services

    with _acting(user, "task.complete", task=task_id):
        return services.complete_with_form(task_id=task_id, user=user, data=data or {}, fingerprint=fingerprint)


def cancel_task(task_id: UUID, *, user: Any, reason: str) -> None:
    """Take a task's branch away: it counts as arrived at a join that it can no longer reach."""
    from processes.inbox import supervision

    with _acting(user, "task.cancel", task=task_id, reason=reason):
        supervision.cancel_task(task_id=task_id, user=user, reason=reason)


def begin_step(task_id: UUID, element: str, *, user: Any) -> None:
    """Start a step of an ad-hoc sub-process: `task_id` is the sub-process under way, `element` the step. For who
    has the role of the step; Invalid when it cannot be started now."""
    from processes.inbox import optional

    with _acting(user, "task.begin_step", task=task_id):
        optional.begin_step(task_id=task_id, element=element, user=user)


def optional_steps(found: ProcessInstance, *, user: Any) -> Any:
    """The ad-hoc sub-processes under way in an instance (as `instance` gives it), with the steps that the person may
    begin by hand."""
    from processes.inbox import optional

    return optional.optional_steps(found, user)


def end_steps(task_id: UUID, *, user: Any) -> None:
    """Say that nothing more is to be done in an ad-hoc sub-process; what is open in it is taken away or waited for,
    as it is drawn."""
    from processes.inbox import optional

    with _acting(user, "task.end_steps", task=task_id):
        optional.end_steps(task_id=task_id, user=user)


def save_draft(task_id: UUID, *, user: Any, data: Mapping[str, Any]) -> None:
    """Keep what was typed so far."""
    from processes.inbox import services

    with _acting(user, "task.draft", task=task_id):
        services.save_draft(task_id=task_id, user=user, data=data)


def snooze(task_id: UUID, *, user: Any, until: datetime | None) -> None:
    """Put one's own task out of sight until a moment; None brings it back."""
    from processes.inbox import services

    with _acting(user, "task.snooze", task=task_id):
        services.snooze(task_id=task_id, user=user, until=until)


def comment(task_id: UUID, *, user: Any, text: str) -> Any:
    """Say something about a task to whoever may see it."""
    from processes.inbox import services

    with _acting(user, "task.comment", task=task_id):
        return services.comment(task_id=task_id, user=user, text=text)


def follow(instance_id: UUID, *, user: Any) -> None:
    """See in one's inbox how an instance goes on."""
    from processes.inbox import services

    services.follow(instance_id=instance_id, user=user)


def unfollow(instance_id: UUID, *, user: Any) -> None:
    """Follow an instance no more."""
    from processes.inbox import services

    services.unfollow(instance_id=instance_id, user=user)


def save_view(name: str, *, user: Any, filters: Mapping[str, Any]) -> Any:
    """Keep a set of inbox filters under a name; the same name again takes its place."""
    from processes.inbox import services

    return services.save_view(user=user, name=name, filters=filters)


def delete_view(view_id: UUID, *, user: Any) -> None:
    """Forget one of one's own views."""
    from processes.inbox import services

    services.delete_view(user=user, view_id=view_id)


# --- migration of instances -------------------------------------------------------------------------------
def plan_migration(
    key: str, source: int, target: int, *, user: Any, changes: Mapping[str, str] | None = None,
    restart: Iterable[str] = (),
) -> Any:  # fmt: skip
    """The way from one version of a process to another: which element stands for which. `changes` says otherwise for
    elements and flows of the old drawing (empty for none), `restart` names those whose timers begin anew."""
    from processes.instance_migration import services

    return services.way(key, source, target, user=user, changes=changes, restart=restart)


def rehearse_migration(way: Any) -> Any:
    """What would become of each running instance of the old version. Nothing is written."""
    from processes.instance_migration import services

    return services.rehearse(way)


def migrate(
    key: str, source: int, target: int, *, user: Any, reason: str, changes: Mapping[str, str] | None = None,
    restart: Iterable[str] = (),
) -> Any:  # fmt: skip
    """Move all running instances of a version to another, in the background; gives the migration."""
    from processes.instance_migration import services

    return services.begin(key, source, target, user=user, reason=reason, changes=changes, restart=restart)


def migration(migration_id: UUID, *, user: Any) -> Any:
    """How far a migration is."""
    from processes.instance_migration import selectors

    return selectors.progress(migration_id, user=user)


def stayed_behind(migration_id: UUID, *, user: Any, limit: int = 100) -> Any:
    """The instances that a migration left where they were, with the reasons."""
    from processes.instance_migration import selectors

    return selectors.stayed(migration_id, user=user, limit=limit)


def stop_migration(migration_id: UUID, *, user: Any) -> Any:
    """Move no more instances; those moved stay moved."""
    from processes.instance_migration import services

    return services.stop(migration_id, user=user)


def undo_migration(migration_id: UUID, instance_id: UUID, *, user: Any) -> None:
    """Put one moved instance back as it was, as long as it has not gone on."""
    from processes.instance_migration import services

    services.undo(migration_id, instance_id, user=user)


# --- reads of people's work --------------------------------------------------------------------------------
def work_for(user: Any, **filters: Any) -> Any:
    """A page of a person's work: box "mine", "teams", "following" or "done", filtered and sorted, most
    urgent first. Filters: box, process, step, customer, due, search, after, limit."""
    from processes.inbox import selectors

    return selectors.work_for(user, **filters)


def counts_for(user: Any) -> Any:
    """How many items stand in a person's boxes (counted to 1000)."""
    from processes.inbox import selectors

    return selectors.counts_for(user)


def count(user: Any, *, box: str) -> int:
    """How many items stand in one box (counted to 1000)."""
    from processes.inbox import selectors

    return selectors.count(user, box=box)


def news_mark() -> str:
    """What stays the same while no work has come to anybody: one indexed row tells."""
    from processes.inbox import news

    return news.mark()


def news_for(user: Any, *, since: datetime) -> int:
    """How many tasks have come to a person or their teams since a moment (counted to a hundred)."""
    from processes.inbox import news

    return news.arrived(user, since)


def saved_views(user: Any) -> Any:
    """A person's saved views of the inbox, in their order."""
    from processes.inbox import selectors

    return selectors.saved_views(user)


def task_form(task_id: UUID, *, user: Any) -> Any:
    """Everything the page of a task shows, and the fingerprint to complete it with."""
    from processes.inbox import selectors

    return selectors.task_form(task_id, user=user)


# --- reads of processes ------------------------------------------------------------------------------------
def history(instance_id: UUID, *, user: Any) -> list[Any]:
    """What happened in an instance, oldest first, in sentences; needs no live code."""
    from processes.inbox import overview

    return overview.history(instance_id, user=user)


def instances(
    user: Any,
    *,
    key: str | None = None,
    subject: Subject | tuple[str, int] | None = None,
    state: str | None = None,
    after: Any = None,
    limit: int = 50,
) -> Any:
    """Instances the person may see, newest first. `state`: running, suspended, incident, completed,
    terminated, error, cancelled."""
    from processes.inbox import overview

    return overview.instances(user, key=key, subject=subject, state=state, after=after, limit=limit)


def instance(instance_id: UUID, *, user: Any) -> ProcessInstance:
    """One instance with its process and version; NotFound unless the person may see it."""
    from processes.inbox import overview

    return overview.instance(instance_id, user=user)


def may_act(instance_id: UUID, *, user: Any) -> bool:
    """Whether the person may stop, repeat and correct an instance."""
    from processes.inbox import overview

    return overview.may_act(instance_id, user=user)


def timers(instance_id: UUID, *, user: Any) -> list[Task]:
    """What an instance waits for in time, the next first."""
    from processes.inbox import overview

    overview.instance(instance_id, user=user)
    return overview.timers(instance_id)


def instances_of_subject(user: Any, subject: Subject | tuple[str, int]) -> Any:
    """The instances about a record, running ones first."""
    from processes.inbox import overview

    return overview.instances_of_subject(user, subject)


def running_about(user: Any, subjects: Iterable[Subject]) -> Any:
    """What runs about some records and where it stands, the most pressing first, as the person may see it."""
    from processes.inbox import running

    return running.running_about(user, subjects)


def drawing(
    *, version_id: UUID | None = None, instance_id: UUID | None = None, language: str | None = None, **figures: Any
) -> str:
    """The drawing of a version, or of an instance with its tokens on it, as SVG. `figures` are laid over a version:
    by node id `tokens`, `notes`, `heat` (0 to 4), `alerts` and `hints`, by flow id `counts`."""
    from processes.runtime import pictures

    return pictures.drawing(version_id=version_id, instance_id=instance_id, language=language, **figures)


def figures(user: Any, key: str, *, weeks: int = 8) -> Any:
    """How a process did of late and how it stands, over the instances the person may see: begun, finished, half done
    in, late, by step, by flow, by end, week by week."""
    from processes.inbox import figures as found

    return found.figures(user, key, weeks=weeks)


def paces(user: Any, *, weeks: int = 8) -> Any:
    """By process key: how many begin in a week, in what time half are done, and both week by week."""
    from processes.inbox import figures as found

    return found.paces(user, weeks=weeks)


def whereabouts(instances: Any) -> Any:
    """Where running instances stand: by id the steps they are at, with since when, with whom, until when."""
    from processes.inbox import whereabouts as found

    return found.whereabouts(instances)


def steps_ahead(instance_id: UUID, node_ids: Iterable[str], *, user: Any) -> dict[str, list[Any]]:
    """What usually comes after steps of an instance, by its drawing and by the ways that were taken of late."""
    from processes.inbox import overview

    return overview.steps_ahead_of(instance_id, node_ids, user=user)


def decisions_taken(instance_id: UUID, *, user: Any) -> list[Any]:
    """Every answer that decision tables gave in an instance, oldest first, with what was asked and the rules that applied."""
    from processes.inbox import overview

    return overview.decisions_taken(instance_id, user=user)


def values(instance_id: UUID, *, user: Any) -> list[Any]:
    """The variables of an instance in the words of its forms and tables."""
    from processes.inbox import overview

    return overview.values_of(instance_id, user=user)


def definitions(user: Any, *, figures: bool = True) -> Any:
    """The processes of the house; with `figures` also how many instances run, are late or have failed."""
    from processes.inbox import overview

    return overview.definitions(user, figures=figures)


def decision_definitions() -> list[Any]:
    """The decisions of the house, by key."""
    from processes.catalog import selectors

    return selectors.decision_definitions()


def follows(instance_id: UUID, *, user: Any) -> bool:
    """Whether the person follows an instance."""
    from processes.inbox import services

    return services.follows(instance_id=instance_id, user=user)


def about_version(version_id: UUID) -> Any:
    """What a version says of itself: purpose, measures, and the decision tables it asks."""
    from processes.inbox import about

    return about.about_version(version_id)


def table_quality(key: str, *, number: int | None = None) -> tuple[Any, ...]:
    """What was found in each table of a version of a decision (the published one unless told), in words with an example,
    and which stored example reaches which rule; NotFound when there is none, Invalid when its file cannot be read."""
    from processes.catalog import selectors
    from processes.catalog.table_quality import table_quality

    version = selectors.decision_version(key, number) if number else selectors.current_decision_version(key)
    return table_quality(version)


def versions(user: Any, key: str) -> Any:
    """The versions of a process, newest first."""
    from processes.catalog import selectors

    return selectors.versions(key)


# --- publishing --------------------------------------------------------------------------------------------
def check(key: str, *, number: int) -> list[Any]:
    """What speaks against publishing a version: findings with code, element, severity and sentence."""
    from processes.catalog import selectors
    from processes.publication import checks

    return checks.check(selectors.version(key, number))


def publish(key: str, *, number: int, user: Any, waivers: Mapping[str, str] | None = None) -> Any:
    """Make a version the one that new instances run on, at once and everywhere; running ones stay on theirs.

    `waivers` gives reasons for findings that a reviewer lets pass. People publish through a change (`submit_change`);
    directly only where nobody else in the house reviews. Raises NotPublishable with the findings, NotAllowed with the
    reason.
    """
    from processes.catalog import selectors
    from processes.publication import changes, services

    version = selectors.version(key, number)
    if user is None:
        return services.publish_now(version, waivers=waivers)
    return changes.publish_directly(version, user=user, waivers=waivers)


def withdraw(key: str, *, user: Any, reason: str) -> Any:
    """Retire the published version of a process: nothing starts on it any more, what runs goes on."""
    from processes.catalog import selectors
    from processes.publication import rights, services

    version = selectors.current_version(key)
    if user is not None:
        rights.demand(rights.may_edit(user, version.definition))
    return services.withdraw(version, user, reason=reason)


# --- drafts ------------------------------------------------------------------------------------------------
def open_draft(key: str, *, user: Any) -> Draft:
    """The draft of a process that all who answer for it share; made from the published version when there is none."""
    from processes.publication import drafting

    return drafting.open_draft(key, user=user)


def open_decision_draft(key: str, *, user: Any) -> Draft:
    """The draft of a decision that all who answer for it share; made from the published version when there is none."""
    from processes.publication import drafting

    return drafting.open_decision_draft(key, user=user)


def may_redraw(user: Any, process: Any) -> bool:
    """Whether the person answers for a process (by its row or its key), and so may open its draft."""
    from processes.publication import drafting

    return drafting.may_redraw(user, process)


def draft_of(key: str, *, user: Any) -> Draft | None:
    """The open draft of a process, or None; for who answers for it."""
    from processes.publication import drafting

    return drafting.draft_of(key, user=user)


def part(version_id: UUID, name: str, *, user: Any) -> tuple[str, int]:
    """A part of a version ("drawing", "tests", "form:<id>", "dmn", "examples") as text, and its revision."""
    from processes.publication import drafting

    return drafting.part(version_id, name, user=user)


def save_part(
    version_id: UUID, name: str, content: str, *, revision: int, user: Any, prefer: str = "theirs", origin: str = ""
) -> Saved:
    """Save a part of a draft that was opened at a revision; what others did meanwhile is merged with it and told.

    Where both changed a place, `prefer` ("theirs" or "mine") decides, and the text that was sent is kept. With `origin`
    (what the editor wrote before the change) only the difference to it is taken over. AlreadyDone
    when it is no draft any more, Invalid when the text cannot be opened again.
    """
    from processes.publication import drafting

    return drafting.save_part(version_id, name, content, revision=revision, user=user, prefer=prefer, origin=origin)


def draft_findings(version_id: UUID, *, user: Any) -> list[Any]:
    """What speaks against publishing a version as it stands; NotFound for who does not answer for it."""
    from processes.publication import drafting

    return drafting.findings(version_id, user=user)


def traps(version_id: UUID, *, user: Any) -> list[Any]:
    """Where work may stand still for ever in a drawing, each with its sentence and the shortest way there."""
    from processes.publication import drafting

    return drafting.traps(version_id, user=user)


def laid_out(text: str) -> str:
    """A drawing with a new layout in place of its own; Invalid for a file that is none."""
    from processes.publication import drafting

    return drafting.laid_out(text)


def pulse(version_id: UUID, name: str, *, user: Any) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Say that the person has a part of a draft open; gives the revision that stands and who else is at the draft."""
    from processes.publication import drafting

    return drafting.pulse(version_id, name, user=user)


# --- incidents ---------------------------------------------------------------------------------------------
def incidents(user: Any, *, key: str | None = None, limit: int = 50, after: Any = None) -> Any:
    """Steps that failed and wait for a person, oldest first."""
    from processes.inbox import overview

    return overview.incidents(user, key=key, limit=limit, after=after)


def retry(task_id: UUID, *, user: Any) -> None:
    """Try a failed step again."""
    from processes.inbox import supervision

    with _acting(user, "incident.retry", task=task_id):
        supervision.retry(task_id=task_id, user=user)


def skip(task_id: UUID, *, user: Any, reason: str, take: str | None = None) -> None:
    """Go on behind a failed or waiting step as if it had been done; `take` names the flow to go on by
    where there is a choice."""
    from processes.inbox import supervision

    with _acting(user, "incident.skip", task=task_id, reason=reason):
        supervision.skip(task_id=task_id, user=user, reason=reason, take=take)


def token_move(task_id: UUID, *, user: Any) -> Any:
    """Where the token of an open row may be moved to, and what that takes away."""
    from processes.inbox import token_moves

    return token_moves.token_move(task_id, user=user)


def move_token(task_id: UUID, *, to: str, user: Any, reason: str) -> None:
    """Take a token away, with all that waits on its behalf, and put it on another element of the same scope."""
    from processes.inbox import supervision

    with _acting(user, "incident.move_token", task=task_id, reason=reason):
        supervision.move_token(task_id=task_id, to=to, user=user, reason=reason)


def edit_variables(instance_id: UUID, *, user: Any, changes: Mapping[str, Any], reason: str) -> None:
    """Set variables of a running instance; None takes a variable away."""
    from processes.inbox import supervision

    with _acting(user, "instance.variables", instance=instance_id, reason=reason):
        supervision.edit_variables(instance_id=instance_id, user=user, changes=changes, reason=reason)


# --- decisions taken again -----------------------------------------------------------------------------------
def begin_replay(
    key: str, before: int, after: int, *, user: Any, since: datetime | None = None, until: datetime | None = None,
    assumed: Mapping[str, Any] | None = None,
) -> DecisionReplay:  # fmt: skip
    """Decide everything recorded of a decision again, in the background, by another version.

    `assumed` are values for inputs that were not recorded. NotAllowed for who does not answer for the decision.
    """
    from processes.insight import services

    return services.begin(key, before, after, user=user, since=since, until=until, assumed=assumed)


def stop_replay(replay_id: UUID, *, user: Any) -> None:
    """Decide no more; the figures so far stay."""
    from processes.insight import services

    services.stop(replay_id, user=user)


def replays(key: str, *, user: Any) -> list[DecisionReplay]:
    """The last replays of a decision, newest first."""
    from processes.insight import selectors

    return selectors.replays(key, user=user)


def replay_figures(replay_id: UUID, *, user: Any) -> Figures:
    """How far a replay is, and its figures by outcome, by attribute of the customer and by rule, in words."""
    from processes.insight import selectors

    return selectors.figures(replay_id, user=user)


def replayed_cases(replay_id: UUID, *, user: Any, **how: Any) -> list[CaseSaid]:
    """The cases of a replay that the person may see: `verdict`, `attributes`, `behind` and `limit` as the selector."""
    from processes.insight import selectors

    return selectors.cases(replay_id, user=user, **how)


def replay_csv(replay_id: UUID, target: Any, *, user: Any, verdict: str = "") -> int:
    """Write the cases that the person may see as CSV; gives their number."""
    from processes.insight import selectors

    return selectors.write_csv(replay_id, target, user=user, verdict=verdict)


# --- what falls due ----------------------------------------------------------------------------------------
def drain() -> int:
    """Deliver every message, run every job and let every timer happen that is due by the clock in use, until
    nothing is left; gives how many things it did. The dispatcher does it all the time; tests and driven
    history do it when they move the clock."""
    from processes.runtime import waking

    return waking.drain()


def next_due() -> datetime | None:
    """The next moment at which something falls due, or None."""
    from processes.runtime import waking

    return waking.next_due()


def by_hand() -> AbstractContextManager[None]:
    """Inside the block, deliveries and jobs of this thread wait for `drain`."""
    from processes.runtime import delivery

    return delivery.by_hand()


# --- what an owner writes ----------------------------------------------------------------------------------
def names_in_scope(version_id: UUID, element: str = "", *, user: Any) -> list[Any]:
    """The names that an expression at an element of a version ("form:<id>" for a form) may use, each with its type, what
    it is called and where it comes from. NotFound for who may not read the version."""
    from processes.publication import scope

    return scope.names_in_scope(version_id, element, user=user)


def check_expression(
    version_id: UUID, element: str, text: str, *, kind: str = "expression", user: Any, also: Iterable[str] = ()
) -> Any:
    """Whether a text that is being written can be read, and whether its names are known: `error` and `unknown` with the
    place in the text. `kind`: expression, unary, duration, value or template."""
    from processes.publication import expressions

    return expressions.check_expression(version_id, element, text, kind=kind, user=user, also=tuple(also))


# --- rehearsals ----------------------------------------------------------------------------------------------
def begin_rehearsal(
    key: str, number: int, *, user: Any, subject_values: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None, at: datetime | None = None, wait: bool = True,
) -> Rehearsal:  # fmt: skip
    """Run a version, a draft or not, on the real engine with throw-away data and a clock under control.

    `subject_values` say how the record shall be (see `rehearsal_fields`), `data` are start values. Whoever answers for
    the process may rehearse any version, whoever works in it may practise the published one. Raises Invalid for a
    drawing that does not run; with `wait=False` a ProcessError while the practice room is still being made.
    """
    from processes.rehearsal import services

    return services.begin(key, number, user=user, subject_values=subject_values, data=data, at=at, wait=wait)


def rehearsal(rehearsal_id: UUID, *, user: Any) -> RehearsalState:
    """How a rehearsal stands: clock, open steps with their forms, what is waited for, values, decisions, mails, way."""
    from processes.rehearsal import services

    return services.state(rehearsal_id, user=user)


def rehearse_step(rehearsal_id: UUID, task_id: UUID, *, data: Mapping[str, Any], user: Any) -> None:
    """Finish an open step of a rehearsal as an invented person of its role; Invalid with errors by field."""
    from processes.rehearsal import services

    services.step(rehearsal_id, task_id, data=data, user=user)


def rehearse_wait(rehearsal_id: UUID, *, user: Any, until: datetime | None = None) -> None:
    """Let time pass in a rehearsal: up to a moment, or to what falls due next."""
    from processes.rehearsal import services

    services.wait(rehearsal_id, until=until, user=user)


def rehearse_message(rehearsal_id: UUID, task_id: UUID, *, user: Any, data: Mapping[str, Any] | None = None) -> None:
    """Let the message or signal come that an open element of a rehearsal waits for."""
    from processes.rehearsal import services

    services.message(rehearsal_id, task_id, data=data, user=user)


def end_rehearsal(rehearsal_id: UUID, *, user: Any) -> None:
    """End a rehearsal and throw its data away."""
    from processes.rehearsal import services

    services.end(rehearsal_id, user=user)


def rehearsal_refused(
    rehearsal_id: UUID, task_id: UUID, *, raw: Mapping[str, Any], errors: Mapping[str, str], user: Any
) -> RehearsalState:
    """How a rehearsal stands, with an answer that a form refused still in its fields."""
    from processes.rehearsal import services

    return services.refused(rehearsal_id, task_id, raw=raw, errors=errors, user=user)


def rehearsable(key: str, *, user: Any) -> Any:
    """What a person may rehearse of a process: its versions, what may be chosen of the record, the own rehearsals.
    NotFound without the process, NotAllowed for who neither answers for it nor works in it."""
    from processes.rehearsal import selectors

    return selectors.rehearsable(key, user=user)


def may_rehearse(version: Any, *, user: Any) -> bool:
    """Whether a person may rehearse or practise a version."""
    from processes.rehearsal import services

    return services.may_rehearse(version, user)


def rehearsal_room() -> bool:
    """Whether a rehearsal can be begun at once; if not, what it needs is being made from now on."""
    from processes.rehearsal import rooms

    rooms.make_soon()
    return rooms.is_ready()


# --- process tests ---------------------------------------------------------------------------------------------
def record_test(rehearsal_id: UUID, name: str, *, user: Any) -> Mapping[str, Any]:
    """Keep what was done in a rehearsal as a test of the draft: steps, and the way, answers and end that came of them."""
    from processes.rehearsal import testing

    return testing.record(rehearsal_id, name, user=user)


def test_from_instance(instance_id: UUID, name: str, *, user: Any) -> Mapping[str, Any]:
    """Keep a finished run as a test of the draft, without anybody's data; see `processes.rehearsal.from_instance`."""
    from processes.rehearsal import from_instance

    return from_instance.record_from(instance_id, name, user=user)


def tests(key: str, number: int | None, *, user: Any) -> Any:
    """The tests of a version, the newest unless told, with what they expect and how they came out last."""
    from processes.rehearsal import selectors

    return selectors.tests(key, number, user=user)


def run_tests(key: str, number: int, *, user: Any) -> list[TestResult]:
    """Run all tests of a version in a sandbox; for who answers for the process."""
    from processes.rehearsal import selectors

    return selectors.run_tests(key, number, user=user)


def remove_test(key: str, number: int, name: str, *, user: Any) -> None:
    """Take a test away from a draft."""
    from processes.rehearsal import testing

    testing.remove(key, number, name, user=user)
# --- two versions side by side --------------------------------------------------------------------------------
def comparable_versions(key: str, *, user: Any) -> tuple[Any, ...]:
    """The versions of a process that the person may compare, newest first: drafts only for who answers for it."""
    from processes.comparison import selectors
    return selectors.versions(key, user=user)
def difference(key: str, before: int, after: int, *, user: Any) -> Difference:
    """What leads from one version of a process to another, in words: drawing, decisions rule by rule, forms, attributes,
    and what it means for running instances. NotFound for versions that are not there or may not be seen."""
    from processes.comparison import selectors
    return selectors.difference(key, before, after, user=user)
def difference_pictures(found: Difference) -> tuple[str, str]:
    """The older and the newer drawing as SVG, with what differs marked by colour, line and a numbered sign."""
    from processes.comparison import selectors
    return selectors.pictures(found)


# --- decisions in the studio ---------------------------------------------------------------------------------
def decisions(user: Any) -> list[Any]:
    """The decisions of the house with their versions and the processes that ask them; none for who may not see them."""
    from processes.decision_studio import overview

    return overview.decisions(user)


def decision(key: str, *, user: Any, number: int | None = None) -> Any:
    """The head of the page of a decision: the version of a number (else the published one, else the newest), all its
    versions, who answers for it, which processes ask it. NotFound for who may not see it."""
    from processes.decision_studio import overview

    return overview.decision(key, user=user, number=number)


def decision_shown(key: str, number: int, *, user: Any) -> tuple[list[Any], list[Any], Any]:
    """A version to be read: its tables with words and marks, its other parts as text, and what was found in it.
    Invalid when its file cannot be read at all."""
    from processes.decision_studio import access, looking, shown

    version = access.seen_version(key, number, user)
    look = looking.look_at(version)
    return (*shown.shown(version, look), look)


def decision_questions(key: str, number: int, *, user: Any, decision: str = "") -> Any:
    """What can be asked of a version, with its inputs as fields. Invalid when its file cannot be read."""
    from processes.decision_studio import access, trying

    return trying.questions(access.seen_version(key, number, user), decision)


def ask_decision(key: str, number: int, texts: Mapping[str, str], *, user: Any, decision: str = "") -> Any:
    """Ask a version with what was typed, by the names of its inputs: the answer with the way there in words. Nothing is
    kept. Invalid, with a sentence by input, for what does not fit."""
    from processes.decision_studio import access, trying

    return trying.ask(access.seen_version(key, number, user), texts, decision)


def decision_difference(key: str, before: int, after: int, *, user: Any) -> list[Any]:
    """What differs between two versions: table by table, rule by rule, and in sentences."""
    from processes.decision_studio import access, comparing

    return comparing.difference(access.seen_version(key, before, user), access.seen_version(key, after, user))


def decision_editor(key: str, number: int, *, user: Any) -> Any:
    """What the table editor needs of a version, for who answers for the decision (else NotAllowed)."""
    from processes.decision_studio import access, editing

    version = access.seen_version(key, number, user)
    access.demand_answering(version.definition, user)
    return editing.editor(version)


def edited_decision(key: str, number: int, *, base: str, form: str | None, rows: Any, user: Any) -> Any:
    """A version with what was edited in the form and the rows of examples, and what is found in it; nothing is saved.
    For who answers for the decision (else NotAllowed); Invalid for what does not fit together."""
    from processes.decision_studio import access, editing

    version = access.seen_version(key, number, user)
    access.demand_answering(version.definition, user)
    return editing.edited(version, base=base, form=form, rows=rows)


def forms_of(version_id: UUID, *, user: Any) -> list[Any]:
    """The forms of a version: their fields, the steps that use them, what is wrong. NotFound for who may not read it."""
    from processes.publication import form_preview

    return form_preview.forms_of(version_id, user=user)


def choice_sources() -> list[str]:
    """The names of the lists that fields of forms may take their choices from."""
    from processes.inbox import choices

    return choices.known()


def record_kind(version: Any) -> SubjectType | None:
    """The kind of record that a version is about, with the fields that its forms may ask for."""
    from processes.publication import form_samples

    return form_samples.subject_of(version)


def form_findings(version_id: UUID, key: str, text: str, *, user: Any) -> list[Any]:
    """What is wrong with the text of a form that is being written, each with the place of its component."""
    from processes.publication import form_preview

    return form_preview.form_findings(version_id, key, text, user=user)


def preview_form(version_id: UUID, key: str, *, user: Any, **how: Any) -> Any:
    """A form as a role would meet it, with values of a record that the person may see; `text`, `role`, `language`, `answer`
    and `tried` as in `form_preview.preview_form`. Nothing is stored."""
    from processes.publication import form_preview

    return form_preview.preview_form(version_id, key, user=user, **how)


# --- content as files ------------------------------------------------------------------------------------------
def export_content(key: str, number: int | None = None, *, user: Any) -> tuple[str, bytes]:
    """The folder of a version (the published one, else the newest, unless told) as a ZIP file: its name and its bytes;
    for who answers for the process."""
    from processes.publication import content

    return content.export(key, number, user=user)


def import_content(key: str, data: bytes, *, user: Any) -> Any:
    """Take in such a ZIP file as the next draft of a process; content that is known changes nothing. What cannot be one,
    and what would take the place of somebody's draft, is refused with a sentence."""
    from processes.publication import content

    with _acting(user, "process.import"):
        return content.bring_in(key, data, user=user)


# --- changes and pilots --------------------------------------------------------------------------------------
def prepare_change(version_id: UUID, *, user: Any) -> ProcessChange:
    """The change that a draft is handed in with: its record is written until then (`record_change`)."""
    from processes.publication import changes

    return changes.prepare(version_id, user=user)


def record_change(change_id: int, *, user: Any, values: Mapping[str, Any]) -> ProcessChange:
    """Write the record of a change that is prepared or sent back: title, diagnosis, owner_id, measures, customer_view,
    training, `waived` (part: reason), customers_notice, way ("now", "at", "pilot"), at, rule, choices, share, pilot_until."""
    from processes.publication import changes

    return changes.record(change_id, user=user, values=values)


def waive_finding(change_id: int, key: str, *, reason: str, user: Any) -> ProcessChange:
    """Let a finding of severity "block" ("code:element") pass with a reason; an empty one takes that back."""
    from processes.publication import changes

    return changes.waive_finding(change_id, key, reason=reason, user=user)


def change_obstacles(change_id: int, *, user: Any) -> list[str]:
    """Why a change cannot be handed in now, as sentences; empty when it can."""
    from processes.publication import changes

    return changes.in_way(changes.change(change_id, user=user))


def submit_change(change_id: int, *, user: Any) -> ProcessChange:
    """Hand a change in: its draft rests and the process “process_change” begins. Invalid says what stands in the way."""
    from processes.publication import changes

    return changes.submit(change_id, user=user)


def withdraw_change(change_id: int, *, reason: str, user: Any) -> ProcessChange:
    """Take one's own change back before anything was published; its review ends."""
    from processes.publication import changes

    return changes.withdraw(change_id, reason=reason, user=user)


def change(change_id: int, *, user: Any) -> ProcessChange:
    """A change that the person may see; NotFound else."""
    from processes.publication import changes

    return changes.change(change_id, user=user)


def changes(key: str, *, user: Any) -> list[ProcessChange]:
    """The changes of a process that the person may see, newest first."""
    from processes.publication import changes as found

    return found.changes(key, user=user)


def bring_up_to_date(version_id: UUID, *, user: Any, prefer: str = "mine") -> tuple[Any, ...]:
    """Merge what was published since a draft was begun into it; gives the conflicts, in which `prefer` has decided."""
    from processes.publication import changes

    return changes.bring_up_to_date(version_id, user=user, prefer=prefer)


def pilots(key: str, *, user: Any) -> list[Any]:
    """The pilots of a process, newest first, with how many instances went where; for who answers for it or reviews."""
    from processes.catalog import selectors
    from processes.publication import piloting, rights

    definition = selectors.definition(key)
    if not (rights.may_edit(user, definition) or rights.may_review(user, definition) or rights.READERS & set(ports.people().roles_of(user))):
        raise NotFound(gettext("There is no such process."))
    return piloting.pilots(key)


def pilot_preview(version_id: UUID, *, user: Any, **how: Any) -> Any:
    """What a pilot would have taken of the instances since a moment: `rule`, `choices`, `share`, `since`."""
    from processes.publication import changes, piloting

    return piloting.preview(changes.prepare(version_id, user=user).version, **how)


def end_pilot(change_id: int, *, roll_out: bool, reason: str, user: Any) -> None:
    """Roll the pilot of a change out, or withdraw it; for who answers for the process."""
    from processes.publication import changes

    changes.change(change_id, user=user)
    with _acting(user, "pilot.end", reason=reason):
        changes.end_pilot(change_id, roll_out=roll_out, reason=reason, user=user)


def may_edit(user: Any, key: str) -> Any:
    """Whether the person may redraw a process; truthy or not, with a `reason` sentence."""
    from processes.catalog import selectors
    from processes.publication import rights

    return rights.may_edit(user, selectors.definition(key))


def may_review(user: Any, key: str, author: Any = None) -> Any:
    """Whether the person may approve a change of a process by an author; as `may_edit`."""
    from processes.catalog import selectors
    from processes.publication import rights

    return rights.may_review(user, selectors.definition(key), author)


def may_publish(user: Any, key: str) -> Any:
    """Whether the person may publish a process without a review; as `may_edit`."""
    from processes.catalog import selectors
    from processes.publication import rights

    return rights.may_publish(user, selectors.definition(key))


# --- registries --------------------------------------------------------------------------------------------
def register_subject(kind: SubjectType) -> SubjectType:
    """Register a kind of record that processes can be about."""
    return ports.subjects().register(kind)


def register_choices(name: str, source: Any) -> None:
    """Register a source of choices for fields of forms: `source(argument, context)` gives (value, label) pairs."""
    from processes.inbox import choices

    choices.register(name, source)


def enqueue(dotted_path: str, *args: Any, key: str | None = None) -> None:
    """Call a function in the background once this transaction has happened; with a `key` once only."""
    from processes.runtime import jobs

    jobs.enqueue(dotted_path, *args, key=key)

