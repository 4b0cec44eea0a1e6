"""Public holidays by country and region, with the working days that some countries shift to weekends.

The days come from the `holidays` library. China decides each autumn which weekend days of the next year are
worked in exchange for longer holidays; for years not yet decided only the holidays fixed by law are known, and
`note` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

import holidays as library

from processes.calendars.errors import BadCalendar
from processes.marked import say

_DECREED_YEARLY = frozenset({"CN"})
"""Countries whose government fixes the exact days year by year."""


class HolidayRule(Protocol):
    """Says which days are off, and which weekend days are worked."""

    def days_off(self, year: int) -> Mapping[date, str]:
        """The public holidays of a year with their names."""
        ...

    def shifted_working_days(self, year: int) -> frozenset[date]:
        """Days of a year that are worked although they fall on a weekend."""
        ...

    def note(self, year: int) -> str:
        """What is not yet known about a year, as a sentence; empty when everything is."""
        ...


@dataclass(frozen=True)
class PublicHolidays:
    """The holidays of a country (ISO 3166-1 alpha-2) and, where they differ, a region of it."""

    country: str
    region: str = ""
    language: str = "en_US"

    def __post_init__(self) -> None:
        known = library.list_supported_countries()
        if self.country not in known:
            raise BadCalendar(
                say("No public holidays are known for the country “%(country)s”. Use a code like CN.", country=self.country)
            )
        if self.region and self.region not in known[self.country]:
            raise BadCalendar(
                say("No public holidays are known for the region “%(region)s” of %(country)s. Leave the region out, or check its code.", region=self.region, country=self.country)
            )

    def days_off(self, year: int) -> Mapping[date, str]:
        return _days(self.country, self.region, self.language, year)[0]

    def shifted_working_days(self, year: int) -> frozenset[date]:
        return _days(self.country, self.region, self.language, year)[1]

    def note(self, year: int) -> str:
        if self.country not in _DECREED_YEARLY or year in _decided_years(self.country):
            return ""
        return say(
            "The exact holidays and shifted working days of %(year)s in %(country)s are not announced yet; "
            "only those fixed by law are counted.", year=year, country=self.country,
        )  # fmt: skip


@lru_cache(maxsize=256)
def _days(country: str, region: str, language: str, year: int) -> tuple[Mapping[date, str], frozenset[date]]:
    # The neighbours too: a day worked at the end of December may belong to the next year's decree.
    found = library.country_holidays(
        country,
        subdiv=region or None,
        years=(year - 1, year, year + 1),
        language=_supported(country, language),
    )
    off = {day: name for day, name in sorted(found.items()) if day.year == year}
    shifted = getattr(found, "weekend_workdays", None) or ()
    return MappingProxyType(off), frozenset(day for day in shifted if day.year == year and day not in off)


@lru_cache(maxsize=64)
def _decided_years(country: str) -> frozenset[int]:
    return frozenset(getattr(library.country_holidays(country), "special_public_holidays", {}))


@lru_cache(maxsize=64)
def _supported(country: str, language: str) -> str | None:
    languages = getattr(library.country_holidays(country), "supported_languages", ())
    return language if language in languages else None
