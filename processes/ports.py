"""What the engine asks of the floors above, as protocols with working defaults.

The engine knows nothing of customers. Whoever stands above it (the CRM) installs its own
ports at start-up with `install()`; tests and the demo driver swap single ports for a while
with `using()`. The defaults make the engine usable alone: people are Django users with their
groups, there are no subjects, every hour is a working hour, and the clock is the system's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo

Labels = Mapping[str, str]


def text(labels: Labels | str | None, language: str | None = None) -> str:
    """The text of `labels` in a language: that one, else English, else any."""
    if not labels:
        return ""
    if isinstance(labels, str):
        return labels
    if language is None:
        from django.utils.translation import get_language

        language = get_language()
    return labels.get(language or "en") or labels.get("en") or next(iter(labels.values()), "")


# --- the clock --------------------------------------------------------------------------


class Clock(Protocol):
    """Where every floor asks the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def today(self, zone: tzinfo) -> date:
        """The present date in a time zone."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, zone: tzinfo) -> date:
        return self.now().astimezone(zone).date()


class FixedClock:
    """A clock that stands still until it is moved: for tests, rehearsals and driven history."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("A clock needs a moment with a time zone.")
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def today(self, zone: tzinfo) -> date:
        return self.at.astimezone(zone).date()

    def move(self, to: datetime) -> None:
        """Put the clock to a moment; it may only go forward, as time does."""
        if to < self.at:
            raise ValueError(f"The clock stands at {self.at} and cannot go back to {to}.")
        self.at = to.astimezone(UTC)


# --- people -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Away:
    """Why somebody is not at work: `absent` (for days) or `off_shift` (until the next shift), and when they are back,
    where that is known."""

    reason: str
    back: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """An absent person whose work somebody does until a moment: of all processes but `without`, or of those in `only`
    alone when there are any (keys of processes)."""

    person: Any
    until: datetime
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class People(Protocol):
    """Who works here, in which roles and places."""

    def roles_of(self, user: Any) -> list[str]:
        """Keys of the roles (Django group names) the person has."""
        ...

    def sees(self, user: Any, record: str) -> bool:
        """Whether the person's roles let them see records of a kind at all, e.g. `decision_definition`."""
        ...

    def scopes_of(self, user: Any) -> list[str]:
        """Keys of the places the person works for, e.g. `branch:3`, `team:5`."""
        ...

    def members(self, role: str, scope: str = "") -> list[Any]:
        """Active users with a role, limited to a place when one is given, in a stable order."""
        ...

    def manager_of(self, user: Any) -> Any | None:
        """The person's manager."""
        ...

    def managers_of(self, users: Iterable[Any]) -> list[Any]:
        """The managers of several people, each once, in a stable order."""
        ...

    def is_available(self, user: Any, at: datetime) -> bool:
        """Whether the person is neither absent nor inactive at that moment."""
        ...

    def available(self, users: Iterable[Any], at: datetime) -> list[Any]:
        """Those of `users` who are, in the given order."""
        ...

    def away(self, users: Iterable[Any], at: datetime) -> dict[int, Away]:
        """Those of `users`, by id, who are not at work at that moment, with the reason."""
        ...

    def standing_in_for(self, user: Any, at: datetime) -> list[StandIn]:
        """The people who are absent at that moment and for whom the person stands in."""
        ...

    def mates_of(self, user: Any) -> list[Any]:
        """The other active people of the person's team."""
        ...

    def display(self, user: Any) -> str:
        """The name to show."""
        ...


class DefaultPeople:
    """People are Django users; roles are their groups; there are no places."""

    def roles_of(self, user: Any) -> list[str]:
        return [] if user is None else list(user.groups.values_list("name", flat=True))

    def sees(self, user: Any, record: str) -> bool:
        return user is not None and user.is_active

    def scopes_of(self, user: Any) -> list[str]:
        return []

    def members(self, role: str, scope: str = "") -> list[Any]:
        from django.contrib.auth import get_user_model

        return list(get_user_model().objects.filter(is_active=True, groups__name=role).order_by("pk"))

    def manager_of(self, user: Any) -> Any | None:
        return None

    def managers_of(self, users: Iterable[Any]) -> list[Any]:
        found = {manager.pk: manager for user in users if (manager := self.manager_of(user)) is not None}
        return [found[pk] for pk in sorted(found)]

    def is_available(self, user: Any, at: datetime) -> bool:
        return bool(user.is_active)

    def available(self, users: Iterable[Any], at: datetime) -> list[Any]:
        return [user for user in users if self.is_available(user, at)]

    def away(self, users: Iterable[Any], at: datetime) -> dict[int, Away]:
        listed = list(users)
        here = {user.pk for user in self.available(listed, at)}
        return {user.pk: Away("absent") for user in listed if user.pk not in here}

    def standing_in_for(self, user: Any, at: datetime) -> list[StandIn]:
        return []

    def mates_of(self, user: Any) -> list[Any]:
        return []

    def display(self, user: Any) -> str:
        return "" if user is None else (user.get_full_name() or user.get_username())


