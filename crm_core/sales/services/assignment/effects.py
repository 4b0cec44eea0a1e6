"""What a lead is expected to bring in somebody's hands: chance times worth, less what the way to the customer costs.

The chance is learnt from closed leads, in one query, and smoothed from the general to the special: the company's share
of leads that became business, drawn towards one half by two leads; the person's share, drawn towards the company's by ten
leads; the person's share of leads from the same source, drawn towards the person's by ten leads. So a lucky beginner is
not taken for a master, and without any history all are alike.

The worth is the lead's score over 100 (a half for one without a score) times what a won lead brings. A score says how
promising a lead is beside others; it is not a probability, so effects compare leads and are no forecast of sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q

from crm_core.sales.models import Lead, SalesChannel
from crm_core.sales.models.leads import LeadStatus
from crm_core.sales.services.assignment.batch import Option
from processes import ports

SCALE = 10_000
"""Effects are rounded to so many parts of the unit in which the value of a won lead is given."""

PRIOR = 10
"""With so many leads of its own, a share counts as much as the more general one."""

LOOKS_BACK = timedelta(days=730)
UNSCORED = 50


def smoothed(won: int, closed: int, towards: float, weight: float = PRIOR) -> float:
    """A share of `closed`, drawn towards another share by the weight of so many leads (the mean of a Beta posterior)."""
    return (won + weight * towards) / (closed + weight)


@dataclass(frozen=True)
class Chances:
    """How often leads became business: won and closed, by person and source, by person, and in all."""

    won: Counter[tuple[int, str]]
    closed: Counter[tuple[int, str]]

    def of(self, person: int, source: str) -> float:
        """The chance that a lead from a source becomes business in somebody's hands, 0 to 1."""
        company = smoothed(self.won.total(), self.closed.total(), 0.5, 2)
        own = {key: count for key, count in self.closed.items() if key[0] == person}
        share = smoothed(sum(self.won[key] for key in own), sum(own.values()), company)
        return smoothed(self.won[person, source], self.closed[person, source], share)


def chances() -> Chances:
    """What the closed leads of the last two years say; one query."""
    rows = (
        Lead.objects.filter(
            status__in=(LeadStatus.CONVERTED, LeadStatus.DISQUALIFIED), owner__isnull=False,
            received_at__gte=ports.now() - LOOKS_BACK,
        )
        .order_by()
        .values_list("owner", "source")
        .annotate(closed=Count("pk"), won=Count("pk", filter=Q(status=LeadStatus.CONVERTED)))
    )  # fmt: skip
    won, closed = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for owner, source, of_all, of_won in rows:
        closed[owner, source], won[owner, source] = of_all, of_won
    return Chances(won, closed)


def options_for(
    leads: Iterable[Lead], permitted: dict[int, list[int]], *, value: Decimal, channels: list[SalesChannel]
) -> list[Option]:
    """The effect of each lead with each person who may have it, and over each channel where some are given.

    Over a channel the chance is multiplied by how much better than the mean of `channels` it converts, up to 1.
    """
    known = chances()
    mean = float(sum(channel.conversion for channel in channels)) / len(channels) if channels else 0.0
    ways = [
        (channel.key, float(channel.conversion) / mean if mean else 1.0, float(channel.cost_per_contact))
        for channel in channels
    ] or [("", 1.0, 0.0)]
    learnt: dict[tuple[int, str], float] = {}
    found: list[Option] = []
    for lead in leads:
        worth = max(UNSCORED if lead.score is None else lead.score, 0) / 100 * float(value)
        for person in permitted[lead.pk]:
            if (person, lead.source) not in learnt:
                learnt[person, lead.source] = known.of(person, lead.source)
            for key, better, cost in ways:
                chance = min(1.0, learnt[person, lead.source] * better)
                found.append(Option(lead.pk, person, round((chance * worth - cost) * SCALE), key))
    return found
