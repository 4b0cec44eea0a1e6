"""Builds the demo company and its history: founded two months ago, then lived through day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from crm_core.demo.company import Company
from crm_core.demo.driver import Driver
from crm_core.demo.found import found
from crm_core.demo.habits import Habits
from crm_core.demo.world import RATES, World
from crm_core.kernel.models import User
from processes import api, ports

FOLDER = settings.BASE_DIR / "fixtures/demo"
Progress = Callable[[datetime, Counter[str]], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: how many of each step, what forms refused, in how many seconds."""

    counted: Counter[str]
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def is_empty() -> bool:
    """Whether nobody works here yet."""
    return not User.objects.exists()


def build(*, days: int | None = None, until: datetime | None = None, progress: Progress | None = None) -> Built:
    """Found the company and live through its days up to `until` (default: the last full hour).

    Everything is drawn with a fixed seed from the offset in days, so two builds agree in business key, step
    and offset. It is one transaction: a build that breaks off has left nothing, and the next one starts over.
    Raises ValueError when the database is not empty.
    """
    if not is_empty():
        raise ValueError("The demo company is built into an empty database only.")
    began = monotonic()
    company = Company(FOLDER / "company.toml")
    company.days = days or company.days
    zone = ZoneInfo(settings.TIME_ZONE)
    end = until or ports.now().replace(minute=0, second=0, microsecond=0)
    last_day = end.astimezone(zone).date()
    first = datetime.combine(last_day - timedelta(days=company.days), time(7), zone)
    clock = ports.FixedClock(first)
    with transaction.atomic(), ports.using(clock=clock), api.by_hand():
        founder = found(company, first.date())
        driver = Driver(company, Habits(FOLDER / "habits.toml"), World(company, founder), clock, end)
        for arrival in company.arrivals(last_day + timedelta(days=1), RATES):
            if first <= arrival.at <= end:
                driver.at(arrival.at, partial(driver.world.arrive, arrival))
        for spec in company.campaigns.values():
            day = last_day - timedelta(days=spec.ago)
            at = driver.office_hours(datetime.combine(day, time(9, spec.ago % 60), zone), driver.people[spec.owner])
            if first <= at <= end:
                driver.at(at, partial(driver.world.plan_campaign, driver, spec))
        driver.run(progress)
    return Built(driver.counted, driver.refused, monotonic() - began)
