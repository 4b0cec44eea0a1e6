"""A year of working time as sorted spans with running sums, so that questions about it are look-ups.

Spans are kept as whole microseconds since 1970 UTC. Clock times become moments here, with the two awkward
hours of daylight saving: a clock time that is skipped stands for the end of the gap, one that comes twice for
its first coming.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_MINUTES = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC of an aware moment."""
    return (at - _EPOCH) // _MICRO


def from_micros(micros: int) -> datetime:
    """The moment of so many microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def wall_minutes(local: datetime) -> float:
    """The clock reading of a local moment in minutes since midnight.

    In the hour that comes twice the second coming counts as the end of that hour: otherwise a later moment
    would have an earlier reading, and a later start an earlier limit.
    """
    minutes = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60e6
    if local.fold and local.tzinfo is not None:
        first = local.replace(fold=0)
        repeated = (first.utcoffset() or timedelta()) - (local.utcoffset() or timedelta())
        if repeated > timedelta():
            whole = local.replace(microsecond=0)
            return int(minutes) + local.second / 60 + _until_repeat_ends(whole, repeated)
    return minutes


def _until_repeat_ends(local: datetime, repeated: timedelta) -> float:
    """Minutes from a second coming of the clock until clock times are unique again."""
    low, high = 0, int(repeated.total_seconds())
    zone = local.tzinfo
    naive = local.replace(tzinfo=None)
    while low < high:
        middle = (low + high) // 2
        later = (naive + timedelta(seconds=middle)).replace(tzinfo=zone)
        if later.utcoffset() != later.replace(fold=1).utcoffset():
            low = middle + 1
        else:
            high = middle
    return low / 60


def moment(day: date, minutes: float, zone: tzinfo) -> int:
    """The moment, in microseconds, of a clock time on a date in a zone."""
    naive = datetime.combine(day, time()) + timedelta(microseconds=round(minutes * 60_000_000))
    before = naive.replace(tzinfo=zone)
    micros = to_micros(before)
    if from_micros(micros).astimezone(zone).replace(tzinfo=None) == naive:
        return micros
    # Skipped by the clock: find the instant of the jump between the two readings of this time.
    low, high = to_micros(naive.replace(tzinfo=zone, fold=1)), micros
    old = from_micros(low).astimezone(zone).utcoffset()
    while low < high:
        middle = (low + high) // 2
        if from_micros(middle).astimezone(zone).utcoffset() == old:
            low = middle + 1
        else:
            high = middle
    return low


@dataclass(frozen=True, slots=True)
class WorkYear:
    """The working time of one year in a zone.

    `starts`, `ends` and `before` (what was worked since the year began) go by span, in microseconds; `days`
    are the ordinals of the working days; `hours` their clock hours.
    """

    year: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int
    days: tuple[int, ...]
    hours: dict[int, tuple[tuple[int, int], ...]]

    def worked_at(self, micros: int) -> int:
        """What was worked from the beginning of the year to a moment of it."""
        i = bisect_right(self.starts, micros) - 1
        return 0 if i < 0 else self.before[i] + min(micros, self.ends[i]) - self.starts[i]

    def days_up_to(self, day: date) -> int:
        """How many working days the year has up to and with a date."""
        return bisect_right(self.days, day.toordinal())

    def clamp(self, day: date, minutes: float, zone: tzinfo, *, back: bool) -> datetime:
        """The moment of a clock time on a working day, moved into the day's hours where it lies outside."""
        spans = self.hours[day.toordinal()]
        if back:
            inside = [min(minutes, end) for start, end in spans if start < minutes]
            chosen = inside[-1] if inside else spans[0][0]
        else:
            inside = [max(minutes, start) for start, end in spans if minutes < end]
            chosen = inside[0] if inside else spans[-1][1]
        return from_micros(moment(day, chosen, zone))


def build_year(year: int, hours_of: Callable[[date], tuple[tuple[int, int], ...]], zone: tzinfo) -> WorkYear:
    """Lay out a year from the working hours of its days."""
    starts: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    hours: dict[int, tuple[tuple[int, int], ...]] = {}
    total = 0
    for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        spans = hours_of(day)
        kept = []
        for first, last in spans:
            start, end = moment(day, first, zone), moment(day, last, zone)
            if end > start:  # a span may vanish in the hour that the clock skips
                kept.append((first, last))
                starts.append(start)
                ends.append(end)
                before.append(total)
                total += end - start
        if kept:
            hours[ordinal] = tuple(kept)
    return WorkYear(year, tuple(starts), tuple(ends), tuple(before), total, tuple(hours), hours)
