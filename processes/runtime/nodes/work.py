"""Tasks that the machine does: service, send, business rule and script tasks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes import feel
from processes.actions import Action, ActionCall, get_action
from processes.bpmn.extensions import ActionExt
from processes.bpmn.nodes import Task as TaskElement
from processes.calendars import CalendarError, duration_of
from processes.catalog import selectors as catalog
from processes.catalog.models import DecisionEvaluation
from processes.errors import BpmnError, NotFound
from processes.marked import Sentence, stored
from processes.runtime.delivery import first_look
from processes.runtime.failures import Failure, technical
from processes.runtime.models import Task
from processes.runtime.nodes.activities import ActivityActivation, ActivityNode
from processes.runtime.nodes.events import throw_message
from processes.runtime.nodes.outward import raise_error
from processes.runtime.scope import evaluate, evaluate_attribute
from processes.runtime.undoing import undone_if_it_fails
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Step

log = logging.getLogger(__name__)
_status = ViewflowActivation.status

RETRIES_IN_BACKGROUND = 3
BACKOFF = timedelta(seconds=10)
LEASE = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(hours=1)


def span(text: str, default: timedelta) -> timedelta:
    """A short ISO 8601 duration (backoff, timeout) in elapsed time."""
    if not text:
        return default
    try:
        parsed = duration_of(text)
    except CalendarError:
        return default
    return parsed.time + timedelta(days=parsed.days + 7 * parsed.weeks)


# --- actions -------------------------------------------------------------------------------------------------
class ActionActivation(ActivityActivation):
    """Runs a registered action: at once inside the step, or as a job outside the lock."""

    node: ActionTask

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        node = self.node
        if node.ext is None:
            node.without_action(self)
            return
        action = node.action()
        inputs = self._inputs(action)
        if action.background:
            self.task.data["inputs"] = {name: feel.to_json(value) for name, value in inputs.items()}
            self.step.touch(self.task, "data")
            self.schedule(first_look(self.step.now))
            self.step.jobs.append(self.task)
        else:
            self._run_inline(action, inputs)

    @_status.transition(source=[STATUS.SCHEDULED, STATUS.STARTED], target=STATUS.NEW)
    def again(self) -> None:
        """An inline action's next attempt is due."""
        self.step.touch(self.task, "status")

    def _inputs(self, action: Action) -> dict[str, Any]:
        """The values of the action's inputs; declared ones that are missing take their default."""
        node = self.node
        given = {}
        for part in node.ext.inputs if node.ext else ():
            place = f"{node.node_id}/input/{part.name}"
            given[part.name] = evaluate_attribute(self.step, part.value, self.task, place=place)
        for parameter in action.parameters:
            if given.get(parameter.name) is None:
                if parameter.required:
                    raise Failure(
                        "action", _("The action “%(action)s” needs the input “%(input)s”, which is empty.")
                        % {"action": action.name, "input": parameter.name},
                        place=f"{node.node_id}/input/{parameter.name}",
                    )  # fmt: skip
                if parameter.default is not None:
                    given[parameter.name] = parameter.default
        return given

    def call(self, inputs: Mapping[str, Any]) -> ActionCall:
        """What the action is called with."""
        user = self.step.user or (self.process.last_actor if self.process.last_actor_id else None)
        return ActionCall(
            name=self.node.ext.name if self.node.ext else "", inputs=inputs, subject=self.step.subject,
            instance_id=self.process.pk, task_id=self.task.pk, key=f"{self.task.pk}:{self.task.loop_counter or 0}",
            user=user, attempt=self.task.attempts, variables=self.process.data, decided=self._decided,
        )  # fmt: skip

    def _decided(self) -> dict[str, int]:
        """The latest version of each decision table that has answered in this instance, by its key."""
        step = self.step
        told: list[tuple[str, int]] = []
        if not step.is_new:
            rows = DecisionEvaluation.objects.filter(instance=self.process.pk).order_by("at", "pk")
            told += rows.values_list("decision_version__definition__key", "decision_version__number")
        versions = [evaluation.decision_version for evaluation in step.evaluations]
        return dict(told) | {version.definition.key: version.number for version in versions}

    def _run_inline(self, action: Action, inputs: Mapping[str, Any]) -> None:
        self.task.attempts += 1
        self.step.touch(self.task, "attempts")
        try:
            with undone_if_it_fails():  # the step goes on
                value = action.run(self.call(inputs))
                self.step.forget_subject()
        except BpmnError as error:
            self.step.forget_subject()
            raise_error(self.step, self.task, error.code, error.message, node=self.node)
        except Failure:
            raise
        except Exception as error:
            self.step.forget_subject()
            self.failed(error, retries=self.node.retries(0))
        else:
            self.land(action, value)

    def failed(self, error: Exception, *, retries: int) -> None:
        """A technical failure: try again later, or, after the last attempt, make an incident."""
        log.warning("Action %s failed at %s", self.node.ext.name if self.node.ext else "", self.node.node_id,
                    exc_info=error)  # fmt: skip
        failure = technical(error, place=self.node.node_id)
        sentence = getattr(error, "sentence", "")
        if sentence:
            failure = Failure("action", sentence, place=self.node.node_id)
        if self.task.attempts <= retries:
            self.task.error = failure.as_json(self.step.now)
            self.step.touch(self.task, "error")
            wait = min(self.node.backoff * 2 ** (self.task.attempts - 1), LONGEST_BACKOFF)
            self.schedule(self.step.now + wait)
        else:
            self.fail(failure)

    def land(self, action: Action, value: Any) -> None:
        """The action is done: keep its result, go on."""
        result = self.node.ext.result if self.node.ext else ""
        self.task.error = None
        self.step.touch(self.task, "error")
        try:
            if result:
                self.result({result: value})
        except Failure as failure:
            self.fail(failure)
        else:
            self.finish()


