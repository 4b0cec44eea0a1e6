"""Writes the demo company: offices, people, products, customers, articles, with what a year before had left.

Organisation rows are written as they are; records of customers and knowledge go through their services.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from crm_core.demo.company import ZONES, AccountSpec, Company
from crm_core.kernel import records
from crm_core.kernel.absences import whole_days
from crm_core.kernel.models import Absence, Branch, Employee, Team, User, WorkingCalendar
from crm_core.kernel.people import zone_of
from crm_core.knowledge.services import write_article
from crm_core.marketing.models import Segment
from crm_core.parties.models import Account, AccountTeamMember
from crm_core.parties.services import add_contact, give_consent, open_account
from crm_core.sales.models import Competitor, Product, SalesTarget
from crm_core.service.models import Entitlement, ServiceLevel
from processes.calendars import from_mapping

LANGUAGES = {"shanghai": ["zh-hans", "en"], "beijing": ["zh-hans", "en"], "paris": ["fr", "en"]}
PAGES = {"shanghai": "zh-hans", "beijing": "zh-hans", "paris": "en"}
SKILLS = ("conveyor", "sorting", "packing", "service")
LEADING = {"sales_manager", "service_manager", "marketing_manager", "director"}


class Founder:
    """Writes the company into an empty database, as it stood on a day."""

    def __init__(self, company: Company, today: date) -> None:
        self.company = company
        self.today = today
        self.branches: dict[str, Branch] = {}
        self.users: dict[str, User] = {}
        self.accounts: dict[str, Account] = {}

    @transaction.atomic
    def found(self) -> None:
        """Write everything."""
        call_command("roles", "load", verbosity=0)
        self.offices()
        self.staff()
        self.catalogue()
        self.customers()
        self.articles()
        self.segments()

    def offices(self) -> None:
        """Branches with their working calendars."""
        calendars = {}
        for path in sorted((settings.BASE_DIR / "fixtures/calendars").glob("*.toml")):
            definition = tomllib.loads(path.read_text(encoding="utf-8"))
            from_mapping(definition)  # refuses a bad file before anything is written
            names = definition["names"]
            calendars[path.stem] = WorkingCalendar.objects.create(
                key=path.stem, name=names["en"], name_zh=names["zh-hans"], definition=definition,
                is_default=path.stem == "shanghai",
            )  # fmt: skip
        for row in self.company.data["branch"]:
            self.branches[row["key"]] = Branch.objects.create(
                key=row["key"], name=row["name"], name_zh=row["name_zh"], country=row["country"],
                city=row["city"], calendar=calendars[row["calendar"]],
            )  # fmt: skip

    def staff(self) -> None:
        """Users with one password, their roles, teams and managers."""
        password = make_password(self.company.data["company"]["password"])
        groups = {group.name: group for group in Group.objects.all()}
        teams: dict[tuple[str, str], Team] = {}
        for person in self.company.people:
            user = User.objects.create(
                username=person.username, password=password, display_name=person.name,
                display_name_zh=person.name_zh, email=f"{person.username}@linyuan.example",
                language=PAGES[person.branch], zone=ZONES[person.branch],
                is_staff=person.role != "partner",
            )  # fmt: skip
            user.groups.add(groups[person.role])
            self.users[person.username] = user
            place = (person.branch, person.team)
            if place not in teams:
                key = f"{person.branch}-{person.team}".lower().replace(" ", "-")
                teams[place] = Team.objects.create(
                    key=key, name=person.team, name_zh=self.company.data["teams"].get(person.team, ""),
                    branch=self.branches[person.branch],
                )  # fmt: skip
            rng = self.company.random("employee", person.username)
            Employee.objects.create(
                user=user, branch=self.branches[person.branch], team=teams[place],
                languages=LANGUAGES[person.branch], skills=sorted(rng.sample(SKILLS, 2)),
                capacity=40 if person.role in LEADING else 25,
            )  # fmt: skip
            if person.role in LEADING:
                team = teams[place]
                team.lead = team.lead or user
                team.save(update_fields=["lead"])
        director = self.users[self.company.with_role("director")[0].username]
        for person in self.company.people:
            boss = self._boss(person.role, person.branch) or director
            user = self.users[person.username]
            if boss != user:
                Employee.objects.filter(user=user).update(manager=boss)
        away = self.users["tang.wei"].employee
        starts_at, ends_at = whole_days(zone_of(away.user), self.today + timedelta(days=2), self.today + timedelta(days=9))
        Absence.objects.create(
            employee=away, starts_at=starts_at, ends_at=ends_at,
            substitute=self.users["he.yan"], note="Leave",
        )  # fmt: skip

    def _boss(self, role: str, branch: str) -> User | None:
        led_by = {
            "sales_representative": "sales_manager", "service_agent": "service_manager",
            "marketing_specialist": "marketing_manager",
        }.get(role)  # fmt: skip
        if led_by is None:
            return None
        found = self.company.with_role(led_by, branch) or self.company.with_role(led_by)
        return self.users[found[0].username]

    def catalogue(self) -> None:
        """Products, competitors, service levels, targets of the quarter."""
        for code, name, _name_zh, group, price in self.company.data["product"]["rows"]:
            records.create(
                Product, by=None, code=code, name=name, family=group, group=PRODUCT_GROUPS[group],
                list_price=Decimal(price), cost=Decimal(price) * 6 / 10, unit="piece",
            )  # fmt: skip
            euros = (Decimal(price) / 7).quantize(Decimal(10))
            records.create(
                Product, by=None, code=f"{code}-EU", name=f"{name} (EU)", family=group, group=PRODUCT_GROUPS[group],
                list_price=euros, cost=euros * 6 / 10, currency="EUR", unit="piece",
            )  # fmt: skip
        for name, strengths, weaknesses, answer in self.company.data["competitor"]["rows"]:
            records.create(
                Competitor, by=None, name=name, strengths=strengths, weaknesses=weaknesses,
                counter_arguments=answer,
            )  # fmt: skip
        for key, name, tier, acknowledge, answer in LEVELS:
            records.create(
                ServiceLevel, by=None, key=key, name=name, tier=tier, acknowledge_within=acknowledge,
                answer_within=answer,
            )  # fmt: skip
        quarter = date(self.today.year, 3 * ((self.today.month - 1) // 3) + 1, 1)
        ends = (quarter + timedelta(days=95)).replace(day=1) - timedelta(days=1)
        for person in self.company.with_role("sales_representative"):
            currency = "EUR" if person.branch == "paris" else "CNY"
            records.create(
                SalesTarget, by=None, person=self.users[person.username], starts_on=quarter, ends_on=ends,
                amount=Decimal(400_000 if currency == "EUR" else 3_000_000), currency=currency,
                branch=self.branches[person.branch],
            )  # fmt: skip

    def customers(self) -> None:
        """Accounts with contacts, consent, entitlements and a second person in the team of big ones."""
        premium = ServiceLevel.objects.get(key="premium")
        standard = ServiceLevel.objects.get(key="standard")
        taken: dict[str, int] = {}
        for spec in self.company.accounts:
            account = self.account(spec, taken)
            self.accounts[spec.key] = account
            rng = self.company.random("customer", spec.key)
            if spec.grade in "AB":
                records.create(
                    Entitlement, by=None, account=account, level=premium if spec.grade == "A" else standard,
                    starts_on=self.today - timedelta(days=rng.randint(80, 500)), branch=account.branch,
                )  # fmt: skip
            if spec.grade == "A":
                colleagues = [
                    p for p in self.company.with_role("sales_representative", spec.branch)
                    if p.username != spec.manager
                ]  # fmt: skip
                AccountTeamMember.objects.create(
                    account=account, user=self.users[rng.choice(colleagues).username], role="Second contact"
                )

    def account(self, spec: AccountSpec, taken: dict[str, int]) -> Account:
        """One account with its contacts."""
        taken[spec.name] = taken.get(spec.name, 0) + 1
        again = taken[spec.name]
        manager = self.users[spec.manager]
        account = open_account(
            name=spec.name if again == 1 else f"{spec.name} ({spec.city} {again})",
            name_zh=spec.name_zh if again == 1 or not spec.name_zh else f"{spec.name_zh}（{again}厂）",
            manager=manager, branch=self.branches[spec.branch], status="customer", industry=spec.industry,
            employees=spec.employees, country=spec.country, city=spec.city, grade=spec.grade,
            currency="EUR" if spec.country == "FR" else "CNY",
            language="zh-hans" if spec.language == "zh-hans" else "en", source_key=spec.key, by=None, trusted=True,
        )  # fmt: skip
        for number, person in enumerate(spec.contacts):
            contact = add_contact(
                account=account, name=person.name, name_zh=person.name_zh, title=person.title,
                email=person.email, telephone=person.phone, language=account.language, by=None, trusted=True,
            )  # fmt: skip
            if self.company.random("consent", spec.key, number).random() < 0.7:
                give_consent(contact=contact, channel="email", purpose="marketing", by=None, trusted=True)
        return account

    def articles(self) -> None:
        """The knowledge base."""
        editor = self.users[self.company.with_role("knowledge_editor")[0].username]
        for row in self.company.data["article"]:
            write_article(
                title=row["title"], body=row["body"], language=row["language"], keywords=row["keywords"],
                product_group=row.get("group", ""), publish_now=True, by=editor, trusted=True,
            )  # fmt: skip

    def segments(self) -> None:
        """Groups of customers that campaigns speak to."""
        owner = self.users[self.company.with_role("marketing_manager")[0].username]
        for row in self.company.data["segment"]:
            records.create(Segment, by=owner, owner=owner, **row)


PRODUCT_GROUPS = {
    "conveyor": "equipment", "sorting": "equipment", "packing": "equipment", "service": "service",
    "spares": "consumables",
}  # fmt: skip
LEVELS = (
    ("premium", "Premium", "premium", "PT2H", "P3D"),
    ("standard", "Standard", "standard", "P1D", "P10D"),
)


def found(company: Company, today: date, **_more: Any) -> Founder:
    """Write the company; gives the founder, who knows its rows."""
    founder = Founder(company, today)
    founder.found()
    return founder
