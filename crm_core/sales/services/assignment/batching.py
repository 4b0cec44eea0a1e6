"""Assigning many waiting leads at once, for the highest expected effect; each with its row in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from crm_core.kernel.access.policies import policy_for
from crm_core.sales.models import AssignmentLedger, AssignmentTurn, Lead, SalesChannel
from crm_core.sales.models.leads import OPEN_STATUSES
from crm_core.sales.services.assignment import people as known
from crm_core.sales.services.assignment.batch import Option, Shared, share_out
from crm_core.sales.services.assignment.choosing import locked_pool, seed_of, written
from crm_core.sales.services.assignment.effects import SCALE, options_for
from crm_core.sales.services.assignment.eligibility import OFF_SHIFT, Person, Rule, Sifted, sift
from crm_core.sales.services.assignment.methods import BATCH, Decision, Place, nobody, take_turn
from crm_core.sales.services.assignment.sentences import reason_of
from crm_core.sales.services.leads import assign
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

MOST = 2_000
"""Leads that one batch may take; the rest waits for the next."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The ledger rows of a batch: those with a person and those without."""

    rows: list[AssignmentLedger]

    @property
    def assigned(self) -> int:
        """How many leads have somebody now."""
        return sum(row.chosen_id is not None for row in self.rows)

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing."""
        return {
            "assigned": self.assigned,
            "unassigned": len(self.rows) - self.assigned,
            "effect": sum((Decimal(row.rule.get("effect", "0")) for row in self.rows), Decimal(0)),
        }


@transaction.atomic
def assign_batch(
    *,
    role: str = "sales_representative",
    leads: Iterable[int] | None = None,
    campaign: str = "",
    scope: str | None = None,
    value: Any = 1,
    channels: Iterable[str] = (),
    at_most: int | None = None,
    off_shift: str = "wait",
    instance_id: Any = None,
    decided: Callable[[], Mapping[str, int]] = dict,
    key: str | None = None,
    by: Any = None,
) -> Batch:
    """Assign the waiting leads (open, without an owner), or those of them in `leads` or of a `campaign`, at once.

    The people are those of the `role` in the `scope`, or else in each lead's own branch. `value` is what a won lead brings;
    with `channels` (keys of sales channels) the best one is chosen for each lead within their capacities, and what a contact
    over it costs counts in the same unit. `at_most` limits what one person gets. The same `key` gives the same rows again.
    `by` None is the machine; a person assigns the leads that they may change. Raises Invalid for what does not exist.
    """
    if key and (before := list(AssignmentLedger.objects.filter(key__startswith=f"{key}:").order_by("pk"))):
        return Batch(before)
    if off_shift not in OFF_SHIFT:
        raise Invalid(
            _("“%(method)s” is no way to assign work. Use one of: %(known)s.")
            % {"method": off_shift, "known": ", ".join(OFF_SHIFT)}
        )
    ways = _channels(channels)
    waiting = _waiting(leads, campaign, by)
    rows: list[AssignmentLedger] = []
    places: dict[str, _Office] = {}
    for lead in waiting:
        wanted = known.scope_key(scope) if scope else (f"branch:{lead.branch_id}" if lead.branch_id else "")
        if wanted not in places:
            places[wanted] = _Office(role, wanted, off_shift)
        places[wanted].leads.append(lead)
    for _name, office in sorted(places.items()):  # in this order by everybody, so that two batches never block each other
        office.look()
    staff = {pk: person for office in places.values() for pk, person in office.free.items()}
    permitted = {lead.pk: office.permitted(lead) for office in places.values() for lead in office.leads}
    options = options_for(waiting, permitted, value=Decimal(str(value)), channels=ways)
    shared = share_out(
        [lead.pk for lead in waiting], options,
        capacity={pk: person.free if at_most is None else min(person.free, at_most) for pk, person in staff.items()},
        channel_capacity={channel.key: channel.capacity for channel in ways},
    )  # fmt: skip
    load = Counter[int]()
    versions, effects = dict(decided()), _best_effects(options)
    users = get_user_model().objects.select_related("employee").in_bulk({one.person for one in shared.given.values()})
    for office in places.values():
        for lead in office.leads:
            row = office.row(lead, shared, effects.get(lead.pk, {}), load)
            row.instance_id, row.decisions, row.key = instance_id, versions, f"{key}:{lead.pk}" if key else None
            rows.append(row)
            if row.chosen_id is not None:
                assign(lead=lead, owner=users[row.chosen_id], branch=lead.branch, by=by, trusted=True)
        office.close()
    AssignmentLedger.objects.bulk_create(rows)
    return Batch(rows)


class _Office:
    """The people of a role in a place, and the leads that wait for them."""

    def __init__(self, role: str, scope: str, off_shift: str) -> None:
        self.asked: dict[str, Any] = {
            "role": role, "scope": scope, "language": "", "skills": [], "exclude": [], "off_shift": off_shift,
            "skill_match": "exact",
        }  # fmt: skip
        self.rule = Rule(BATCH, off_shift)
        self.leads: list[Lead] = []
        self.free: dict[int, Person] = {}
        self.served: set[int] = set()

    def look(self) -> None:
        """Who is there, with the pool locked."""
        self.at = ports.now()
        self.pool = locked_pool("lead", self.asked)
        self.place = Place(self.pool.turn, self.pool.virtual_time)
        self.stem = seed_of("lead", self.asked, 0).rpartition("#")[0]
        users = known.in_question(self.asked, None)
        people = known.known_of(
            users, rule=self.asked, own=None, members=set(users), subject_type="lead", pool=self.pool, at=self.at
        )
        self.seats = {person.user: person for person in people}
        self.speaks = {pk: getattr(getattr(user, "employee", None), "languages", ()) for pk, user in users.items()}
        self.free = {person.user: person for person in sift(people, self.rule).eligible}

    def sifted(self, lead: Lead, load: Mapping[int, int]) -> Sifted:
        """Who comes into question for a lead, which may ask for a language, when people have got so much more."""
        people = [
            replace(person, load=person.load + load.get(person.user, 0),
                    speaks=not lead.language or lead.language in self.speaks[person.user])
            for person in self.seats.values()
        ]
        return sift(people, self.rule)

    def permitted(self, lead: Lead) -> list[int]:
        """The ids of those who may have a lead."""
        return [person.user for person in self.sifted(lead, {}).eligible]

    def row(self, lead: Lead, shared: Shared, effects: Mapping[int, int], load: Counter[int]) -> AssignmentLedger:
        """The ledger row of a lead, with a turn in the pool for who gets it; `effects` are those expected, by person, and
        `load` counts what the batch has given people so far."""
        option, sifted = shared.given.get(lead.pk), self.sifted(lead, load)
        chosen = next((one for one in sifted.eligible if option is not None and one.user == option.person), None)
        why, until = ("", None) if option is not None else nobody(sifted, self.at)
        if option is None and sifted.eligible:
            why = shared.left[lead.pk]
        decision = Decision(chosen, sifted, by=BATCH, why=why, until=until)
        asked = {**self.asked, "language": lead.language}
        if option is not None:
            asked |= {"effect": _told(option.effect), "channel": option.channel}
        row = written(
            decision, asked, method=BATCH, reason=reason_of(decision), pool=self.pool, place=self.place,
            seed=f"{self.stem}#{self.place.turn}", subject=("lead", lead.pk), instance_id=None, decisions={}, key=None,
        )  # fmt: skip
        for candidate in row.candidates:
            candidate["effect"] = _told(effects.get(candidate["user"], 0))
        if chosen is not None:
            self.place, self.seats[chosen.user] = take_turn(self.place, self.seats[chosen.user])
            self.served.add(chosen.user)
            load[chosen.user] += 1
        return row

    def close(self) -> None:
        """Write where the pool and its people stand after the batch."""
        for pk in sorted(self.served):
            person = self.seats[pk]
            place_of = {"last_turn": person.last_turn, "count": person.count, "passed": person.passed}
            AssignmentTurn.objects.update_or_create(pool=self.pool, user_id=pk, defaults=place_of)
        self.pool.turn, self.pool.virtual_time = self.place.turn, self.place.virtual_time
        self.pool.save(update_fields=["turn", "virtual_time"])


def _best_effects(options: Iterable[Option]) -> dict[int, dict[int, int]]:
    """The best effect of each lead with each person."""
    found: dict[int, dict[int, int]] = {}
    for option in options:
        kept = found.setdefault(option.item, {})
        kept[option.person] = max(option.effect, kept.get(option.person, option.effect))
    return found


def _told(effect: int) -> str:
    """An effect in the unit of the value of a won lead."""
    return str(Decimal(effect) / SCALE)


def _waiting(leads: Iterable[int] | None, campaign: str, by: Any) -> list[Lead]:
    """The open leads without an owner that `by` may change, longest waiting first, locked."""
    rows = Lead.objects.all() if by is None else policy_for(Lead).rows(by, "change")
    rows = rows.filter(status__in=OPEN_STATUSES, owner__isnull=True)
    if leads is not None:
        rows = rows.filter(pk__in=list(leads))
    if campaign:
        rows = rows.filter(campaign_key=campaign)
    ids = list(rows.order_by("received_at", "pk").values_list("pk", flat=True)[:MOST])
    locked = Lead.objects.select_for_update(of=("self",)).select_related("branch").filter(pk__in=ids, owner__isnull=True)
    return list(locked.order_by("received_at", "pk"))


def _channels(keys: Iterable[str]) -> list[SalesChannel]:
    wanted = [str(key) for key in keys if key]
    found = {channel.key: channel for channel in SalesChannel.objects.filter(key__in=wanted, is_active=True)}
    for key in wanted:
        if key not in found:
            raise Invalid(_("There is no sales channel “%(key)s” in use.") % {"key": key})
    return [found[key] for key in wanted]
