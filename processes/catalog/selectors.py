"""Reads of the catalogue. Parsed drawings and decisions are kept by content hash, so that asking is cheap."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    PinnedDecision,
    ProcessDefinition,
    ProcessVersion,
    State,
)
from processes.errors import NotFound
from processes.prepared import Prepared
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.bpmn.model import Model
    from processes.dmn import Decisions

T = TypeVar("T")


class HashCache(Generic[T]):
    """A bounded store of parsed content by hash; the one not used for longest leaves first.

    Content under a hash never changes, so nothing here can be stale and nothing needs to be cleared.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, compute: Callable[[], T]) -> T:
        """What is kept under `key`, computed when it is not there yet (twice at worst, by two threads)."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = compute()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self.size:
                self._kept.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._kept)


_models: HashCache[Model] = HashCache(256)
_decisions: HashCache[Decisions] = HashCache(256)
_forms: HashCache[Mapping[str, Any]] = HashCache(256)


def model_of(version: ProcessVersion) -> Model:
    """The parsed drawing of a version; BpmnError of the parser when it is not well formed."""
    from processes.bpmn import parse

    return _models.get(version.content_hash, lambda: parse(version.bpmn))


def forms_of(version: ProcessVersion) -> Mapping[str, Any]:
    """The form schemas of a version by their key, read once for each content."""
    return _forms.get(version.content_hash, lambda: version.forms)


def decisions_of(version: DecisionVersion) -> Decisions:
    """The parsed decisions of a version; an error of the loader when the file cannot be read."""
    from processes.dmn import load

    return _decisions.get(version.content_hash, lambda: load(version.dmn))


_current: Prepared[ProcessVersion] = Prepared(
    lambda key: ProcessVersion.objects.select_related("definition").filter(definition__key=key, state=State.PUBLISHED), str
)


def definition(key: str) -> ProcessDefinition:
    """The process of a key; NotFound when there is none."""
    found = ProcessDefinition.objects.filter(key=key).first()
    if found is None:
        raise NotFound(
            _("There is no process with the key “%(key)s”.") % {"key": key}, code="unknown_process"
        )
    return found


def current_version(key: str) -> ProcessVersion:
    """The published version that new instances of a process run on; NotFound when there is none."""
    found = _current.first(key)
    if found is None:
        raise NotFound(
            _("No version of the process “%(key)s” is published. Publish one first.") % {"key": key},
            code="no_published_version",
        )
    return found


def version(key: str, number: int) -> ProcessVersion:
    """A version by process key and number; NotFound when there is none."""
    found = (
        ProcessVersion.objects.select_related("definition").filter(definition__key=key, number=number).first()
    )
    if found is None:
        raise NotFound(
            _("The process “%(key)s” has no version %(number)s.") % {"key": key, "number": number},
            code="unknown_version",
        )
    return found


def versions(key: str) -> QuerySet[ProcessVersion]:
    """The versions of a process, newest first, without their drawings (which are long)."""
    return (
        ProcessVersion.objects.filter(definition__key=key)
        .select_related("definition", "created_by", "published_by")
        .defer("bpmn", "forms", "tests")
        .order_by("-number")
    )


def published_versions() -> QuerySet[ProcessVersion]:
    """The current version of every process that has one."""
    return ProcessVersion.objects.filter(state=State.PUBLISHED).select_related("definition")


def newest_versions() -> QuerySet[ProcessVersion]:
    """The versions that are drafts or in use, of each process the newest first."""
    return (
        ProcessVersion.objects.exclude(state=State.RETIRED)
        .select_related("definition")
        .order_by("definition_id", "-number")
    )


def decision_definitions() -> list[DecisionDefinition]:
    """The decisions of the house, by key."""
    return list(DecisionDefinition.objects.all())


def decision_definition(key: str) -> DecisionDefinition:
    """The decision of a key; NotFound when there is none."""
    found = DecisionDefinition.objects.filter(key=key).first()
    if found is None:
        raise NotFound(
            _("There is no decision with the key “%(key)s”.") % {"key": key}, code="unknown_decision"
        )
    return found


def current_decision_version(key: str) -> DecisionVersion:
    """The published version of a decision; NotFound when there is none."""
    found = (
        DecisionVersion.objects.select_related("definition")
        .filter(definition__key=key, state=State.PUBLISHED)
        .first()
    )
    if found is None:
        raise NotFound(
            _("No version of the decision “%(key)s” is published. Publish one first.") % {"key": key},
            code="no_published_decision",
        )
    return found


def decision_version(key: str, number: int) -> DecisionVersion:
    """A version by decision key and number; NotFound when there is none."""
    found = (
        DecisionVersion.objects.select_related("definition")
        .filter(definition__key=key, number=number)
        .first()
    )
    if found is None:
        raise NotFound(
            _("The decision “%(key)s” has no version %(number)s.") % {"key": key, "number": number},
            code="unknown_decision_version",
        )
    return found


_pins: Prepared[PinnedDecision] = Prepared(
    lambda pk, key: PinnedDecision.objects.filter(process_version=pk, key=key)
    .select_related("decision_version__definition"),
    UUID, str,
)  # fmt: skip


def decision_version_for(
    process_version: ProcessVersion, key: str, *, binding: str = "pinned"
) -> DecisionVersion:
    """The decision version that a process version asks: the pinned one, or the current one.

    A draft has no pins yet, and `binding="latest"` asks for none: both take the current version.
    NotFound when a published process version lacks the pin, or nothing is published.
    """
    if binding != "latest":
        pin = _pins.first(process_version.pk, key)
        if pin is not None:
            return pin.decision_version
        if not process_version.is_open:
            raise NotFound(
                _("%(version)s pins no version of the decision “%(key)s”. Publish the process again.")
                % {"version": process_version, "key": key},
                code="unpinned_decision",
            )
    return current_decision_version(key)


def decision_beside(process_version: ProcessVersion, key: str) -> DecisionVersion:
    """The decision version that belongs to a process version: of a draft the draft of the decision, else its newest in
    use, else its newest; of what was published the pinned one, else the current one. NotFound when there is none."""
    if not process_version.is_open:
        try:
            return decision_version_for(process_version, key)
        except NotFound:
            return current_decision_version(key)
    rows = list(DecisionVersion.objects.select_related("definition").filter(definition__key=key).order_by("-number"))
    if not rows:
        raise NotFound(_("There is no decision with the key “%(key)s”.") % {"key": key}, code="unknown_decision")
    drafts = [row for row in rows if row.is_open]
    used = [row for row in rows if row.state != State.RETIRED]
    return (drafts or used or rows)[0]
