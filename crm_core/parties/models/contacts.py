"""People at accounts, in the roles they have there, and the ways to reach them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record, Stamped
from crm_core.parties.models.accounts import Account


class Contact(Record):
    """A person. `account` is the main one; further roles stand in ContactRole.

    `email` and `telephone` repeat the preferred contact points for lists and matching; the
    services keep them in step.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("account")
    )
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=150)
    name_zh = models.CharField(pgettext_lazy("of a person", "name in Chinese"), max_length=150, blank=True)
    salutation = models.CharField(_("salutation"), max_length=40, blank=True)
    title = models.CharField(_("job title"), max_length=100, blank=True)
    department = models.CharField(_("department"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    email = models.EmailField(_("e-mail"), blank=True)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    active = models.BooleanField(_("active"), default=True)
    notes = models.TextField(_("notes"), blank=True)
    source_key = models.CharField(_("key in the source"), max_length=120, blank=True, db_index=True)
    match_key = models.CharField(max_length=170, blank=True, editable=False, db_index=True)
    search_text = models.CharField(max_length=1000, blank=True, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["email"], name="contact_by_email"),
            models.Index(fields=["telephone"], name="contact_by_telephone"),
        ]

    def __str__(self) -> str:
        if (get_language() or "en").startswith("zh"):
            return self.name_zh or self.name
        return self.name


class ContactRole(Stamped):
    """What a contact is at an account: one person may have roles at several."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="roles", verbose_name=_("contact"))
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="contact_roles", verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=80, blank=True)
    is_main = models.BooleanField(_("main"), default=False)

    class Meta:
        verbose_name = _("contact's role")
        verbose_name_plural = _("contacts' roles")
        constraints = [
            models.UniqueConstraint(fields=["contact", "account", "role"], name="contact_role_once"),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(is_main=True), name="one_main_account_per_contact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.account_id}"


class ContactPoint(Stamped):
    """One way to reach a contact or an account; `key` is the normalised form for matching."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        FAX = "fax", _("fax")
        WECHAT = "wechat", _("WeChat")
        ADDRESS = "address", _("address")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, blank=True, related_name="points", verbose_name=_("contact")
    )
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="points", verbose_name=_("account")
    )
    value = models.CharField(_("value"), max_length=300)
    key = models.CharField(max_length=300, editable=False)
    label = models.CharField(_("label"), max_length=40, blank=True)
    preferred = models.BooleanField(_("preferred"), default=False)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False, account__isnull=True)
                | Q(contact__isnull=True, account__isnull=False),
                name="contact_point_has_one_holder",
            ),
            models.UniqueConstraint(
                fields=["contact", "kind", "key"],
                condition=Q(contact__isnull=False),
                name="point_once_per_contact",
            ),
            models.UniqueConstraint(
                fields=["account", "kind", "key"],
                condition=Q(account__isnull=False),
                name="point_once_per_account",
            ),
        ]
        indexes = [models.Index(fields=["kind", "key"], name="contact_point_by_key")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"
