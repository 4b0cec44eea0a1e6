"""What a change means for what runs: how much would move to the newer version, and what rests on what is gone."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import get_language

from processes.bpmn.model import Model
from processes.catalog.models import ProcessVersion
from processes.comparison.model import Running, Standing
from processes.inbox.visibility import seen_instances
from processes.instance_migration import planning, rehearsing
from processes.instance_migration.planning import Plan
from processes.runtime.models import PROCESS, ProcessInstance, Task
from processes.spoken import gettext as _

MOST_HELD = 2000
"""How many instances are held against the newer drawing one by one while somebody waits for a page."""


def meaning(before: ProcessVersion, after: ProcessVersion, old: Model, new: Model, *, user: Any, answers: bool) -> Running:
    """What is known to the person: all that runs for who answers for the process, else how much of it they see."""
    if not answers:
        return Running(seen_instances(user).filter(version=before, status=PROCESS.NEW).count())
    total = ProcessInstance.objects.running().filter(version=before).count()
    if not total:
        return Running(0, known=True)
    plan = planning.plan(old, new)
    standing = _standing(before, old, new, plan)
    if total > MOST_HELD:
        return Running(total, standing=standing)
    found = rehearsing.rehearse(before, old, new, plan)
    reasons = tuple((reason.count, str(reason.sentence)) for reason in found.reasons.values())
    return Running(found.total, True, found.moves, found.decide, found.cannot, found.wait, standing, reasons)


def _standing(before: ProcessVersion, old: Model, new: Model, plan: Plan) -> tuple[Standing, ...]:
    """Where work rests on elements that are gone, or that another one stands for."""
    rows = (
        Task.objects.open().filter(process__version=before, process__status=PROCESS.NEW, armed=False, is_body=False)
        .order_by().values_list("node_id").annotate(n=Count("pk")).order_by("-n", "node_id")
    )  # fmt: skip
    found = []
    for element, tokens in rows:
        goal = plan.target(element)
        if goal != element or element not in new.nodes:
            found.append(_said(element, tokens, goal, old, new))
    return tuple(found)


def _said(element: str, tokens: int, goal: str, old: Model, new: Model) -> Standing:
    language = get_language() or "en"
    name = old.name_of(element, language)
    if goal:
        sentence = _("It goes on at “%(step)s”, which stands for it.") % {"step": new.name_of(goal, language)}
    else:
        sentence = _("Nothing in the newer version stands for it. Whoever moves the instances says where it goes; until then they stay.")
    return Standing(element, name, tokens, new.name_of(goal, language) if goal else "", sentence)
