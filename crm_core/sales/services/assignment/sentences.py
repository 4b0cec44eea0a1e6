"""What a choice says of itself: the reason as a sentence, made of the codes of a decision."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, gettext_noop

from crm_core.sales.services.assignment.methods import Decision
from processes.api import gettext as _

_LEFT_OUT = {
    "excluded": gettext_noop("ruled out for this work"),
    "language": gettext_noop("does not speak the language"),
    "skill": gettext_noop("lacks a skill"),
    "fits_less": gettext_noop("others fit the skills better"),
    "absent": gettext_noop("absent"),
    "off_shift": gettext_noop("off shift"),
    "over_capacity": gettext_noop("at the limit of the capacity"),
    "no_member": gettext_noop("nobody has the role there"),
    "no_effect": gettext_noop("costs more than it is expected to bring"),
}
LEFT_OUT = {code: gettext_lazy(text) for code, text in _LEFT_OUT.items()}
"""Why somebody is left out, or why nobody is there, by its code."""


METHOD_NAMES = {
    "round_robin": gettext_lazy("by turn"),
    "least_load": gettext_lazy("least load"),
    "weighted": gettext_lazy("by weight"),
    "capacity": gettext_lazy("most free capacity"),
    "skill": gettext_lazy("by skill"),
    "account_manager": gettext_lazy("account manager"),
    "previous": gettext_lazy("who handled it before"),
    "batch": gettext_lazy("in a batch"),
    "hand": gettext_lazy("by hand"),
}
"""What the methods are called."""

TIE_BREAKS = {
    "longest_waiting": gettext_lazy("the longest wait"),
    "draw": gettext_lazy("a draw"),
}
"""What broke a tie, by its code."""


def reason_of(decision: Decision) -> str:
    """Why this person, or why nobody."""
    if decision.chosen is None:
        own_waits = _("This waits for the customer's own person, who is off shift.") if decision.own_why else ""
        return own_waits or why_nobody(decision.why)
    spoken = _spoken_for(decision.by, decision.figure, decision.chosen.missing)
    if decision.own_why:
        passed_over = _("The customer's own person was passed over (%(why)s).") % {"why": left_out(decision.own_why)}
        return both(passed_over, spoken)
    return spoken


def left_out(code: str) -> str:
    """Why somebody is left out, as a part of a sentence that is kept."""
    return _(_LEFT_OUT[code])


def both(one: str, two: str) -> str:
    """Two sentences of a reason that is kept."""
    return _("%(one)s %(two)s") % {"one": one, "two": two}


def _spoken_for(by: str, figure: int, missing: tuple[str, ...]) -> str:
    if by == "account_manager":
        return _("The customer's account manager.")
    if by == "previous":
        return _("Handled it before.")
    if by == "batch":
        return _("Assigned in a batch, for the best expected effect of all.")
    if by == "hand":
        return _("Assigned by hand.")
    if by == "turn":
        return _("Next in turn.")
    if by == "share":
        return _("By share of capacity.")
    if by == "free":
        return _("Most free capacity: %(count)s.") % {"count": figure}
    if by == "skill" and missing:
        return _("Nearest to the skills asked for, though without: %(skills)s.") % {"skills": ", ".join(missing)}
    if by == "skill":
        return _("Has the skills asked for, and the least open work: %(count)s.") % {"count": figure}
    return _("Least open work for the capacity: %(count)s.") % {"count": figure}


def why_nobody(why: str) -> str:
    """Why nobody was found, by the code of the reason, in the reader's language."""
    if why == "off_shift":
        return _("Nobody in question is on shift.")
    if why == "absent":
        return _("Everybody in question is absent.")
    if why == "over_capacity":
        return _("Everybody in question is at the limit of the capacity.")
    if why in ("skill", "fits_less"):
        return _("Nobody with this role has the skill asked for.")
    if why == "language":
        return _("Nobody with this role speaks the language.")
    if why == "excluded":
        return _("Everybody with this role is ruled out for this work.")
    if why == "no_effect":
        return _("Nobody would bring more than the work costs.")
    return _("Nobody has this role there.")