class ActionTask(ActivityNode):
    """A service task."""

    task_type = "service"
    activation_class = ActionActivation
    element: TaskElement

    @property
    def ext(self) -> ActionExt | None:
        """The action it names."""
        return self.element.action

    def action(self) -> Action:
        """The registered action; Failure when there is none of that name."""
        name = self.ext.name if self.ext else ""
        found = get_action(name)
        if found is None:
            raise Failure(
                "action", _("The action “%(name)s” is not known to this program.") % {"name": name},
                place=self.node_id,
            )  # fmt: skip
        return found

    def retries(self, default: int) -> int:
        """How often a failed action is tried again."""
        return self.ext.retries if self.ext and self.ext.retries is not None else default

    @property
    def backoff(self) -> timedelta:
        """The wait before the second attempt; it doubles with every further one."""
        return span(self.ext.backoff if self.ext else "", BACKOFF)

    @property
    def lease(self) -> timedelta:
        """How long a job may run before it counts as dead."""
        return span(self.ext.timeout if self.ext else "", LEASE)

    def without_action(self, act: ActionActivation) -> None:
        """A service task that names no action does nothing."""
        act.finish()


class SendTask(ActionTask):
    """A send task: an action, or the message of the drawing."""

    task_type = "send"

    def without_action(self, act: ActionActivation) -> None:
        if self.element.message_name:
            throw_message(act.step, self, act.task, self.element.message_name)
        act.finish()


# --- decisions -----------------------------------------------------------------------------------------------
class RuleActivation(ActivityActivation):
    """Asks a decision table and keeps the answer, with the rules that gave it."""

    node: RuleTask

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        node, step = self.node, self.step
        ext = node.element.decision
        if ext is None:
            self.finish()
            return
        if ext.inputs:
            context: Mapping[str, Any] = {
                part.name: evaluate_attribute(
                    step, part.value, self.task, place=f"{node.node_id}/input/{part.name}"
                )
                for part in ext.inputs
            }
        else:
            scope = step.scope(self.task)
            context = {name: scope[name] for name in scope}
        version = self._version(ext.key, ext.binding)
        try:
            decisions = catalog.decisions_of(version)
            answer = decisions.evaluate(ext.decision or ext.key, context, clock=lambda: step.now, tz=step.zone)
        except Failure:
            raise
        except Exception as error:
            raise Failure(
                "decision", _("The decision “%(key)s” cannot be asked: %(why)s")
                % {"key": ext.key, "why": getattr(error, "message", "") or type(error).__name__},
                place=node.node_id,
            ) from error  # fmt: skip
        diagnostics = [diagnostic.reason for diagnostic in answer.diagnostics]
        if diagnostics and answer.value is None:
            raise Failure(
                "decision", _("The decision “%(key)s” gives no answer: %(why)s")
                % {"key": ext.key, "why": diagnostics[0]}, place=node.node_id,
            )  # fmt: skip
        self._record(version, ext.decision, context, answer, diagnostics)
        self.result({ext.result or ext.key: answer.value})
        self.finish()

    def _version(self, key: str, binding: str) -> Any:
        version = self.step.flow._version
        try:
            if version is None:
                return catalog.current_decision_version(key)
            return catalog.decision_version_for(version, key, binding=binding)
        except NotFound as error:
            raise Failure("decision", error.sentence, place=self.node.node_id) from error

    def _record(self, version: Any, decision: str, context: Mapping[str, Any], answer: Any, said: list[Sentence]) -> None:
        instance = self.process
        self.step.evaluations.append(
            DecisionEvaluation(
                decision_version=version, decision=decision, instance=instance.pk, task=self.task.pk,
                element=self.node.node_id[:255], subject_type=instance.subject_type,
                subject_id=instance.subject_id, at=self.step.now,
                inputs={name: _plain(value) for name, value in context.items()}, outcome=_plain(answer.value),
                rules=_plain_trace(answer.trace), diagnostics=[stored(reason) for reason in said],
            )
        )  # fmt: skip


def _plain(value: Any) -> Any:
    try:
        return feel.to_json(value)
    except ValueError:
        return str(value)


def _plain_trace(trace: Any) -> Any:
    """The trace of a decision as JSON."""
    as_json = getattr(trace, "as_json", None)
    if callable(as_json):
        return as_json()
    if isinstance(trace, list | tuple):
        return [_plain_trace(part) for part in trace]
    if hasattr(trace, "__dataclass_fields__"):
        return {name: _plain_trace(getattr(trace, name)) for name in trace.__dataclass_fields__}
    return _plain(trace)


class RuleTask(ActivityNode):
    """A business rule task."""

    task_type = "rule"
    activation_class = RuleActivation
    element: TaskElement


# --- scripts -------------------------------------------------------------------------------------------------
class ScriptActivation(ActivityActivation):
    """Works out a FEEL expression; a context sets its entries as variables unless a result is named."""

    node: ScriptTask

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        script = self.node.element.script
        if script is not None and script.text.strip():
            value = evaluate(self.step, script.feel, self.task, place=self.node.node_id)
            name = self.node.element.script_result
            if name:
                self.result({name: value})
            elif isinstance(value, Mapping):
                self.result(dict(value))
        self.finish()


class ScriptTask(ActivityNode):
    """A script task in FEEL."""

    task_type = "script"
    activation_class = ScriptActivation
    element: TaskElement


def retry_inline(step: Step, row: Task) -> None:
    """The next attempt of an inline action is due."""
    act = step.node(row).activation(step, row)
    act.again()
    act.enter()
