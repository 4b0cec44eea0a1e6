"""Rows of definitions and their numbered versions, of processes and of decisions.

A definition is what people talk about ("complaint handling"), a version is one text of it. A version that
was published never changes again: running instances stand on it, and decisions once taken must stay
explainable. The models refuse a change with a sentence; `guards` makes the database refuse it too.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports
from processes.catalog.errors import ImmutableVersion
from processes.catalog.hashing import decision_hash, process_hash

key_validator = RegexValidator(
    r"\A[a-z][a-z0-9_]*\Z",
    _("A key begins with a small letter and holds only small letters, digits and underscores."),
)


class State(models.TextChoices):
    """Where a version stands in its life."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    PILOTED = "piloted", _("Piloted")
    RETIRED = "retired", _("Retired")


OPEN_STATES = (State.DRAFT, State.IN_REVIEW)
"""States in which the content may still be changed."""


class Definition(models.Model):
    """What is common to definitions of processes and of decisions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(_("key"), max_length=60, unique=True, validators=[key_validator])
    titles = models.JSONField(
        _("titles"), default=dict, help_text=_("By language, e.g. {“en”: “Complaints”}.")
    )
    descriptions = models.JSONField(_("descriptions"), default=dict, blank=True)
    category = models.CharField(_("category"), max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    created_at = models.DateTimeField(_("created at"), default=ports.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title()

    def title(self, language: str | None = None) -> str:
        """The title in a language, the key where there is none."""
        return ports.text(self.titles, language) or self.key


class ProcessDefinition(Definition):
    """A process of the house, over all its versions."""

    subject_type = models.CharField(_("subject type"), max_length=60, blank=True)
    owner_role = models.CharField(
        _("owner’s role"), max_length=150, blank=True, help_text=_("Who answers for it where no person is named.")
    )

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        ordering = ["key"]


class DecisionDefinition(Definition):
    """A decision of the house, over all its versions; several processes may ask it."""

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["key"]


class Version(models.Model):
    """What is common to versions: number, state, hash, and that published content stays as it is."""

    CONTENT: tuple[str, ...] = ()
    """Names of the fields that never change once the version was published."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    content_hash = models.CharField(_("content hash"), max_length=64, editable=False, db_index=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created at"), default=ports.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; ImmutableVersion when a published version's content, or its way back to draft, is asked."""
        stored = None if self._state.adding else self._stored()
        if stored is None or stored.is_open:
            self.content_hash = self.compute_hash()
        else:
            changed = [f for f in self.CONTENT if getattr(self, f) != getattr(stored, f)]
            if changed or self.is_open:
                raise ImmutableVersion(self)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete a draft; ImmutableVersion for anything that was published."""
        stored = self._stored()
        if stored is not None and not stored.is_open:
            raise ImmutableVersion(self)
        return super().delete(*args, **kwargs)

    def compute_hash(self) -> str:
        """The hash of the content as it stands in memory."""
        raise NotImplementedError

    @property
    def is_open(self) -> bool:
        """Whether the content may still change."""
        return self.state in OPEN_STATES

    def _stored(self) -> Version | None:
        return type(self)._base_manager.filter(pk=self.pk).first()


class ProcessVersion(Version):
    """One numbered text of a process: the drawing as it came, its forms and its tests."""

    CONTENT = ("definition_id", "number", "bpmn", "forms", "tests", "content_hash")

    definition = models.ForeignKey(
        ProcessDefinition, models.PROTECT, related_name="versions", verbose_name=_("process")
    )
    bpmn = models.TextField(_("drawing"), help_text=_("BPMN 2.0 XML, kept word for word."))
    forms = models.JSONField(_("forms"), default=dict, blank=True, help_text=_("Form schemas by their id."))
    tests = models.JSONField(_("tests"), default=list, blank=True)
    base = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("drawn from"), editable=False
    )
    waivers = models.JSONField(
        _("waivers"), default=dict, blank=True, help_text=_("Findings a reviewer let pass, with the reason.")
    )

    class Meta:
        verbose_name = _("process version")
        verbose_name_plural = _("process versions")
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="process_version_number"),
            models.UniqueConstraint(
                fields=["definition"],
                condition=models.Q(state="published"),
                name="process_version_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition.key} v{self.number}"

    def compute_hash(self) -> str:
        return process_hash(self.bpmn, self.forms)


class DecisionVersion(Version):
    """One numbered text of a decision: the DMN file as it came, and the examples it must satisfy."""

    CONTENT = ("definition_id", "number", "dmn", "examples", "content_hash")

    definition = models.ForeignKey(
        DecisionDefinition, models.PROTECT, related_name="versions", verbose_name=_("decision")
    )
    dmn = models.TextField(_("decision table"), help_text=_("DMN XML, kept word for word."))
    examples = models.JSONField(
        _("examples"), default=list, blank=True, help_text=_("Inputs with the outcome they must give.")
    )
    base = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("drawn from"), editable=False
    )

    class Meta:
        verbose_name = _("decision version")
        verbose_name_plural = _("decision versions")
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="decision_version_number"),
            models.UniqueConstraint(
                fields=["definition"],
                condition=models.Q(state="published"),
                name="decision_version_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition.key} v{self.number}"

    def compute_hash(self) -> str:
        return decision_hash(self.dmn, self.examples)


class PinnedDecision(models.Model):
    """The decision version that a process version asks, fixed when the process version was published."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process_version = models.ForeignKey(ProcessVersion, models.CASCADE, related_name="pins")
    key = models.CharField(_("key"), max_length=60)
    decision_version = models.ForeignKey(DecisionVersion, models.PROTECT, related_name="pins")

    class Meta:
        verbose_name = _("pinned decision")
        verbose_name_plural = _("pinned decisions")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["process_version", "key"], name="pinned_decision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.process_version}: {self.decision_version}"


