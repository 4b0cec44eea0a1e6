"""Imports as rows: what is being read, how far it is, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from processes import ports


class ImportRun(models.Model):
    """One file going through one import definition. Reports hold no values of the file but counts.

    `repairs` counts repairs by column and kind, `problems` holds the first problems, each with its line and sentences.
    `staged` are the rows of the file as they were read, `position` the byte in it behind the last part that was loaded,
    `styles` how its columns write dates and numbers. `preview` is what loading would do, found out once over the first
    `checked` rows; its rows show values, so it goes when loading begins, and only who uploaded the file sees them.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        UPLOADED = "uploaded", _("uploaded")
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        TAKEN_BACK = "taken_back", _("taken back")

    definition = models.CharField(_("what"), max_length=60)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m", blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=2, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READING)
    staged = models.FileField(_("rows"), upload_to="imports/%Y/%m", blank=True)
    position = models.PositiveBigIntegerField(_("place in the rows"), default=0)
    headers = models.JSONField(_("headers"), default=list, blank=True)
    styles = models.JSONField(_("how columns are written"), default=dict, blank=True)
    preview = models.JSONField(_("preview"), default=dict, blank=True)
    checked = models.PositiveIntegerField(_("rows checked"), default=0)
    round = models.PositiveIntegerField(_("round of checks"), default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("rows read"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    skipped = models.PositiveIntegerField(_("unchanged"), default=0)
    errors = models.PositiveIntegerField(_("refused"), default=0)
    repairs = models.JSONField(_("repairs"), default=dict, blank=True)
    problems = models.JSONField(_("problems"), default=list, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("uploaded"), default=ports.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    advanced_at = models.DateTimeField(_("last part"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.definition}: {self.file_name}"


class ImportedRow(models.Model):
    """A record that an import has written, with its version then: untouched ones can be taken back."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", verbose_name=_("import"))
    record_id = models.BigIntegerField(_("record"))
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        indexes = [models.Index(fields=["run", "record_id"], name="imported_row")]

    def __str__(self) -> str:
        return str(self.record_id)


class SavedMapping(models.Model):
    """Which column is which in the files of one source, kept under a name for the next file from there."""

    name = models.CharField(_("name"), max_length=100)
    definition = models.CharField(_("what"), max_length=60)
    headers = models.JSONField(_("headers"), default=list)
    mapping = models.JSONField(_("columns"), default=dict)
    shared = models.BooleanField(_("for everybody who imports"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    changed_at = models.DateTimeField(_("changed"), default=ports.now)

    class Meta:
        verbose_name = _("kept mapping")
        verbose_name_plural = _("kept mappings")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="kept_mapping_once")]

    def __str__(self) -> str:
        return self.name
