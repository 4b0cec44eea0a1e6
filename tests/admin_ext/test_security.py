"""What keeps strangers out and texts harmless: headers, sessions, sign-in, forms from outside, addresses to go back to."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from admin_ext import markdown
from admin_ext.middleware import AddressMiddleware
from admin_ext.portal.views import PER_HOUR
from crm_core.activities.services import log_activity
from crm_core.kernel.models import AccessRefusal
from crm_core.parties.models import Account
from crm_core.sales.models import Lead
from crm_core.service.models import Case
from processes.bpmn import BpmnError, parse
from tests.crm_core.support import branch, person, role
from tests.support.rows import make

pytestmark = pytest.mark.django_db
EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture
def seller():
    """Somebody with a password and an account."""
    made = person(role("seller", account={"view": "all"}, activity={"view": "all", "add": "own"}), at=branch("shanghai"),
                  username="li.na", display_name="Li Na")  # fmt: skip
    made.set_password("a long pass phrase")
    made.save()
    return made


@pytest.fixture(autouse=True)
def forgotten():
    """No limit of another test counts here."""
    cache.clear()


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- headers and cookies ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["/admin/login/", "/contact/", "/inbox/", "/no/such/page"])
def test_every_answer_carries_the_safe_headers(seller, address):
    answer = client_of(seller).get(address)

    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if " " in part.strip())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_pages_bring_no_inline_script(seller):
    make(Account, name="Huaxin", manager=seller, branch=branch("shanghai"))
    client = client_of(seller)
    for address in ("/inbox/", "/admin/crm_parties/account/", f"/customers/{Account.objects.get().pk}/", "/processes/"):
        page = client.get(address).content.decode()
        inline = [tag for tag in re.findall(r"<script\b[^>]*>", page) if "src=" not in tag and "application/json" not in tag]
        assert inline == [], address
        assert re.findall(r"\son(?:click|load|error|submit|change)=", page) == [], address


@override_settings(SECURE_HSTS_SECONDS=31536000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
def test_behind_https_browsers_are_told_to_stay_there():
    assert Client().get("/healthz", headers={"X-Forwarded-Proto": "https"})["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in Client().get("/healthz")


@pytest.mark.parametrize("said", ["yes", "no"])
def test_https_is_one_switch_for_cookies_and_transport(said):
    asked = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    env = {"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "config.settings", "REDRAW_SECRET_KEY": "x", "REDRAW_HTTPS": said}
    import sys

    told = subprocess.run([sys.executable, "-c", asked], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert told.stdout.split() == (["True"] * 3 if said == "yes" else ["False"] * 3)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_ends_with_the_working_day(seller):
    client = Client()
    client.post("/admin/login/", {"username": "li.na", "password": "a long pass phrase"})
    cookie = client.cookies["sessionid"]

    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * 3600


# --- signing in ---------------------------------------------------------------------------------------------------
def test_ten_wrong_passwords_lock_the_name_at_that_address_and_a_page_says_so(seller):
    client = Client()
    for _n in range(settings.AXES_FAILURE_LIMIT - 1):
        assert client.post("/admin/login/", {"username": "li.na", "password": "wrong"}).status_code == 200
    locked = client.post("/admin/login/", {"username": "li.na", "password": "wrong"})

    assert locked.status_code == 429
    assert "Wait a quarter of an hour" in locked.content.decode()
    assert client.post("/admin/login/", {"username": "li.na", "password": "a long pass phrase"}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/admin/login/", {"username": "li.na", "password": "a long pass phrase"}).status_code == 302


@pytest.mark.parametrize("password", ["short", "password123", "1234567890123", "qwertyuiop"])
def test_weak_passwords_are_refused(seller, password):
    with pytest.raises(ValidationError):
        validate_password(password, seller)


def test_a_closed_account_cannot_sign_in_and_its_session_ends(seller):
    client = client_of(seller)
    seller.is_active = False
    seller.save()

    assert client.get("/inbox/").status_code == 302
    assert authenticate(RequestFactory().post("/"), username="li.na", password="a long pass phrase") is None


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_away_to_another_site(seller, target):
    client = client_of(seller)
    for address, data in (
        ("/language/", {"language": "en", "next": target}), ("/inbox/bulk/", {"act": "claim", "tasks": "", "next": target}),
    ):  # fmt: skip
        assert client.post(address, data)["Location"] in ("/", "/inbox/"), address
    signed = Client().post("/admin/login/", {"username": "li.na", "password": "a long pass phrase", "next": target})
    assert signed["Location"] == "/"


def test_an_auditor_reads_the_log_of_refusals_and_a_seller_does_not(seller):
    auditor = person(role("auditor", access_refusal={"view": "all"}), at=branch("shanghai"))
    client_of(seller).get("/admin/crm_sales/lead/1/change/")
    row = AccessRefusal.objects.get(record="lead")

    page = client_of(auditor).get(reverse("admin:crm_kernel_accessrefusal_changelist"))
    assert str(row.pk) in page.content.decode()
    assert client_of(seller).get(reverse("admin:crm_kernel_accessrefusal_changelist")).status_code == 403


# --- from outside ----------------------------------------------------------------------------------------------------
def test_public_forms_take_so_much_in_an_hour_from_one_address_and_no_more():
    client = Client()
    sent = {"contact_name": "A", "email": "a@example.com", "message": "Hello"}
    for n in range(PER_HOUR):
        assert client.post("/contact/", {**sent, "_delivery": f"d{n}"}).status_code == 302
    refused = client.post("/contact/", {**sent, "_delivery": "one more"})

    assert refused.status_code == 429
    assert Lead.objects.count() == PER_HOUR
    assert client.post("/contact/", {**sent, "_delivery": "other"}, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_a_program_that_fills_every_field_leaves_nothing_behind():
    sent = {"contact_name": "A", "email": "a@example.com", "message": "Buy", "website_url": "http://spam.example"}
    assert Client().post("/contact/", sent).status_code == 302
    assert Client().post("/complaint/", sent).status_code == 302

    assert (Lead.objects.count(), Case.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("proxies", "told", "believed"),
    [(0, "198.51.100.1", "10.0.0.1"), (1, "198.51.100.1, 198.51.100.2", "198.51.100.2"), (1, "", "10.0.0.1"),
     (2, "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1")],
)  # fmt: skip
def test_only_what_our_own_proxies_say_of_the_address_is_believed(proxies, told, believed):
    seen = []
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=told)
    with override_settings(PROXIES=proxies):
        AddressMiddleware(lambda r: seen.append(r.META["REMOTE_ADDR"]))(request)

    assert seen == [believed]


def test_a_page_too_large_is_refused_without_being_read():
    answer = Client().post("/contact/", {"message": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)},
                           content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "head",
    ['<!DOCTYPE a [<!ENTITY x "y">]>', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "<!DOCTYPE a>"],
)
def test_drawings_bring_no_entities(head):
    with pytest.raises(BpmnError, match="DOCTYPE"):
        parse(f'<?xml version="1.0"?>{head}<a>&x;</a>')


# --- texts that people write -----------------------------------------------------------------------------------------
def test_what_people_write_is_text_on_every_page_that_shows_it(seller):
    account = make(Account, name=EVIL, name_zh=EVIL, city=EVIL[:20], manager=seller, branch=branch("shanghai"), notes=EVIL)
    log_activity(kind="call", title=EVIL, body=EVIL, account=account, by=seller)
    seller.display_name = EVIL
    seller.save()
    client = client_of(seller)

    for address in (
        f"/customers/{account.pk}/", "/admin/crm_parties/account/", f"/admin/crm_parties/account/{account.pk}/change/",
        f"/admin/crm_parties/account/{account.pk}/history/", "/inbox/", "/processes/",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
    assert client.get("/search/", {"q": "script"})["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,1)", "<p>[x](data:text/html,1)</p>"),
        ("[x](//evil.example)", "<p>[x](//evil.example)</p>"),
        ('[x](https://a.example/"onmouseover=1)', '<p><a href="https://a.example/&quot;onmouseover=1" rel="noopener noreferrer">x</a></p>'),
        ("[<img src=x>](/inbox/)", '<p><a href="/inbox/" rel="noopener noreferrer">&lt;img src=x&gt;</a></p>'),
        ("**a** *b* `<i>`", "<p><strong>a</strong> <em>b</em> <code>&lt;i&gt;</code></p>"),
    ],
)
def test_guidance_is_rendered_with_our_own_tags_alone(source, shown):
    assert str(markdown.render(source)) == shown


# --- the repository ------------------------------------------------------------------------------------------------------
def test_no_secret_lies_in_the_repository():
    files = subprocess.run(["git", "ls-files"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout.split("\n")
    named = [name for name in files if re.search(r"(\.pem|\.p12|\.key|(^|/)\.env|secret-key|\.sqlite3)$", name)]
    assert named == []
    signs = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30}|xox[bp]-[0-9A-Za-z-]{20}")
    holding = [
        name for name in files
        if name and name.endswith((".py", ".toml", ".md", ".json", ".sh", ".yml", ".txt", ".html", ".js"))
        and signs.search((settings.BASE_DIR / name).read_bytes())
    ]  # fmt: skip
    assert holding == ["tests/admin_ext/test_security.py"] or holding == []


@pytest.mark.parametrize("path", ["/nothing/", "/accounts/login/", "/favicon.ico"])
def test_a_stranger_at_a_wrong_address_reads_a_sentence_and_no_frame_of_the_house(path):
    answer = Client().get(path)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "The address may be wrong" in page
    assert "/inbox/" not in page


def test_who_has_no_role_here_is_told_so_outside_the_frame(db):
    client = Client()
    client.force_login(person(at=branch("north")), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/inbox/", headers={"Accept-Language": "en"})
    assert answer.status_code == 403
    assert "has no role here yet" in answer.content.decode()


def test_a_form_without_its_mark_is_refused_to_a_stranger_in_a_sentence(db):
    answer = Client(enforce_csrf_checks=True).post("/contact/", {"company": "x"})
    assert answer.status_code == 403
    assert "The form was open for too long" in answer.content.decode()


def test_an_error_that_nobody_foresaw_is_a_page_in_both_languages_that_gives_nothing_away(seller, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("processes.api.work_for", broken)
    client = Client(raise_request_exception=False)
    client.force_login(seller, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/inbox/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong on our side" in page
    assert "我们这边出了错" in page
    assert "secret" not in page
