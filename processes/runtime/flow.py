"""The base of every compiled flow class, and the way from a stored version to its class.

The base holds no nodes (Viewflow copies nodes shallowly, so they must never be inherited). Runtime reaches a
class only through the reference that stands in the rows: the path of the class in the compiler's module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.utils.module_loading import import_string
from viewflow.workflow.base import Flow

from processes.apart import is_apart
from processes.catalog.models import ProcessVersion
from processes.errors import ProcessError
from processes.runtime.locks import RowLock
from processes.runtime.models import ProcessInstance, Task
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.bpmn.model import Model
    from processes.runtime.nodes.base import Node
    from processes.runtime.nodes.waiting import HandlerStart

APP = "process_compiler"
MODULE = "processes.compiler.flows"


class ProcessFlow(Flow):
    """A process version as a Viewflow flow: its nodes by BPMN id, its drawing, its labels."""

    process_class = ProcessInstance
    task_class = Task
    lock_impl = RowLock()

    _model: ClassVar[Model]
    _version: ClassVar[ProcessVersion | None] = None
    _by_id: ClassVar[dict[str, Node]] = {}
    _process_id: ClassVar[str] = ""
    _starts: ClassVar[tuple[Node, ...]] = ()
    _defaults: ClassVar[dict[str, str]] = {}
    _handlers: ClassVar[tuple[HandlerStart, ...]] = ()
    _has_conditions: ClassVar[bool] = False
    _escalates: ClassVar[bool] = False

    @classmethod
    def node_of(cls, element_id: str) -> Node:
        """The node of an element; KeyError when the drawing has none."""
        return cls._by_id[element_id]

    @classmethod
    def flow_ref(cls) -> str:
        """What Viewflow's reference field stores for this class."""
        return f"{APP}/flows.{cls.__name__}"


class NotRunnable(ProcessError):
    """The version's drawing does not compile here (any more)."""

    code = "version_not_runnable"


_classes: dict[UUID, type[ProcessFlow]] = {}


def flow_of(version_id: UUID) -> type[ProcessFlow]:
    """The flow class of a version; NotRunnable with a sentence when it does not compile.

    A published version's class is kept for the life of the process; a draft's is looked up anew each time,
    since its content may have changed, and so is that of a rehearsal, where a draft may stand as published.
    """
    apart = is_apart()
    found = None if apart else _classes.get(version_id)
    if found is not None:
        return found
    version = ProcessVersion.objects.select_related("definition").get(pk=version_id)
    path = f"{MODULE}.{version.definition.key}_v{version.number}"
    try:
        found = import_string(path)
    except ImportError as error:
        reason = f" {error.__cause__}" if error.__cause__ else ""
        raise NotRunnable(
            _("%(version)s cannot be run by this version of the program. Its instances can be read and cancelled.")
            % {"version": version}
            + reason
        ) from error
    if not version.is_open and not apart:
        _classes[version_id] = found
    return found


def version_of(version_id: UUID) -> ProcessVersion:
    """The version itself, with what it says. That never changes once it is published, so it is taken from the
    compiled class; a version that does not compile here is read."""
    try:
        kept = flow_of(version_id)._version
    except NotRunnable:
        kept = None
    return kept if kept is not None else ProcessVersion.objects.select_related("definition").get(pk=version_id)


def forget(**_kwargs: Any) -> None:
    """Forget the classes kept by version (a test's database was rolled back)."""
    _classes.clear()
