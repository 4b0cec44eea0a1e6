"""The control-flow patterns of the Workflow Patterns Initiative, and how a drawing says each of them.

The patterns: N. Russell, A.H.M. ter Hofstede, W.M.P. van der Aalst, N. Mulyar, “Workflow Control-Flow Patterns: A
Revised View”, 2006 (workflowpatterns.com). `python -m tests.processes.patterns.table` writes docs/reference/patterns.md;
each row stands there because of a drawing and a test of its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs/reference/patterns.md"
DIRECTLY, BUILT, PARTLY = "directly", "by a construction", "partly"


@dataclass(frozen=True)
class Pattern:
    """A pattern: its number, its name, how far it is supported, and what to draw."""

    number: int
    name: str
    support: str
    how: str

    @property
    def drawing(self) -> Path:
        """The file that shows it."""
        return HERE / f"drawings/wcp{self.number:02}.bpmn"


_NEW = [
    (1, "Sequence", DIRECTLY, "A sequence flow."),
    (2, "Parallel Split", DIRECTLY, "A parallel gateway, or several flows out of an activity."),
    (3, "Synchronization", DIRECTLY, "A parallel gateway that joins."),
    (4, "Exclusive Choice", DIRECTLY, "An exclusive gateway with conditions."),
    (5, "Simple Merge", DIRECTLY, "An exclusive gateway that merges, or several flows into an activity."),
    (6, "Multi-Choice", DIRECTLY, "An inclusive gateway with conditions."),
    (7, "Structured Synchronizing Merge", DIRECTLY, "An inclusive gateway that joins what an inclusive gateway split."),
    (8, "Multi-Merge", DIRECTLY, "An exclusive gateway behind parallel paths: what follows runs once for each token."),
    (9, "Structured Discriminator", DIRECTLY, "A complex gateway that goes on with the first token and takes the others when they come."),
    (10, "Arbitrary Cycles", DIRECTLY, "Flows back from any choice to any merge; a loop may have several ways in and out."),
    (11, "Implicit Termination", DIRECTLY, "A process is done when no token is left, whichever end came last."),
    (12, "Multiple Instances without Synchronization", DIRECTLY, "A loop that begins the work beside itself each time round."),
    (13, "Multiple Instances with a priori Design-Time Knowledge", DIRECTLY, "A multi-instance activity with a fixed number."),
    (14, "Multiple Instances with a priori Run-Time Knowledge", DIRECTLY, "A multi-instance activity over a list or a number that is worked out."),
    (15, "Multiple Instances without a priori Run-Time Knowledge", BUILT,
     "A sub-process with an event sub-process that does not interrupt: each event is one more instance; it is done with the last."),
    (16, "Deferred Choice", DIRECTLY, "An event-based gateway."),
    (17, "Interleaved Parallel Routing", PARTLY,
     "A sequential ad-hoc sub-process: its steps come in any order and one at a time, and flows inside say what comes before "
     "what. But the next step of such a path begins at once; no other step can come in between."),
    (18, "Milestone", BUILT, "An event that does not interrupt on the border of the step that stands for the milestone: it counts only while that step is open."),
    (19, "Cancel Task", DIRECTLY, "An event that interrupts on the border of the task."),
    (20, "Cancel Case", DIRECTLY, "An event sub-process of the process that interrupts it."),
    (21, "Structured Loop", DIRECTLY, "A loop marker on an activity, tested before or after."),
    (22, "Recursion", DIRECTLY, "A call activity that calls its own process."),
    (23, "Transient Trigger", DIRECTLY, "A signal: who does not wait when it is thrown does not hear it."),
    (24, "Persistent Trigger", DIRECTLY, "A message: it is kept until somebody waits for it."),
    (25, "Cancel Region", DIRECTLY, "The region is a sub-process with an event that interrupts on its border."),
    (26, "Cancel Multiple Instance Activity", DIRECTLY, "An event that interrupts on the border of the multi-instance activity."),
    (27, "Complete Multiple Instance Activity", DIRECTLY, "The same, with its flow leading to where the activity itself leads."),
    (28, "Blocking Discriminator", DIRECTLY, "A complex gateway: a second token of a flow waits until the round is over."),
    (29, "Cancelling Discriminator", DIRECTLY, "The branches stand in a sub-process that the first of them ends with a terminate end."),
    (30, "Structured Partial Join", DIRECTLY, "A complex gateway whose condition asks for so many tokens."),
    (31, "Blocking Partial Join", DIRECTLY, "The same; a second token of a flow waits until the round is over."),
    (32, "Cancelling Partial Join", DIRECTLY, "The branches stand in a sub-process with a complex gateway before a terminate end."),
    (33, "Generalized AND-Join", DIRECTLY, "A parallel gateway: tokens of a flow wait in line, and it takes one of each flow at a time."),
    (34, "Static Partial Join for Multiple Instances", BUILT,
     "The instances count themselves, and a conditional event that does not interrupt on the border of the activity goes on "
     "once enough are done; the others may finish."),
    (35, "Cancelling Partial Join for Multiple Instances", DIRECTLY, "The completion condition of a multi-instance activity."),
    (36, "Dynamic Partial Join for Multiple Instances", BUILT, "As pattern 15, with a conditional event that interrupts once enough are done."),
    (37, "Local Synchronizing Merge", DIRECTLY, "An inclusive gateway that joins: it waits for the tokens that can still come, and for no others."),
    (38, "General Synchronizing Merge", DIRECTLY, "The same, in front of loops and of paths that leave."),
    (39, "Critical Section", BUILT, "The sections are the steps of a sequential ad-hoc sub-process: one is under way at a time."),
    (40, "Interleaved Routing", DIRECTLY, "A sequential ad-hoc sub-process with a completion condition."),
    (41, "Thread Merge", DIRECTLY, "The start quantity of an activity."),
    (42, "Thread Split", DIRECTLY, "The completion quantity of an activity."),
    (43, "Explicit Termination", DIRECTLY, "A terminate end."),
]  # fmt: skip

PATTERNS: tuple[Pattern, ...] = tuple(Pattern(*row) for row in _NEW)


def page() -> str:
    """The page of the documentation."""
    counts = {support: sum(p.support == support for p in PATTERNS) for support in (DIRECTLY, BUILT, PARTLY)}
    head = [
        "<!-- Made by `python -m tests.processes.patterns.table`; change the table there, not this page. -->",
        "# Workflow patterns",
        f"Of the {len(PATTERNS)} control-flow patterns of the Workflow Patterns Initiative (workflowpatterns.com) a drawing says "
        f"{counts[DIRECTLY]} directly, {counts[BUILT]} by a construction that is shown, and {counts[PARTLY]} in part. Each has a "
        "drawing to look at and a test that runs it.",
        "",
        "| no. | pattern | supported | what to draw | drawing |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows = [
        f"| {p.number} | {p.name} | {p.support} | {p.how} | [{p.drawing.name}](../../{p.drawing.relative_to(PAGE.parents[2])}) |"
        for p in PATTERNS
    ]
    return "\n".join([*head, *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
