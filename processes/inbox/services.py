"""What people do with their work beside taking it: finish it by its form, keep drafts, put it off, talk about it.

Each call is one transaction with a clear refusal. Moving tokens is the runtime's business; here an answer is
checked, written to the record and handed on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from processes import ports
from processes.actions import ActionCall
from processes.errors import Invalid, NotFound, ProcessError, StaleForm
from processes.inbox.models import InstanceFollower, SavedView, TaskComment
from processes.inbox.reading import Reading, task_of
from processes.inbox.standing import demand_complete
from processes.inbox.substitution import acts_for
from processes.inbox.task_page import CHECKS, fingerprint_of
from processes.inbox.visibility import seen_instances, tasks_seen
from processes.runtime.locks import locked_instance
from processes.runtime.models import ProcessInstance, Task
from processes.spoken import gettext as _

LONGEST_DRAFT = 256 * 1024
LONGEST_COMMENT = 10_000
LONGEST_SNOOZE = timedelta(days=366)
MOST_VIEWS = 50
_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,150})")
_FILTERS = frozenset({"box", "process", "step", "customer", "due", "search"})


# --- finishing by the form -----------------------------------------------------------------------------
def complete_with_form(
    *, task_id: UUID, user: Any, data: Mapping[str, Any], fingerprint: str | None = None
) -> Any:
    """Finish a task with an answer to its form; gives the runtime's `Completed`.

    Bound fields are written to the record through its own service, the others become variables; fields that
    the answer hides become null. Raises AlreadyDone, NotAllowed, Invalid (errors by field, nothing written),
    and StaleForm when the state has changed since the form was opened: what was typed is then the draft.
    """
    from processes.runtime import services

    instance_id = Task.objects.filter(pk=task_id).values_list("process_id", flat=True).first()
    stale: StaleForm | None = None
    with transaction.atomic():
        if instance_id is not None:
            locked_instance(instance_id)
        reading = Reading(task_of(task_id), user)
        absent = demand_complete(reading.task, user)
        if fingerprint and fingerprint != fingerprint_of(reading):
            _keep_draft(reading, data)
            stale = StaleForm(
                _("Something of this has changed since you opened it. What you typed is kept: look at the values "
                  "below once more, then complete it.")
            )  # fmt: skip
        else:
            with ports.audit().acting(acting_for=absent):
                variables = _answer(reading, data)
                _keep_checks(reading.task, data)
                return services.complete(
                    task_id=task_id, user=user, data=variables, instance_id=instance_id, savepoint=False, acting_for=absent
                )
    raise stale


def _answer(reading: Reading, data: Mapping[str, Any]) -> dict[str, Any]:
    """Check an answer, write what belongs to the record, give the variables."""
    form = reading.form
    answer = _without_checks(data)
    cleaned = form.clean(answer, reading.context, user=reading.user)
    if not cleaned.ok:
        raise Invalid(_("Some fields need your attention; the sentences beside them say which."), errors=cleaned.errors)
    scope = {**reading.context, **cleaned.values}
    variables = {
        item.key: cleaned.values.get(item.key)
        for item in form.fields
        if not item.bind and (item.key in cleaned.values or not form.is_readonly(item, scope))
    }
    for subject, changes in form.changes(cleaned.values).items():
        _write(reading, subject, changes)
    return variables


def _write(reading: Reading, subject: str, changes: Mapping[str, Any]) -> None:
    """Write fields of the record that the instance is about; only those that differ."""
    kind, record = reading.kind, reading.record
    if kind is None or record is None or subject != reading.instance.subject_type:
        raise ProcessError(
            _("The form writes to “%(subject)s”, but this process is not about such a record.") % {"subject": subject}
        )
    stored = kind.view(record)
    changed = {name: value for name, value in changes.items() if stored.get(name) != value}
    if not changed:
        return
    task = reading.task
    call = ActionCall(
        name=f"form:{task.form_key}", inputs=changed, subject=reading.step.subject, instance_id=task.process_id,
        task_id=task.pk, key=f"{task.pk}:form", user=reading.user, variables=reading.instance.data,
    )  # fmt: skip
    try:
        kind.apply(record, changed, call)
    except Invalid as error:
        names = {item.bind.partition(".")[2]: item.key for item in reading.form.fields if item.bind}
        raise Invalid(
            error.sentence, errors={names.get(name, name): text for name, text in error.errors.items()}
        ) from error


# --- drafts --------------------------------------------------------------------------------------------
def save_draft(*, task_id: UUID, user: Any, data: Mapping[str, Any]) -> None:
    """Keep what was typed so far, unchecked; only who has the task may. Invalid when it is too much."""
    with transaction.atomic():
        reading = Reading(task_of(task_id), user)
        demand_complete(reading.task, user)
        _keep_draft(reading, data)


def _keep_draft(reading: Reading, data: Mapping[str, Any]) -> None:
    typed = _plain(reading, data)
    if len(json.dumps(typed, default=str)) > LONGEST_DRAFT:
        raise Invalid(_("This is too much to keep as a draft. Shorten it."))
    Task.objects.filter(pk=reading.task.pk).update(draft=typed, draft_at=ports.now())


def _plain(reading: Reading, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as JSON: fields of the form only, ticks as lists."""
    kept: dict[str, Any] = {}
    for item in reading.form.fields:
        if item.key in data:
            value = _many(data, item.key) if item.type == "checklist" else data.get(item.key)
            kept[item.key] = value if isinstance(value, str | bool | int | list | None) else str(value)
    if CHECKS in data:
        kept[CHECKS] = [str(one) for one in _many(data, CHECKS)]
    return kept


