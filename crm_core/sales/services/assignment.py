"""Choosing who gets a piece of work, fairly and provably (see AssignmentLedger).

Methods:
- round_robin: whoever of the eligible was chosen longest ago in this pool; who never was comes
  first; among several of those a seeded draw decides (not seniority).
- weighted: stride scheduling (Waldspurger and Weihl, 1995) with the person's capacity as the
  number of tickets; who comes back from absence starts at the pool's present pass, so that
  nobody is flooded.
- least_load: the fewest open pieces of work relative to capacity; ties as round robin.
- account_manager, previous: the given person if available, else least_load.
Nobody absent, inactive or excluded is chosen, and each who is left out stands in the ledger
with the reason.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from crm_core.kernel.models import Branch, Team
from crm_core.sales.models import AssignmentLedger, AssignmentPool, AssignmentTurn, Lead, Opportunity
from crm_core.sales.models.leads import OPEN_STATUSES
from crm_core.sales.models.opportunities import OPEN_STAGES
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

METHODS = ("round_robin", "least_load", "weighted", "account_manager", "previous")
STRIDE = 1_000_000
DEFAULT_CAPACITY = 20

LoadOf = Callable[[Sequence[int]], dict[int, int]]


def _owned(model: type[Lead] | type[Opportunity], **open_rows: Any) -> LoadOf:
    def count(user_ids: Sequence[int]) -> dict[int, int]:
        from django.db.models import Count

        rows = model._default_manager.filter(owner_id__in=user_ids, **open_rows).order_by()
        return dict(rows.values_list("owner_id").annotate(Count("id")))

    return count


# How much open work people have, by what is assigned; other domains add theirs.
loads: dict[str, LoadOf] = {
    "lead": _owned(Lead, status__in=OPEN_STATUSES),
    "opportunity": _owned(Opportunity, stage__in=OPEN_STAGES),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen (or None), among whom, and the reason as a sentence."""

    user: Any | None
    candidates: list[int]
    reason: str
    skipped: list[dict[str, Any]] = field(default_factory=list)
    tie_break: str = ""

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing."""
        return {
            "user": self.user.pk if self.user is not None else None,
            "candidates": self.candidates,
            "reason": self.reason,
        }


def scope_key(scope: str | None) -> str:
    """The scope as people are asked by it: `branch:<code>` becomes `branch:<id>`; empty, for the whole company, where it
    has no such branch (the shipped tables name branches, and a company of its own files has others).
    """
    if not scope:
        return ""
    kind, _sep, value = str(scope).partition(":")
    if kind == "branch" and value and not value.isdecimal():
        pk = Branch.objects.filter(key=value).values_list("pk", flat=True).first()
        return f"branch:{pk}" if pk is not None else ""
    return str(scope)


def _place_name(scope: str) -> str:
    """A place by its code, so that a draw hangs on what the office is called and not on the key of its row."""
    kind, _sep, pk = scope.partition(":")
    places: dict[str, type[Branch] | type[Team]] = {"branch": Branch, "team": Team}
    found = places[kind].objects.filter(pk=pk).values_list("key", flat=True).first() if kind in places else None
    return f"{kind}:{found}" if found is not None else scope


@transaction.atomic
def choose(
    *,
    method: str,
    role: str,
    scope: str | None = None,
    language: str | None = None,
    skill: str | None = None,
    exclude: Iterable[int | None] | None = None,
    preferred: Any | None = None,
    subject: tuple[str, int] | None = None,
    instance_id: Any = None,
    key: str | None = None,
) -> Choice:
    """Choose a person for `subject` and write the ledger row.

    `preferred` is the account's manager or the previous handler for the methods that ask for
    one. The same `key` gives the same answer again. `user` is None when nobody is free; that
    is an answer, not an error; the reason says so where a branch was named that does not exist.
    Raises Invalid for an unknown method.
    """
    if method not in METHODS:
        raise Invalid(
            _("“%(method)s” is no way to assign work. Use one of: %(known)s.")
            % {"method": method, "known": ", ".join(METHODS)}
        )
    if key and (before := AssignmentLedger.objects.filter(key=key).select_related("chosen").first()):
        return Choice(before.chosen, [c["user"] for c in before.candidates], before.reason, before.skipped)

    subject_type, subject_id = subject or ("", None)
    rule = {
        "role": role,
        "scope": scope_key(scope),
        "language": language or "",
        "skill": skill or "",
        "exclude": sorted({int(user) for user in exclude or () if user is not None}),
    }
    # The row lock of the pool makes two choices at once take turns.
    name = "|".join(str(part) for part in (subject_type, role, rule["scope"], rule["language"], rule["skill"]))[:200]
    AssignmentPool.objects.get_or_create(key=name)
    pool = AssignmentPool.objects.select_for_update().get(key=name)

    eligible, skipped = _eligible(rule, preferred if method in ("account_manager", "previous") else None)
    turns = {turn.user_id: turn for turn in AssignmentTurn.objects.filter(pool=pool, user__in=eligible)}
    load = loads[subject_type]([user.pk for user in eligible]) if subject_type in loads else {}
    seed = f"{subject_type}|{role}|{_place_name(str(rule['scope']))}|{rule['language']}|{rule['skill']}#{pool.turn}"[:200]

    chosen, reason, tie_break = None, str(_("Nobody with this role is free.")), ""
    if method in ("account_manager", "previous") and preferred is not None and preferred in eligible:
        chosen = preferred
        reason = str(
            _("The customer's account manager.") if method == "account_manager" else _("Handled it before.")
        )
    elif eligible:
        chosen, reason, tie_break = _pick(method, eligible, turns, load, pool, seed)
    if scope and not rule["scope"]:
        said = _("The table names “%(scope)s”, which does not exist: the whole company was asked.") % {"scope": scope}
        reason = f"{reason} {said}"
    ledger = AssignmentLedger(
        subject_type=subject_type,
        subject_id=subject_id,
        pool=pool,
        method=method,
        rule=rule,
        candidates=[
            {
                "user": user.pk,
                "load": load.get(user.pk, 0),
                "capacity": _capacity(user),
                "last_turn": turns[user.pk].last_turn if user.pk in turns else 0,
                "count": turns[user.pk].count if user.pk in turns else 0,
            }
            for user in eligible
        ],
        skipped=skipped,
        chosen=chosen,
        reason=reason[:300],
        tie_break=tie_break,
        seed=seed if tie_break == "draw" else "",
        instance_id=instance_id,
        key=key,
    )
    if chosen is not None:
        _take_turn(pool, chosen, turns.get(chosen.pk))
    ledger.save(force_insert=True)
    return Choice(chosen, [user.pk for user in eligible], reason, skipped, tie_break)


def _eligible(rule: dict[str, Any], preferred: Any | None) -> tuple[list[Any], list[dict[str, Any]]]:
    """Who may be chosen in a stable order, and who is left out for which reason."""
    people, at = ports.people(), ports.now()
    members = list(people.members(rule["role"], rule["scope"]))
    # The customer's own person counts even from another branch, as long as the role fits.
    if preferred is not None and preferred not in members and rule["role"] in people.roles_of(preferred):
        members.append(preferred)
    members.sort(key=lambda user: user.pk)
    eligible, skipped = [], []
    here = {user.pk for user in people.available(members, at)}
    for user in members:
        reason = _why_not(user, rule, own=user == preferred)
        if not reason and user.pk not in here:
            reason = "absent"
        if reason:
            skipped.append({"user": user.pk, "reason": reason})
        else:
            eligible.append(user)
    return eligible, skipped


def _why_not(user: Any, rule: dict[str, Any], *, own: bool) -> str:
    """The code of the reason for leaving somebody out, or empty."""
    if user.pk in rule["exclude"]:
        return "excluded"
    if own:
        return ""
    employee = getattr(user, "employee", None)
    if rule["language"] and rule["language"] not in (employee.languages if employee else []):
        return "language"
    if rule["skill"] and rule["skill"] not in (employee.skills if employee else []):
        return "skill"
    return ""


def _capacity(user: Any) -> int:
    employee = getattr(user, "employee", None)
    return DEFAULT_CAPACITY if employee is None else employee.capacity


def _pick(
    method: str,
    eligible: list[Any],
    turns: dict[int, AssignmentTurn],
    load: dict[int, int],
    pool: AssignmentPool,
    seed: str,
) -> tuple[Any | None, str, str]:
    """The person, the reason and what broke a tie."""

    def waited_since(user: Any) -> int:
        return turns[user.pk].last_turn if user.pk in turns else 0

    if method == "weighted":
        able = [user for user in eligible if _capacity(user) > 0]
        if not able:
            return None, str(_("Nobody has capacity left.")), ""

        def passed(user: Any) -> int:
            own = turns[user.pk].passed if user.pk in turns else 0
            return max(own, pool.virtual_time)

        low = min(passed(user) for user in able)
        best = [user for user in able if passed(user) == low]
        reason = str(_("By share of capacity."))
    elif method == "round_robin":
        best, reason = eligible, str(_("Next in turn."))
    else:
        # Fewest open pieces per unit of capacity, compared without rounding.
        able = [user for user in eligible if _capacity(user) > 0]
        if not able:
            return None, str(_("Nobody has capacity left.")), ""
        low_user = able[0]
        for user in able[1:]:
            if load.get(user.pk, 0) * _capacity(low_user) < load.get(low_user.pk, 0) * _capacity(user):
                low_user = user
        low_load = load.get(low_user.pk, 0)
        best = [
            user for user in able if load.get(user.pk, 0) * _capacity(low_user) == low_load * _capacity(user)
        ]
        reason = str(_("Least open work for the capacity: %(count)s.") % {"count": low_load})

    if len(best) == 1:
        return best[0], reason, ""
    longest = min(waited_since(user) for user in best)
    waiting = [user for user in best if waited_since(user) == longest]
    if len(waiting) == 1:
        return waiting[0], reason, "longest_waiting"
    draw = random.Random(seed)  # noqa: S311 - a fair, replayable draw, no secret
    return draw.choice(waiting), reason, "draw"


def _take_turn(pool: AssignmentPool, user: Any, turn: AssignmentTurn | None) -> None:
    pool.turn += 1
    turn = turn or AssignmentTurn(pool=pool, user=user)
    begun = max(turn.passed, pool.virtual_time)
    pool.virtual_time = begun
    turn.passed = begun + STRIDE // max(_capacity(user), 1)
    turn.last_turn = pool.turn
    turn.count += 1
    turn.save()
    pool.save(update_fields=["turn", "virtual_time"])
