"""What happens around the demo company: customers ask, answer and complain, people telephone and quote.

The driver lets staff fill in forms; all that happens beside a form happens here, through the domains' services.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from django.utils import translation

from crm_core.activities.services import log_activity
from crm_core.demo.company import Arrival, CampaignSpec, Company, PersonSpec
from crm_core.demo.found import PAGES, Founder
from crm_core.marketing.models import Campaign, MailingRecipient, Segment
from crm_core.marketing.services import note_return, plan_campaign, record_response
from crm_core.sales.models import Lead, Opportunity, Product, Quote
from crm_core.sales.services import draft_quote, open_opportunity, receive_lead, submit_quote
from crm_core.sales.services.quotes import Line
from crm_core.service.models import Case, Survey
from crm_core.service.models.cases import CaseStatus
from crm_core.service.services import answer_survey, customer_answers, receive_case
from crm_core.service.services import customers as case_links
from crm_core.service.services import surveys as survey_links
from processes import api
from processes.errors import Invalid
from processes.prepared import Prepared
from processes.runtime.models import Task

MAILS: Prepared[MailingRecipient] = Prepared(
    lambda pk: MailingRecipient.objects.filter(pk__gt=pk).select_related("member", "mailing__campaign").order_by("pk"),
    int,
)
"""Mails of campaigns that went out after one."""

if TYPE_CHECKING:
    from crm_core.demo.driver import Driver

RATES = {"lead": 17.0, "complaint": 8.0, "deal": 4.0}
"""Arrivals per working day of the whole company."""

COUNTRY = {"shanghai": "CN", "beijing": "CN", "paris": "FR"}
SOURCES = {"web_form": 46, "email": 18, "telephone": 12, "event": 14, "partner": 10}


class World:
    """Customers of the demo company and what its people do away from their forms."""

    def __init__(self, company: Company, founder: Founder) -> None:
        self.company = company
        self.founder = founder
        self.products = {product.code: product for product in Product.objects.all()}
        self.answered: set[tuple[int, Any]] = set()
        self.last_survey = 0
        self.last_mail = 0
        self.asked: set[Any] = set()
        self.spec_of: dict[int, CampaignSpec] = {}
        self.segments = dict(Segment.objects.values_list("key", "pk"))

    def priced_in(self, currency: str) -> list[str]:
        """Codes of the products with a price in a currency."""
        return sorted(code for code, product in self.products.items() if product.currency == currency)

    # --- from outside --------------------------------------------------------------------------------------
    def arrive(self, arrival: Arrival) -> None:
        """Something reaches the company, in the language of its branch."""
        with translation.override(PAGES[arrival.branch]):
            getattr(self, f"_{arrival.kind}")(arrival, self.company.random("content", arrival.key))

    def _person(self, arrival: Arrival, rng: Random) -> dict[str, str]:
        if arrival.account is not None:
            account, contact = arrival.account, rng.choice(arrival.account.contacts)
        else:
            account = self.company.stranger(arrival.branch, arrival.key)
            contact = account.contacts[0]
        return {
            "company": account.name_zh or account.name, "name": contact.name_zh or contact.name, "email": contact.email,
            "phone": contact.phone, "language": account.language,
        }  # fmt: skip

    def _lead(self, arrival: Arrival, rng: Random) -> None:
        person = self._person(arrival, rng)
        source = rng.choices(list(SOURCES), list(SOURCES.values()))[0]
        receive_lead(
            data={
                "company": person["company"], "contact_name": person["name"], "email": person["email"],
                "phone": person["phone"] if rng.random() < 0.8 else "", "language": person["language"],
                "country": COUNTRY[arrival.branch], "message": self.company.text("lead", person["language"], rng),
                "industry": rng.choice(("food", "retail", "logistics", "manufacturing", "healthcare", "other")),
                "employees": int(rng.lognormvariate(4.6, 1.1)) + 1,
                "request": rng.choices(("demo", "quote", "information", "callback"), (18, 38, 34, 10))[0],
                "product_interest": rng.choices(("equipment", "service", "consumables"), (70, 20, 10))[0],
                "budget": rng.choices(("unknown", "planned", "approved", "none"), (50, 26, 18, 6))[0],
                "timeline": rng.choices(("unknown", "3_months", "6_months", "12_months"), (44, 22, 20, 14))[0],
                "is_spam": rng.random() < 0.05,
            },
            source=source, channel="web" if source == "web_form" else source,
            consent=rng.random() < 0.6, idempotency_key=f"demo-{arrival.key}",
            branch=self.founder.branches[arrival.branch],
        )  # fmt: skip

    def _complaint(self, arrival: Arrival, rng: Random) -> None:
        person = self._person(arrival, rng)
        text = self.company.text("complaint", person["language"], rng)
        receive_case(
            data={
                "kind": rng.choices(("complaint", "fault", "request", "enquiry"), (62, 22, 8, 8))[0],
                "subject_line": text[:60], "description": text, "contact_name": person["name"],
                "contact_email": person["email"], "contact_phone": person["phone"],
                "company": person["company"], "language": person["language"],
                "product_group": rng.choices(("equipment", "service", "consumables"), (66, 22, 12))[0],
                "impact": rng.choices(("none", "inconvenience", "loss", "stopped"), (30, 38, 22, 10))[0],
                "remedy_sought": rng.choices(("none", "explanation", "repair", "replacement", "refund"), (30, 22, 24, 14, 10))[0],
                "injury_risk": rng.random() < 0.015, "legal_threat": rng.random() < 0.02,
            },
            channel=rng.choices(("web", "email", "telephone"), (50, 30, 20))[0],
            idempotency_key=f"demo-{arrival.key}",
            branch=self.founder.branches[arrival.branch],
        )  # fmt: skip

    def _deal(self, arrival: Arrival, rng: Random) -> None:
        """Business that a salesperson opens for an own customer."""
        if arrival.account is None:
            raise ValueError("A deal comes from a customer.")
        account = self.founder.accounts[arrival.account.key]
        product = self.products[rng.choice(self.priced_in(account.currency))]
        amount = product.list_price * rng.randint(1, 3)
        manager = self.founder.users[arrival.account.manager]
        customer = account.name_zh.removesuffix("有限公司")
        title = f"{self.company.product_zh[product.code]}（{customer}）" if customer else f"{product.name}, {account.city}"
        open_opportunity(
            name=title, account=account, owner=manager, amount=amount,
            contact=account.contacts.order_by("pk").first(), source="customer", by=manager,
        )  # fmt: skip

    # --- around the forms ----------------------------------------------------------------------------------
    def before(self, driver: Driver, task: Task, person: PersonSpec, data: dict[str, Any], rng: Random) -> None:
        """What somebody does before the form is sent off: telephone, write a quote."""
        place = (task.process.definition.key, task.node_id)
        if place == ("lead_assignment", "FirstContact"):
            self._speak(driver, task, person, data, rng)
        elif place == ("lead_assignment", "AssignByHand"):
            self._choose(driver, task, data, rng)
        elif task.process.subject_type == "opportunity" and "amount" in data:
            self._worth(driver, task, person, data, rng)
        elif task.process.subject_type == "campaign":
            self._campaign_form(task, data, driver.clock.now(), rng)

    def _choose(self, driver: Driver, task: Task, data: dict[str, Any], rng: Random) -> None:
        """A manager gives a missed lead to somebody of the own office, rather to who is quick."""
        lead = Lead.objects.select_related("branch").get(pk=task.process.subject_id)
        key = lead.branch.key if lead.branch is not None else "shanghai"
        people = self.company.with_role("sales_representative", key) or self.company.with_role("sales_representative")
        weights = [{"brisk": 8, "steady": 5}.get(person.habit, 1) for person in people]
        data["new_owner"] = driver.users[rng.choices(people, weights)[0].username].pk

    def _speak(self, driver: Driver, task: Task, person: PersonSpec, data: dict[str, Any], rng: Random) -> None:
        """A real talk is logged; who games the figures says so without having talked, and is found out."""
        first_try = not task.process.task_set.filter(node_id=task.node_id, completed_by__isnull=False).exists()
        if not first_try:
            data["contact_result"] = "talked"  # whoever was not reached before is reached now
        if data.get("contact_result") not in ("talked", "written") or (person.habit == "gaming" and first_try):
            return
        lead = Lead.objects.get(pk=task.process.subject_id)
        talked = data["contact_result"] == "talked"
        minutes = rng.randint(3, 25)
        chinese, who = lead.language == "zh-hans", lead.contact_name or lead.company
        log_activity(
            kind="call" if talked else "email", direction="out", subject=("lead", lead.pk), account=lead.account,
            contact=lead.contact, title=f"与{who}首次联系" if chinese else f"First contact with {who}",
            body=self.company.said("talk", rng, chinese=chinese), minutes=minutes if talked else None,
            at=driver.clock.now() - timedelta(minutes=minutes), by=driver.users[person.username],
        )  # fmt: skip

    def _worth(self, driver: Driver, task: Task, person: PersonSpec, data: dict[str, Any], rng: Random) -> None:
        """What business is worth is guessed while it is not known, and is the quote's total from then on."""
        opportunity = Opportunity.objects.get(pk=task.process.subject_id)
        quote = opportunity.quotes.exclude(status="rejected").order_by("pk").last()
        if quote is None and task.node_id == "Propose" and data.get("stage_outcome") == "advance":
            quote = self._quote(driver, opportunity, person, rng)
        if quote is not None:
            data["amount"] = str(quote.total)
        elif not opportunity.amount:
            product = self.products[rng.choice(self.priced_in(opportunity.currency))]
            data["amount"] = str(product.list_price * rng.randint(1, 3))

    def _quote(self, driver: Driver, opportunity: Opportunity, person: PersonSpec, rng: Random) -> Quote:
        """A proposal needs a quote; one in three asks for more than the limits allow."""
        generous = rng.random() < 0.34
        products = self.priced_in(opportunity.currency)
        lines = [
            Line(self.products[code], quantity=rng.randint(1, 3), discount=rng.randint(8, 22) if generous else rng.randint(0, 4))
            for code in rng.sample(products, rng.randint(1, 3))
        ]  # fmt: skip
        user = driver.users[person.username]
        quote = draft_quote(
            opportunity=opportunity, lines=lines, credit_days=rng.choice((30, 30, 60 if generous else 30)),
            valid_until=(driver.clock.now() + timedelta(days=45)).date(), by=user,
        )  # fmt: skip
        return submit_quote(quote=quote, by=user)

    def after(self, driver: Driver, task: Task, person: PersonSpec, data: dict[str, Any], rng: Random) -> None:
        """What follows a step outside the company; customers are looked at in `look`."""

    # --- campaigns -----------------------------------------------------------------------------------------
    def plan_campaign(self, driver: Driver, spec: CampaignSpec) -> None:
        """Marketing has an idea: the campaign is planned and its process begins."""
        user = driver.users[spec.owner]
        campaign = plan_campaign(
            name=spec.name, kind=spec.kind, currency=spec.currency, consent_basis=spec.consent_basis, by=user
        )
        self.spec_of[campaign.pk] = spec
        api.start("campaign_approval", subject=("campaign", campaign.pk), user=user)

    def _campaign_form(self, task: Task, data: dict[str, Any], now: datetime, rng: Random) -> None:
        """What is entered about a campaign, and how the steps decide that its course depends on."""
        spec = self.spec_of[task.process.subject_id or 0]
        match task.node_id:
            case "Brief":
                first = now.date() + timedelta(days=spec.lead_days)
                data.update(
                    goal=spec.goal, goal_measure=spec.goal_measure, segment=str(self.segments[spec.segment]),
                    offer=spec.offer, channels=list(spec.channels), budget=spec.budget,
                    expected_return=spec.expected_return, control_group=spec.control_group, claims=spec.claims,
                    legal_text=spec.legal_text, new_brand_element=spec.new_brand_element, regulated=False,
                    personal_data=spec.personal_data, starts_on=first.isoformat(),
                    ends_on=(first + timedelta(days=spec.run_days)).isoformat(),
                    brief_outcome="withdraw" if spec.course == "withdrawn" else "submit",
                )  # fmt: skip
            case "Review":
                again = task.process.task_set.filter(node_id="Review", completed_by__isnull=False).exists()
                data["review_decision"] = "sent_back" if spec.course == "sent_back" and not again else "approved"
            case "Decide":
                data["decision"] = "refused" if spec.course == "refused" else "approved"
            case "PrepareContent" | "MendContent":
                data.update(
                    mail_subject_en=spec.subject_en, mail_body_en=spec.body_en, mail_subject_zh=spec.subject_zh,
                    mail_body_zh=spec.body_zh,
                )  # fmt: skip
            case "DecideStop":
                data["stop_decision"] = "stop" if spec.course == "stopped" else "go_on"
            case "Lessons" if spec.course != "stopped":
                data["spent"] = round(spec.budget * rng.uniform(0.7, 1.05), -1)

    def mails_arrive(self, driver: Driver) -> None:
        """What comes of the mails of campaigns that went out since the last look."""
        for mail in MAILS.all(self.last_mail):
            self.last_mail = mail.pk
            spec, address = self.spec_of[mail.mailing.campaign_id], mail.address
            rng = self.company.random("mail", spec.key, address)
            campaign, chance, chinese = mail.mailing.campaign, rng.random(), mail.member.language == "zh-hans"
            if chance < spec.bounced:
                after, happens = timedelta(minutes=rng.uniform(1, 8)), partial(self._return, campaign, address, "bounced")
            elif chance < spec.bounced + spec.unsubscribed:
                after = timedelta(hours=rng.uniform(1, 40))
                happens = partial(self._return, campaign, address, "unsubscribed")
            elif chance < spec.bounced + spec.unsubscribed + spec.answered:
                text = self.company.said("response", rng, chinese=chinese)
                after, happens = timedelta(hours=rng.uniform(1, 120)), partial(self._respond, campaign, address, text)
            else:
                continue
            driver.at(driver.clock.now() + after, happens)

    def _return(self, campaign: Campaign, address: str, what: str) -> None:
        note_return(campaign=campaign, address=address, what=what, trusted=True)

    def _respond(self, campaign: Campaign, address: str, text: str) -> None:
        record_response(
            campaign=campaign, address=address, text=text, key=f"demo-{campaign.number}-{address}", trusted=True
        )

    # --- customers answer ----------------------------------------------------------------------------------
    def look(self, driver: Driver) -> None:
        """Let customers react to what has reached them since the last look."""
        now = driver.clock.now()
        waiting = Case.objects.filter(status=CaseStatus.ANSWERED, customer_answer="").order_by("pk")
        for mark in waiting.values_list("pk", "answered_at"):
            if mark not in self.answered:
                self.answered.add(mark)
                self._plan_answer(driver, Case.objects.get(pk=mark[0]), now)
        asked = Task.objects.open().filter(node_id="CustomerWrote").exclude(pk__in=self.asked)
        for pk, case_id in asked.values_list("pk", "process__subject_id"):
            self.asked.add(pk)
            self._plan_word(driver, Case.objects.get(pk=case_id), now)
        for survey in Survey.objects.filter(pk__gt=self.last_survey).order_by("pk"):
            self.last_survey = survey.pk
            self._plan_survey(driver, survey, now)

    def _plan_answer(self, driver: Driver, case: Case, now: datetime) -> None:
        rng = self.company.random("answer", case.idempotency_key, case.reopen_count)
        said = rng.choices(("accepted", "rejected", None), (66, 14, 20))[0]
        if said is None:
            return
        chinese = case.language == "zh-hans"
        text = "" if said == "accepted" else self.company.said("rejected", rng, chinese=chinese)
        token = case_links.token_of(case)
        driver.at(
            now + timedelta(hours=rng.uniform(2, 70)),
            lambda: self._answer(driver, token, said, text),
        )

    def _plan_word(self, driver: Driver, case: Case, now: datetime) -> None:
        """We asked the customer something; most answer within two days."""
        rng = self.company.random("word", case.idempotency_key, case.messages.count())
        if rng.random() < 0.75:
            token = case_links.token_of(case)
            text = self.company.said("word", rng, chinese=case.language == "zh-hans")
            driver.at(now + timedelta(hours=rng.uniform(1, 44)), lambda: self._write(driver, token, text))

    def _write(self, driver: Driver, token: str, text: str) -> None:
        try:
            customer_answers(token, text=text)
        except Invalid:
            return  # the case was closed meanwhile
        driver.counted["customer words"] += 1

    def _answer(self, driver: Driver, token: str, said: str, text: str) -> None:
        customer_answers(token, answer=said, text=text)
        driver.counted["customer answers"] += 1

    def _plan_survey(self, driver: Driver, survey: Survey, now: datetime) -> None:
        about = survey.case or survey.opportunity
        rng = self.company.random("survey", survey.kind, about.number if about is not None else survey.address)
        if rng.random() < 0.45:
            low, high = survey_links.SCALES[survey.kind]
            mark = round(rng.triangular(low, high, low + 0.8 * (high - low)))
            token = survey_links.token_of(survey)
            text = self.company.said("survey", rng, chinese=survey.branch_id != self.founder.branches["paris"].pk)
            driver.at(
                now + timedelta(hours=rng.uniform(1, 90)), lambda: self._survey(driver, token, mark, text)
            )

    def _survey(self, driver: Driver, token: str, mark: int, text: str) -> None:
        answer_survey(token, mark=mark, text=text)
        driver.counted["survey answers"] += 1
