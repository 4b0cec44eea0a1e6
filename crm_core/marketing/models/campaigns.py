"""Campaigns: what marketing does, for whom, at what cost, with which result."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Numbered, Record
from processes import ports


class CampaignKind(models.TextChoices):
    """What is done."""

    MAILING = "mailing", _("mailing")
    EVENT = "event", _("event")
    TELEPHONE = "telephone", _("telephone")
    SOCIAL = "social", _("social media")
    PARTNER = "partner", _("with a partner")


class CampaignState(models.TextChoices):
    """Where a campaign stands."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    PREPARING = "preparing", _("being prepared")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    STOPPED = "stopped", _("stopped")
    REJECTED = "rejected", _("rejected")
    CLOSED = "closed", _("closed")


# Campaigns in these states may speak to their audience now or soon: overlap counts against them.
LIVE_STATES = (CampaignState.APPROVED, CampaignState.PREPARING, CampaignState.RUNNING, CampaignState.PAUSED)


class PersonalData(models.TextChoices):
    """How far the campaign uses data about persons."""

    NONE = "none", _("none")
    CONSENTED = "consented", _("with consent")
    PROFILING = "profiling", _("profiling")
    BOUGHT = "bought", _("bought data")


class ConsentBasis(models.TextChoices):
    """On which ground people are spoken to."""

    CONSENT = "consent", _("consent")
    CONTRACT = "contract", _("contract")
    LEGITIMATE_INTEREST = "legitimate_interest", _("legitimate interest")


class Campaign(Numbered, Record):
    """A campaign. Money is in `currency`.

    `approved_hash` is the hash of what was approved; while the present content has another
    hash, or after `approval_expires_at`, nothing is sent.
    """

    NUMBER_PREFIX = "M"

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=20, choices=CampaignKind.choices, default=CampaignKind.MAILING
    )
    goal = models.TextField(_("goal"), blank=True)
    goal_measure = models.CharField(_("how the goal is measured"), max_length=300, blank=True)
    segment = models.ForeignKey(
        "crm_marketing.Segment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("segment"),
    )
    offer = models.TextField(_("offer"), blank=True)
    channels = models.JSONField(_("channels"), default=list, blank=True)
    budget = models.DecimalField(_("budget"), max_digits=16, decimal_places=2, default=0)
    reserved = models.DecimalField(_("reserved"), max_digits=16, decimal_places=2, default=0)
    spent = models.DecimalField(_("spent"), max_digits=16, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    expected_return = models.DecimalField(_("expected return"), max_digits=16, decimal_places=2, default=0)
    control_group = models.DecimalField(
        _("control group %"),
        max_digits=5,
        decimal_places=2,
        default=0,
        help_text=_("Percent of the audience that gets nothing, to compare with."),
    )
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    claims = models.BooleanField(
        _("makes claims"), default=False, help_text=_("About health, savings, or in comparison with others.")
    )
    regulated = models.BooleanField(_("regulated product"), default=False)
    personal_data = models.CharField(
        _("personal data"), max_length=20, choices=PersonalData.choices, default=PersonalData.NONE
    )
    new_brand_element = models.BooleanField(_("new brand element"), default=False)
    legal_text = models.TextField(_("legal text"), blank=True)
    consent_basis = models.CharField(
        _("ground"), max_length=25, choices=ConsentBasis.choices, default=ConsentBasis.CONSENT
    )
    mail_template = models.ForeignKey(
        "crm_activities.Template",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("mail template"),
    )
    subjects = models.JSONField(_("mail subject"), default=dict, blank=True, help_text=_("By language."))
    bodies = models.JSONField(_("mail text"), default=dict, blank=True, help_text=_("By language."))
    landing_form = models.TextField(_("landing form"), blank=True)
    briefing = models.TextField(_("briefing for sales"), blank=True)
    lessons = models.TextField(_("lessons"), blank=True)
    state = models.CharField(
        _("state"), max_length=20, choices=CampaignState.choices, default=CampaignState.DRAFT
    )
    approved_hash = models.CharField(_("hash of what was approved"), max_length=64, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    approval_expires_at = models.DateTimeField(_("approval holds until"), null=True, blank=True)
    audience_size = models.PositiveIntegerField(_("audience"), default=0)
    launched_at = models.DateTimeField(_("launched at"), null=True, blank=True)
    evaluation = models.JSONField(_("evaluation"), default=dict, blank=True)
    evaluated_at = models.DateTimeField(_("evaluated at"), null=True, blank=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(control_group__gte=0, control_group__lt=100),
                name="marketing_control_group_percent",
            ),
            models.CheckConstraint(
                condition=Q(budget__gte=0, spent__gte=0), name="marketing_money_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="marketing_campaign_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class MemberStatus(models.TextChoices):
    """What became of a member."""

    PLANNED = "planned", _("planned")
    CONTROL = "control", _("control group")
    SENT = "sent", _("sent")
    SKIPPED = "skipped", _("left out")
    BOUNCED = "bounced", _("bounced")
    RESPONDED = "responded", _("responded")
    CONVERTED = "converted", _("converted")
    UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
    COMPLAINED = "complained", _("complained")


class CampaignMember(models.Model):
    """A person whom a campaign speaks to: a contact, or a lead without one."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members", verbose_name=_("campaign"))
    contact = models.ForeignKey(
        "crm_parties.Contact",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="campaign_places",
        verbose_name=_("contact"),
    )
    lead = models.ForeignKey(
        "crm_sales.Lead",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaign_places",
        verbose_name=_("lead"),
    )
    account = models.ForeignKey(
        "crm_parties.Account",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaign_places",
        verbose_name=_("account"),
    )
    address = models.CharField(_("address"), max_length=254, help_text=_("In lower case."))
    language = models.CharField(_("language"), max_length=10, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=MemberStatus.choices, default=MemberStatus.PLANNED
    )
    skip_reason = models.CharField(_("left out because of"), max_length=50, blank=True)
    outcome = models.CharField(_("outcome of the lead"), max_length=20, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    responded_at = models.DateTimeField(_("responded at"), null=True, blank=True)
    converted_at = models.DateTimeField(_("converted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("campaign member")
        verbose_name_plural = _("campaign members")
        ordering = ["id"]
        indexes = [models.Index(fields=["campaign", "status"], name="marketing_member_status")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "address"], name="marketing_member_once_per_address"),
            models.UniqueConstraint(
                fields=["campaign", "contact"],
                condition=Q(contact__isnull=False),
                name="marketing_member_once_per_contact",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Response(models.Model):
    """An answer to a campaign, by whatever way it came."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="responses", verbose_name=_("campaign")
    )
    member = models.ForeignKey(
        CampaignMember,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="responses",
        verbose_name=_("member"),
    )
    lead = models.ForeignKey(
        "crm_sales.Lead",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="responses",
        verbose_name=_("lead"),
    )
    at = models.DateTimeField(_("at"), default=ports.now)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    text = models.TextField(_("text"), blank=True)
    key = models.CharField(_("idempotency key"), max_length=200, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.campaign} {self.at:%Y-%m-%d}"
