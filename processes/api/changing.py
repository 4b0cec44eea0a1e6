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
    "change_findings",
    "change_obstacles",
    "change_of",
    "change_standing",
    "change_tests",
    "change_value",
    "changes",
    "end_pilot",
    "last_update",
    "may_edit",
    "may_publish",
    "may_review",
    "pilot_preview",
    "pilots",
    "prepare_change",
    "put_back",
    "record_change",
    "submit_change",
    "update_preview",
    "waive_finding",
    "withdraw_change",
]


def prepare_change(version_id: UUID, *, user: Any) -> ProcessChange:
    """The change that a draft is handed in with: its record is written until then (`record_change`)."""
    from processes.publication import recording

    return recording.prepare(version_id, user=user)


def record_change(
    change_id: int, *, user: Any, values: Mapping[str, Any], began: Mapping[str, Any] | None = None
) -> ProcessChange:
    """Write fields of the record of a change that is prepared or sent back: title, diagnosis, owner_id, measures,
    customer_view, training, `waived` (part: reason), customers_notice, way ("now", "at", "pilot"), at, rule, choices, share,
    pilot_until; “waived.<part>” and “choices.<group>” write one part. `began` is what they held when the person began:
    a field that holds something else by now raises a Clashing with both texts (code "clashing")."""
    from processes.publication import recording

    return recording.record(change_id, user=user, values=values, began=began)


def waive_finding(change_id: int, key: str, *, reason: str, user: Any) -> ProcessChange:
    """Let a finding of severity "block" ("code:element") pass with a reason; an empty one takes that back."""
    from processes.publication import recording

    return recording.waive_finding(change_id, key, reason=reason, user=user)


def change_obstacles(change_id: int, *, user: Any) -> list[Any]:
    """Why a change cannot be handed in now: obstacles with a sentence and the place where each is mended."""
    from processes.publication import changes, obstacles

    return list(obstacles.standing(changes.change(change_id, user=user)).obstacles)


def change_of(version_id: UUID, *, user: Any) -> ProcessChange:
    """The change that a draft is prepared with, one that is not stored while nobody has written in it; for who answers
    for the process."""
    from processes.publication import drafting, recording

    return recording.found_or_blank(drafting.editable_process(version_id, user=user), user)


def change_tests(row: ProcessChange) -> Any:
    """How the tests of a change stand: total, held, failing, waiting. Runs none."""
    from processes.publication import obstacles

    return obstacles.tested(row.version)


def change_findings(row: ProcessChange) -> list[Any]:
    """What the checks find in the version of a change and in its decisions, with where each is mended."""
    from processes.publication import obstacles

    return list(obstacles.placed(row.version))


def change_standing(version_id: UUID, *, user: Any) -> tuple[ProcessChange, Any]:
    """The change that a draft is prepared with (one that is not stored while nobody has written in it), and what is said
    of it: findings with their places, obstacles, and how its tests stand."""
    from processes.publication import obstacles

    row = change_of(version_id, user=user)
    return row, obstacles.standing(row)


def change_value(row: ProcessChange, name: str) -> Any:
    """What a field of the record holds, “waived.<part>” and “choices.<group>” among them."""
    from processes.publication import recording

    return recording.value_of(row, name)


def submit_change(change_id: int, *, user: Any) -> ProcessChange:
    """Hand a change in: its draft rests and the process “process_change” begins. Invalid says what stands in the way."""
    from processes.publication import handing_in

    return handing_in.submit(change_id, user=user)


def withdraw_change(change_id: int, *, reason: str, user: Any) -> ProcessChange:
    """Take one's own change back before anything was published; its review ends."""
    from processes.publication import handing_in

    return handing_in.withdraw(change_id, reason=reason, user=user)


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
    from processes.publication import updating

    return updating.bring_up_to_date(version_id, user=user, prefer=prefer)


def update_preview(version_id: UUID, *, user: Any) -> Any:
    """What bringing a draft up to date would do: what others published, and where both changed the same; None when
    nothing was published since."""
    from processes.publication import updating

    return updating.preview(version_id, user=user)


def last_update(version: Any) -> Any:
    """The last time that a draft was brought up to date, while it can be put back; None else."""
    from processes.publication import updating

    return updating.last_update(version)


def put_back(version_id: UUID, *, user: Any) -> None:
    """Put a draft back as it was before it was last brought up to date; what was done since stays where it can."""
    from processes.publication import updating

    updating.put_back(version_id, user=user)


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
    from processes.publication import drafting, piloting

    return piloting.preview(drafting.editable_process(version_id, user=user), **how)


def end_pilot(change_id: int, *, roll_out: bool, reason: str, user: Any) -> None:
    """Roll the pilot of a change out, or withdraw it; for who answers for the process."""
    from processes.publication import changes, ending

    changes.change(change_id, user=user)
    with acting(user, "pilot.end", reason=reason):
        ending.end_pilot(change_id, roll_out=roll_out, reason=reason, user=user)


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
