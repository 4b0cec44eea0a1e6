"""The page of a decision: read by who may see decisions, redrawn by who answers for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from processes import api, feel
from processes.catalog.models import DecisionDefinition, DecisionEvaluation, DecisionVersion, State
from processes.catalog.selectors import decisions_of
from tests.admin_ext.test_query_budgets import BASELINE, SLACK, statements
from tests.crm_core.support import branch, person, role
from tests.processes.decision_studio.tables import stored

pytestmark = pytest.mark.django_db
KEY = "terms_level"
SEES = {"decision_definition": {"view": "all"}}


def somebody(key: str, **records: dict[str, str]) -> tuple[Client, Any]:
    user = person(role(key, **records), at=branch("home"))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, user


@pytest.fixture
def version() -> DecisionVersion:
    return stored(KEY)


@pytest.fixture
def owner() -> Client:
    return somebody("process_owner", **SEES)[0]


@pytest.fixture
def reader() -> Client:
    return somebody("sales_representative", **SEES)[0]


@pytest.fixture
def stranger() -> Client:
    return somebody("key_keeper")[0]


def page_of(client: Client, **query: Any) -> str:
    answer = client.get(reverse("redraw:studio_decision", args=[KEY]), query)
    assert answer.status_code == 200
    return answer.content.decode()


# --- who may -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("version")
def test_who_may_see_decisions_reads_and_tries_them_and_finds_no_button_to_edit(reader: Client) -> None:
    text = page_of(reader)
    assert "Terms level" in text
    assert "All rules" not in text
    assert reverse("redraw:studio_decision_edit", args=[KEY]) not in text
    assert "tab=replay" not in text
    assert page_of(reader, tab="try").count('class="field"') == 6  # five inputs, and which decision of the file


@pytest.mark.usefixtures("version")
def test_who_may_not_see_decisions_finds_none(stranger: Client) -> None:
    assert stranger.get(reverse("redraw:studio_decision", args=[KEY])).status_code == 404
    assert "Terms level" not in stranger.get(reverse("redraw:studio_decisions")).content.decode()


def test_who_does_not_answer_for_a_decision_cannot_change_it(version: DecisionVersion, reader: Client, stranger: Client) -> None:
    draft = stored(KEY, state=State.DRAFT)
    for client, status in ((reader, 403), (stranger, 404)):
        assert client.post(reverse("redraw:studio_decision_edit", args=[KEY])).status_code == status
        assert sent(client, "look", draft).status_code == status
        assert kept(client, draft, "dmn", 0).status_code == status
        assert client.post(reverse("redraw:studio_replay_begin", args=[KEY]), {"before": 1, "after": 2}).status_code == 403
    assert DecisionVersion.objects.count() == 2
    draft.refresh_from_db()
    assert draft.dmn == version.dmn


def test_the_owner_of_the_decision_may_edit_without_a_role_for_it(version: DecisionVersion) -> None:
    client, user = somebody("key_keeper")
    DecisionDefinition.objects.update(owner=user)
    answer = client.post(reverse("redraw:studio_decision_edit", args=[KEY]))
    assert answer.status_code == 302
    assert answer["Location"].endswith("?version=2")
    assert version.definition.versions.get(number=2).dmn == version.dmn


# --- reading -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("version")
def test_the_list_names_each_decision_with_its_published_version(owner: Client) -> None:
    text = owner.get(reverse("redraw:studio_decisions")).content.decode()
    assert "Terms level" in text
    assert "version 1" in text


def test_gaps_stand_on_the_page_in_words_with_an_example(owner: Client, version: DecisionVersion) -> None:
    stored(KEY, state=State.RETIRED, dmn=holed(version.dmn))
    text = page_of(owner, version=2)
    assert "no rule applies" in text
    assert "To see it:" in text


def holed(dmn: str) -> str:
    """The file without the last rule of its first table that has several."""
    start = dmn.rindex("<rule ", 0, dmn.index("</decisionTable>"))
    end = dmn.index("</rule>", start) + len("</rule>")
    return dmn[:start] + dmn[end:]


def test_a_file_that_cannot_be_read_says_so(owner: Client) -> None:
    stored(KEY, dmn="<definitions", examples=[])
    answer = owner.get(reverse("redraw:studio_decision", args=[KEY]))
    assert answer.status_code == 400
    assert "not well-formed" in answer.content.decode()


HOSTILE = "<script>alert(1)</script>"


def test_scripts_in_words_are_text(owner: Client, version: DecisionVersion) -> None:
    stored(KEY, state=State.DRAFT, dmn=version.dmn.replace('label="', f'label="{escape(HOSTILE)}', 1))
    for query in ({"version": 2}, {"version": 2, "read": 1}, {"version": 2, "tab": "try"}, {"tab": "difference", "version": 2}):
        assert HOSTILE not in page_of(owner, **query)


# --- trying ------------------------------------------------------------------------------------------------------
ASKED = {"tab": "try", "ask": 1, "in.discount": "12", "in.margin": "30", "in.credit_days": "30", "in.faster_days": "0", "in.customer_class": "C"}


@pytest.mark.usefixtures("version")
def test_an_answer_comes_with_the_rules_that_gave_it(reader: Client) -> None:
    text = page_of(reader, **ASKED)
    assert "Rule " in text
    assert "No rule applied" not in text


@pytest.mark.usefixtures("version")
def test_what_does_not_fit_is_told_at_its_field(reader: Client) -> None:
    text = page_of(reader, **{**ASKED, "in.discount": "twelve +"})
    assert 'aria-invalid="true"' in text
    assert "Some inputs do not fit" in text


# --- difference --------------------------------------------------------------------------------------------------
def test_versions_are_compared_rule_by_rule(reader: Client, version: DecisionVersion) -> None:
    stored(KEY, state=State.DRAFT, dmn=holed(version.dmn))
    text = page_of(reader, tab="difference", version=2)
    assert "Taken out" in text
    assert "<del>" in text


@pytest.mark.usefixtures("version")
def test_one_version_has_nothing_to_compare_with(reader: Client) -> None:
    assert "There is nothing to compare" in page_of(reader, tab="difference")


# --- replay ------------------------------------------------------------------------------------------------------
def test_an_empty_history_is_said_plainly(owner: Client, version: DecisionVersion) -> None:
    stored(KEY, state=State.DRAFT, dmn=holed(version.dmn))
    answer = owner.post(reverse("redraw:studio_replay_begin", args=[KEY]), {"before": 1, "after": 2})
    assert answer.status_code == 302
    assert "Nothing is recorded" in owner.get(answer["Location"]).content.decode()


@pytest.mark.usefixtures("version")
def test_a_replay_of_versions_there_are_not_is_refused(owner: Client) -> None:
    assert owner.post(reverse("redraw:studio_replay_begin", args=[KEY]), {"before": 1, "after": 7}).status_code == 404
    answer = owner.post(reverse("redraw:studio_replay_begin", args=[KEY]), {"before": 1, "after": 1}, follow=True)
    assert "Choose two different versions" in answer.content.decode()


# --- the editor --------------------------------------------------------------------------------------------------
@pytest.fixture
def draft(version: DecisionVersion) -> DecisionVersion:
    return stored(KEY, state=State.DRAFT)


def sent(client: Client, name: str, version: DecisionVersion, **given: Any) -> Any:
    address = reverse(f"redraw:studio_decision_{name}", args=[KEY, version.number])
    return client.post(address, data=json.dumps(given), content_type="application/json", headers={"X-Requested-With": "fetch"})


def kept(client: Client, version: DecisionVersion, part: str, revision: int, **content: Any) -> Any:
    address = reverse("redraw:studio_decision_save", args=[KEY, version.number])
    given = {"part": part, "revision": revision, "content": json.dumps(content)}
    return client.post(address, given, headers={"X-Requested-With": "fetch"})


def opened(client: Client, version: DecisionVersion) -> dict[str, Any]:
    found = client.get(reverse("redraw:studio_decision", args=[KEY]), {"version": version.number}).context["studio"]
    assert isinstance(found, dict)
    return found


def test_a_draft_opens_in_the_editor_and_what_is_missing_in_it_is_found(owner: Client, draft: DecisionVersion) -> None:
    studio = opened(owner, draft)
    assert [sheet["table"] for sheet in studio["sheets"]] == [0, 1, 2]
    form = holed(studio["xml"])
    answer = sent(owner, "look", draft, base=studio["base"], form=form, rows=studio["rows"]).json()
    found = [item for table in answer["look"]["tables"] for item in table["findings"]]
    assert [item["code"] for item in found][:1] == ["table_gap"]
    assert found[0]["cells"]
    draft.refresh_from_db()
    assert "redraw:label" in draft.dmn  # nothing is kept by looking


def test_a_cell_that_cannot_be_read_is_told_with_its_place(owner: Client, draft: DecisionVersion) -> None:
    studio = opened(owner, draft)
    form = studio["xml"].replace("<text>&lt;= ", "<text>&lt;= (", 1)
    assert form != studio["xml"]
    answer = sent(owner, "look", draft, base=studio["base"], form=form, rows=studio["rows"]).json()["look"]
    assert answer["problem"]
    assert len(answer["cells"]) == 1
    assert answer["cells"][0]["position"] > 0


def test_only_what_was_edited_is_kept(owner: Client, draft: DecisionVersion) -> None:
    before, studio = draft.dmn, opened(owner, draft)
    form = studio["xml"].replace('<text>"none"</text>', '<text>"other"</text>', 1)
    answer = kept(owner, draft, "dmn", studio["revisions"]["dmn"], base=studio["base"], form=form)
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.dmn.replace('"other"', '"none"').splitlines()[1:] == before.splitlines()[1:]
    assert draft.dmn != before


def test_a_text_that_was_not_sealed_here_is_refused(owner: Client, draft: DecisionVersion) -> None:
    studio = opened(owner, draft)
    answer = kept(owner, draft, "dmn", 0, base="something:else", form=studio["xml"])
    assert answer.status_code == 400
    assert "Reload the page" in answer.json()["error"]


def test_an_example_is_kept_with_what_was_typed_and_the_others_as_they_were(owner: Client, draft: DecisionVersion) -> None:
    before, studio = list(draft.examples), opened(owner, draft)
    given = {"discount": "12", "margin": "30", "credit_days": "30", "faster_days": "0", "customer_class": "C"}
    rows = [*studio["rows"], {"note": "Mine", "given": given, "expected": {"level": "x"}, "stored": None}]
    answer = sent(owner, "look", draft, base=studio["base"], form=None, rows=rows).json()
    assert answer["look"]["results"][-1]["holds"] is False
    answer = kept(owner, draft, "examples", studio["revisions"]["examples"], base=studio["base"], rows=rows)
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.examples[:-1] == before
    assert draft.examples[-1]["in"] == {"discount": 12, "margin": 30, "credit_days": 30, "faster_days": 0, "customer_class": "C"}
    assert draft.examples[-1]["out"] == {"level": "x"}
    assert draft.examples[-1]["note"] == {"en": "Mine"}


def test_what_two_owners_change_is_joined_and_told(owner: Client, draft: DecisionVersion) -> None:
    studio = opened(owner, draft)
    first, second = studio["xml"].replace('<text>"none"</text>', '<text>"first"</text>', 1), studio["xml"]
    at = second.rindex('<text>"none"</text>')
    second = second[:at] + '<text>"second"</text>' + second[at + len('<text>"none"</text>') :]
    other, _user = somebody("process_owner", **SEES)
    assert kept(other, draft, "dmn", studio["revisions"]["dmn"], base=studio["base"], form=first).json()["merged"] is False
    answer = kept(owner, draft, "dmn", studio["revisions"]["dmn"], base=studio["base"], form=second).json()
    assert answer["merged"] is True
    assert answer["others"] == [str(_user)]
    form = json.loads(answer["content"])["form"]
    assert ('"first"' in form, '"second"' in form) == (True, True)
    draft.refresh_from_db()
    assert ('"first"' in draft.dmn, '"second"' in draft.dmn) == (True, True)


# --- the replay of a history -------------------------------------------------------------------------------------
def decided(by: DecisionVersion, count: int) -> None:
    """So many answers of a version as they are recorded."""
    for at in range(count):
        given = {"discount": at, "margin": 30, "credit_days": 55, "faster_days": 0, "customer_class": "A"}
        answer = decisions_of(by).evaluate(KEY, given)
        DecisionEvaluation.objects.create(decision_version=by, decision=KEY, inputs=given, outcome=feel.to_json(answer.value))


def test_a_history_is_decided_again_with_figures_cases_and_a_table(owner: Client, reader: Client, version: DecisionVersion, settings: Any) -> None:
    settings.PROCESS_JOBS = "inline"
    decided(version, 4)
    stored(KEY, state=State.DRAFT, dmn=version.dmn.replace("&lt;= 60", "&lt;= 50").replace("&gt; 60", "&gt; 50"))
    answer = owner.post(reverse("redraw:studio_replay_begin", args=[KEY]), {"before": 1, "after": 2})
    api.drain()
    text = owner.get(answer["Location"]).content.decode()
    assert "Decided otherwise" in text
    assert text.count("<tr><td>") >= 4
    pk = answer["Location"].rpartition("replay=")[2]
    progress = owner.get(reverse("redraw:studio_replay_progress", args=[pk])).json()
    assert progress == {"percent": 100, "words": "4 of 4 decided again", "finished": True}
    table = owner.get(reverse("redraw:studio_replay_cases", args=[pk]))
    assert table["Content-Disposition"] == f'attachment; filename="{KEY}-1-2.csv"'
    assert len(table.content.decode("utf-8-sig").strip().splitlines()) == 5
    for name in ("progress", "cases"):
        assert reader.get(reverse(f"redraw:studio_replay_{name}", args=[pk])).status_code == 404
    assert reader.post(reverse("redraw:studio_replay_stop", args=[pk])).status_code == 404


# --- what it costs -----------------------------------------------------------------------------------------------
def test_the_page_costs_the_same_however_many_versions_there_are(version: DecisionVersion) -> None:
    _client, user = somebody("sales_representative", **SEES)
    costs = {
        "decisions": reverse("redraw:studio_decisions"), "decision": reverse("redraw:studio_decision", args=[KEY]),
        "decision_try": reverse("redraw:studio_decision", args=[KEY]) + "?tab=try",
    }  # fmt: skip
    few = {name: statements(user, address) for name, address in costs.items()}
    for _n in range(12):
        stored(KEY, state=State.RETIRED)
    assert {name: statements(user, address) for name, address in costs.items()} == few
    assert {name: cost for name, cost in few.items() if not BASELINE["pages"].get(name, 0) - SLACK <= cost <= BASELINE["pages"].get(name, 0)} == {}