class Pilot(models.Model):
    """A version that is tried on a part of what begins: those that match, or a share of them.

    `choices` are values by group of the subject ("branch", "customer_class" ...), `rule` is FEEL over its declared
    fields; both must hold. The share is drawn by a hash of the pilot's and the customer's id, not by a stored draw: the
    same customer is always drawn alike, on every worker and for every process of theirs, with nothing to write or to
    wait for, and the preview tells the truth before the pilot begins. One pilot of a process at a time, else their
    effects could not be told apart.
    """

    class End(models.TextChoices):
        ROLLED_OUT = "rolled_out", _("Rolled out")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    definition = models.ForeignKey(
        ProcessDefinition, models.PROTECT, related_name="pilots", db_index=False, verbose_name=_("process")
    )
    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="pilots", verbose_name=_("version"))
    rule = models.TextField(_("rule"), blank=True, help_text=_("FEEL over the fields of the record; empty for all."))
    choices = models.JSONField(_("only these"), default=dict, blank=True)
    share = models.PositiveSmallIntegerField(_("share in per cent"), default=100)
    since = models.DateTimeField(_("since"), default=ports.now)
    until = models.DateTimeField(_("runs until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("begun by")
    )
    error = models.JSONField(_("what is wrong with the rule"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("ended by")
    )
    end = models.CharField(_("how it ended"), max_length=20, choices=End.choices, blank=True)
    end_reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("pilot")
        verbose_name_plural = _("pilots")
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(name="pilot_share", condition=models.Q(share__gte=0, share__lte=100)),
            models.UniqueConstraint(
                fields=["definition"], name="pilot_one_at_a_time", condition=models.Q(ended_at__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["definition", "since"], name="pilot_of_definition")]

    def __str__(self) -> str:
        return f"{self.version} {self.since:%Y-%m-%d}"


class DraftRevision(models.Model):
    """What one part of a draft was after somebody saved it: the drawing, a form, the tests, a decision or its examples.

    Numbers count from 0 (the part as the draft began) for each part. A row that is `aside` never stood in the draft:
    somebody else had changed the same place, and what was typed is kept here.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process_version = models.ForeignKey(ProcessVersion, models.CASCADE, null=True, related_name="revisions")
    decision_version = models.ForeignKey(DecisionVersion, models.CASCADE, null=True, related_name="revisions")
    part = models.CharField(_("part"), max_length=120)
    number = models.PositiveIntegerField(_("number"))
    content = models.TextField(_("content"))
    aside = models.BooleanField(_("kept aside"), default=False)
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("draft revision")
        verbose_name_plural = _("draft revisions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["process_version", "part", "number"], name="draft_revision_of_process",
                condition=models.Q(process_version__isnull=False, aside=False),
            ),
            models.UniqueConstraint(
                fields=["decision_version", "part", "number"], name="draft_revision_of_decision",
                condition=models.Q(decision_version__isnull=False, aside=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.process_version or self.decision_version}: {self.part} {self.number}"


class DraftPresence(models.Model):
    """Who has a part of a draft open, and when their page last said so."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.UUIDField(_("version"))
    part = models.CharField(_("part"), max_length=120)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(_("seen at"))

    class Meta:
        verbose_name = _("presence at a draft")
        verbose_name_plural = _("presences at drafts")
        constraints = [models.UniqueConstraint(fields=["version", "part", "user"], name="draft_presence_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.version} {self.part}"


class DecisionEvaluation(models.Model):
    """One answer that a decision gave: what it was asked, what it said, and by which rules.

    `instance` and `task` are ids of the runtime's rows, which stand above the catalogue; `element` is the id
    of the business rule task in the drawing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision_version = models.ForeignKey(DecisionVersion, models.PROTECT, related_name="evaluations")
    decision = models.CharField(_("decision inside the file"), max_length=255, blank=True)
    instance = models.UUIDField(null=True, blank=True)
    task = models.UUIDField(null=True, blank=True)
    element = models.CharField(max_length=255, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(_("at"), default=ports.now)
    inputs = models.JSONField(_("inputs"), default=dict)
    outcome = models.JSONField(_("outcome"), null=True)
    rules = models.JSONField(_("rules that applied"), default=list)
    diagnostics = models.JSONField(_("diagnostics"), default=list, blank=True)

    class Meta:
        verbose_name = _("decision taken")
        verbose_name_plural = _("decisions taken")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["instance", "at"], name="evaluation_instance"),
            models.Index(fields=["task"], name="evaluation_task", condition=models.Q(task__isnull=False)),
            models.Index(fields=["subject_type", "subject_id", "-at"], name="evaluation_subject"),
            models.Index(fields=["decision_version", "-at"], name="evaluation_version"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_version} {self.at:%Y-%m-%d %H:%M}"
