"""Changes of processes as rows: who sees them, what was done with them, and the few ways in which all that happens to them
is written down.

What people decide comes in through the forms of the process “process_change”; its actions call the modules beside this
one: `recording` while a change is prepared, `handing_in`, `reviewing`, `ending`. Nothing is half done: a publication that
cannot be made leaves everything as it was and gives the reason.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from processes import ports
from processes.catalog.models import ProcessVersion, State
from processes.errors import Invalid, NotFound
from processes.publication import rights
from processes.publication.models import Happening, ProcessChange
from processes.spoken import gettext as _

KEY = "process_change"
OPEN = ("prepared", "submitted", "sent_back", "approved", "piloted")


# --- reads -------------------------------------------------------------------------------------------------
def visible(user: Any) -> QuerySet[ProcessChange]:
    """The changes that a person may see: own ones, those of processes they answer for, all for reviewers and auditors."""
    rows = ProcessChange.objects.all()
    if user is None or not user.is_active:
        return rows.none()
    if user.is_superuser or rights.READERS & set(ports.people().roles_of(user)):
        return rows
    mine = Q(author=user) | Q(definition__owner=user) | Q(owner=user)
    if "director" in ports.people().roles_of(user):
        mine |= Q(state__in=["submitted", "approved", "piloted", "published"])
    return rows.filter(mine)


def change(change_id: int, *, user: Any) -> ProcessChange:
    """A change that the person may see; NotFound else."""
    found = visible(user).select_related("version__definition", "definition", "author", "owner", "pilot").filter(pk=change_id).first()
    if found is None:
        raise NotFound(_("There is no such change."))
    return found


def changes(key: str, *, user: Any) -> list[ProcessChange]:
    """The changes of a process that the person may see, newest first, with what was done with them."""
    rows = visible(user).filter(definition__key=key)
    related = ("version__definition", "former__definition", "definition", "author", "owner", "pilot")
    return list(rows.select_related(*related).prefetch_related("happenings__by").order_by("-pk"))


def not_by(row: ProcessChange) -> list[int]:
    """Who may not review it (again) in this round: its author, whoever handed it in, who has reviewed it in this round."""
    handed = row.happenings.filter(what="submitted").values_list("by", flat=True)
    reviewed = row.happenings.filter(what__in=["approved", "sent_back"], round=row.round).values_list("by", flat=True)
    return sorted({pk for pk in (row.author_id, *handed, *reviewed) if pk is not None})


def approvals(row: ProcessChange) -> int:
    """How many different people have approved it in this round."""
    return row.happenings.filter(what="approved", round=row.round).values("by").distinct().count()


def came_back(row: ProcessChange) -> str:
    """Why it was sent back, or could not be published or handed in again; the last reason."""
    reasons = row.happenings.filter(what__in=["sent_back", "checks_failed", "not_published", "not_handed_in"])
    return reasons.order_by("at", "pk").values_list("reason", flat=True).last() or ""


# --- writes that all share ---------------------------------------------------------------------------------
def locked(change_id: int, user: Any = None, *, seen: bool = True) -> ProcessChange:
    """A change, locked; NotFound for who may not see it, unless the process of the change itself asks (`seen` is false)."""
    if seen:
        change(change_id, user=user)
    rows = ProcessChange.objects.select_for_update(of=("self",)).select_related("version__definition", "definition", "author")
    return rows.get(pk=change_id)


def written_by(change_id: int, user: Any) -> ProcessChange:
    """A change that the person may still write, locked."""
    row = locked(change_id, user)
    rights.demand(rights.may_edit(user, row.definition))
    if not row.is_open:
        raise Invalid(_("This change has been handed in and cannot be written any more."))
    return row


def note(row: ProcessChange, what: str, by: Any, reason: str = "") -> Happening:
    """Add to what was done with a change."""
    return Happening.objects.create(change=row, what=what, by=by, reason=reason, round=row.round)


def back(row: ProcessChange) -> None:
    """The author may mend it: the draft is a draft again."""
    row.state = ProcessChange.State.SENT_BACK
    row.save(update_fields=["state"])
    _draft_again(row.version)


def close(row: ProcessChange, state: ProcessChange.State) -> None:
    """It goes no further; the draft stays with its drawing."""
    row.state = state
    row.save(update_fields=["state"])
    _draft_again(row.version)


def _draft_again(version: ProcessVersion) -> None:
    if version.state == State.IN_REVIEW:
        version.state = State.DRAFT
        version.save(update_fields=["state", "content_hash"])
