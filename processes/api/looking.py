"""What can be seen of processes and their instances."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes.ports import Subject

if TYPE_CHECKING:
    from processes.runtime.models import ProcessInstance, Task

__all__ = [
    "about_version",
    "count_instances",
    "decision_definitions",
    "decisions_taken",
    "definitions",
    "drawing",
    "elements",
    "figures",
    "follows",
    "health",
    "history",
    "instance",
    "instances",
    "instances_of_subject",
    "may_act",
    "paces",
    "relatives",
    "running_about",
    "steps_ahead",
    "table_quality",
    "timers",
    "value_history",
    "values",
    "versions",
    "wanted",
    "whereabouts",
]


def history(instance_id: UUID, *, user: Any) -> list[Any]:
    """What happened in an instance, oldest first, in sentences; needs no live code."""
    from processes.inbox import overview

    return overview.history(instance_id, user=user)


def instances(
    user: Any,
    *,
    key: str | None = None,
    subject: Subject | tuple[str, int] | None = None,
    state: str | None = None,
    wanted: Any = None,
    after: Any = None,
    limit: int = 50,
) -> Any:
    """Instances the person may see, newest first. `state`: running, late, incident, suspended, ended, completed,
    terminated, error, cancelled; `wanted` (see there) asks for more than that and takes the place of the others."""
    from processes.inbox import instances as found

    about = subject if isinstance(subject, Subject) or subject is None else Subject(*subject)
    asked = wanted or found.Wanted(
        key=key or "", state=state or "", subject_type=about.type if about else "", subject_id=about.id if about else None
    )
    return found.page(user, asked, after=after, limit=limit)


def wanted(**what: Any) -> Any:
    """Which instances a list or work in bulk is about: `key`, `version` (number), `state`, `step` (element that a token
    rests on), `subject_type` with `subject_id`, `days` (age at least), `text` (how the business key begins)."""
    from processes.inbox import instances as found

    return found.Wanted(**what)


def count_instances(user: Any, wanted: Any, *, most: int = 1000, actable: bool = False) -> Any:
    """How many instances are wanted that the person may see, or, with `actable`, may act on; counted to `most`: `n`, and
    whether there are `more`."""
    from processes.inbox import instances as found

    return found.count(user, wanted, most=most, actable=actable)


def instance(instance_id: UUID, *, user: Any) -> ProcessInstance:
    """One instance with its process and version; NotFound unless the person may see it."""
    from processes.inbox import overview

    return overview.instance(instance_id, user=user)


def may_act(instance_id: UUID, *, user: Any) -> bool:
    """Whether the person may stop, repeat and correct an instance."""
    from processes.inbox import overview

    return overview.may_act(instance_id, user=user)


def timers(instance_id: UUID, *, user: Any) -> list[Task]:
    """What an instance waits for in time, the next first."""
    from processes.inbox import overview

    overview.instance(instance_id, user=user)
    return overview.timers(instance_id)


def instances_of_subject(user: Any, subject: Subject | tuple[str, int]) -> Any:
    """The instances about a record, running ones first."""
    from processes.inbox import overview

    return overview.instances_of_subject(user, subject)


def running_about(user: Any, subjects: Iterable[Subject]) -> Any:
    """What runs about some records and where it stands, the most pressing first, as the person may see it."""
    from processes.inbox import running

    return running.running_about(user, subjects)


def drawing(
    *, version_id: UUID | None = None, instance_id: UUID | None = None, language: str | None = None, **figures: Any
) -> str:
    """The drawing of a version, or of an instance with its tokens on it, as SVG. `figures` are laid over a version:
    by node id `tokens`, `notes`, `heat` (0 to 4), `alerts` and `hints`, by flow id `counts`."""
    from processes.runtime import pictures

    return pictures.drawing(version_id=version_id, instance_id=instance_id, language=language, **figures)


def figures(user: Any, key: str, *, weeks: int = 8) -> Any:
    """How a process did of late and how it stands, over the instances the person may see: begun, finished, half done
    in, late, by step, by flow, by end, week by week."""
    from processes.inbox import figures as found

    return found.figures(user, key, weeks=weeks)


def paces(user: Any, *, weeks: int = 8) -> Any:
    """By process key: how many begin in a week, in what time half are done, and both week by week."""
    from processes.inbox import figures as found

    return found.paces(user, weeks=weeks)


def health(user: Any, *, key: str | None = None) -> dict[str, Any]:
    """By process key: when the newest instance began, what failed in the last seven days and in the seven before."""
    from processes.inbox import health as found

    return found.health(user, key=key)


def whereabouts(instances: Any) -> Any:
    """Where running instances stand: by id the steps they are at, with since when, with whom, until when."""
    from processes.inbox import whereabouts as found

    return found.whereabouts(instances)


def steps_ahead(instance_id: UUID, node_ids: Iterable[str], *, user: Any) -> dict[str, list[Any]]:
    """What usually comes after steps of an instance, by its drawing and by the ways that were taken of late."""
    from processes.inbox import overview

    return overview.steps_ahead_of(instance_id, node_ids, user=user)


def decisions_taken(instance_id: UUID, *, user: Any) -> list[Any]:
    """Every answer that decision tables gave in an instance, oldest first, with what was asked and the rules that applied."""
    from processes.inbox import overview

    return overview.decisions_taken(instance_id, user=user)


def values(instance_id: UUID, *, user: Any) -> list[Any]:
    """The variables of an instance in the words of its forms and tables."""
    from processes.inbox import overview

    return overview.values_of(instance_id, user=user)


def value_history(instance_id: UUID, *, user: Any) -> list[Any]:
    """How the variables of an instance came by their values: when, at which step, by whom and why, newest first."""
    from processes.inbox import overview, value_history

    return value_history.value_history(overview.instance(instance_id, user=user))


def relatives(instance: ProcessInstance, *, user: Any) -> Any:
    """What an instance was called by (`parent`) and what it called (`children`), as the person may see it."""
    from processes.inbox import relatives as found

    return found.relatives(instance, user=user)


def definitions(user: Any, *, figures: bool = True) -> Any:
    """The processes of the house; with `figures` also how many instances run, are late or have failed."""
    from processes.inbox import overview

    return overview.definitions(user, figures=figures)


def decision_definitions() -> list[Any]:
    """The decisions of the house, by key."""
    from processes.catalog import selectors

    return selectors.decision_definitions()


def follows(instance_id: UUID, *, user: Any) -> bool:
    """Whether the person follows an instance."""
    from processes.inbox import services

    return services.follows(instance_id=instance_id, user=user)


def about_version(version_id: UUID) -> Any:
    """What a version says of itself: purpose, measures, and the decision tables it asks."""
    from processes.inbox import about

    return about.about_version(version_id)


def table_quality(key: str, *, number: int | None = None) -> tuple[Any, ...]:
    """What was found in each table of a version of a decision (the published one unless told), in words with an example,
    and which stored example reaches which rule; NotFound when there is none, Invalid when its file cannot be read."""
    from processes.catalog import selectors
    from processes.catalog.table_quality import table_quality

    version = selectors.decision_version(key, number) if number else selectors.current_decision_version(key)
    return table_quality(version)


def elements(version_id: UUID) -> list[tuple[str, Any]]:
    """The elements of a version that a token may rest on, with their names by language; gateways are left out."""
    from processes.inbox import about

    return about.elements(version_id)


def versions(user: Any, key: str) -> Any:
    """The versions of a process, newest first."""
    from processes.catalog import selectors

    return selectors.versions(key)
