"""The pages that are looked at: who opens them, and with which record of the database at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Subquery
from django.urls import reverse
from django.utils import translation

from crm_core.activities.models import Activity
from crm_core.integration.services import upload
from crm_core.kernel.models import User
from crm_core.parties.models import Account
from crm_core.sales.models import Lead, Opportunity
from crm_core.service.models import Case, Survey
from crm_core.service.services import customers, surveys
from processes.catalog.models import DecisionEvaluation
from processes.runtime.models import ProcessInstance, Task


@dataclass(frozen=True, slots=True)
class Shown:
    """One page: its name, who opens it (nobody: a customer of the house), where it is."""

    name: str
    user: str
    path: str


def all_pages() -> list[Shown]:
    """Every page that is looked at and whose record this database has."""
    return [*_work(), *_customers(), *_processes(), *_figures(), *_records(), *_public()]


def _work() -> Iterator[Shown]:
    yield Shown("inbox", "chen.yu", reverse("redraw:inbox"))
    yield Shown("inbox-teams", "zhou.jie", reverse("redraw:inbox") + "?box=teams")
    yield Shown("absence", "tang.wei", reverse("redraw:absence"))
    yield Shown("absent-people", "zhou.jie", reverse("redraw:absent_people"))
    yield Shown("absent-work", "zhou.jie", reverse("redraw:absent_work", args=[User.objects.get(username="li.na").pk]))
    yield Shown("notices", "chen.yu", reverse("redraw:notices") + "?show=all")
    yield Shown("notice-ways", "chen.yu", reverse("redraw:notice_ways"))
    yield Shown("inbox-empty", "jin.yi", reverse("redraw:inbox") + "?box=following")
    for name, key in (("task-complaint", "complaint_handling"), ("task-lead", "lead_assignment"),
                      ("task-opportunity", "opportunity_stages"), ("task-campaign", "campaign_approval")):  # fmt: skip
        task = _told(Task.objects.open().human().filter(process__definition__key=key, owner__isnull=False))
        if task is not None:
            yield Shown(name, task.owner.username, reverse("redraw:work", args=[task.pk]))


def _told(tasks: Any) -> Any:
    """The task with the most to show: of an instance that asked tables, with a limit if there is one."""
    asked = DecisionEvaluation.objects.filter(instance=OuterRef("process_id")).values("instance").annotate(n=Count("pk"))
    found = tasks.select_related("owner").annotate(asked=Subquery(asked.values("n")))
    return found.order_by(F("asked").desc(nulls_last=True), "-due_at", "pk").first()


def _customers() -> Iterator[Shown]:
    busiest = Activity.objects.filter(account__in=Case.objects.values("account")).values("account").annotate(n=Count("pk"))
    row = busiest.order_by("-n", "account").first()
    if row is not None:
        account = Account.objects.select_related("manager").get(pk=row["account"])
        yield Shown("account", "zhou.jie", reverse("redraw:account", args=[account.pk]))
    quiet = Account.objects.exclude(pk__in=Activity.objects.filter(account__isnull=False).values("account")).order_by("pk").first()
    if quiet is not None:
        yield Shown("account-quiet", "han.mei", reverse("redraw:account", args=[quiet.pk]))


def _processes() -> Iterator[Shown]:
    yield Shown("processes", "gao.jing", reverse("redraw:processes"))
    yield Shown("running", "gao.jing", reverse("redraw:running"))
    yield Shown("incidents", "gao.jing", reverse("redraw:incidents"))
    yield Shown("start", "li.na", reverse("redraw:start_list"))
    for key in ("complaint_handling", "opportunity_stages"):
        yield Shown(f"process-{key.split('_')[0]}", "gao.jing", reverse("redraw:process", args=[key]))
    yield Shown("difference-none", "gao.jing", reverse("redraw:studio_difference", args=["complaint_handling"]))
    yield Shown("decisions", "gao.jing", reverse("redraw:studio_decisions"))
    for tab in ("table", "try", "difference", "replay"):
        yield Shown(f"decision-{tab}", "gao.jing", reverse("redraw:studio_decision", args=["terms_level"]) + f"?tab={tab}")
    yield Shown("forms", "gao.jing", reverse("redraw:studio_forms", args=["complaint_handling"]))
    yield Shown("form-preview", "gao.jing", reverse("redraw:studio_form", args=["complaint_handling", "investigate"]))
    yield Shown("files", "gao.jing", reverse("redraw:studio_files", args=["complaint_handling"]))
    for key in ("complaint_handling", "lead_assignment"):
        told = ProcessInstance.objects.filter(definition__key=key).annotate(n=Count("task")).order_by("-n", "pk").first()
        if told is not None:
            yield Shown(f"instance-{key.split('_')[0]}", "gao.jing", reverse("redraw:instance", args=[told.pk]))


LOADED = """公司,城市,国家,行业,网站
Ningbo Beverages Co. Ltd.,Ningbo,CN,food,https://ningbo-beverages.example
Lyon Conserves SAS,Lyon,FR,food,https://lyon-conserves.example
,Paris,FR,food,
=Hamburg Tee GmbH,Hamburg,DE,retail,https://hamburg-tee.example
"""
"""Rows of a file that is shown before it is loaded: known and new, one without a name, one that looks like a formula."""


def _figures() -> Iterator[Shown]:
    yield Shown("sales", "zhou.jie", reverse("redraw:sales"))
    yield Shown("imports", "tian.xue", reverse("redraw:imports"))
    steward = User.objects.filter(username="tian.xue").first()
    if steward is not None:
        with translation.override(steward.language):
            run = upload(data=LOADED.encode("gb18030"), name="accounts.csv", by=steward)
        yield Shown("import-preview", "tian.xue", reverse("redraw:import", args=[run.pk]))
    yield Shown("to-match", "tian.xue", reverse("redraw:to_match"))
    yield Shown("unassigned", "zhou.jie", reverse("redraw:unassigned"))
    yield Shown("assignments", "zhou.jie", reverse("admin:crm_sales_assignmentledger_changelist"))


def _records() -> Iterator[Shown]:
    for name, user, model in (("accounts", "zhou.jie", Account), ("leads", "zhou.jie", Lead), ("cases", "zhao.min", Case)):
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield Shown(f"list-{name}", user, reverse(f"{label}_changelist"))
    opportunity = Opportunity.objects.order_by("-pk").first()
    if opportunity is not None:
        yield Shown("record", "han.mei", reverse("admin:crm_sales_opportunity_change", args=[opportunity.pk]))
        yield Shown("record-history", "han.mei", reverse("admin:crm_sales_opportunity_history", args=[opportunity.pk]))
    yield Shown("record-new", "li.na", reverse("admin:crm_sales_lead_add"))


def _public() -> Iterator[Shown]:
    yield Shown("sign-in", "", reverse("admin:login"))
    yield Shown("contact", "", reverse("portal:lead_form"))
    yield Shown("complaint", "", reverse("portal:complaint_form"))
    case = Case.objects.exclude(status="closed").order_by("-received_at").first()
    if case is not None:
        yield Shown("case", "", reverse("portal:case", args=[customers.token_of(case)]))
    survey = Survey.objects.filter(answered_at__isnull=True).order_by("-pk").first()
    if survey is not None:
        yield Shown("survey", "", reverse("portal:survey", args=[surveys.token_of(survey)]))
