"""One policy per model answers: which rows, may I, who may add, and why.

The answer about a single record is the row filter run for that id, so a list and a detail
page can never disagree. A model without a policy is closed to everybody but by no accident:
`policy_for` raises, and `rows_for` gives none.

A policy is declared, seldom programmed:

    @register
    class OpportunityPolicy(Policy):
        key = "opportunity"             # the record's name in roles.toml, and its subject type
        model = Opportunity
        via = {"account": "account"}    # optional: right on the parent gives right here
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, IntegerField, Model, OuterRef, Q, QuerySet

from crm_core.kernel.access.refusals import log_refusal
from crm_core.kernel.access.standing import Standing, standing_of
from crm_core.kernel.models.access import Grant, Level
from processes.api import gettext as _
from processes.errors import NotAllowed

NOTHING = Q(pk__in=[])
EVERYTHING = ~Q(pk__in=[])


def either(*conditions: Q) -> Q:
    """The rows that one of the conditions gives, without the terms that give none: short SQL for short answers."""
    if any(condition == EVERYTHING for condition in conditions):
        return EVERYTHING
    giving = [condition for condition in conditions if condition != NOTHING]
    return reduce(or_, giving) if giving else NOTHING


class Denied(NotAllowed, PermissionDenied):
    """The person may not do this; Django turns it into a 403 page, the sentence is the reason."""

    code = "denied"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something is allowed, with the reason as a sentence. Truthy when allowed."""

    allowed: bool
    reason: str
    code: str = ""

    def __bool__(self) -> bool:
        return self.allowed


