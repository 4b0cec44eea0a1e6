"""Choosing a person for one piece of work: looks up who is there, takes a turn in the pool, writes the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from crm_core.sales.models import AssignmentLedger, AssignmentPool, AssignmentTurn
from crm_core.sales.services.assignment import people as known
from crm_core.sales.services.assignment.eligibility import OFF_SHIFT, SKILL_MATCH, Person, Rule
from crm_core.sales.services.assignment.methods import METHODS, Decision, Place, decide, take_turn
from crm_core.sales.services.assignment.sentences import both, reason_of
from crm_core.sales.services.assignment.skills import asked_for
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid
from processes.spoken import kept


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen (or None), among whom, and the reason as a sentence.

    For None `why` is the code of the reason, `until` when to ask again, and `attempts` how often nobody was found for
    this record in a row, this time included.
    """

    user: Any | None
    candidates: list[int]
    reason: str
    skipped: list[dict[str, Any]] = field(default_factory=list)
    tie_break: str = ""
    why: str = ""
    until: datetime | None = None
    attempts: int = 0

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing."""
        return {
            "user": self.user.pk if self.user is not None else None,
            "candidates": self.candidates,
            "reason": self.reason,
            "why": self.why,
            "until": self.until,
            "attempts": self.attempts,
        }


@transaction.atomic
def choose(
    *,
    method: str,
    role: str,
    scope: str | None = None,
    language: str | None = None,
    skill: str | Iterable[str] | None = None,
    skill_match: str = "exact",
    off_shift: str = "wait",
    exclude: Iterable[int | None] | None = None,
    preferred: Any | None = None,
    subject: tuple[str, int] | None = None,
    instance_id: Any = None,
    decided: Callable[[], Mapping[str, int]] = dict,
    key: str | None = None,
) -> Choice:
    """Choose a person for `subject` and write the ledger row.

    `preferred` is the account's manager or the previous handler for the methods that ask for
    one. `skill` names one or several skills (see `skills`), which people must have, or by `skill_match` "closest" come
    nearest to. `off_shift` says what happens while nobody is on shift: "wait", "first_back" or "ignore". `decided` tells
    the versions of the tables that made the rule. The same `key` gives the same answer again. `user` is None when nobody
    may get it; that is an answer, not an error; the reason says so where a branch was named that does not exist.
    Raises Invalid for an unknown method or way.
    """
    for value, allowed in ((method, METHODS), (off_shift, OFF_SHIFT), (skill_match, SKILL_MATCH)):
        if value not in allowed:
            raise Invalid(
                _("“%(method)s” is no way to assign work. Use one of: %(known)s.")
                % {"method": value, "known": ", ".join(allowed)}
            )
    if key and (before := AssignmentLedger.objects.filter(key=key).select_related("chosen").first()):
        return _again(before)

    rule = Rule(method, off_shift, skill_match, frozenset(int(user) for user in exclude or () if user is not None))
    asked = {
        "role": role,
        "scope": known.scope_key(scope),
        "language": language or "",
        "skills": list(asked_for(skill)),
        "exclude": sorted(rule.exclude),
        "off_shift": off_shift,
        "skill_match": skill_match,
    }
    subject_type = subject[0] if subject else ""
    pool = locked_pool(subject_type, asked)
    own = preferred if rule.own_first else None
    members = set(users := known.in_question(asked, None))
    if own is not None and own.pk not in users:
        users = known.in_question(asked, own)
    at = ports.now()
    people = known.known_of(
        users, rule=asked, own=own, members=members, subject_type=subject_type, pool=pool, at=at
    )
    place = Place(pool.turn, pool.virtual_time)
    seed = seed_of(subject_type, asked, pool.turn)
    decision = decide(rule=rule, people=people, place=place, seed=seed, at=at)
    reason = reason_of(decision)
    if scope and not asked["scope"]:
        said = _("The table names “%(scope)s”, which does not exist: the whole company was asked.") % {"scope": scope}
        reason = both(reason, said)
    ledger = written(
        decision, asked, method=method, reason=reason, pool=pool, place=place, seed=seed, subject=subject,
        instance_id=instance_id, decisions=dict(decided()), key=key,
    )  # fmt: skip
    chosen = users[decision.chosen.user] if decision.chosen is not None else None
    if decision.chosen is not None:
        turn_taken(pool, place, decision.chosen)
    ledger.save(force_insert=True)
    return Choice(
        chosen, [one.user for one in decision.sifted.eligible], reason, ledger.skipped, decision.tie_break,
        decision.why, decision.until, 0 if chosen is not None else _attempts(subject, instance_id),
    )  # fmt: skip


def locked_pool(subject_type: str, asked: Mapping[str, Any]) -> AssignmentPool:
    """The pool of a rule, with its row locked: two choices at once take turns."""
    name = "|".join([subject_type, asked["role"], asked["scope"], asked["language"], ",".join(asked["skills"])])[:200]
    found = AssignmentPool.objects.select_for_update().filter(key=name).first()
    if found is None:
        AssignmentPool.objects.get_or_create(key=name)
        found = AssignmentPool.objects.select_for_update().get(key=name)
    return found


def seed_of(subject_type: str, asked: Mapping[str, Any], turn: int) -> str:
    """What a draw of this turn is seeded with: the rule in words, and the number of the turn."""
    place = known.place_name(asked["scope"])
    return f"{subject_type}|{asked['role']}|{place}|{asked['language']}|{','.join(asked['skills'])}#{turn}"[:200]


def written(
    decision: Decision, asked: dict[str, Any], *, method: str, reason: str, pool: AssignmentPool | None, place: Place,
    seed: str, subject: tuple[str, int] | None, instance_id: Any, decisions: dict[str, int], key: str | None,
) -> AssignmentLedger:  # fmt: skip
    """The ledger row of a decision, not yet saved."""
    subject_type, subject_id = subject or ("", None)
    return AssignmentLedger(
        subject_type=subject_type,
        subject_id=subject_id,
        pool=pool,
        method=method,
        rule=asked,
        candidates=[person.as_json() for person in decision.sifted.eligible],
        skipped=[{**person.as_json(), "reason": why} for person, why in decision.sifted.skipped],
        chosen_id=decision.chosen.user if decision.chosen is not None else None,
        reason=reason[:300],
        said=kept(reason).get("said", {}),
        why=decision.why,
        until=decision.until,
        tie_break=decision.tie_break,
        seed=seed,
        turn=place.turn,
        virtual_time=place.virtual_time,
        instance_id=instance_id,
        decisions=decisions,
        key=key,
    )


def turn_taken(pool: AssignmentPool, place: Place, person: Person) -> Place:
    """Write that a person took a turn; gives where the pool stands now."""
    after, served = take_turn(place, person)
    place_of = {"last_turn": served.last_turn, "count": served.count, "passed": served.passed}
    if person.count:
        AssignmentTurn.objects.filter(pool=pool, user=person.user).update(**place_of)
    else:  # the first turn; the pool's lock keeps a second one from coming between
        AssignmentTurn.objects.create(pool=pool, user_id=person.user, **place_of)
    pool.turn, pool.virtual_time = after.turn, after.virtual_time
    pool.save(update_fields=["turn", "virtual_time"])
    return after


def _again(row: AssignmentLedger) -> Choice:
    """The answer that was given before."""
    subject = (row.subject_type, row.subject_id) if row.subject_id is not None else None
    attempts = 0 if row.chosen is not None else _attempts(subject, row.instance_id, up_to=row.pk)
    return Choice(
        row.chosen, [one["user"] for one in row.candidates], row.reason, row.skipped, row.tie_break, row.why, row.until, attempts
    )


def _attempts(subject: tuple[str, int] | None, instance_id: Any, up_to: int | None = None) -> int:
    """How often in a row nobody was found for a record in its process."""
    if subject is None:
        return 1
    rows = AssignmentLedger.objects.filter(subject_type=subject[0], subject_id=subject[1], instance_id=instance_id)
    if up_to is not None:
        rows = rows.filter(pk__lte=up_to)
    found = rows.filter(chosen__isnull=False).order_by("-pk").values_list("pk", flat=True).first()
    return rows.filter(chosen__isnull=True, pk__gt=found or 0).count()
