"""Decisions taken again by another version: exact figures, nothing claimed that is not known, in parts as at once."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from processes import api
from processes.catalog.models import DecisionEvaluation, State
from processes.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from processes.insight import selectors, services, sources
from processes.insight.deciding import Comparison, differing
from processes.insight.models import DecisionReplay, ReplayedDecision
from processes.insight.tally import Tally
from tests.processes.inbox.house import person, thing
from tests.processes.insight.shop import KEY, decided, shop, table, version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop(clock):
    with shop(), api.by_hand():
        yield


def orders(count: int, **more: Any) -> list[tuple[dict[str, Any], None]]:
    return [({"n": number, **more}, None) for number in range(count)]


def owner() -> Any:
    return person("owner", "process_owner")


def run(*args: Any, **more: Any) -> DecisionReplay:
    replay = services.begin(*args, **more)
    api.drain()
    replay.refresh_from_db()
    return replay


# --- figures -----------------------------------------------------------------------------------------------
def test_the_figures_are_those_of_a_count_by_hand():
    here, there = thing("branch:1"), thing("branch:2")
    old = version(table(limit=10), state=State.PUBLISHED)
    cases = [({"n": n}, here.pk if n % 3 else there.pk) for n in range(40)]
    decided(old, cases, MORNING)
    version(table(limit=14, rebate="8", why="a big one"))

    replay = run(KEY, 1, 2, user=owner())

    assert replay.state == DecisionReplay.State.DONE
    found = selectors.figures(replay.pk, user=owner_again())
    # 0..10 stay plain, 11..14 lose the rebate, 15..39 get 8 percent instead of 5.
    assert found.counts == {"same": 11, "changed": 29, "undecided": 0, "unreproduced": 0}
    kind, percent = found.outputs
    assert [(m.before, m.after, m.count, m.changed) for m in kind.moves] == [
        ("rebate", "plain", 4, True), ("rebate", "rebate", 25, False), ("plain", "plain", 11, False),
    ]  # fmt: skip
    assert (percent.higher, percent.lower) == (25, 4)
    assert percent.mean_before == 5 * 29 / 40
    assert percent.mean_after == 8 * 25 / 40
    [place] = found.groups
    assert place.label == "Place"
    changed_there = sum(1 for n in range(11, 40) if n % 3 == 0)
    assert {(s.label, s.total, s.changed) for s in place.shares} == {
        ("The house 1", 26, 29 - changed_there), ("The house 2", 14, changed_there),
    }  # fmt: skip
    assert [(r.number, r.before, r.after) for r in found.rules] == [(1, 11, 15), (2, 29, 25)]


def owner_again() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username="owner")


def test_labels_are_in_the_readers_language():
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(12), MORNING)
    version(table(limit=11))
    replay = run(KEY, 1, 2, user=owner())
    with translation.override("zh-hans"):
        assert selectors.figures(replay.pk, user=owner_again()).outputs[0].label == "价格类型"


def test_another_reason_alone_is_no_other_decision():
    assert differing({"kind": "a", "why_en": "x"}, {"kind": "a", "why_en": "y"}) == ()
    assert differing({"kind": "a"}, {"kind": "a", "more": None}) == ("more",)
    assert differing([1, 2], [2, 1]) == ("",)


def test_an_input_nobody_recorded_is_not_taken_for_null_unless_something_is_assumed():
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(20), MORNING)
    version(table(limit=10, inputs=("n", "vip"), test="true"))
    who = owner()

    replay = run(KEY, 1, 2, user=who)
    assert replay.figures["counts"] == {"same": 0, "changed": 0, "undecided": 20, "unreproduced": 0}
    [first, *_rest] = selectors.cases(replay.pk, user=who, verdict="undecided")
    assert first.problem == "Version 2 asks for “vip”, which was not recorded. Say what to assume for it."
    with translation.override("zh-hans"):
        assert "vip" in selectors.cases(replay.pk, user=who, verdict="undecided")[0].problem
        assert "Version" not in selectors.cases(replay.pk, user=who, verdict="undecided")[0].problem

    replay = run(KEY, 1, 2, user=who, assumed={"vip": False})
    assert replay.figures["counts"] == {"same": 11, "changed": 9, "undecided": 0, "unreproduced": 0}
    with pytest.raises(Invalid, match="Neither version has an input “colour”"):
        services.begin(KEY, 1, 2, user=who, assumed={"colour": "red"})


def test_what_does_not_come_out_as_recorded_is_not_counted_as_a_change():
    old = version(table(), state=State.PUBLISHED)
    rows = decided(old, orders(20), MORNING)
    DecisionEvaluation.objects.filter(pk=rows[3].pk).update(outcome={"kind": "gift", "percent": 100, "why_en": ""})
    version(table(limit=2))
    replay = run(KEY, 1, 2, user=owner())
    assert replay.figures["counts"] == {"same": 12 - 9, "changed": 8 - 1, "undecided": 0, "unreproduced": 1} | {
        "same": 3 + 9, "changed": 7,
    }  # fmt: skip


def test_answers_of_other_versions_are_compared_too_but_need_not_come_out_again():
    first = version(table(limit=5), state=State.RETIRED)
    second = version(table(limit=10), state=State.PUBLISHED)
    decided(first, orders(20), MORNING)
    decided(second, orders(20), MORNING + timedelta(hours=1))
    version(table(limit=12))
    replay = run(KEY, 2, 3, user=owner())
    assert replay.figures["counts"] == {"same": 36, "changed": 4, "undecided": 0, "unreproduced": 0}


def test_only_a_stretch_of_time():
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(20), MORNING)
    version(table(limit=0))
    replay = run(KEY, 1, 2, user=owner(), since=MORNING + timedelta(minutes=5), until=MORNING + timedelta(minutes=12))
    assert (replay.expected, sum(replay.figures["counts"].values())) == (7, 7)
    with pytest.raises(Invalid, match="lies before its beginning"):
        services.begin(KEY, 1, 2, user=owner_again(), since=MORNING, until=MORNING)


def test_the_present_moment_is_the_one_at_which_it_was_decided():
    old = version(table(limit="if now() &lt; @\"2026-11-24T01:05:00Z\" then 100 else 0"), state=State.PUBLISHED)
    decided(old, [({"n": 50}, None)] * 10, MORNING)
    new = version(table(limit="if now() &lt; @\"2026-11-24T01:08:00Z\" then 100 else 0"))
    comparison = Comparison(old, new)
    assert comparison.before.reads_clock
    replay = run(KEY, 1, 2, user=owner())
    assert replay.figures["counts"] == {"same": 7, "changed": 3, "undecided": 0, "unreproduced": 0}


def test_a_table_that_fails_decides_nothing():
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(20), MORNING)
    version(table(rebate="1 / 0"))
    replay = run(KEY, 1, 2, user=owner())
    assert replay.figures["counts"]["changed"] == 9
    version(table(limit="= = 3"))
    with pytest.raises(Invalid, match="cannot be read"):
        services.begin(KEY, 1, 3, user=owner_again())


# --- in parts ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", [1, 7, 40, 500])
def test_parts_are_read_without_gap_or_double_even_at_the_same_moment(part):
    old, new = version(table(), state=State.PUBLISHED), version(table(limit=12))
    decided(old, orders(20), MORNING)
    decided(new, orders(20), MORNING)
    DecisionEvaluation.objects.filter(decision_version=old).update(at=MORNING)
    history = sources.History(old.definition)
    read, mark = [], None
    while cases := history.part(mark, part):
        read += [case.evaluation for case in cases]
        mark = sources.mark_of(cases[-1])
    assert len(read) == len(set(read)) == history.count() == 40
    assert [case.evaluation for case in history.cases()] == read


def test_many_parts_give_what_one_gives_and_a_part_run_twice_counts_once(monkeypatch):
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(60), MORNING)
    new = version(table(limit=30))
    at_once = services.compare(old, new, sources.History(old.definition).cases())
    monkeypatch.setattr(services, "AT_ONCE", 7)
    monkeypatch.setattr(sources.History.part, "__defaults__", (7,))

    replay = services.begin(KEY, 1, 2, user=owner())
    services.go_on(str(replay.pk), 0)
    half = DecisionReplay.objects.get(pk=replay.pk)
    assert sum(half.figures["counts"].values()) == 7
    api.drain()
    replay.refresh_from_db()
    assert (replay.state, replay.figures) == ("done", at_once.as_json())
    assert ReplayedDecision.objects.filter(replay=replay).count() == 20
    services.go_on(str(replay.pk), 0)
    assert Tally(DecisionReplay.objects.get(pk=replay.pk).figures).total == 60


def test_a_replay_is_stopped_and_not_begun_twice(monkeypatch):
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(60), MORNING)
    version(table(limit=30))
    who = owner()
    replay = services.begin(KEY, 1, 2, user=who)
    with pytest.raises(Invalid, match="begun this replay already"):
        services.begin(KEY, 1, 2, user=who)
    services.stop(replay.pk, user=who)
    api.drain()
    replay.refresh_from_db()
    assert (replay.state, replay.figures) == ("stopped", {})
    with pytest.raises(AlreadyDone):
        services.stop(replay.pk, user=who)


def test_one_that_breaks_says_so_without_telling_values(monkeypatch, caplog):
    old = version(table(), state=State.PUBLISHED)
    decided(old, orders(5), MORNING)
    version(table(limit=3))
    who = owner()

    def breaks(*args: Any) -> Any:
        raise RuntimeError("customer 4711")

    monkeypatch.setattr(Comparison, "decide", breaks)
    replay = run(KEY, 1, 2, user=who)
    assert replay.state == "failed"
    assert "RuntimeError" in selectors.figures(replay.pk, user=who).problem
    assert "4711" not in json.dumps(replay.problem)
    assert not replay.cases.exists()


def test_a_part_asks_as_many_queries_for_ten_cases_as_for_three_hundred():
    here = thing()
    old = version(table(), state=State.PUBLISHED)
    version(table(limit=3))
    counts = []
    for size in (10, 300):
        decided(old, [({"n": n % 20}, here.pk) for n in range(size)], MORNING + timedelta(days=size))
        replay = services.begin(KEY, 1, 2, user=person(f"owner{size}", "process_owner"))
        with CaptureQueriesContext(connection) as asked:
            services.go_on(str(replay.pk), 0)
        counts.append(sum(1 for query in asked.captured_queries if not query["sql"].startswith("INSERT")))
    assert counts[0] == counts[1] <= 10


# --- who may -------------------------------------------------------------------------------------------------
def test_only_who_answers_for_the_decision_may_and_sees_only_records_that_may_be_seen():
    mine = person("mine", place="branch:1")
    seller = person("seller", "seller")
    here, there = thing("branch:1"), thing("branch:2")
    old = version(table(), state=State.PUBLISHED, owner=mine)
    decided(old, [({"n": n}, (here if n % 2 else there).pk) for n in range(20)], MORNING)
    version(table(limit=0))
    with pytest.raises(NotAllowed):
        services.begin(KEY, 1, 2, user=seller)
    replay = run(KEY, 1, 2, user=mine)
    for call in (selectors.figures, selectors.cases, services.stop, lambda pk, user: selectors.write_csv(pk, io.StringIO(), user=user)):
        with pytest.raises(NotFound):
            call(replay.pk, user=seller)
    with pytest.raises(NotAllowed):
        selectors.replays(KEY, user=seller)

    assert replay.figures["counts"]["changed"] == 10
    assert {case.attributes["place"] for case in selectors.cases(replay.pk, user=mine)} == {"branch:1"}
    text = io.StringIO()
    assert selectors.write_csv(replay.pk, text, user=mine) == 5
    assert "branch:2" not in text.getvalue()
    assert selectors.write_csv(replay.pk, io.StringIO(), user=owner()) == 10
    assert selectors.replays(KEY, user=mine) == [replay]


def test_cases_come_page_by_page_and_by_attribute():
    here, there = thing("branch:1"), thing("branch:2")
    old = version(table(), state=State.PUBLISHED)
    decided(old, [({"n": n}, (here if n % 2 else there).pk) for n in range(20)], MORNING)
    version(table(limit=0))
    who = owner()
    replay = run(KEY, 1, 2, user=who)
    first = selectors.cases(replay.pk, user=who, limit=6)
    rest = selectors.cases(replay.pk, user=who, limit=6, behind=first[-1].id)
    assert (len(first), len(rest), len({case.id for case in first + rest})) == (6, 4, 10)
    assert first[0].differences == (("Kind of price", "plain", "rebate"), ("percent", "0", "5"))
    assert first[0].about
    assert len(selectors.cases(replay.pk, user=who, attributes={"place": "branch:2"})) == 5
    assert selectors.cases(replay.pk, user=who, attributes={"place__contains": "b"}) == []


# --- the command and files -----------------------------------------------------------------------------------
def command(*args: str) -> str:
    out = io.StringIO()
    call_command("decision", "replay", *args, stdout=out)
    return out.getvalue()


def test_the_command_replays_the_history_and_writes_a_file(tmp_path):
    here = thing("branch:1")
    old = version(table(), state=State.PUBLISHED)
    decided(old, [({"n": n}, here.pk) for n in range(20)], MORNING)
    version(table(limit=14))
    target = tmp_path / "differences.csv"

    said = command(KEY, "--over", "history", "--csv", str(target))

    assert "price v1 against price v2" in said
    assert "20 decisions taken again: 16 the same, 4 otherwise, 0 cannot be decided" in said
    assert "The house 1: 4 of 20 otherwise (20.0%)" in said
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [row["n"] for row in rows] == ["11", "12", "13", "14"]
    assert {(row["kind before (version 1)"], row["kind after (version 2)"], row["place now"]) for row in rows} == {
        ("rebate", "plain", "branch:1")
    }
    assert not list(tmp_path.glob("*.part"))
    assert "0 decisions taken again" in command(KEY, "--from", "1", "--to", "2", "--since", "2026-11-25")


def test_the_command_replays_a_data_set(tmp_path):
    version(table(), state=State.PUBLISHED)
    version(table(limit=14))
    data = tmp_path / "orders.csv"
    data.write_text("n,region\n9,north\n12,north\n13,=south\nmany,south\n", encoding="utf-8")
    target = tmp_path / "out.csv"
    said = command(KEY, "--over", str(data), "--csv", str(target))
    assert "4 decisions taken again: 1 the same, 2 otherwise, 1 cannot be decided" in said
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [(row["about"], row["verdict"], row["region now"]) for row in rows] == [
        ("3", "changed", "north"), ("4", "changed", "'=south"), ("5", "undecided", "south"),
    ]  # fmt: skip
    assert rows[2]["why not"].startswith("“n”:")

    data.write_text(json.dumps([{"n": 9, "region": "north"}, {"n": 12, "region": "north"}, {"n": 13, "region": "=south"}]))
    said = command(KEY, "--over", str(data), "--csv", str(target))
    assert "3 decisions taken again: 1 the same, 2 otherwise" in said
    assert "By region:" in said
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [row["region now"] for row in rows] == ["north", "'=south"]
    assert [row["about"] for row in rows] == ["2", "3"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\xff\xfe", "is not UTF-8"), ("n,region\n1\n", "has not as many cells"), ('n\n"1\n', "is no CSV"),
        ("", "is empty"), ("[1]", "is no object"), ('[{"n": 1}', "is no JSON"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_refused_in_words(tmp_path, text, sentence):
    version(table(), state=State.PUBLISHED)
    version(table(limit=14))
    data, target = tmp_path / "orders", tmp_path / "out.csv"
    data.write_bytes(text.encode("latin-1"))
    with pytest.raises(CommandError, match=sentence):
        command(KEY, "--over", str(data), "--csv", str(target))
    assert not target.exists()


def test_the_command_says_what_is_missing():
    version(table(), state=State.PUBLISHED)
    with pytest.raises(CommandError, match="is the newest version and the one compared with"):
        command(KEY)
    version(table(limit=14))
    with pytest.raises(CommandError, match="There is no file"):
        command(KEY, "--over", "nowhere.csv")
    with pytest.raises(CommandError, match="is no date"):
        command(KEY, "--since", "yesterday")
    with pytest.raises(CommandError, match="has no version 9"):
        command(KEY, "--to", "9")
