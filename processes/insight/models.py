"""Replays of decisions as rows: what was asked, how far it is, the figures, and each case that differs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports


class DecisionReplay(models.Model):
    """The recorded answers of a decision, given again by another version.

    `since` and `until` bound the history, `assumed` are values for inputs that were not recorded (JSON of FEEL
    values by name), `figures` the counts so far (see tally.Tally), `mark` how far the reading is.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    before = models.ForeignKey(
        "process_catalog.DecisionVersion", models.CASCADE, related_name="+", verbose_name=_("compared with")
    )
    after = models.ForeignKey(
        "process_catalog.DecisionVersion", models.CASCADE, related_name="replays", verbose_name=_("version decided with")
    )
    since = models.DateTimeField(_("from"), null=True, blank=True)
    until = models.DateTimeField(_("up to"), null=True, blank=True)
    assumed = models.JSONField(_("assumed inputs"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    expected = models.PositiveBigIntegerField(_("decisions to take again"), default=0)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    mark = models.JSONField(_("read up to"), null=True, blank=True)
    problem = models.JSONField(_("why it failed"), default=dict, blank=True)
    created_at = models.DateTimeField(_("begun"), default=ports.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("begun by")
    )
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("replay of a decision")
        verbose_name_plural = _("replays of decisions")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after", "created_by"], condition=Q(state="running"), name="one_replay_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class ReplayedDecision(models.Model):
    """A case of a replay that differs, could not be decided, or did not come out as it was recorded."""

    class Verdict(models.TextChoices):
        CHANGED = "changed", _("decided otherwise")
        UNDECIDED = "undecided", _("cannot be decided")
        UNREPRODUCED = "unreproduced", _("does not come out as recorded")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    replay = models.ForeignKey(DecisionReplay, models.CASCADE, related_name="cases", verbose_name=_("replay"))
    evaluation = models.ForeignKey(
        "process_catalog.DecisionEvaluation", models.CASCADE, related_name="+", verbose_name=_("decision taken")
    )
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict.choices)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    rules_before = models.JSONField(_("rules before"), default=dict)
    rules_after = models.JSONField(_("rules after"), default=dict)
    outputs = models.JSONField(_("outputs that differ"), default=list)
    attributes = models.JSONField(_("attributes"), default=dict)
    problem = models.JSONField(_("why not"), default=dict, blank=True)

    class Meta:
        verbose_name = _("decision taken again")
        verbose_name_plural = _("decisions taken again")
        indexes = [models.Index(fields=["replay", "verdict", "id"], name="replayed_by_verdict")]
        constraints = [models.UniqueConstraint(fields=["replay", "evaluation"], name="a_decision_once_in_a_replay")]

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {self.get_verdict_display()}"