class Policy:
    """Who may do what with the records of one model.

    key       the record's name in the access table, stored with grants' explanations
    owner     field that holds the owner ("" if there is none); level own asks it
    branch    field that holds the branch ("" if there is none)
    team      field that holds a team, where records have one besides their owner's
    via       parent field -> {action here: action on the parent}, or the parent's name alone:
              then seeing the parent is seeing this, and changing it is changing this
    actions   what can be asked; domains may add their own (approve, assign ...)
    """

    key: ClassVar[str] = ""
    model: ClassVar[type[Model]]
    owner: ClassVar[str] = "owner"
    branch: ClassVar[str] = "branch"
    team: ClassVar[str] = ""
    via: ClassVar[tuple[str, ...]] = ()
    via_actions: ClassVar[Mapping[str, str]] = {
        "view": "view", "add": "change", "change": "change", "delete": "change", "export": "export",
    }  # fmt: skip
    actions: ClassVar[tuple[str, ...]] = ("view", "add", "change", "delete", "export")

    # --- what callers ask ---------------------------------------------------------------

    def rows(self, user: Any, action: str = "view") -> QuerySet:
        """The records on which `user` may do `action`, as one SQL filter without joins."""
        standing = standing_of(user)
        rows = self.model._default_manager.all()
        if not standing.active:
            return rows.none()
        if standing.superuser:
            return rows
        return rows.filter(self.condition(user, standing, action))

    def may(self, user: Any, action: str, obj: Model | None) -> Answer:
        """Whether `user` may do `action` on this record, computed by the row filter for its id."""
        if action == "add":
            return self.may_add(user)
        standing = standing_of(user)
        if not standing.active:
            return Answer(False, _("You are not signed in, or your account is closed."), "inactive")
        if obj is None or obj.pk is None or not self.rows(user, action).filter(pk=obj.pk).exists():
            return Answer(False, self.refusal(standing, action), "no_right")
        if standing.superuser:
            return Answer(True, _("You may, as a superuser."), "superuser")
        return Answer(True, _("Your roles or a grant allow this."), "allowed")

    def may_add(self, user: Any) -> Answer:
        """Whether `user` may create such a record at all."""
        standing = standing_of(user)
        if not standing.active:
            return Answer(False, _("You are not signed in, or your account is closed."), "inactive")
        if standing.superuser:
            return Answer(True, _("You may, as a superuser."), "superuser")
        if standing.level(self.key, "add") == Level.NONE:
            return Answer(False, self.refusal(standing, "add"), "no_right")
        return Answer(True, _("Your roles allow this."), "allowed")

    def may_any(self, user: Any, action: str = "view") -> bool:
        """Whether `user` might do `action` on some record: what menus and list pages ask.

        Answered from the roles; only without any role's right are grants and parents looked for.
        """
        standing = standing_of(user)
        if not standing.active:
            return False
        if standing.superuser or standing.level(self.key, action) != Level.NONE:
            return True
        if action == "add" or self.condition(user, standing, action) == NOTHING:
            return False
        return self.rows(user, action).exists()

    def require(self, user: Any, action: str, obj: Model | None = None) -> None:
        """Pass, or log the refusal (ids only) and raise `Denied` with the reason."""
        answer = self.may(user, action, obj)
        if not answer:
            log_refusal(user=user, record=self.key, object_id=getattr(obj, "pk", None), action=action,
                        code=answer.code)  # fmt: skip
            raise Denied(answer.reason)

    def get(self, user: Any, pk: Any, action: str = "view") -> Any:
        """The record of that id, if `user` may; else `Denied`, the same whether it exists or not."""
        found = self.rows(user, action).filter(pk=pk).first()
        if found is None:
            raise self.denied(user, action, pk)
        return found

    def denied(self, user: Any, action: str, pk: Any) -> Denied:
        """The refusal to raise, written down already."""
        log_refusal(user=user, record=self.key, object_id=pk, action=action, code="no_right")
        return Denied(self.refusal(standing_of(user), action))

    # --- how the filter is made ---------------------------------------------------------

    def condition(self, user: Any, standing: Standing, action: str) -> Q:
        """The filter of an active person who is no superuser: level, or parent, or grant, or more."""
        level = standing.level(self.key, action)
        if level == Level.ALL:
            return self.narrow(user, standing, action, EVERYTHING)
        condition = either(
            self.within(standing, level),
            *(self.through(user, parent, action) for parent in self.via),
            self.granted(standing, action),
            self.more(user, standing, action),
        )
        return condition if condition == NOTHING else self.narrow(user, standing, action, condition)

    def within(self, standing: Standing, level: Level) -> Q:
        """The rows a level reaches. Each level includes the ones before it."""
        if level == Level.ALL:
            return EVERYTHING
        reach = []
        if level.rank >= Level.OWN.rank and self.owner:
            reach.append(Q(**{self.owner: standing.user_id}))
        if level.rank >= Level.TEAM.rank and standing.teams:
            if self.owner:
                reach.append(Q(**{f"{self.owner}__in": standing.mates}))
            if self.team:
                reach.append(Q(**{f"{self.team}__in": standing.teams}))
        if level.rank >= Level.BRANCH.rank and standing.branches and self.branch:
            reach.append(Q(**{f"{self.branch}__in": standing.branches}))
        return either(*reach)

    def through(self, user: Any, parent: str, action: str) -> Q:
        """The rows whose parent record the person has the matching right on."""
        wanted = self.via_actions.get(action)
        if wanted is None:
            return NOTHING
        related = self.model._meta.get_field(parent)
        policy = policy_for(related.related_model)  # type: ignore[arg-type]
        standing = standing_of(user)
        condition = EVERYTHING if standing.superuser else policy.condition(user, standing, wanted)
        if condition == EVERYTHING:
            return Q(**{f"{parent}__isnull": False})
        if condition == NOTHING:
            return NOTHING
        column = related.attname  # type: ignore[union-attr]
        rows = policy.model._default_manager.filter(condition, pk=OuterRef(column))
        return Q(Exists(rows.order_by()))

    def granted(self, standing: Standing, action: str) -> Q:
        """The rows that an explicit grant opens for the person or one of the groups.

        Grants are for records with whole-number keys; other rows (log lines, counters) have none.
        """
        if not isinstance(self.model._meta.pk, IntegerField):
            return NOTHING
        kind = ContentType.objects.get_for_model(self.model)
        if (kind.pk, action) not in standing.granted:
            return NOTHING
        grants = Grant.objects.filter(standing.principal, content_type=kind, action=action, object_id=OuterRef("pk"))
        return Q(Exists(grants))

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        """Rows that a domain opens besides (members of an account's team, say). None by default."""
        return NOTHING

    def narrow(self, user: Any, standing: Standing, action: str, condition: Q) -> Q:
        """What a domain closes again (private notes, say). Nothing by default."""
        return condition

    # --- words ----------------------------------------------------------------------------

    def refusal(self, standing: Standing, action: str) -> str:
        """Why not, as a sentence that says what to do and tells nothing of the record."""
        if not standing.active:
            return _("You are not signed in, or your account is closed.")
        values = {"action": action_name(action), "record": str(self.model._meta.verbose_name)}
        level = standing.level(self.key, action)
        if level == Level.NONE:
            return _("None of your roles allows “%(action)s” on “%(record)s”. Ask an administrator.") % values
        if action == "add":
            return {
                Level.OWN: _("You may add “%(record)s” only as your own. Choose yourself as the owner."),
                Level.TEAM: _("You may add “%(record)s” only for your team. Choose an owner of your team."),
                Level.BRANCH: _("You may add “%(record)s” only for your branch. Choose your branch, or yourself as the owner."),
                Level.ALL: _("You may not add “%(record)s” here. Ask an administrator."),
            }[level] % values
        return {
            Level.OWN: _("You may use “%(action)s” only on your own “%(record)s”. Ask its owner."),
            Level.TEAM: _("You may use “%(action)s” only on “%(record)s” of your team. Ask its owner."),
            Level.BRANCH: _("You may use “%(action)s” only on “%(record)s” of your branch. Ask its owner."),
            Level.ALL: _("This “%(record)s” is closed to you, or does not exist."),
        }[level] % values


