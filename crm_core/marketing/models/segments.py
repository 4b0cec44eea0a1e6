"""Segments: whom marketing speaks to, by rule or by list (B21)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record
from processes import ports


class Segment(Record):
    """A group of contacts.

    A rule-built segment holds `conditions`: a list of {"field", "op", "value"}, all of which
    must hold; the fields are those that `segment_fields` declares. A fixed list holds members.
    """

    class Kind(models.TextChoices):
        RULE = "rule", _("by rule")
        LIST = "list", _("fixed list")

    key = models.SlugField(_("key"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.RULE)
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A contact on a fixed list."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", verbose_name=_("segment"))
    contact = models.ForeignKey(
        "crm_parties.Contact", models.CASCADE, related_name="segment_places", verbose_name=_("contact")
    )
    added_at = models.DateTimeField(_("added at"), default=ports.now)

    class Meta:
        verbose_name = _("member of a list")
        verbose_name_plural = _("members of lists")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["segment", "contact"], name="marketing_on_list_once")]

    def __str__(self) -> str:
        return str(self.contact)
