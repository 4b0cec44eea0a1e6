"""The person who signs in. What the person does in the company stands in `Employee`."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.audit.registry import audited


def validate_zone(value: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if value not in available_timezones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone. Use a name such as Asia/Shanghai or Europe/Paris."),
            code="unknown_zone",
            params={"zone": value},
        )


@audited(hidden=["password"], ignored=["last_login"])  # type: ignore[arg-type]
class User(AbstractUser):
    """A person who can sign in, with a name in two scripts, a language and a time zone."""

    display_name = models.CharField(pgettext_lazy("of a person", "name"), max_length=150, blank=True)
    display_name_zh = models.CharField(pgettext_lazy("of a person", "name in Chinese"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    zone = models.CharField(_("time zone"), max_length=50, blank=True, validators=[validate_zone])
    notice_ways = models.JSONField(_("how notices come"), default=dict, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.shown_name()

    def shown_name(self, language: str | None = None) -> str:
        """The name in the reader's script: Chinese for a Chinese page where there is one."""
        chosen = language or get_language() or "en"
        first, second = self.display_name, self.display_name_zh
        if chosen.startswith("zh"):
            first, second = second, first
        return first or second or self.get_full_name() or self.get_username()


# Who is in which role decides who may see what, so that is audited too.
audited(User.groups.through)
