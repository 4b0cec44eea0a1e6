"""Every finding of lint: its code, its severity and its sentence in the owner's language.

A sentence is a template with named places in braces; `Problem.params` fills them. The floors above translate
the template by its code. In drawings that are not meant to run (isExecutable is not true) the findings marked
`drawing` as "warning" or "" become a warning or are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

ERROR, BLOCK, WARNING = "error", "block", "warning"
SEVERITIES = (ERROR, BLOCK, WARNING)


@dataclass(frozen=True, slots=True)
class Message:
    """Severity and template of a code; `drawing` is the severity in a drawing that is not executable."""

    severity: str
    template: str
    drawing: str


def _error(template: str, drawing: str = ERROR) -> Message:
    return Message(ERROR, template, drawing)


def _block(template: str) -> Message:
    return Message(BLOCK, template, WARNING)


def _warning(template: str, drawing: str = WARNING) -> Message:
    return Message(WARNING, template, drawing)


FILE = {
    "not_well_formed": _error("{sentence}"),
    "unreadable": _error("{sentence}"),
    "no_process": _error("The file holds no process."),
    "duplicate_id": _error("The id “{id}” is used twice (line {first}, then {second})."),
    "dangling_reference": _error("“{name}” refers to “{ref}” ({attribute}), but there is no such element."),
    "missing_reference": _error("“{name}” does not say what its {attribute} is."),
    "dangling_shape": _warning("The picture shows “{ref}”, but the drawing has no such element."),
    "flow_list_differs": _error(
        "What “{name}” lists as {list} does not agree with the sequence flow “{flow}”."
    ),
    "no_executable_process": _warning(
        "No process of this file is marked as executable, so it cannot be run."
    ),
}

STANDARD = {
    # flows
    "flow_crosses_border": _error("The sequence flow from “{source}” to “{target}” crosses a border; "
                                  "between pools draw a message flow, at a sub-process end inside it."),
    "flow_end": _error("The sequence flow “{name}” starts or ends at “{other}”, which is no step, event or gateway."),
    "message_flow_end": _error("The message flow “{name}” cannot start or end at “{other}”; "
                               "connect a pool, an activity or a message event."),
    "message_flow_same_pool": _error("The message flow “{name}” stays inside one pool; "
                                     "inside a pool use sequence flows."),
    "default_elsewhere": _error("The default flow of “{name}” does not leave it."),
    "condition_not_allowed": _error("The flow from “{source}” to “{target}” cannot carry a condition, since "
                                    "“{source}” does not choose."),
    # start and end
    "start_incoming": _error("A flow leads into the start event “{name}”; start events only begin."),
    "end_outgoing": _error("A flow leaves the end event “{name}”; end events only end."),
    "start_without_end": _error("“{name}” has a start event but no end event; draw the end."),
    "end_without_start": _error("“{name}” has an end event but no start event; draw the start."),
    "without_incoming": _error("Nothing leads to “{name}”; connect it, since its process has a start event."),
    "without_outgoing": _error("Nothing leads on from “{name}”; connect it, since its process has an end event."),
    "trigger_not_allowed": _error("“{name}” cannot be of this kind: {trigger} is not allowed at {position}."),
    "boundary_must_interrupt": _error("“{name}” must interrupt its activity; {trigger} always does."),
    "start_must_interrupt": _error("“{name}” must interrupt; {trigger} always does."),
    # boundary
    "boundary_host": _error("“{name}” must sit on an activity of its own scope."),
    "boundary_incoming": _error("A flow leads into the boundary event “{name}”; boundary events only begin."),
    "boundary_without_flow": _error("Nothing leads on from the boundary event “{name}”; draw what follows."),
    "cancel_boundary": _error("“{name}” can be a cancel event only on a transaction."),
    "cancel_end": _error("“{name}” can be a cancel end only inside a transaction."),
    "compensation_boundary": _error("The compensation event “{name}” must be joined by an association to one "
                                    "activity for compensation, and have no flow."),
    "compensation_flow": _error("“{name}” is for compensation and cannot have sequence flows."),
    # links
    "link_without_catch": _error("The link “{name}” leads nowhere; draw the catching link of the same name "
                                 "in the same scope."),
    "link_without_throw": _error("The link “{name}” comes from nowhere; draw the throwing link of the same name "
                                 "in the same scope."),
    "link_mismatch": _error("The links “{name}” and “{other}” do not name each other."),
    "link_ambiguous": _error("Two catching links are called “{link}”; a link leads to one place."),
    "link_flow": _error("A throwing link has no flow out and a catching link no flow in; “{name}” has."),
    # gateways
    "gateway_direction": _error("“{name}” says that it is {direction}, but its flows say otherwise."),
    "event_gateway_target": _error("“{name}” waits for events, so “{target}” after it must be a catching event "
                                   "or a receive task."),
    "event_gateway_mix": _error("After “{name}” stand both message events and receive tasks; use one of the two."),
    "event_gateway_target_incoming": _error("“{target}” follows the event gateway “{name}”, so no other flow may "
                                            "lead to it."),
    "event_gateway_paths": _error("“{name}” waits for events and needs at least two ways out."),
    # sub-processes, markers
    "event_sub_process_flow": _error("“{name}” starts by its event, so no flow may lead to or from it."),
    "event_sub_process_start": _error("“{name}” starts by an event and must have exactly one start event with "
                                      "a trigger."),
    "ad_hoc_empty": _error("The ad-hoc sub-process “{name}” holds no activity; put in at least one."),
    "ad_hoc_start_end": _error("The ad-hoc sub-process “{name}” cannot have “{inner}” in it."),
    "two_loop_markers": _error("“{name}” has two loop markers; an activity has at most one."),
    "loop_maximum": _error("The loop of “{name}” has a negative maximum; take a number from 1."),
    "loop_data": _error("The collection of “{name}” must be one of its own data inputs or a collection."),
    "quantity_below_one": _error("The {which} quantity of “{name}” must be at least 1."),
    "instantiate_incoming": _error("“{name}” begins the process, so no flow may lead to it."),
    "choreography_in_process": _error("“{name}” belongs to choreographies and cannot stand in a process."),
    "public_executable": _error("The process “{name}” is public, and public processes cannot be executable."),
    # data
    "language_uri": _error("“{language}” at “{name}” is not the URI of an expression language."),
    "script_format": _error("“{format}” at “{name}” is not a MIME type such as text/plain."),
    "resource_assignment": _error("The resource “{name}” must say either which resource is meant or an "
                                  "expression that finds it, not both."),
    "operation_data": _error("The data of “{name}” do not match the messages of its operation “{operation}”."),
    "call_data": _error("The data of “{name}” do not match those of “{called}”, which it calls."),
    "collection_differs": _error("“{name}” and its item definition do not agree on being a collection.", WARNING),
    "data_input_as_target": _error("Data flow into “{name}”, which is an input of the process; inputs only give."),
    "data_output_as_source": _error("Data flow out of “{name}”, which is an output of the process; "
                                    "outputs only take."),
    "optional_not_in_set": _error("“{name}” is optional in a set that does not hold it."),
    "event_data": _error("The data of the event “{name}” do not match those of its definitions."),
}  # fmt: skip

SUPPORT = {
    "not_executable": _error("“{name}” cannot be run yet: {what}. {instead}", WARNING),
}

REFERENCES = {
    "unknown_role": _error("“{name}” is for the role “{role}”, which does not exist.", ""),
    "unknown_action": _error("“{name}” uses the action “{action}”, which does not exist.", ""),
    "missing_input": _error("“{name}” must give the action “{action}” its input “{input}”.", ""),
    "unknown_input": _error("“{name}” gives the action “{action}” the input “{input}”, which it does not know.", ""),
    "unknown_form": _error("“{name}” uses the form “{form}”, which does not exist.", ""),
    "unknown_decision": _error("“{name}” asks the decision “{decision}”, which does not exist.", ""),
    "unknown_process": _error("“{name}” calls the process “{process}”, which does not exist.", ""),
    "unknown_task": _error("“{name}” names “{task}” for four eyes, but there is no such task in the drawing.", ""),
    "unknown_subject": _error("The process is about “{subject}”, which is not a kind of record.", ""),
    "task_without_role": _warning("“{name}” is offered to nobody: give it a role, or put it in a lane with one.", ""),
}  # fmt: skip

FLOW = {
    "no_start": _error("“{name}” has no start event; draw where it begins.", WARNING),
    "never_reached": _error("“{name}” can never be reached.", WARNING),
    "no_way_to_end": _error("From “{name}” no way leads to an end.", WARNING),
    "loop_without_wait": _warning(
        "The loop over {path} never waits for anybody or anything; it may spin.", ""
    ),
}

GATEWAYS = {
    "flow_without_condition": _error("The flow from “{source}” to “{target}” needs a condition, "
                                     "or must be the default of “{source}”.", ""),
    "all_false": _block("“{name}” has no default, and its conditions may all be false, "
                        "for instance when {example}."),
    "no_default": _warning("“{name}” has no default; if all its conditions are false, work stands still there.", ""),
}  # fmt: skip

EXPRESSIONS = {
    "bad_expression": _error("The expression “{text}” of “{name}” ({where}) cannot be read: {reason}", ""),
    "condition_on_record": _warning(
        "“{name}” waits for a condition on the {subject}. It is asked whenever this process moves, not when "
        "somebody changes the {subject} elsewhere; wait for a message to learn of that.", ""
    ),
    "unknown_field": _error("“{name}” ({where}) reads “{path}”, but a {subject} has no such field.", ""),
    "timer_literal": _error("“{text}” of “{name}” is not a {kind}, such as {example}.", WARNING),
    "timer_missing": _error("The timer “{name}” does not say when.", WARNING),
    "event_unnamed": _error("“{name}” does not say which {kind} it means.", WARNING),
    "loop_without_number": _error("“{name}” is to be done several times, but not for which collection or how "
                                  "often.", WARNING),
}  # fmt: skip

LIMITS = {
    "no_limit": _warning("“{name}” has no limit, so nobody is told when it waits.", ""),
    "bad_limit": _error("The limit “{text}” of “{name}” is not a duration, such as PT4H or P2D.", WARNING),
    "bad_rung": _error("“{text}” of “{name}” is not a share of its limit in per cent, such as 75 or 150.", WARNING),
    "bad_rung_priority": _error(
        "“{text}” in the ladder of “{name}” is no change of priority; write a number from 0 to 100, or a step such as +20.",
        WARNING,
    ),
    "rung_order": _warning("The rungs of “{name}” are not in order: {share} % comes after {before} %.", ""),
    "rung_twice": _error("“{name}” has two rungs at {share} %; do all of it in one.", WARNING),
    "rung_empty": _warning("The rung of “{name}” at {share} % tells nobody and changes nothing.", ""),
    "ladder_without_limit": _warning("“{name}” has a ladder but no limit, so no rung of it is ever reached.", ""),
    "bad_duration": _error("“{text}” ({where}) of “{name}” is not a duration, such as PT10S.", WARNING),
    "bad_priority": _error("The priority “{text}” of “{name}” is not a number from 0 to 100.", WARNING),
    "bad_choice": _error(
        "“{text}” is not a {where} that “{name}” can have; choose one of: {choices}.", WARNING
    ),
}

SOUNDNESS = {
    "deadlock": _block("Work may stand still for ever at “{name}”: after {path} what it waits for can no longer come."),
    "multi_merge": _warning("“{name}” may run more than once, since several paths that run at the same time "
                            "lead to it without being joined.", ""),
    "left_over": _warning("When “{name}” is reached, work that is still open at {others} is thrown away.", ""),
    "jump_back": _warning("After “{name}” a path leads back to before it while others are still open, "
                          "so work multiplies.", ""),
    "bound_reached": _warning("The drawing allows more situations than were looked at ({states}); "
                              "whether work can stand still was only checked up to there.", ""),
}  # fmt: skip

MESSAGES: dict[str, Message] = (
    FILE | STANDARD | SUPPORT | REFERENCES | FLOW | GATEWAYS | EXPRESSIONS | LIMITS | SOUNDNESS
)
