"""Every address of the product for every role: the URL configuration is walked, so no page can be forgotten.

What record pages answer is worked out from the table of roles that ships; all other addresses stand in
`PAGES` and `OPEN`. A new address that stands nowhere fails here until somebody says who may use it.
"""

from __future__ import annotations

import tomllib
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.template.response import TemplateResponse
from django.test import Client

from admin_ext.site import site
from crm_core.kernel.access.policies import Policy, policy_for
from crm_core.kernel.models import AccessRefusal, AuditEntry
from crm_core.parties.models import Account
from tests.crm_core.everyone import row_of
from tests.crm_core.support import branch, person
from tests.support.addresses import Address, every_address
from tests.support.rows import make

ROLES: dict[str, dict[str, Any]] = tomllib.loads((settings.BASE_DIR / "fixtures/roles/roles.toml").read_text())
INSIDE = frozenset(ROLES) - {"partner"}
NOBODYS = UUID("00000000-0000-7000-8000-000000000000")

OPEN = {
    "healthz": 200, "admin:login": 200, "admin:logout": 302, "redraw:language": 405, "portal:lead_form": 200, "portal:complaint_form": 200,
    "portal:case": 404, "portal:survey": 404, "portal:unsubscribe": 404,
}  # fmt: skip
"""Addresses for everybody, and what they answer to a stranger who asks for them with a made-up link."""

PAGES = {
    # name: (answer, who gets it; the others are refused). None: everybody who works here.
    "redraw:home": (302, None), "redraw:inbox": (200, None), "redraw:bulk": (405, None),
    "redraw:work": (404, None), "redraw:complete": (405, None), "redraw:claim": (405, None), "redraw:release": (405, None),
    "redraw:snooze": (405, None), "redraw:delegate": (405, None), "redraw:comment": (405, None), "redraw:draft": (405, None),
    "redraw:stop_clock": (404, None), "redraw:run_clock": (405, None), "redraw:stop_instance_clock": (404, None),
    "redraw:run_instance_clock": (405, None), "redraw:studio_limit": (200, None),
    "redraw:processes": (200, None), "redraw:running": (200, None), "redraw:incidents": (200, None),
    "redraw:move_version": (404, None), "redraw:moved": (404, None), "redraw:moved_progress": (404, None), "redraw:moved_stop": (405, None),
    "redraw:waiting": (200, None), "redraw:letter": (405, None), "redraw:bulk_begin": (405, None), "redraw:bulk_run": (404, None), "redraw:bulk_progress": (404, None), "redraw:bulk_stop": (405, None),
    "redraw:start_list": (200, None), "redraw:process": (404, None), "redraw:start": (405, None),
    "redraw:instance": (404, None), "redraw:act": (405, None), "redraw:begin_by_hand": (405, None), "redraw:move_token": (404, None), "redraw:search": (200, None),
    "redraw:account": (200, lambda role: level(role, "account", "view") == "all"), "redraw:account_log": (405, None),
    "redraw:sales": (200, lambda role: level(role, "opportunity", "view") != "none"),
    "redraw:notices": (200, None), "redraw:notices_unread": (200, None), "redraw:notices_read": (405, None), "redraw:notice_ways": (200, None),
    "redraw:notice": (404, None),
    "redraw:news": (200, None), "redraw:task_log": (405, None), "redraw:follow": (405, None), "redraw:account_plan": (405, None),
    "redraw:to_match": (200, lambda role: level(role, "opportunity", "view") != "none"),
    "redraw:unassigned": (200, lambda role: level(role, "lead", "view") != "none" or level(role, "case", "view") != "none"),
    "redraw:share_out": (405, None),
    "redraw:studio_decisions": (200, None), "redraw:studio_decision": (404, None), "redraw:studio_decision_edit": (405, None),
    "redraw:studio_decision_look": (405, None), "redraw:studio_decision_save": (404, None), "redraw:studio_replay_begin": (405, None),
    "redraw:studio_replay_stop": (405, None), "redraw:studio_replay_progress": (404, None), "redraw:studio_replay_cases": (404, None),
    "redraw:imports": (200, lambda role: level(role, "import", "view") != "none"), "redraw:import": (404, None),
    "redraw:import_progress": (404, None), "redraw:import_problems": (404, None), "redraw:import_load": (405, None),
    "redraw:import_undo": (405, None),
    "redraw:studio_forms": (404, None), "redraw:studio_form": (404, None), "redraw:studio_form_new": (405, None),
    "redraw:studio_form_for_step": (405, None),
    "redraw:studio_form_remove": (405, None), "redraw:studio_form_findings": (405, None), "redraw:studio_form_preview": (405, None),
    "redraw:studio_form_fields": (405, None), "redraw:studio_forms_draw": (405, None),
    "redraw:studio_publication": (404, None), "redraw:studio_publication_act": (405, None),
    "redraw:studio_update": (404, None), "redraw:studio_put_back": (405, None), "redraw:record_field": (404, None),
    "redraw:record_live": (404, None), "redraw:record_tests": (405, None),
    "redraw:studio_difference": (404, None), "redraw:studio_export": (404, None), "redraw:studio_files": (404, None),
    "redraw:studio_feel": (405, None), "redraw:studio_names": (404, None), "redraw:redraw": (405, None), "redraw:studio": (404, None),
    "redraw:draft_part": (404, None), "redraw:draft_pulse": (404, None), "redraw:draft_findings": (404, None), "redraw:draft_traps": (404, None),
    "redraw:draft_layout": (405, None), "redraw:studio_rehearsals": (404, None), "redraw:studio_rehearsal": (404, None),
    "redraw:studio_rehearsal_fields": (405, None), "redraw:studio_tests": (404, None),
    "redraw:absence": (200, None), "redraw:absence_enter": (405, None), "redraw:absence_end": (405, None),
    "redraw:absence_withdraw": (405, None), "redraw:absent_people": (200, None), "redraw:absent_enter": (405, None),
    "redraw:absent_work": (404, None), "redraw:hand_over": (405, None), "redraw:handing_over": (404, None),
    "redraw:handing_over_progress": (404, None), "redraw:hand_back": (405, None),
    "admin:index": (302, None), "admin:search": (200, None), "admin:password_change": (200, None),
    "admin:password_change_done": (200, None), "admin:jsi18n": (200, None), "admin:autocomplete": (403, None),
    "admin:app_list": (302, None),
}  # fmt: skip
CLOSED_FORMS = {("user", "add"): "people come with the staff list"}


