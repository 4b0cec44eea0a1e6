"""The demo company as plain data: who works there, who its customers are, what they ask for and when.

Read from fixtures/demo/company.toml and drawn with a fixed seed, so that two builds agree. Nothing here
touches the database; `found` writes the company, `driver` lets its people work.
"""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

ZONES = {"shanghai": "Asia/Shanghai", "beijing": "Asia/Shanghai", "paris": "Europe/Paris"}
INDUSTRIES = ("food", "food", "food", "retail", "logistics", "logistics", "manufacturing", "healthcare")


@dataclass(frozen=True, slots=True)
class PersonSpec:
    """An employee: `habit` is brisk, steady, slow, late or gaming."""

    username: str
    name: str
    name_zh: str
    branch: str
    team: str
    role: str
    habit: str


@dataclass(frozen=True, slots=True)
class ContactSpec:
    """A person at a customer."""

    name: str
    name_zh: str
    email: str
    phone: str
    title: str


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """A customer of the demo company."""

    key: str
    name: str
    name_zh: str
    branch: str
    city: str
    country: str
    industry: str
    grade: str
    employees: int
    manager: str
    language: str
    contacts: tuple[ContactSpec, ...]


@dataclass(frozen=True, slots=True)
class CampaignSpec:
    """A campaign: planned `ago` days before the end, to start `lead_days` after its brief and to run `run_days`.

    `course` is what becomes of it against the rule: withdrawn, refused, sent_back (by one of its reviewers, once)
    or stopped. `answered`, `bounced` and `unsubscribed` are shares of those who get the mail.
    """

    key: str
    name: str
    owner: str
    ago: int
    segment: str
    goal: str
    goal_measure: str
    offer: str
    budget: int
    expected_return: int
    kind: str = "mailing"
    currency: str = "CNY"
    channels: tuple[str, ...] = ("email",)
    control_group: int = 10
    consent_basis: str = "consent"
    claims: bool = False
    legal_text: str = ""
    new_brand_element: bool = False
    personal_data: str = "none"
    lead_days: int = 10
    run_days: int = 14
    course: str = ""
    answered: float = 0.12
    bounced: float = 0.015
    unsubscribed: float = 0.008
    subject_en: str = ""
    body_en: str = ""
    subject_zh: str = ""
    body_zh: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that reaches the company from outside at a moment."""

    at: datetime
    kind: str
    key: str
    branch: str
    account: AccountSpec | None


class Company:
    """The whole company, drawn from its file."""

    def __init__(self, source: Path) -> None:
        self.data: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
        self.seed: int = self.data["company"]["seed"]
        self.days: int = self.data["company"]["days"]

    def random(self, *key: object) -> Random:
        """A generator of its own for each thing, so that one change does not shift all others."""
        return Random(":".join(str(part) for part in (self.seed, *key)))  # noqa: S311 (no secret hangs on it)

    @cached_property
    def people(self) -> list[PersonSpec]:
        """Everybody who works here."""
        return [PersonSpec(*row) for row in self.data["person"]["rows"]]

    @cached_property
    def campaigns(self) -> dict[str, CampaignSpec]:
        """What marketing plans, by key."""
        rows = [CampaignSpec(**{**row, "channels": tuple(row.get("channels", ("email",)))}) for row in self.data["campaign"]]
        return {row.key: row for row in rows}

    @cached_property
    def product_zh(self) -> dict[str, str]:
        """What products are called in Chinese, by code."""
        return {code: name for code, _name, name, *_rest in self.data["product"]["rows"]}

    def with_role(self, role: str, branch: str | None = None) -> list[PersonSpec]:
        """People of a role, in one branch or all."""
        return [p for p in self.people if p.role == role and branch in (None, p.branch)]

    @cached_property
    def accounts(self) -> list[AccountSpec]:
        """About 200 customers: Chinese ones in Shanghai and Beijing, French ones in Paris."""
        chinese = [self._chinese_account(index) for index in range(160)]
        french = [self._french_account(index) for index in range(40)]
        return chinese + french

    def _chinese_account(self, index: int) -> AccountSpec:
        rng = self.random("account", index)
        names = self.data["names"]["zh"]
        place = (index * 7 + index // 20) % len(names["place"])
        word = (index * 5 + index // 18) % len(names["word"])
        branch = "beijing" if names["city"][place] in NORTH else "shanghai"
        manager = rng.choice(self.with_role("sales_representative", branch)).username
        domain = (
            f"{names['place_en'][place]}-{names['word_en'][word]}".lower()
            .replace(" & ", "-")
            .replace(" ", "-")
        )
        return AccountSpec(
            key=f"zh-{index:03}",
            name=f"{names['place_en'][place]} {names['word_en'][word]} Co., Ltd.",
            name_zh=f"{names['place'][place]}{names['word'][word]}有限公司",
            branch=branch,
            city=names["city"][place],
            country="CN",
            industry=rng.choice(INDUSTRIES),
            grade=rng.choices("ABCD", (15, 30, 35, 20))[0],
            employees=int(rng.lognormvariate(5, 1)),
            manager=manager,
            language="zh-hans",
            contacts=tuple(self._chinese_contact(index, n, domain) for n in range(rng.choice((1, 2, 2, 3)))),
        )

    def _chinese_contact(self, account: int, number: int, domain: str) -> ContactSpec:
        rng = self.random("contact", account, number)
        names = self.data["names"]["zh"]
        family, given = rng.randrange(len(names["family"])), rng.randrange(len(names["given"]))
        surname, first = names["family_en"][family], names["given_en"][given]
        return ContactSpec(
            name=f"{first} {surname}",
            name_zh=names["family"][family] + names["given"][given],
            email=f"{first}.{surname}{number or ''}@{domain}-{account}.example".lower(),
            phone=f"+86 1{rng.randrange(30, 90)} {rng.randrange(1000, 9999)} {rng.randrange(1000, 9999)}",
            title=TITLES[number % len(TITLES)],
        )

    def _french_account(self, index: int) -> AccountSpec:
        rng = self.random("account-fr", index)
        names = self.data["names"]["fr"]
        city = rng.choice(names["city"])
        base = names["company"][index % len(names["company"])]
        name = base if index < len(names["company"]) else f"{base} {city}"
        domain = f"{slug(name)}-{index}.example"
        return AccountSpec(
            key=f"fr-{index:03}",
            name=f"{name} {names['suffix'][index % 3]}",
            name_zh="",
            branch="paris",
            city=city,
            country="FR",
            industry=rng.choice(INDUSTRIES),
            grade=rng.choices("ABCD", (15, 30, 35, 20))[0],
            employees=int(rng.lognormvariate(4, 1)),
            manager=rng.choice(self.with_role("sales_representative", "paris")).username,
            language="fr",
            contacts=tuple(self._french_contact(index, n, domain) for n in range(rng.choice((1, 2)))),
        )

    def _french_contact(self, account: int, number: int, domain: str) -> ContactSpec:
        rng = self.random("contact-fr", account, number)
        names = self.data["names"]["fr"]
        given, family = rng.choice(names["given"]), rng.choice(names["family"])
        return ContactSpec(
            name=f"{given} {family}",
            name_zh="",
            email=f"{slug(given)}.{slug(family)}@{domain}",
            phone=f"+33 6 {rng.randrange(10, 99)} {rng.randrange(10, 99)} {rng.randrange(10, 99)} {rng.randrange(10, 99)}",
            title=TITLES[number % len(TITLES)],
        )

    def stranger(self, branch: str, key: str) -> AccountSpec:
        """A company that is no customer yet, in the country of a branch."""
        index = 1000 + self.random("stranger", key).randrange(100_000)
        return self._french_account(index) if branch == "paris" else self._chinese_account(index)

    def text(self, kind: str, language: str, rng: Random) -> str:
        """A sentence a customer might write, in the customer's language."""
        tail = {"zh-hans": "zh", "fr": "fr"}.get(language, "en")
        return str(rng.choice(self.data["texts"][f"{kind}_{tail}"]))

    def said(self, kind: str, rng: Random, *, chinese: bool) -> str:
        """One of the texts of a kind that fits the language that is spoken."""
        return str(rng.choice(fitting(self.data["texts"][kind], chinese=chinese)))

    def arrivals(self, last_day: date, rates: dict[str, float]) -> Iterator[Arrival]:
        """What reaches the company in the days before `last_day`, in the order of time.

        `rates` gives the mean number per working day of the whole company, by kind. Weekends bring a tenth.
        """
        found: list[Arrival] = []
        for offset in range(self.days, 0, -1):
            day = last_day - timedelta(days=offset)
            for kind, rate in sorted(rates.items()):
                rng = self.random("arrivals", kind, offset)
                mean = rate * (0.1 if day.weekday() >= 5 else 1.0)
                for number in range(poisson(rng, mean)):
                    found.append(self._arrival(day, offset, kind, number))
        yield from sorted(found, key=lambda arrival: (arrival.at, arrival.kind, arrival.key))

    def _arrival(self, day: date, offset: int, kind: str, number: int) -> Arrival:
        rng = self.random("arrival", kind, offset, number)
        branch = rng.choices(("shanghai", "beijing", "paris"), (55, 25, 20))[0]
        minutes = int(rng.triangular(8 * 60, 19 * 60, 10 * 60))
        at = datetime.combine(
            day, time(minutes // 60, minutes % 60, rng.randrange(60)), ZoneInfo(ZONES[branch])
        )
        # Two leads in three come from strangers; complaints and deals come from customers.
        known = kind != "lead" or rng.random() < 0.33
        own = [account for account in self.accounts if account.branch == branch]
        return Arrival(
            at, kind, f"{kind}-{offset:02}-{number:03}", branch, rng.choice(own) if known else None
        )


NORTH = {"Beijing", "Tianjin", "Qingdao", "Jinan", "Dalian", "Shenyang", "Shijiazhuang", "Taiyuan"}
TITLES = ("Plant manager", "Purchasing", "Technical director")


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in a text."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def fitting(texts: Sequence[Any], *, chinese: bool) -> Sequence[Any]:
    """Those of the texts that are in the language that is spoken (what is empty fits always); all if none is."""
    return [text for text in texts if not text or is_chinese(str(text)) == chinese] or texts


def slug(text: str) -> str:
    """ASCII letters and hyphens of a name, for invented addresses."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def poisson(rng: Random, mean: float) -> int:
    """A Poisson number (Knuth's method, fit for small means)."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
