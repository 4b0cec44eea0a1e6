"""Who may see a decision and who may redraw it."""

from __future__ import annotations

from typing import Any

from processes import ports
from processes.catalog.models import DecisionDefinition, DecisionVersion
from processes.errors import NotAllowed, NotFound
from processes.inbox.supervision import answers_for_decision
from processes.spoken import gettext as _

RECORD = "decision_definition"
"""The name of decisions in the table of roles."""


def sees_decisions(user: Any) -> bool:
    """Whether the person may see decisions at all: by the table of roles."""
    return user is not None and user.is_active and (user.is_superuser or ports.people().sees(user, RECORD))


def seen(key: str, user: Any) -> DecisionDefinition:
    """The decision of a key; NotFound for who may not see it, as when there is none."""
    found = DecisionDefinition.objects.select_related("owner").filter(key=key).first()
    if found is None or not (sees_decisions(user) or answers_for_decision(found, user)):
        raise NotFound(_("There is no decision with the key “%(key)s”.") % {"key": key}, code="unknown_decision")
    return found


def seen_version(key: str, number: int, user: Any) -> DecisionVersion:
    """A version of a decision the person may see; NotFound when there is none."""
    definition = seen(key, user)
    found = definition.versions.filter(number=number).first()
    if found is None:
        raise NotFound(
            _("The decision “%(key)s” has no version %(number)s.") % {"key": key, "number": number}, code="unknown_decision_version"
        )
    found.definition = definition
    return found


def demand_answering(definition: DecisionDefinition, user: Any) -> None:
    """NotAllowed for who does not answer for the decision."""
    if not answers_for_decision(definition, user):
        raise NotAllowed(_("Only who answers for the decision may change it."))
