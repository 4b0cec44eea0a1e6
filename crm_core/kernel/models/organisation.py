"""Where people work: branches in a tree, teams, employees, absences, working calendars."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.audit.registry import audited
from processes import ports


class Named(models.Model):
    """A name in English and, where there is one, in Chinese."""

    name = models.CharField(_("name"), max_length=150)
    name_zh = models.CharField(_("name in Chinese"), max_length=150, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        if (get_language() or "en").startswith("zh"):
            return self.name_zh or self.name
        return self.name


@audited
class WorkingCalendar(Named):
    """Weekly hours, holidays and zone; `definition` is what `processes.calendars` reads."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    definition = models.JSONField(_("definition"), default=dict)
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint("is_default", condition=Q(is_default=True), name="one_default_calendar")
        ]


@audited
class Branch(Named):
    """An office. Branches form a tree and share one customer base."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("ISO 3166 code"))
    city = models.CharField(_("city"), max_length=100, blank=True)
    calendar = models.ForeignKey(
        WorkingCalendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("calendar")
    )

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="branch_is_not_its_own_parent")
        ]


@audited
class Team(Named):
    """People of one branch who share work; the lead is the first to hear of a missed limit."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="teams", verbose_name=_("branch"))
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_teams",
        verbose_name=pgettext_lazy("of a team", "lead"),
    )
    calendar = models.ForeignKey(
        WorkingCalendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("calendar")
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]


@audited
class Employee(models.Model):
    """What a person does in the company: place, manager, skills, languages, capacity, hours."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="employee", verbose_name=_("person")
    )
    branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, blank=True, related_name="employees", verbose_name=_("branch")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="employees", verbose_name=_("team")
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("manager"),
    )
    title = models.CharField(_("job title"), max_length=100, blank=True)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    skills = models.JSONField(_("skills"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("capacity"),
        default=20,
        validators=[MaxValueValidator(1000)],
        help_text=_("Open pieces of work the person can carry at once"),
    )
    calendar = models.ForeignKey(
        WorkingCalendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("calendar")
    )

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        constraints = [
            models.CheckConstraint(condition=~Q(manager=F("user")), name="employee_is_not_own_manager")
        ]

    def __str__(self) -> str:
        return str(self.user)


@audited
class Absence(models.Model):
    """A time in which a person is away, from a moment on until just before another, and who stands in.

    `substitute` does what comes of every process that is not named in `covers`; without one such work waits. Why somebody
    is away (`note`) is between them and whoever leads them.
    """

    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="absences", verbose_name=_("employee")
    )
    starts_at = models.DateTimeField(_("away from"))
    ends_at = models.DateTimeField(_("away until"))
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("substitute"),
    )
    note = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=ports.now, editable=False)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start")
        ]
        indexes = [
            models.Index(fields=["employee", "starts_at", "ends_at"], name="absence_days"),
            models.Index(fields=["ends_at"], name="absence_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {timezone.localtime(self.starts_at):%Y-%m-%d} – {timezone.localtime(self.ends_at):%Y-%m-%d}"


@audited
class AbsenceCover(models.Model):
    """Who stands in for an absent person in one process, instead of the substitute for everything else."""

    absence = models.ForeignKey(Absence, models.CASCADE, related_name="covers", verbose_name=_("absence"))
    process_key = models.CharField(_("process"), max_length=150)
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("substitute")
    )

    class Meta:
        verbose_name = _("substitute in a process")
        verbose_name_plural = _("substitutes in processes")
        ordering = ["process_key"]
        constraints = [models.UniqueConstraint(fields=["absence", "process_key"], name="one_substitute_per_process")]

    def __str__(self) -> str:
        return f"{self.process_key}: {self.substitute}"