def action_name(action: str) -> str:
    """The word for an action on a page."""
    known = {
        "view": _("view"),
        "add": _("add"),
        "change": _("change"),
        "delete": _("delete"),
        "export": _("export"),
    }
    return known.get(action, action.replace("_", " "))


# --- the registry -----------------------------------------------------------------------

_by_model: dict[type[Model], Policy] = {}
_by_key: dict[str, Policy] = {}


class NoPolicy(LookupError):
    """A model was asked about that has no policy: it is closed until its domain declares one."""


def register(policy: type[Policy]) -> type[Policy]:
    """Class decorator: make this the policy of its model. Model and key can have one only."""
    model, key = policy.model, policy.key
    if not key or model in _by_model or key in _by_key:
        raise ValueError(f"“{key}” has a policy already, or no key.")
    instance = policy()
    _by_model[model] = _by_key[key] = instance
    return policy


def policy_for(model: type[Model] | Model) -> Policy:
    """The policy of a model or record; raises NoPolicy."""
    kind = model if isinstance(model, type) else type(model)
    concrete = kind._meta.concrete_model or kind
    try:
        return _by_model[concrete]
    except KeyError:
        raise NoPolicy(f"{concrete._meta.label} has no policy, so nobody may see it.") from None


def policy_of_key(key: str) -> Policy | None:
    """The policy registered under a record's key (which is its subject type too), or None."""
    return _by_key.get(key)


def all_policies() -> list[Policy]:
    """Every registered policy, by key."""
    return [_by_key[key] for key in sorted(_by_key)]


def rows_for(user: Any, model: type[Model], action: str = "view") -> QuerySet:
    """The rows of a model that `user` may see; none for a model without a policy."""
    try:
        return policy_for(model).rows(user, action)
    except NoPolicy:
        return model._default_manager.none()


@contextmanager
def temporarily(policy: type[Policy]) -> Iterator[Policy]:
    """Replace or add a policy for the length of a test."""
    before_model, before_key = _by_model.pop(policy.model, None), _by_key.pop(policy.key, None)
    register(policy)
    try:
        yield _by_model[policy.model]
    finally:
        del _by_model[policy.model], _by_key[policy.key]
        if before_model is not None:
            _by_model[policy.model] = before_model
        if before_key is not None:
            _by_key[policy.key] = before_key
