"""Why somebody may or may not: the chain from roles over level and place to grants, in sentences.

The answer itself is the policy's (the row filter run for that id); the chain names what led
to it, so that it can never say otherwise than the lists do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, Model
from django.utils.translation import gettext as _

from crm_core.kernel.access.grants import grants_on
from crm_core.kernel.access.policies import Answer, Policy, action_name, policy_for
from crm_core.kernel.access.standing import Standing, standing_of
from crm_core.kernel.models.access import Level


@dataclass(frozen=True, slots=True)
class Reason:
    """One link of the chain. `allows` is None where it only informs."""

    kind: str
    sentence: str
    allows: bool | None = None
    source: str = ""


@dataclass(frozen=True)
class Explanation:
    """The answer with its chain of reasons, in the order they were looked at."""

    answer: Answer
    reasons: list[Reason] = field(default_factory=list)


def explain(user: Any, action: str, obj: Model) -> Explanation:
    """Why `user` may or may not do `action` on a record. Asking needs rights of its own (the page checks)."""
    policy = policy_for(obj)
    answer = policy.may(user, action, obj)
    standing = standing_of(user)
    if not standing.active:
        return Explanation(answer, [Reason("account", answer.reason, False)])
    if standing.superuser:
        return Explanation(answer, [Reason("superuser", answer.reason, True)])
    reasons = [_roles(standing), *_levels(policy, standing, action, obj)]
    reasons += _parents(policy, user, action, obj)
    reasons += _grants(user, action, obj)
    more = policy.more(user, standing, action)
    if _matches(policy, more, obj):
        reasons.append(Reason("membership", _("A membership of this record's team allows it."), True))
    if not answer and any(reason.allows for reason in reasons):
        reasons.append(Reason("narrowed", _("The record itself is closed further (it is private)."), False))
    return Explanation(answer, reasons)


def _matches(policy: Policy, condition: Any, obj: Model) -> bool:
    return policy.model._default_manager.filter(condition).filter(pk=obj.pk).exists()


def _roles(standing: Standing) -> Reason:
    if not standing.roles:
        return Reason("roles", _("The person has no role."), False)
    return Reason("roles", _("Roles: %(roles)s.") % {"roles": ", ".join(standing.roles)})


def _levels(policy: Policy, standing: Standing, action: str, obj: Model) -> list[Reason]:
    level = standing.level(policy.key, action)
    word = {"action": action_name(action), "record": policy.model._meta.verbose_name, "level": level.label}
    if level == Level.NONE:
        return [Reason("level", _("No role gives “%(action)s” on “%(record)s”.") % word, False)]
    word["roles"] = ", ".join(standing.roles_giving(policy.key, action, level))
    chain = [Reason("level", _("%(roles)s: “%(action)s” on “%(record)s” reaches: %(level)s.") % word)]
    for reach in (Level.OWN, Level.TEAM, Level.BRANCH, Level.ALL):
        if reach.rank > level.rank:
            break
        if _matches(policy, policy.within(standing, reach), obj):
            sentence = {
                Level.OWN: _("The person owns the record."),
                Level.TEAM: _("The record belongs to the person's team."),
                Level.BRANCH: _("The record belongs to the person's branch."),
                Level.ALL: _("The right reaches every record."),
            }[reach]
            return [*chain, Reason("reach", sentence, True)]
    return [*chain, Reason("reach", _("The record lies outside of that reach."), False)]


def _parents(policy: Policy, user: Any, action: str, obj: Model) -> list[Reason]:
    reasons = []
    for parent in policy.via:
        name = policy.model._meta.get_field(parent).verbose_name  # type: ignore[union-attr]
        if _matches(policy, policy.through(user, parent, action), obj):
            reasons.append(
                Reason("parent", _("The right on its “%(name)s” allows it.") % {"name": name}, True)
            )
    return reasons


def _grants(user: Any, action: str, obj: Model) -> list[Reason]:
    reasons: list[Reason] = []
    if not isinstance(obj._meta.pk, IntegerField):
        return reasons  # rows with other keys take no grants
    for grant in grants_on(obj, user=user).filter(action=action).select_related("given_by", "group", "user"):
        values = {
            "kind": grant.source_kind,
            "by": grant.given_by or _("the system"),
            "at": grant.given_at.date(),
        }
        sentence = _("Granted by %(by)s on %(at)s through “%(kind)s”.") % values
        if grant.user is not None and grant.user.pk != user.pk:
            sentence = _("The person stands in for %(absent)s, who has a step that needs it.") % {"absent": grant.user}
        reasons.append(Reason("grant", sentence, True, f"{grant.source_kind}:{grant.source_id}"))
    return reasons