# --- subjects ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What an instance is about: a record of the floors above, by type and id."""

    type: str
    id: int


@dataclass(frozen=True, slots=True)
class SubjectField:
    """One field of a subject that expressions may read, and forms may write if `writable`.

    `type` is one of text, number, boolean, date, datetime, choice, user, money, list, context.
    """

    name: str
    type: str
    label: Any = ""
    writable: bool = False
    choices: tuple[tuple[str, Any], ...] = ()


def _nothing(*_args: Any, **_kwargs: Any) -> Any:
    return None


@dataclass(frozen=True, slots=True)
class Audience:
    """A way of gathering records in which one may be in several gatherings at once, as customers are in segments.

    options() -> the gatherings by key, with what each is called in the language in use
    members(ids, keys) -> those of the ids whose record is in one of the gatherings; few queries, however many ids
    """

    name: str
    label: Any
    options: Callable[[], Sequence[tuple[str, str]]]
    members: Callable[[Sequence[int], Iterable[str]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Sample:
    """How a record of the engine's own kinds is made for a rehearsal: what may be chosen of it, and
    make(values, owner) -> its id, and values that a process about it is started with."""

    fields: tuple[SampleField, ...]
    make: Callable[[Mapping[str, Any], Any], tuple[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class SubjectType:
    """A kind of record that processes can be about.

    load(id) -> record or None
    view(record) -> the FEEL context (only declared fields; plain values, nested dicts)
    title(record) -> str; url(record) -> str
    scope_keys(record) -> {"branch": "branch:3", "team": "team:5"}: places for offers
    visible(user) -> queryset of the rows the person may see (the policy's row filter)
    may_start(user, record) -> bool
    apply(record, changes, call) -> None: writes declared writable fields through the domain's service
    account_id(record) -> id of the customer for the timeline, or None
    calendar(record) -> key of the working calendar, or None for the default
    owner(record) -> user or None
    model: the class of its records, so that processes about one can be told that it was changed
    groups: what figures about such records are grouped by (customer class, branch, person ...)
    grouped(ids) -> their values by id and name of the group, as texts; one query, however many ids
    group_words(name, values) -> what values of a group are called, in the language in use
    group_options(name) -> what may be chosen of a group: values with what they are called; empty where nothing is listed
    audiences() -> the gatherings that its records may be in, several at once (segments of customers)
    sample: how one is made for a rehearsal, where the floor that registers the kind is not the CRM
    """

    key: str
    label: Any
    fields: tuple[SubjectField, ...]
    load: Callable[[int], Any]
    view: Callable[[Any], Mapping[str, Any]]
    title: Callable[[Any], str] = str
    url: Callable[[Any], str] = lambda record: ""
    scope_keys: Callable[[Any], Mapping[str, str]] = lambda record: {}
    visible: Callable[[Any], Any] = _nothing
    may_start: Callable[[Any, Any], bool] = lambda user, record: True
    apply: Callable[..., None] = _nothing
    account_id: Callable[[Any], int | None] = lambda record: None
    calendar: Callable[[Any], str | None] = lambda record: None
    owner: Callable[[Any], Any | None] = lambda record: None
    model: type | None = None
    groups: tuple[SubjectField, ...] = ()
    grouped: Callable[[Sequence[int]], Mapping[int, Mapping[str, str]]] = lambda ids: {}
    group_words: Callable[[str, Iterable[str]], Mapping[str, str]] = lambda name, values: {}
    group_options: Callable[[str], Sequence[tuple[str, str]]] = lambda name: ()
    audiences: Callable[[], Sequence[Audience]] = lambda: ()
    sample: Sample | None = None

    def field(self, name: str) -> SubjectField | None:
        """The declared field of that name."""
        return next((f for f in self.fields if f.name == name), None)


class Subjects:
    """The registry of subject types. Keys are final: they are stored with instances."""

    def __init__(self) -> None:
        self._types: dict[str, SubjectType] = {}

    def register(self, kind: SubjectType) -> SubjectType:
        """Add a type; a key can be registered once."""
        if kind.key in self._types:
            raise ValueError(f"The subject type “{kind.key}” is registered already.")
        self._types[kind.key] = kind
        return kind

    def get(self, key: str) -> SubjectType | None:
        """The type of that key, or None."""
        return self._types.get(key)

    def of(self, model: type) -> SubjectType | None:
        """The type whose records are of a class, or None."""
        return next((kind for kind in self._types.values() if kind.model is model), None)

    def all(self) -> list[SubjectType]:
        """Every registered type, by key."""
        return [self._types[key] for key in sorted(self._types)]

    @contextmanager
    def temporarily(self, kind: SubjectType) -> Iterator[SubjectType]:
        """Register a type for the length of a test."""
        self.register(kind)
        try:
            yield kind
        finally:
            del self._types[kind.key]


# --- grants, calendars, audit, notices ----------------------------------------------------


class Grants(Protocol):
    """Gives a person the object permissions that a step declares, and takes them back."""

    def give(self, *, user: Any, subject: Subject, actions: Sequence[str], source: str) -> None:
        """Grant actions (view, change ...) on a subject; `source` names the task, e.g. `task:<id>`."""
        ...

    def take(self, *, source: str) -> None:
        """Take back everything that this source granted."""
        ...


class NoGrants:
    """Grants nothing: for the engine alone."""

    def give(self, *, user: Any, subject: Subject, actions: Sequence[str], source: str) -> None:
        return None

    def take(self, *, source: str) -> None:
        return None


class WorkingTime(Protocol):
    """The arithmetic of working time that a limit needs (see processes.calendars)."""

    def add(self, start: datetime, duration: Any) -> datetime:
        """The moment a working duration after `start`."""
        ...

    def add_time(self, start: datetime, worked: timedelta) -> datetime:
        """The moment at which so much working time has passed since `start`."""
        ...

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments."""
        ...


class Calendars(Protocol):
    """Whose working time counts."""

    def for_subject(self, subject: Subject | None, record: Any = None) -> Any:
        """The work calendar that limits on this subject use. `record` is the subject's, where it is at hand."""
        ...

    def for_work(self, subject: Subject | None, record: Any = None, *, user_id: int | None = None, place: str = "") -> Any:
        """The work calendar that the limit of a piece of work uses: of the person who has it, else of the team it is
        offered to (`place`, e.g. `team:5`), else the subject's, else the house's."""
        ...

    def zone_for(self, subject: Subject | None, record: Any = None) -> tzinfo:
        """The time zone in which dates of this subject are read; `record` as above."""
        ...


class RoundTheClock:
    """Every hour is a working hour, in the project's time zone."""

    def for_subject(self, subject: Subject | None, record: Any = None) -> Any:
        from processes.calendars import ALWAYS

        return ALWAYS

    def for_work(self, subject: Subject | None, record: Any = None, *, user_id: int | None = None, place: str = "") -> Any:
        return self.for_subject(subject, record)

    def zone_for(self, subject: Subject | None, record: Any = None) -> tzinfo:
        from django.conf import settings

        return ZoneInfo(settings.TIME_ZONE)


class AuditContext(Protocol):
    """Tells the audit trail who acts, in which process step, and when by the clock."""

    def acting(self, **who: Any) -> AbstractContextManager[None]:
        """Everything written inside is attributed: user, instance, task, action, reason."""
        ...


class NoAudit:
    """Keeps no audit: for the engine alone."""

    def acting(self, **who: Any) -> AbstractContextManager[None]:
        return nullcontext()


class Notifier(Protocol):
    """Tells people about their work."""

    def notify(self, *, users: Sequence[Any], kind: str, context: Mapping[str, Any]) -> None:
        """Send a notice of a kind (assigned, due, escalated, mentioned ...) to people, once."""
        ...


class NoNotices:
    """Tells nobody: for the engine alone."""

    def notify(self, *, users: Sequence[Any], kind: str, context: Mapping[str, Any]) -> None:
        return None


# --- what leaves the house, and rehearsals -------------------------------------------------


class Outward(Protocol):
    """The way out: whatever leaves the program for other systems leaves through here."""

    def mail(self, message: Any) -> None:
        """Hand a Django EmailMessage to the mail server. Raises OSError when it is not taken."""
        ...


class ToTheMailServer:
    """Mails go out as the settings say."""

    def mail(self, message: Any) -> None:
        message.send()


@dataclass(frozen=True, slots=True)
class SampleField:
    """A value of a rehearsal's record that may be chosen beforehand, with what it is unless told."""

    name: str
    label: Any
    type: str
    value: Any = None
    choices: tuple[tuple[Any, Any], ...] = ()


class Rehearsing(Protocol):
    """Furnishes the throw-away house of a rehearsal: places, roles and rules as in the real one, people and records invented."""

    def bring(self) -> Any:
        """What the real house has set and a rehearsal needs as well (roles, calendars, texts), as JSON; nothing personal."""
        ...

    def furnish(self, brought: Any) -> None:
        """Write that into the empty database in use."""
        ...

    def people(self, role: str, count: int) -> list[Any]:
        """So many invented people with a role in the database in use, in a stable order; made where they are missing."""
        ...

    def fields(self, subject_type: str) -> tuple[SampleField, ...]:
        """What may be chosen of a record of that kind; empty when none can be made."""
        ...

    def record(self, subject_type: str, values: Mapping[str, Any], *, owner: Any) -> tuple[int, Mapping[str, Any]]:
        """Make a record of that kind with what it needs, in the database in use; gives its id, and values that a process
        about it may be started with. Raises Invalid for values that cannot be."""
        ...


class BareRehearsing:
    """Roles are groups, people are Django users, and there are no records: for the engine alone."""

    def bring(self) -> Any:
        from django.contrib.auth.models import Group

        return sorted(Group.objects.values_list("name", flat=True))

    def furnish(self, brought: Any) -> None:
        from django.contrib.auth.models import Group

        Group.objects.bulk_create(Group(name=name) for name in brought)

    def people(self, role: str, count: int) -> list[Any]:
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import Group

        group, _new = Group.objects.get_or_create(name=role)
        users = get_user_model()._default_manager
        while (there := users.filter(groups=group).order_by("pk")).count() < count:
            users.create(username=f"{role}.{there.count() + 1}").groups.add(group)
        return list(there[:count])

    def fields(self, subject_type: str) -> tuple[SampleField, ...]:
        return ()

    def record(self, subject_type: str, values: Mapping[str, Any], *, owner: Any) -> tuple[int, Mapping[str, Any]]:
        from processes.errors import Invalid
        from processes.spoken import gettext as _

        raise Invalid(_("No record of the kind “%(kind)s” can be made for a rehearsal.") % {"kind": subject_type})


# --- the set of ports ----------------------------------------------------------------------


@dataclass(frozen=True)
class Ports:
    """All ports in use together."""

    clock: Clock = field(default_factory=SystemClock)
    people: People = field(default_factory=DefaultPeople)
    subjects: Subjects = field(default_factory=Subjects)
    grants: Grants = field(default_factory=NoGrants)
    calendars: Calendars = field(default_factory=RoundTheClock)
    audit: AuditContext = field(default_factory=NoAudit)
    notifier: Notifier = field(default_factory=NoNotices)
    outward: Outward = field(default_factory=ToTheMailServer)
    rehearsing: Rehearsing = field(default_factory=BareRehearsing)


_installed = Ports()
_override: ContextVar[Ports | None] = ContextVar("redraw_ports", default=None)


def current() -> Ports:
    """The ports in use here and now."""
    return _override.get() or _installed


def install(**ports: Any) -> None:
    """Fill ports at start-up (from AppConfig.ready); names as in `Ports`."""
    global _installed
    _installed = replace(_installed, **ports)


@contextmanager
def using(**ports: Any) -> Iterator[Ports]:
    """Swap ports for the length of a block, in this thread or task only."""
    swapped = replace(current(), **ports)
    token = _override.set(swapped)
    try:
        yield swapped
    finally:
        _override.reset(token)


def clock() -> Clock:
    return current().clock


def now() -> datetime:
    """The present moment by the clock in use; fit to be a model's default."""
    return current().clock.now()


def people() -> People:
    return current().people


def subjects() -> Subjects:
    return current().subjects


def grants() -> Grants:
    return current().grants


def calendars() -> Calendars:
    return current().calendars


def audit() -> AuditContext:
    return current().audit


def notifier() -> Notifier:
    return current().notifier


def outward() -> Outward:
    return current().outward


def rehearsing() -> Rehearsing:
    return current().rehearsing
