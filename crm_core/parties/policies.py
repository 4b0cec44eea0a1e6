"""Who may see and change customers. Parts of an account or contact follow their whole."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from crm_core.kernel.access.policies import NOTHING, Policy, policy_for, register
from crm_core.kernel.access.standing import Standing
from crm_core.kernel.models.access import Level
from crm_core.parties.models import (
    Account,
    AccountRelation,
    AccountTeamMember,
    Consent,
    Contact,
    ContactPoint,
    ContactRole,
    Suppression,
)


@register
class AccountPolicy(Policy):
    """The account manager owns the account; members of its team see it, and change it if they may."""

    key = "account"
    model = Account
    owner = "manager"

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        if action not in ("view", "change") or standing.level(self.key, action) == Level.NONE:
            return NOTHING
        seats = AccountTeamMember.objects.filter(user=standing.user_id, account=OuterRef("pk"))
        if action == "change":
            seats = seats.filter(may_change=True)
        return Q(Exists(seats))


@register
class AccountTeamPolicy(Policy):
    key = "account_team"
    model = AccountTeamMember
    owner = ""
    branch = ""
    via = ("account",)


@register
class AccountRelationPolicy(Policy):
    """Seen by whoever sees one of the two accounts; changed by whoever may change the first."""

    key = "account_relation"
    model = AccountRelation
    owner = ""
    branch = ""
    via = ("account",)

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        return self.through(user, "other", action) if action == "view" else NOTHING


@register
class ContactPolicy(Policy):
    key = "contact"
    model = Contact
    via = ("account",)

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        if action != "view":
            return NOTHING
        accounts = policy_for(Account).rows(user, "view").order_by().values("pk")
        return Q(Exists(ContactRole.objects.filter(contact=OuterRef("pk"), account__in=accounts)))


class _OfContact(Policy):
    owner = ""
    branch = ""
    via: ClassVar[tuple[str, ...]] = ("contact",)


@register
class ContactRolePolicy(_OfContact):
    key = "contact_role"
    model = ContactRole


@register
class ContactPointPolicy(_OfContact):
    key = "contact_point"
    model = ContactPoint
    via = ("contact", "account")


@register
class ConsentPolicy(_OfContact):
    key = "consent"
    model = Consent


@register
class SuppressionPolicy(Policy):
    key = "suppression"
    model = Suppression
    owner = "by"
    branch = ""
