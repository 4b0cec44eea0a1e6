"""The names a step's form may use, read without moving anything: the scope of the runtime on stored rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from processes import ports
from processes.bpmn.model import FlowNode, Model
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import NotFound
from processes.inbox.forms import FormSchema
from processes.prepared import Prepared
from processes.runtime.flow import ProcessFlow
from processes.runtime.models import ProcessInstance, Task
from processes.runtime.step import Step
from processes.spoken import gettext as _

_HEAVY = ("flow_task", "process__flow_class", "process__version__bpmn", "process__version__forms",
          "process__version__tests", "process__version__notes")  # fmt: skip
_SOMETIMES = ("task", "user", "instance")
"""Names that cost queries and that few forms use."""

_forms: catalog.HashCache[FormSchema] = catalog.HashCache(512)


class _Drawn:
    """What reading needs of a flow class. A version that no longer compiles can be read all the same."""

    def __init__(self, version: ProcessVersion) -> None:
        self._version = version


class Reading:
    """One task with what belongs to it: instance, version, element, form, and the values in reach."""

    def __init__(self, task: Task, user: Any) -> None:
        self.task = task
        self.user = user
        self.instance: ProcessInstance = task.process
        self.version: ProcessVersion = task.process.version
        self._context: Mapping[str, Any] | None = None
        self.step = Step(self.instance, cast("type[ProcessFlow]", _Drawn(self.version)), user=user)
        self.step.adopt(task)

    @property
    def model(self) -> Model:
        """The drawing of the task's version."""
        return catalog.model_of(self.version)

    @property
    def element(self) -> FlowNode | None:
        """The task in the drawing."""
        return self.model.nodes.get(self.task.node_id)

    @property
    def form(self) -> FormSchema:
        """The step's form at the task's version; one without fields where the step has none."""
        key = self.task.form_key
        return _forms.get(
            f"{self.version.content_hash}:{key}",
            lambda: FormSchema.parse(self.version.forms.get(key) or {"components": []}),
        )

    @property
    def context(self) -> Mapping[str, Any]:
        """The values that the form's expressions see."""
        if self._context is None:
            scope = self.step.scope(self.task)
            written = str(self.form.source)
            unused = {name for name in _SOMETIMES if name not in written}
            self._context = {name: scope[name] for name in scope if name not in unused}
        return self._context

    @property
    def record(self) -> Any:
        """The record the instance is about, or None."""
        return self.step.subject_record()

    @property
    def kind(self) -> ports.SubjectType | None:
        """The type of that record."""
        return ports.subjects().get(self.instance.subject_type) if self.instance.subject_type else None


_task: Prepared[Task] = Prepared(
    lambda pk: Task.objects.filter(pk=pk)
    .select_related("process__definition", "process__version__definition", "owner", "completed_by", "completed_for")
    .defer(*_HEAVY),
    UUID,
)


def task_of(task_id: UUID) -> Task:
    """A task with its instance, version and people; NotFound when there is none."""
    found = _task.first(task_id)
    if found is None:
        raise NotFound(_("There is no such task."))
    return found


_choices: catalog.HashCache[Mapping[str, Mapping[str, Any]]] = catalog.HashCache(256)


def choice_words(version: ProcessVersion) -> Mapping[str, Mapping[str, Any]]:
    """What the choices of all forms of a version are called: by field, the texts of each value by language."""

    def read() -> Mapping[str, Mapping[str, Any]]:
        fields = [item for schema in version.forms.values() for item in FormSchema.parse(schema).fields]
        return {item.key: {str(option.value): option.labels for option in item.options} for item in fields if item.options}

    return _choices.get(version.content_hash, read)
