"""The difference of two versions, for whoever may see them.

Published versions may be compared by everybody who may see the process; drafts only by who answers for it, since what
is not decided yet is nobody's business, and once they are handed in by who reviews. A version that may not be seen is
one that is not there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from processes import ports
from processes.bpmn import BpmnError
from processes.bpmn.model import Model
from processes.catalog import form_changes
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion, State
from processes.comparison import decisions, drawings, running
from processes.comparison.model import Difference, Side
from processes.comparison.words import Property, value
from processes.dmn import DmnError
from processes.errors import Invalid, NotFound
from processes.inbox.supervision import answers_for
from processes.publication.rights import may_read_handed_in
from processes.spoken import gettext as _
from processes.spoken import spoken


def versions(key: str, *, user: Any) -> tuple[Side, ...]:
    """The versions of a process that the person may compare, newest first; NotFound when there is no such process."""
    return _versions(key, answers_for(catalog.definition(key), user), may_read_handed_in(user))


def _versions(key: str, answers: bool, reviews: bool) -> tuple[Side, ...]:
    return tuple(_side(row) for row in catalog.versions(key) if _shown(row, answers, reviews))


def _shown(version: ProcessVersion, answers: bool, reviews: bool) -> bool:
    return answers or not version.is_open or (reviews and version.state == State.IN_REVIEW)


def short(key: str, before: int, after: int, *, user: Any) -> Difference:
    """As `difference`, without what it means for what runs: that asks every running instance."""
    answers = answers_for(catalog.definition(key), user)
    return compare(key, before, after, user=user, answers=answers, reviews=not answers and may_read_handed_in(user), running_too=False)


def difference(key: str, before: int, after: int, *, user: Any) -> Difference:
    """What leads from one version to another: drawing, decisions, forms, attributes, and what it means for what runs.

    NotFound for versions that are not there or may not be seen, Invalid for one that cannot be read.
    """
    answers = answers_for(catalog.definition(key), user)
    return compare(key, before, after, user=user, answers=answers, reviews=not answers and may_read_handed_in(user))


def compare(
    key: str, before: int, after: int, *, user: Any = None, answers: bool, reviews: bool = False, running_too: bool = True
) -> Difference:
    """As `difference`, when it was asked already whether the person answers for the process, or reviews."""
    definition = catalog.definition(key)
    one, two = (_seen(key, number, answers, reviews) for number in (before, after))
    old, new = _read(one), _read(two)
    drawing, attributes = drawings.told(old, new)
    forms = tuple(form_changes.changes(catalog.forms_of(one), catalog.forms_of(two)))
    try:
        asked = decisions.told(one, two, old, new)
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error
    counts = Counter(change.kind for change in drawing)
    return Difference(
        key, definition.title(), _side(one), _side(two), _versions(key, answers, reviews), drawing, asked, forms,
        attributes + _beside(one, two), running.meaning(one, two, old, new, user=user, answers=answers) if running_too else None,
        {**{kind: counts[kind] for kind in drawings.ORDER}, "decisions": len(asked), "forms": len(forms)},
    )  # fmt: skip


def pictures(found: Difference) -> tuple[str, str]:
    """Both drawings with what differs marked on them, as SVG."""
    from django.utils.translation import get_language

    from processes.bpmn.svg import render

    old, new = drawings.marks(found.drawing)
    hints = {change.element: change.sentence for change in found.drawing}
    language = get_language() or "en"
    return tuple(  # type: ignore[return-value]
        render(_read(catalog.version(found.key, side.number)), language=language, changes=marked, hints=hints)
        for side, marked in ((found.before, old), (found.after, new))
    )


def _seen(key: str, number: int, answers: bool, reviews: bool) -> ProcessVersion:
    found = catalog.version(key, number)
    if not _shown(found, answers, reviews):
        raise NotFound(
            _("The process “%(key)s” has no version %(number)s.") % {"key": key, "number": number}, code="unknown_version"
        )
    return found


def _read(version: ProcessVersion) -> Model:
    try:
        return catalog.model_of(version)
    except BpmnError as error:
        raise Invalid(
            _("%(version)s cannot be read: %(reason)s") % {"version": version, "reason": spoken(error.sentence)}
        ) from error


def _side(version: ProcessVersion) -> Side:
    by = version.published_by or version.created_by
    return Side(
        version.pk, version.number, version.state, str(version.get_state_display()), version.is_open,
        version.published_at or version.created_at, ports.people().display(by) if by is not None else "",
    )  # fmt: skip


def _beside(one: ProcessVersion, two: ProcessVersion) -> tuple[Property, ...]:
    """What is kept with a version beside its drawing and forms: its handbook and its tests."""
    found = []
    if one.notes != two.notes:
        found.append(Property(_("handbook"), *_first_differing(one.notes, two.notes)))
    if one.tests != two.tests:
        found.append(Property(_("tests"), value(str(len(one.tests))), value(str(len(two.tests)))))
    return tuple(found)


def _first_differing(old: str, new: str) -> tuple[str, str]:
    """The first line of each text that the other has not."""
    before, after = ([line.strip() for line in text.splitlines() if line.strip()] for text in (old, new))
    return value(next((line for line in before if line not in after), "")), value(next((line for line in after if line not in before), ""))