def _many(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.getlist(key) if hasattr(data, "getlist") else data.get(key)
    return list(value) if isinstance(value, list | tuple) else [value]


def _without_checks(data: Mapping[str, Any]) -> Mapping[str, Any]:
    if CHECKS not in data:
        return data
    if hasattr(data, "copy") and hasattr(data, "getlist"):
        rest = data.copy()
        del rest[CHECKS]
        return rest
    return {key: value for key, value in data.items() if key != CHECKS}


def _keep_checks(task: Task, data: Mapping[str, Any]) -> None:
    """The ticks of the checklist stay with the finished task."""
    if CHECKS in data:
        checks = [str(one) for one in _many(data, CHECKS)]
        Task.objects.filter(pk=task.pk).update(data={**task.data, "checks": checks})


# --- putting off ---------------------------------------------------------------------------------------
def snooze(*, task_id: UUID, user: Any, until: datetime | None) -> None:
    """Put one's own task out of sight until a moment (None: back at once). Its limit keeps running."""
    task = task_of(task_id)
    demand_complete(task, user)
    now = ports.now()
    if until is not None and until <= now:
        raise Invalid(_("That moment has passed. Choose a later one."), errors={"until": _("Choose a later moment.")})
    if until is not None and until > now + LONGEST_SNOOZE:
        raise Invalid(_("A task can rest for a year at most."), errors={"until": _("Choose an earlier moment.")})
    Task.objects.filter(pk=task_id, owner=task.owner_id).update(followup_at=until)


# --- talking -------------------------------------------------------------------------------------------
def comment(*, task_id: UUID, user: Any, text: str) -> TaskComment:
    """Say something about a task to whoever may see it. People mentioned (@sign-in name) who may see it are
    told, and whoever has the task or follows the instance."""
    said = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not said:
        raise Invalid(_("Write something first."), errors={"text": _("Write something first.")})
    if len(said) > LONGEST_COMMENT:
        raise Invalid(_("The comment is too long: at most %(n)d characters.") % {"n": LONGEST_COMMENT})
    with transaction.atomic():
        task = _seen(task_id, user)
        mentioned = _mentioned(task, said, user)
        row = TaskComment.objects.create(
            task=task, instance=task.process, author=user, acting_for=acts_for(task, user) if task.is_open else None,
            text=said, mentioned=[person.pk for person in mentioned],
        )  # fmt: skip
        told = {person.pk for person in mentioned} | {user.pk}
        listening = [follower.user for follower in task.process.followers.select_related("user")]
        if task.is_open and task.owner is not None:
            listening.append(task.owner)
        others = {person.pk: person for person in listening if person.pk not in told}
        context = {"title": task.labels or task.node_id, "task_id": task.pk, "subject": _subject(task.process)}
        if mentioned:
            ports.notifier().notify(users=mentioned, kind="mentioned", context={**context, "key": f"mention:{row.pk}"})
        if others:
            ports.notifier().notify(
                users=list(others.values()), kind="commented", context={**context, "key": f"comment:{row.pk}"}
            )
        return row


def _mentioned(task: Task, text: str, author: Any) -> list[Any]:
    names = {name.rstrip(".") for name in _MENTION.findall(text)}
    if not names:
        return []
    people = get_user_model()._default_manager.filter(is_active=True, username__in=names).exclude(pk=author.pk)
    return [person for person in people if Task.objects.filter(tasks_seen(person), pk=task.pk).exists()]


def _seen(task_id: UUID, user: Any) -> Task:
    """The task, if the person may look at it; NotFound otherwise."""
    task = task_of(task_id)
    if not Task.objects.filter(tasks_seen(user), pk=task.pk).exists():
        raise NotFound(_("There is no such task."))
    return task


def _subject(instance: ProcessInstance) -> ports.Subject | None:
    if not instance.subject_type or instance.subject_id is None:
        return None
    return ports.Subject(instance.subject_type, instance.subject_id)


# --- following -----------------------------------------------------------------------------------------
def follow(*, instance_id: UUID, user: Any) -> None:
    """See in one's inbox how an instance goes on; nothing happens when it is followed already."""
    if not seen_instances(user).filter(pk=instance_id).exists():
        raise NotFound(_("There is no such process instance."))
    InstanceFollower.objects.get_or_create(instance_id=instance_id, user=user)


def unfollow(*, instance_id: UUID, user: Any) -> None:
    """Follow an instance no more."""
    InstanceFollower.objects.filter(instance_id=instance_id, user=user).delete()


def follows(*, instance_id: UUID, user: Any) -> bool:
    """Whether the person follows an instance."""
    return InstanceFollower.objects.filter(instance_id=instance_id, user=user).exists()


# --- saved views ---------------------------------------------------------------------------------------
def save_view(*, user: Any, name: str, filters: Mapping[str, Any]) -> SavedView:
    """Keep a set of inbox filters under a name; the same name again takes its place."""
    title = " ".join(name.split())
    if not title or len(title) > 100:
        raise Invalid(_("Give the view a name of at most 100 characters."), errors={"name": _("Give it a name.")})
    strange = sorted(set(filters) - _FILTERS)
    if strange:
        raise Invalid(_("“%(name)s” is no filter of the inbox.") % {"name": strange[0]})
    kept = {key: value for key, value in filters.items() if value not in (None, "")}
    views = SavedView.objects.filter(user=user)
    if not views.filter(name=title).exists() and views.count() >= MOST_VIEWS:
        raise Invalid(_("You have %(n)d views already. Delete one you no longer use.") % {"n": MOST_VIEWS})
    view, _new = SavedView.objects.update_or_create(
        user=user, name=title, defaults={"filters": kept}, create_defaults={"filters": kept, "position": views.count()}
    )
    return view


def delete_view(*, user: Any, view_id: UUID) -> None:
    """Forget one of one's own views."""
    if not SavedView.objects.filter(user=user, pk=view_id).delete()[0]:
        raise NotFound(_("There is no such view."))


def order_views(*, user: Any, ids: Sequence[UUID]) -> None:
    """Put one's views in an order; those not named come after."""
    views = {view.pk: view for view in SavedView.objects.filter(user=user)}
    ordered = [views.pop(pk) for pk in dict.fromkeys(ids) if pk in views] + list(views.values())
    for position, view in enumerate(ordered):
        view.position = position
    SavedView.objects.bulk_update(ordered, ["position"])
