"""Asking customers what they think: satisfaction, recommendation, effort."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record
from crm_core.service.models.cases import new_token
from processes import ports


class Survey(Record):
    """One survey sent to one person; answered at most once, over the signed link.

    The subject is what it asks about: a case, an opportunity, an account.
    """

    class Kind(models.TextChoices):
        CSAT = "csat", _("satisfaction (1 to 5)")
        NPS = "nps", _("recommendation (0 to 10)")
        CES = "ces", _("effort (1 to 7)")
        LOST_DEAL = "lost_deal", _("lost business (1 to 5)")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    case = models.ForeignKey(
        "crm_service.Case",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name=_("case"),
    )
    opportunity = models.ForeignKey(
        "crm_sales.Opportunity",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name=_("opportunity"),
    )
    account = models.ForeignKey(
        "crm_parties.Account",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name=_("account"),
    )
    address = models.CharField(_("sent to"), max_length=254)
    language = models.CharField(_("language"), max_length=10, default="en")
    sent_at = models.DateTimeField(_("sent at"), default=ports.now)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    token = models.CharField(_("token"), max_length=64, default=new_token, unique=True, editable=False)
    key = models.CharField(_("idempotency key"), max_length=200, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.address}"


# Lowest and highest mark of each kind of survey.
SCALES: dict[str, tuple[int, int]] = {
    Survey.Kind.CSAT: (1, 5),
    Survey.Kind.NPS: (0, 10),
    Survey.Kind.CES: (1, 7),
    Survey.Kind.LOST_DEAL: (1, 5),
}


class SurveyAnswer(models.Model):
    """What the customer answered."""

    survey = models.OneToOneField(Survey, models.CASCADE, related_name="answer", verbose_name=_("survey"))
    mark = models.SmallIntegerField(_("mark"))
    text = models.TextField(_("in their words"), blank=True)
    at = models.DateTimeField(_("at"), default=ports.now)

    class Meta:
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("answers to surveys")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(mark__gte=0, mark__lte=10), name="service_mark_in_range")
        ]

    def __str__(self) -> str:
        return str(self.mark)
