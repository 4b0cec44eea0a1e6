"""Every page reads Chinese from top to bottom: with no customer in the house, no Latin word is left but names and codes."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from admin_ext import urls, words
from admin_ext.site import site
from admin_ext.templatetags import redraw
from config.messages import compile_catalogues
from crm_core.kernel.models import Role, User

WORD = re.compile(r"[A-Za-z]{2,}")
KEPT = re.compile(
    r"Redraw CRM|Markdown|ISO \d+|BPMN|DMN|FEEL|XML|JSON|CSV|XLSX|ODS|Ctrl|English|Asia/Shanghai|Europe/Paris|"
    r"name@company\.com|web_form|https?://\S+|\{\w+\}|“en”|“Complaints”|PT\d+\w|equipment、software、service、consumables 或 other|PBKDF2\S*|JavaScript|assignee（办理人）、lead（主管）、owner（流程负责人）"
)
READ_ALOUD = {"title", "alt", "placeholder", "aria-label"}
EMPTY = {"input", "img", "br", "hr", "meta", "link"}


class Texts(HTMLParser):
    """The texts of a page that a person reads; code, pictures and what is marked as data are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.kept: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        icon = "material-symbols-outlined" in (given.get("class") or "")
        opens = tag in {"script", "style", "svg", "kbd", "code", "textarea"} or given.get("translate") == "no" or icon
        if tag not in EMPTY and (opens or tag in self.kept[-1:]):
            self.kept.append(tag)
        if not self.kept:
            self.found += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        if self.kept and self.kept[-1] == tag:
            self.kept.pop()

    def handle_data(self, data: str) -> None:
        if not self.kept:
            self.found.append(data)


def latin(page: str) -> set[str]:
    texts = Texts()
    texts.feed(page)
    return {" ".join(text.split()) for text in texts.found if WORD.search(KEPT.sub("", text))}


@pytest.fixture
def chinese() -> Client:
    """An administrator's browser that reads Chinese; the house has its roles and processes, and nothing else."""
    compile_catalogues()
    call_command("roles", "load", verbosity=0)
    call_command("process", "load", "--publish", verbosity=0)
    user = User.objects.create_superuser(
        "bai.lu", "bai.lu@linyuan.example", "secret-of-the-test", display_name="白露", language="zh-hans"
    )
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    return client


def left_in_latin(client: Client, addresses: list[str]) -> dict[str, set[str]]:
    found = {}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        if words_left := latin(response.content.decode()):
            found[address] = words_left
    return found


@pytest.mark.django_db
def test_lists_and_forms_of_records_are_chinese(chinese: Client) -> None:
    addresses = []
    assert urls.urlpatterns  # reading the addresses registers the record pages
    for model, admin in site._registry.items():
        meta = model._meta
        addresses.append(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        request = chinese.get(addresses[-1]).wsgi_request
        if admin.has_add_permission(request):
            addresses.append(reverse(f"admin:{meta.app_label}_{meta.model_name}_add"))

    assert len(addresses) > 30
    found = left_in_latin(chinese, addresses)

    keys = {"bai.lu"} | set(Role.objects.values_list("key", flat=True))
    assert {address: left - keys for address, left in found.items() if left - keys} == {}


@pytest.mark.django_db
def test_our_own_pages_are_chinese(chinese: Client) -> None:
    names = ("inbox", "processes", "running", "incidents", "start_list", "sales")
    processes = ("lead_assignment", "opportunity_stages", "terms_approval")
    addresses = [reverse(f"redraw:{name}") for name in names]
    addresses += [f"{reverse('redraw:inbox')}?box={box}" for box in ("mine", "teams", "following", "done")]
    addresses += [f"{reverse('redraw:inbox')}?due={due}" for due in ("late", "hour", "today", "week")]
    addresses += [reverse("redraw:process", args=[key]) for key in processes]

    assert left_in_latin(chinese, addresses) == {}


@pytest.mark.django_db
def test_pages_of_customers_and_signing_in_are_chinese() -> None:
    compile_catalogues()
    guest = Client(headers={"accept-language": "zh-CN"})

    pages = [reverse("portal:lead_form"), reverse("portal:complaint_form"), reverse("admin:login")]
    assert left_in_latin(guest, pages) == {}


@pytest.mark.django_db
def test_a_refusal_is_chinese(chinese: Client) -> None:
    page = chinese.get("/customers/4711/")

    assert page.status_code in {403, 404}
    assert latin(page.content.decode()) == set()


@pytest.mark.django_db
def test_the_language_somebody_chooses_is_kept_for_the_next_browser(chinese: Client) -> None:
    chinese.post(reverse("redraw:language"), {"language": "en", "next": "/inbox/"})

    person = User.objects.get(username="bai.lu")
    assert person.language == "en"
    other = Client(headers={"accept-language": "zh-CN"})
    other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert '<html lang="en"' in other.get("/inbox/").content.decode()


@pytest.mark.django_db
def test_a_language_that_the_product_does_not_speak_changes_nothing(chinese: Client) -> None:
    chinese.post(reverse("redraw:language"), {"language": "xx", "next": "/inbox/"})

    assert User.objects.get(username="bai.lu").language == "zh-hans"


@pytest.mark.django_db
def test_dates_figures_and_money_are_written_as_in_china() -> None:
    compile_catalogues()
    with translation.override("zh-hans"):
        assert words.day(date(2026, 11, 27), year=True) == "2026年11月27日 周五"
        assert words.day(date(2026, 11, 27), year=False) == "11月27日 周五"
        assert redraw.grouped(1397400) == "1,397,400"
        assert "<small>¥</small>1,397,400" in redraw.money(1397400, "CNY")
        assert "<small>€</small>1,234.50" in redraw.money("1234.5", "EUR")
        assert redraw.target("PT1H") == "1 小时"
        assert redraw.target("P60D") == "60 天"
    with translation.override("en"):
        assert "<small>CNY</small> 1,397,400" in redraw.money(1397400, "CNY")
        assert redraw.target("0.25") == "0.25"


def test_the_check_bites() -> None:
    assert latin('<p>客户 Account</p><b translate="no">Li Na</b>') == {"客户 Account"}
    assert latin('<a title="Open"></a><span>Redraw CRM</span>') == {"Open"}