def level(role: str, record: str, action: str) -> str:
    """How far a role reaches, as the file says."""
    return ROLES[role].get("records", {}).get(record, {}).get(action, "none")


def registered() -> dict[str, Any]:
    """Record pages by the beginning of their addresses' names."""
    return {f"admin:{model._meta.app_label}_{model._meta.model_name}": admin for model, admin in site._registry.items()}


ADDRESSES = every_address()
RECORDS = registered()


def record_page(address: Address) -> tuple[Any, str] | None:
    """The record page behind an address and which of its pages it is."""
    stem, _sep, what = address.name.rpartition("_")
    return (RECORDS[stem], what) if stem in RECORDS else None


def expected_of_record(admin: Any, what: str, role: str) -> int:
    """The answer about a record of a stranger in another branch, by the file of roles alone."""
    policy = policy_for(admin.model)

    def reach(action: str) -> str:
        found = level(role, policy.key, action)
        order = ["none", "own", "team", "branch", "all"]
        for name in policy.via:
            wanted = policy.via_actions.get(action)
            parent = policy_for(admin.model._meta.get_field(name).related_model)
            if wanted and level(role, parent.key, wanted) == "all":
                found = max(found, "all", key=order.index)
        return found

    if what == "changelist":
        return 200 if reach("view") != "none" else 403
    if what == "add":
        closed = admin.read_only or (policy.key, "add") in CLOSED_FORMS
        return 200 if level(role, policy.key, "add") != "none" and not closed else 403
    if what in ("change", "history"):
        return 200 if reach("view") == "all" else 403
    if what == "delete":
        return 200 if reach("view") == "all" and reach("delete") == "all" and not admin.read_only else 403
    assert what == "export", f"Say in this test what “{what}” answers."
    return 200 if reach("export") != "none" else 403


def given(address: Address, strangers: dict[Any, Any]) -> dict[str, Any]:
    """What to put into an address: a stranger's record, or something that does not exist."""
    found = record_page(address)
    values: dict[str, Any] = {
        "task_id": NOBODYS, "key": "no-such-process", "form": "none", "token": "made-up", "content_type_id": "1", "object_id": "1",
        "app_label": "crm_parties", "pk": NOBODYS, "version": NOBODYS, "url": "nothing/here",
        "number": 1, "person": 2**31 - 1, "source": 1,
    }  # fmt: skip
    if ("pk", "int") in address.takes:
        values["pk"] = 2**31 - 1 if address.name.startswith("redraw:import") else strangers[Account].pk
    if found is not None:
        values["object_id"] = strangers[found[0].model].pk
    return {name: values[name] for name, _kind in address.takes}


