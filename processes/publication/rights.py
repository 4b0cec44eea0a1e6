"""Who may edit, review and publish a process, each answer with its reason as a sentence.

Whoever answers for a process edits it and hands changes in; somebody else with the role of a reviewer approves them.
A house in which nobody else could review is not stuck: there whoever answers for the process publishes directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from processes import ports
from processes.catalog.models import ProcessDefinition
from processes.errors import NotAllowed
from processes.inbox import supervision
from processes.spoken import gettext as _

REVIEWER = "process_reviewer"
READERS = frozenset({"administrator", "process_owner", "auditor", REVIEWER})


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something is allowed, and why or why not. Truthy when allowed."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


def may_edit(user: Any, definition: ProcessDefinition) -> Answer:
    """Whether the person may redraw a process and hand changes of it in."""
    if supervision.answers_for(definition, user):
        return Answer(True, _("You answer for this process."))
    return Answer(False, _("Only who answers for “%(process)s” may redraw it. Ask its owner.") % {"process": definition.title()})


def may_review(user: Any, definition: ProcessDefinition, author: Any = None) -> Answer:
    """Whether the person may approve a change of a process: a reviewer, and never its author."""
    if user is None or not user.is_active:
        return Answer(False, _("Only a reviewer of processes may approve this."))
    if author is not None and user.pk == author.pk:
        return Answer(False, _("Nobody approves their own change. Somebody else has to look at it."))
    roles = set(ports.people().roles_of(user))
    if REVIEWER in roles or "director" in roles:
        return Answer(True, _("You are a reviewer of processes."))
    return Answer(False, _("Only a reviewer of processes may approve this."))


def may_read_handed_in(user: Any) -> bool:
    """Whether the person may read versions that were handed in and that nobody has published yet: who reviews or audits."""
    if user is None or not user.is_active:
        return False
    return bool(user.is_superuser or (READERS | {"director"}) & set(ports.people().roles_of(user)))


def may_publish(user: Any, definition: ProcessDefinition) -> Answer:
    """Whether the person may publish without a review: who answers for the process, where nobody else could review."""
    answer = may_edit(user, definition)
    if not answer:
        return answer
    if any(other.pk != user.pk for other in ports.people().members(REVIEWER)):
        return Answer(False, _("Changes of processes are reviewed here. Hand yours in for approval."))
    return Answer(True, _("Nobody else in this house reviews processes, so you may publish it yourself."))


def demand(answer: Answer) -> None:
    """Pass, or NotAllowed with the reason."""
    if not answer:
        raise NotAllowed(answer.reason)
