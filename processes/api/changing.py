"""Changes on their way to publication, and pilots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes import ports
from processes.api.acting import acting
from processes.errors import NotFound
from processes.spoken import gettext

if TYPE_CHECKING:
    from processes.publication.models import ProcessChange

__all__ = [
    "bring_up_to_date",
    "change",
    "change_obstacles",
    "changes",
    "end_pilot",
    "may_edit",
    "may_publish",
    "may_review",
    "pilot_preview",
    "pilots",
    "prepare_change",
    "record_change",
    "submit_change",
    "waive_finding",
    "withdraw_change",
]


def prepare_change(version_id: UUID, *, user: Any) -> ProcessChange:
    """The change that a draft is handed in with: its record is written until then (`record_change`)."""
    from processes.publication import changes

    return changes.prepare(version_id, user=user)


def record_change(change_id: int, *, user: Any, values: Mapping[str, Any]) -> ProcessChange:
    """Write the record of a change that is prepared or sent back: title, diagnosis, owner_id, measures, customer_view,
    training, `waived` (part: reason), customers_notice, way ("now", "at", "pilot"), at, rule, choices, share, pilot_until."""
    from processes.publication import changes

    return changes.record(change_id, user=user, values=values)


def waive_finding(change_id: int, key: str, *, reason: str, user: Any) -> ProcessChange:
    """Let a finding of severity "block" ("code:element") pass with a reason; an empty one takes that back."""
    from processes.publication import changes

    return changes.waive_finding(change_id, key, reason=reason, user=user)


def change_obstacles(change_id: int, *, user: Any) -> list[str]:
    """Why a change cannot be handed in now, as sentences; empty when it can."""
    from processes.publication import changes

    return changes.in_way(changes.change(change_id, user=user))


def submit_change(change_id: int, *, user: Any) -> ProcessChange:
    """Hand a change in: its draft rests and the process “process_change” begins. Invalid says what stands in the way."""
    from processes.publication import changes

    return changes.submit(change_id, user=user)


def withdraw_change(change_id: int, *, reason: str, user: Any) -> ProcessChange:
    """Take one's own change back before anything was published; its review ends."""
    from processes.publication import changes

    return changes.withdraw(change_id, reason=reason, user=user)


def change(change_id: int, *, user: Any) -> ProcessChange:
    """A change that the person may see; NotFound else."""
    from processes.publication import changes

    return changes.change(change_id, user=user)


def changes(key: str, *, user: Any) -> list[ProcessChange]:
    """The changes of a process that the person may see, newest first."""
    from processes.publication import changes as found

    return found.changes(key, user=user)


def bring_up_to_date(version_id: UUID, *, user: Any, prefer: str = "mine") -> tuple[Any, ...]:
    """Merge what was published since a draft was begun into it; gives the conflicts, in which `prefer` has decided."""
    from processes.publication import changes

    return changes.bring_up_to_date(version_id, user=user, prefer=prefer)


def pilots(key: str, *, user: Any) -> list[Any]:
    """The pilots of a process, newest first, with how many instances went where; for who answers for it or reviews."""
    from processes.catalog import selectors
    from processes.publication import piloting, rights

    definition = selectors.definition(key)
    if not (rights.may_edit(user, definition) or rights.may_review(user, definition) or rights.READERS & set(ports.people().roles_of(user))):
        raise NotFound(gettext("There is no such process."))
    return piloting.pilots(key)


def pilot_preview(version_id: UUID, *, user: Any, **how: Any) -> Any:
    """What a pilot would have taken of the instances since a moment: `rule`, `choices`, `share`, `since`."""
    from processes.publication import changes, piloting

    return piloting.preview(changes.prepare(version_id, user=user).version, **how)


def end_pilot(change_id: int, *, roll_out: bool, reason: str, user: Any) -> None:
    """Roll the pilot of a change out, or withdraw it; for who answers for the process."""
    from processes.publication import changes

    changes.change(change_id, user=user)
    with acting(user, "pilot.end", reason=reason):
        changes.end_pilot(change_id, roll_out=roll_out, reason=reason, user=user)


def may_edit(user: Any, key: str) -> Any:
    """Whether the person may redraw a process; truthy or not, with a `reason` sentence."""
    from processes.catalog import selectors
    from processes.publication import rights

    return rights.may_edit(user, selectors.definition(key))


def may_review(user: Any, key: str, author: Any = None) -> Any:
    """Whether the person may approve a change of a process by an author; as `may_edit`."""
    from processes.catalog import selectors
    from processes.publication import rights

    return rights.may_review(user, selectors.definition(key), author)


def may_publish(user: Any, key: str) -> Any:
    """Whether the person may publish a process without a review; as `may_edit`."""
    from processes.catalog import selectors
    from processes.publication import rights

    return rights.may_publish(user, selectors.definition(key))