@pytest.fixture
def strangers(db):
    """A record of every registered kind that belongs to somebody far away."""
    call_command("roles", "load", verbosity=0)
    away = branch("away")
    owner = person(at=away)
    rows = {}
    for model in site._registry:
        policy: Policy = policy_for(model)
        if model is AuditEntry:
            rows[model] = AuditEntry.objects.exclude(actor_id=0).first()
        else:
            rows[model] = row_of(policy, owner, away)
        assert isinstance(rows[model], models.Model)
    rows.setdefault(Account, make(Account, manager=owner, branch=away))
    return rows


def signed_in(role: str) -> Client:
    """Somebody in that role alone, at home."""
    from crm_core.kernel.models import Role

    client = Client()
    client.force_login(person(Role.objects.get(key=role), at=branch("home")), backend="django.contrib.auth.backends.ModelBackend")
    return client


def plain(address: Address) -> bool:
    """Whether it is a page of its own: the admin's old addresses and its net for wrong ones lead to others."""
    return not address.name.startswith("admin:admin/")


def test_every_address_stands_in_a_table():
    named = {address.name for address in ADDRESSES if plain(address) and record_page(address) is None}

    assert named == set(OPEN) | set(PAGES)


def test_who_is_not_signed_in_is_sent_to_sign_in_everywhere(strangers):
    client = Client()
    for address in filter(plain, ADDRESSES):
        path = address.path(**given(address, strangers))
        answer = client.get(path)
        if address.name in OPEN:
            assert answer.status_code == OPEN[address.name], path
        else:
            if address.name in ("redraw:news", "redraw:notices_unread"):  # asked by a script, which would not know what to do with a page
                assert answer.status_code == 403, path
                continue
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/admin/login/?next=/"), path


@pytest.fixture
def undrawn(monkeypatch, request):
    """Record pages decide as ever and are not drawn, and refusals come as data: there are thousands of openings.

    An administrator's are drawn: there the pages themselves are seen to work.
    """
    if request.node.callspec.params["role"] != "administrator":
        monkeypatch.setattr(TemplateResponse, "rendered_content", property(lambda self: ""))
        monkeypatch.setattr("admin_ext.pages.wants_json", lambda request: True)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("role", sorted(INSIDE))
def test_every_address_answers_a_role_as_the_table_says(strangers, role):
    client = signed_in(role)
    wrong = []
    for address in filter(plain, ADDRESSES):
        if address.name in OPEN:
            continue
        found = record_page(address)
        if found is not None:
            expected = expected_of_record(*found, role)
        else:
            answer, who = PAGES[address.name]
            expected = answer if who is None or who(role) else 403
        got = client.get(address.path(**given(address, strangers))).status_code
        if got != expected:
            wrong.append((address.name, got, expected))

    assert wrong == []


def test_a_partner_alone_gets_in_nowhere(strangers):
    client = signed_in("partner")
    for address in filter(plain, ADDRESSES):
        if address.name not in OPEN:
            assert client.get(address.path(**given(address, strangers))).status_code in (302, 403), address.name
    assert client.get("/inbox/").status_code == 403


@pytest.mark.parametrize("role", ["sales_representative", "auditor"])
def test_opening_a_strangers_record_by_its_id_is_logged(strangers, role):
    client = signed_in(role)
    for model, row in strangers.items():
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if expected_of_record(RECORDS[stem], "change", role) == 200:
            continue
        before = AccessRefusal.objects.count()
        answer = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/")
        assert answer.status_code == 403
        assert AccessRefusal.objects.count() > before, model


def test_a_strangers_record_is_neither_changed_nor_deleted_nor_logged_upon_by_sending_forms(strangers):
    client = signed_in("sales_representative")
    for model, row in strangers.items():
        before = model._base_manager.filter(pk=row.pk).values().get()
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}"
        for page in ("change", "delete"):
            assert client.post(f"{address}/{page}/", {"post": "yes"}).status_code in (403, 200), (model, page)
        assert model._base_manager.filter(pk=row.pk).values().get() == before


def test_forms_without_the_token_of_their_page_are_turned_away(strangers):
    client = Client(enforce_csrf_checks=True)
    user = strangers[Account].manager
    user.is_superuser = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for address in filter(plain, ADDRESSES):
        if address.name != "healthz":
            answer = client.post(address.path(**given(address, strangers)), {"post": "yes"})
            assert answer.status_code in (403, 405), address.name


@pytest.mark.parametrize("number", ["", "abc", "²", "9" * 30, "-1"])
def test_a_made_up_number_of_business_to_match_is_not_found(strangers, number):
    answer = signed_in("sales_representative").post("/sales/to-match/", {"opportunity": number, "account": "Huaxin"})

    assert answer.status_code == 404
