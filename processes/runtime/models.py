"""The engine's state as rows: instances, tasks with their tokens, offers, outbox, start subscriptions, history.

An instance is about one subject and runs one version. Every place where a token rests is an open `Task`
row; what a token has passed is a closed one, so the rows are the event log as well. Labels are stored with
the row: history stays readable when the version it came from no longer compiles. Viewflow's abstract
classes give the references to flow and node and the states; its token string and M2M are left out, since
the columns below say more with fewer statements.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import PROCESS, STATUS

from processes import ports
from processes.runtime.clock_models import Clocked, ClockEvent, HouseRung, PauseReason
from processes.runtime.lookups import Literally
from processes.spoken import told

OPEN = (STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED, STATUS.SCHEDULED, STATUS.ERROR)
WAITING = (STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED)
CLOSED = (STATUS.DONE, STATUS.CANCELED, STATUS.REVIVED)
HUMAN_KINDS = ("userTask", "manualTask")
_open = Q(status__in=[str(state) for state in OPEN])
models.CharField.register_lookup(Literally)


class InstanceQuerySet(models.QuerySet["ProcessInstance"]):
    """Words of the business for instances."""

    def running(self) -> InstanceQuerySet:
        """Not ended; suspended ones count."""
        return self.filter(status__literally=PROCESS.NEW)

    def about(self, subject_type: str, subject_id: int) -> InstanceQuerySet:
        """About one record."""
        return self.filter(subject_type=subject_type, subject_id=subject_id)

    def stored(self) -> InstanceQuerySet:
        """Without the reference to live code: readable whatever became of the version."""
        return self.defer("flow_class")


class ProcessInstance(Clocked, AbstractProcess):
    """One run of a process version, about one subject."""

    class Outcome(models.TextChoices):
        COMPLETED = "completed", _("Completed")
        TERMINATED = "terminated", _("Terminated")
        ERROR = "error", _("Ended in an error")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created = models.DateTimeField(_("Started"), default=ports.now)
    # Both are found by indexes of the class: a definition's with the start, a version's while it runs.
    definition = models.ForeignKey(
        "process_catalog.ProcessDefinition", models.PROTECT, db_index=False, verbose_name=_("Process")
    )
    version = models.ForeignKey(
        "process_catalog.ProcessVersion", models.PROTECT, db_index=False, verbose_name=_("Version")
    )
    labels = models.JSONField(_("Process name"), default=dict, blank=True)
    title = models.CharField(_("Title"), max_length=300, blank=True)
    business_key = models.CharField(_("Business key"), max_length=200, blank=True, db_index=True)
    subject_type = models.CharField(_("Kind of record"), max_length=50, blank=True)
    subject_id = models.BigIntegerField(_("Record"), null=True, blank=True)
    data = models.JSONField(_("Variables"), default=dict, blank=True)
    parent_task = models.ForeignKey(
        "Task", models.CASCADE, null=True, blank=True, related_name="child_instances", db_constraint=False,
        verbose_name=_("Called by"),
    )  # fmt: skip
    root = models.ForeignKey("self", models.CASCADE, related_name="+", db_constraint=False, verbose_name=_("Root"))
    depth = models.PositiveSmallIntegerField(_("Depth of calls"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Started by"),
    )  # fmt: skip
    last_actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Last acted"),
    )  # fmt: skip
    suspended = models.BooleanField(_("Suspended"), default=False)
    priority = models.SmallIntegerField(_("Priority"), default=50)
    outcome = models.CharField(_("Outcome"), max_length=20, choices=Outcome.choices, blank=True)
    end_node = models.CharField(_("End"), max_length=300, blank=True)
    end_labels = models.JSONField(_("Name of the end"), default=dict, blank=True)
    error = models.JSONField(_("Error"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Ended by"),
    )  # fmt: skip
    end_reason = models.TextField(_("Reason"), blank=True)
    idempotency_key = models.CharField(_("Start key"), max_length=200, null=True, blank=True)

    objects = InstanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Process instance")
        verbose_name_plural = _("Process instances")
        default_permissions = ("add", "change", "delete", "view", "manage")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="instance_subject"),
            models.Index(fields=["definition", "created"], name="instance_started"),
            models.Index(fields=["created"], name="instance_newest"),
            models.Index(fields=["version"], name="instance_running", condition=Q(status="NEW")),
            models.Index(fields=["definition", "finished"], name="instance_failed", condition=Q(outcome="error")),
            models.Index(
                fields=["clock_at"], name="instance_clock", condition=Q(status="NEW", clock_at__isnull=False)
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["idempotency_key"], name="instance_start_key")]

    def __str__(self) -> str:
        return self.title or self.business_key or str(self.pk)

    @property
    def failed_because(self) -> str:
        """The error it ended in, in the language in use; empty when it did not."""
        return told(self.error)

    @property
    def coerced(self) -> ProcessInstance:
        """Itself: there is one class of instances, and no need to wake the flow class for it."""
        return self

    @property
    def is_open(self) -> bool:
        """Not ended yet."""
        return self.status == PROCESS.NEW

    @property
    def key(self) -> str:
        """The key of its process."""
        return self.definition.key


class TaskQuerySet(models.QuerySet["Task"]):
    """Words of the business for tasks."""

    def open(self) -> TaskQuerySet:
        """Not done, cancelled or replaced; an error counts as open."""
        return self.filter(status__literally=OPEN)

    def human(self) -> TaskQuerySet:
        """Work of people: user and manual tasks, without the bodies of multi-instance ones."""
        return self.filter(kind__literally=HUMAN_KINDS, is_body=False)

    def waiting(self) -> TaskQuerySet:
        """Not done, and neither failed nor waiting for a moment: what somebody has, or may take."""
        return self.filter(status__literally=WAITING)

    def tokens(self) -> TaskQuerySet:
        """Open rows on which a token rests; armed events of a host are none."""
        return self.open().filter(armed=False)

    def incidents(self) -> TaskQuerySet:
        """Rows that failed and wait for a person."""
        return self.filter(status__literally=STATUS.ERROR)

    def stored(self) -> TaskQuerySet:
        """Without the reference to live code: readable whatever became of the version."""
        return self.defer("flow_task")


class Task(Clocked, AbstractTask):
    """A place where a token rests or that it has passed, and, for people, a piece of work.

    `parent` is the row this one lives inside (the body of a multi-instance activity or a sub-process).
    `armed` rows wait for an event and are no token; `host` is the row whose waiting armed them (boundary
    events, alternatives of an event-based gateway). `arrived_by` is the id of the sequence flow it came in by, `prev_task` the
    row it came from. `next_attempt_at` is when the dispatcher must look at the row: a timer that falls due,
    a job to run or to run again, the end of a running job's lease.
    """

    # Viewflow columns we do without.
    previous = None
    token = None
    external_task_id = None
    owner_permission = None

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey(ProcessInstance, models.CASCADE, verbose_name=_("Process instance"))
    status = models.CharField(_("Status"), choices=STATUS.choices, default=STATUS.NEW, max_length=20)
    created = models.DateTimeField(_("Created"), default=ports.now)
    scheduled = models.DateTimeField(_("Scheduled"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="owned_tasks", db_index=False,
        verbose_name=_("Owner"),
    )  # fmt: skip
    owner_permission_content_type = models.ForeignKey(
        ContentType, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    node_id = models.CharField(_("Element"), max_length=300)
    kind = models.CharField(_("Kind"), max_length=40)
    labels = models.JSONField(_("Name"), default=dict, blank=True)
    role = models.CharField(_("Role"), max_length=150, blank=True)
    form_key = models.CharField(_("Form"), max_length=150, blank=True)
    icon = models.CharField(_("Icon"), max_length=50, blank=True)
    badge = models.CharField(_("Badge"), max_length=50, blank=True)

    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="inner_tasks", db_index=False,
        verbose_name=_("Inside"),
    )  # fmt: skip
    host = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="armed_events", db_index=False,
        verbose_name=_("Armed by"),
    )  # fmt: skip
    prev_task = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="next_tasks", db_index=False,
        db_constraint=False, verbose_name=_("Came from"),
    )  # fmt: skip
    arrived_by = models.CharField(_("Came in by"), max_length=300, blank=True)
    armed = models.BooleanField(_("Armed"), default=False)
    is_body = models.BooleanField(_("Body of a multi-instance activity"), default=False)
    loop_counter = models.PositiveIntegerField(_("Number in the loop"), null=True, blank=True)

    followup_at = models.DateTimeField(_("Snoozed until"), null=True, blank=True)
    priority = models.SmallIntegerField(_("Priority"), default=50)
    event_key = models.CharField(_("Waits for"), max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("Next look"), null=True, blank=True)
    error = models.JSONField(_("Error"), null=True, blank=True)
    data = models.JSONField(_("Data"), default=dict, blank=True)
    draft = models.JSONField(_("Draft"), null=True, blank=True)
    draft_at = models.DateTimeField(_("Draft kept at"), null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="completed_tasks",
        db_index=False, verbose_name=_("Completed by"),
    )  # fmt: skip
    completed_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Completed for"), help_text=_("The absent person in whose stead it was done"),
    )  # fmt: skip

    # Read by Viewflow's Activation; GFKs to arbitrary rows are not ours.
    seed = None
    artifact = None

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("Task")
        verbose_name_plural = _("Tasks")
        indexes = [
            models.Index(fields=["process"], name="task_open", condition=_open),
            models.Index(
                fields=["priority", "due_at"], name="task_inbox",
                condition=Q(status__in=["NEW", "ASSIGNED", "STARTED"], kind__in=HUMAN_KINDS, is_body=False),
            ),
            models.Index(
                fields=["owner", "due_at"], name="task_owned",
                condition=Q(status__in=["NEW", "ASSIGNED", "STARTED"], owner__isnull=False),
            ),
            models.Index(fields=["owner", "process"], name="task_of_owner", condition=Q(owner__isnull=False)),
            models.Index(fields=["node_id", "owner", "assigned"], name="task_turns", condition=Q(owner__isnull=False)),
            models.Index(
                fields=["completed_by", "finished"], name="task_finished_by", condition=Q(completed_by__isnull=False)
            ),
            models.Index(
                fields=["completed_for", "finished"], name="task_finished_for", condition=Q(completed_for__isnull=False)
            ),
            models.Index(
                fields=["next_attempt_at"], name="task_wake",
                condition=Q(status__in=["SCHEDULED", "STARTED"], next_attempt_at__isnull=False),
            ),
            models.Index(fields=["clock_at"], name="task_clock", condition=_open & Q(clock_at__isnull=False)),
            models.Index(fields=["event_key"], name="task_event", condition=_open & ~Q(event_key="")),
            models.Index(fields=["created"], name="task_incident", condition=Q(status="ERROR")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return ports.text(self.labels) or self.node_id

    @property
    def failed_because(self) -> str:
        """Why it failed, in the language in use; empty when it did not."""
        return told(self.error)

    @property
    def coerced(self) -> Task:
        """Itself: there is one class of tasks."""
        return self

    @property
    def is_open(self) -> bool:
        """Not done, cancelled or replaced."""
        return self.status in OPEN

    @property
    def is_token(self) -> bool:
        """Whether a token rests here (an armed event of a host is none)."""
        return self.is_open and not self.armed

    @property
    def is_human(self) -> bool:
        """Whether a person does it."""
        return self.kind in HUMAN_KINDS and not self.is_body

    @property
    def name(self) -> str:
        """Its name in the language in use."""
        return str(self)


class TaskCandidate(models.Model):
    """Whom a task is offered to, or, with `excluded`, who may not do it (four eyes).

    A row with `group` offers it to that role within the place `scope_key` ("" is any place), a row with
    `user` to one person.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="candidates", verbose_name=_("Task"))
    group = models.ForeignKey(
        "auth.Group", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Role")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Person")
    )
    scope_key = models.CharField(_("Place"), max_length=100, blank=True)
    excluded = models.BooleanField(_("May not do it"), default=False)

    class Meta:
        verbose_name = _("Candidate")
        verbose_name_plural = _("Candidates")
        constraints = [
            models.CheckConstraint(
                name="candidate_role_or_person",
                condition=Q(group__isnull=False, user__isnull=True) | Q(group__isnull=True, user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group or self.user} {self.scope_key}".strip()


class Outbox(models.Model):
    """What must happen once this transaction has happened: a message, a signal, the end of a called process.

    `waiting` is a message that nobody waits for yet; it is kept until `expires_at`.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("To be delivered")
        WAITING = "waiting", _("Nobody waits for it yet")
        DELIVERED = "delivered", _("Delivered")
        EXPIRED = "expired", _("Nobody wanted it in time")
        DEAD = "dead", _("Could not be delivered")
        DROPPED = "dropped", _("Given up by a person")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("Kind"), max_length=40)
    name = models.CharField(_("Name"), max_length=300, blank=True)
    key = models.CharField(_("Key"), max_length=200, null=True, blank=True)
    event_key = models.CharField(_("Event"), max_length=255, blank=True)
    payload = models.JSONField(_("Payload"), default=dict, blank=True)
    instance = models.ForeignKey(
        ProcessInstance, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Sent by"),
    )  # fmt: skip
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("For")
    )
    state = models.CharField(_("State"), max_length=20, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("Next attempt"), null=True, blank=True, default=ports.now)
    error = models.JSONField(_("Error"), null=True, blank=True)
    created = models.DateTimeField(_("Created"), default=ports.now)
    delivered_at = models.DateTimeField(_("Delivered"), null=True, blank=True)
    expires_at = models.DateTimeField(_("Kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("Message")
        verbose_name_plural = _("Messages")
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="outbox_due", condition=Q(state__in=["pending", "waiting"])
            ),
            models.Index(fields=["event_key"], name="outbox_waiting", condition=Q(state="waiting")),
            models.Index(fields=["created"], name="outbox_dead", condition=Q(state="dead")),
        ]
        constraints = [models.UniqueConstraint(fields=["key"], name="outbox_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class StartSubscription(models.Model):
    """A start event of a published version that waits for a message, a signal or a moment."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        SIGNAL = "signal", _("Signal")
        TIMER = "timer", _("Timer")
        CONDITIONAL = "conditional", _("Condition")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(
        "process_catalog.ProcessVersion", models.PROTECT, related_name="start_subscriptions",
        verbose_name=_("Version"),
    )  # fmt: skip
    node_id = models.CharField(_("Element"), max_length=300)
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("Name"), max_length=300, blank=True)
    subject_type = models.CharField(_("Kind of record"), max_length=50, blank=True)
    next_due = models.DateTimeField(_("Next start"), null=True, blank=True)
    remaining = models.PositiveIntegerField(_("Starts left"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    error = models.JSONField(_("Error"), null=True, blank=True)
    active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Start subscription")
        verbose_name_plural = _("Start subscriptions")
        constraints = [models.UniqueConstraint(fields=["version", "node_id", "kind", "name"], name="start_once")]
        indexes = [
            models.Index(fields=["kind", "name"], name="start_by_name", condition=Q(active=True)),
            models.Index(fields=["next_due"], name="start_due", condition=Q(active=True, next_due__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class VariableChange(models.Model):
    """That a variable of an instance got a value: who, where and when. Values are as `feel.to_json` gives."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    instance = models.ForeignKey(
        ProcessInstance, models.CASCADE, related_name="variable_changes", verbose_name=_("Process instance")
    )
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("Step")
    )
    name = models.CharField(_("Variable"), max_length=200)
    value = models.JSONField(_("Value"), null=True)
    at = models.DateTimeField(_("When"), default=ports.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("By"),
    )  # fmt: skip
    reason = models.TextField(_("Reason"), blank=True)

    class Meta:
        verbose_name = _("Variable change")
        verbose_name_plural = _("Variable changes")

    def __str__(self) -> str:
        return self.name


class PilotAssignment(models.Model):
    """Where an instance went that began while a pilot ran: to the pilot, or why not.

    `control` matched and was not drawn: it is what the pilot is compared with. `outside` did not match, `broken` could
    not be asked; all three run on the published version.
    """

    class Arm(models.TextChoices):
        PILOT = "pilot", _("Pilot")
        CONTROL = "control", _("Like the pilot’s, on the published version")
        OUTSIDE = "outside", _("Not meant by the rule")
        BROKEN = "broken", _("The rule could not be asked")

    instance = models.OneToOneField(
        ProcessInstance, models.CASCADE, primary_key=True, related_name="pilot_assignment",
        verbose_name=_("Process instance"),
    )  # fmt: skip
    pilot = models.ForeignKey(
        "process_catalog.Pilot", models.PROTECT, related_name="assignments", db_index=False, verbose_name=_("Pilot")
    )
    arm = models.CharField(_("Went to"), max_length=10, choices=Arm.choices)

    class Meta:
        verbose_name = _("Pilot assignment")
        verbose_name_plural = _("Pilot assignments")
        indexes = [models.Index(fields=["pilot", "arm"], name="pilot_arm")]

    def __str__(self) -> str:
        return f"{self.arm}: {self.instance_id}"


class JobLedger(models.Model):
    """Keys of background calls asked for through `enqueue(key=...)`, so that a second asking does nothing."""

    key = models.CharField(_("Key"), max_length=200, primary_key=True)
    created = models.DateTimeField(_("Created"), default=ports.now)

    class Meta:
        verbose_name = _("Background call")
        verbose_name_plural = _("Background calls")

    def __str__(self) -> str:
        return self.key


def is_running(instance: Any) -> bool:
    """Whether steps may be taken: neither ended nor suspended."""
    return instance.status == PROCESS.NEW and not instance.suspended


__all__ = [
    "CLOSED", "HUMAN_KINDS", "OPEN", "PROCESS", "STATUS", "WAITING", "ClockEvent", "HouseRung", "InstanceQuerySet", "JobLedger",
    "Outbox", "PauseReason", "PilotAssignment", "ProcessInstance", "StartSubscription", "Task", "TaskCandidate", "TaskQuerySet",
    "VariableChange", "is_running",
]  # fmt: skip
