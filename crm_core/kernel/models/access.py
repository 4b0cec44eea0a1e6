"""Rows that decide who may do what: roles, their levels, grants; and the log of refusals."""

from __future__ import annotations

import uuid

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.audit.registry import audited
from processes import ports


class Level(models.TextChoices):
    """How far a role's right reaches; each level includes the ones before it."""

    NONE = "none", _("none")
    OWN = "own", _("own")
    TEAM = "team", _("team")
    BRANCH = "branch", _("branch")
    ALL = "all", _("all")

    @property
    def rank(self) -> int:
        """0 for none up to 4 for all."""
        return list(Level).index(self)


@audited
class Role(models.Model):
    """What a role is called and means; membership is that of the Django group of the same name."""

    group = models.OneToOneField(Group, models.PROTECT, related_name="role", verbose_name=_("group"))
    key = models.SlugField(_("key"), max_length=60, unique=True)
    labels = models.JSONField(_("labels"), default=dict)
    descriptions = models.JSONField(_("descriptions"), default=dict)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["key"]

    def __str__(self) -> str:
        return ports.text(self.labels) or self.key


@audited
class RolePermission(models.Model):
    """One cell of the access table: this role may do this action on this record, this far."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="permissions", verbose_name=_("role"))
    record = models.CharField(_("record"), max_length=60)
    action = models.CharField(_("action"), max_length=40)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, default=Level.NONE)

    class Meta:
        verbose_name = _("role's right")
        verbose_name_plural = _("roles' rights")
        ordering = ["role", "record", "action"]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "record", "action"], name="one_level_per_role_and_action"
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="role_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role_id}: {self.record}.{self.action} = {self.level}"


@audited
class Grant(models.Model):
    """An explicit right of a person or group on one record, with where it comes from.

    Row filters ask this table only. guardian's tables are written in step by
    `crm_core.kernel.access.grants`, the only writer of both.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group")
    )
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+", verbose_name=_("record"))
    object_id = models.BigIntegerField(_("record id"))
    action = models.CharField(_("action"), max_length=40)
    source_kind = models.CharField(_("source"), max_length=30)
    source_id = models.CharField(_("source id"), max_length=80, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    given_at = models.DateTimeField(_("at"), default=ports.now, editable=False)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True)
                | Q(user__isnull=True, group__isnull=False),
                name="grant_has_one_principal",
            ),
            models.UniqueConstraint(
                fields=["content_type", "object_id", "action", "user", "source_kind", "source_id"],
                condition=Q(user__isnull=False),
                name="grant_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["content_type", "object_id", "action", "group", "source_kind", "source_id"],
                condition=Q(group__isnull=False),
                name="grant_once_per_group",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "content_type", "action", "object_id"], name="grant_by_user"),
            models.Index(fields=["source_kind", "source_id"], name="grant_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.content_type_id}:{self.object_id} ({self.source_kind}:{self.source_id})"


def refusal_key() -> uuid.UUID:
    """A key in order of time."""
    return uuid7.uuid7()


class AccessRefusal(models.Model):
    """That somebody was refused something: ids and codes only, no name, text or value."""

    id = models.UUIDField(primary_key=True, default=refusal_key, editable=False)
    at = models.DateTimeField(_("at"), default=ports.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    record = models.CharField(_("record"), max_length=60)
    object_id = models.BigIntegerField(_("record id"), null=True, blank=True)
    action = models.CharField(_("action"), max_length=40)
    code = models.CharField(_("reason"), max_length=40)
    request_id = models.CharField(_("request"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("refused access")
        verbose_name_plural = _("refused accesses")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.record}:{self.object_id} {self.action} ({self.code})"
