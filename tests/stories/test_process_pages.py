"""The pages of processes, read by who owns them, who works in them, and who has nothing to do with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.sales.models import Lead
from processes.runtime.models import ProcessInstance
from tests.stories.house import House, text_of
from tests.stories.test_lead_assignment import arrives

pytestmark = pytest.mark.django_db


def page(person, name, *args, status=200, language="en", **query):
    person.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = person.get(name, *args, **query)
    assert response.status_code == status, text_of(response.content.decode())[:800]
    return response.content.decode()


@pytest.fixture
def lead(house: House) -> tuple[Lead, ProcessInstance]:
    found, instance = arrives(house)
    found.refresh_from_db()
    return found, instance


def test_the_process_page_begins_with_a_sentence_of_real_figures(house, lead):
    words = text_of(page(house["gao.jing"], "redraw:process", "lead_assignment"))

    assert "About 1 begin in a week; none has ended yet. 1 runs now, in time." in words
    assert "Owner Sales manager" in words
    assert "Every enquiry reaches the one person who can help best" in words


def test_what_is_late_is_said_on_top_and_in_the_drawing(house, lead):
    house.clock.move(house.clock.now() + timedelta(minutes=6))

    shown = page(house["gao.jing"], "redraw:process", "lead_assignment")

    assert "1 runs now; 1 step is late." in text_of(shown)
    assert ">1 late</text>" in shown
    assert "Accept lead · 1 there now · 1 late" in shown


def test_aims_are_said_in_words(house, lead):
    words = text_of(page(house["gao.jing"], "redraw:process", "lead_assignment"))

    assert "warm leads 1 h" in words
    assert "The same for hot leads 5 min" in words
    assert "PT5M" not in words


def test_every_tab_has_an_address_and_says_its_part(house, lead):
    said = {
        "drawing": "Drawing", "customer": "Gets a call or a mail from one named person. Make first contact",
        "decisions": "Has an account manager", "forms": "What do you do? I take it and ring now · I hand it back yes",
        "handbook": "Why it is drawn this way",
    }  # fmt: skip

    for tab, words in said.items():
        assert words in text_of(page(house["gao.jing"], "redraw:process", "lead_assignment", tab=tab)), tab


def test_a_cell_of_a_table_is_said_in_words_and_kept_as_written(house):
    shown = page(house["gao.jing"], "redraw:process", "lead_assignment", tab="decisions")

    assert 'title="not(&quot;partner&quot;)" translate="no">not partner</td>' in shown
    assert "The first rule that applies decides." in shown


def test_a_table_says_what_it_asks_and_why_each_rule_stands_in_the_readers_language(house):
    english = text_of(page(house["gao.jing"], "redraw:process", "lead_assignment", tab="decisions"))
    chinese = text_of(page(house["gao.jing"], "redraw:process", "lead_assignment", tab="decisions", language="zh-hans"))

    assert "Which queue, which method, which branch?" in english
    assert "Marked as unwanted" not in chinese
    assert "归哪个队列、用什么方式、由哪个分支机构负责？" in chinese
    assert "Which queue" not in chinese


def test_an_address_that_makes_no_sense_shows_the_page_as_it_is(house, lead):
    for wrong in ({"tab": "nothing"}, {"by": "magic"}, {"weeks": "99999"}, {"version": "77"}):
        words = text_of(page(house["gao.jing"], "redraw:process", "lead_assignment", **wrong))

        assert "About 1 begin in a week" in words, wrong
        assert "Last 8 weeks" in words, wrong


def test_a_process_that_is_not_there_is_not_found(house):
    page(house["gao.jing"], "redraw:process", "no_such_thing", status=404)


def test_the_catalogue_says_of_each_process_how_it_does_and_who_answers_for_it(house, lead):
    words = text_of(page(house["gao.jing"], "redraw:processes"))

    assert "1 runs now. None is late." in words
    assert "1 begin in a week" in words
    assert "Sales manager" in words


def test_a_person_elsewhere_sees_the_process_without_the_figures_of_others(house, lead):
    words = text_of(page(house["claire.moreau"], "redraw:process", "lead_assignment"))

    assert "Nothing of it has run in the last 8 weeks, or nothing that you may see." in words
    assert "Huadu" not in words


def test_a_person_elsewhere_does_not_find_the_run(house, lead):
    page(house["claire.moreau"], "redraw:instance", lead[1].pk, status=404)


def test_the_page_of_a_run_says_where_it_stands_and_what_comes(house, lead):
    found, instance = lead

    words = text_of(page(house[found.owner.username], "redraw:instance", instance.pk))

    assert "“Accept lead” is with you since today 10:34. Due: 5 min left" in words
    assert "What happens next" in words
    assert "Make first contact" in words


def test_a_run_tells_what_was_decided_and_why(house, lead):
    found, instance = lead

    words = text_of(page(house[found.owner.username], "redraw:instance", instance.pk))

    assert "Grade Hot" in words
    assert "Response limit (working time) 5 min" in words
    assert "Score, grade and response limit, rule 1" in words
    assert "Asked with: Industry Food" in words


def test_values_stand_in_the_words_of_the_forms(house, lead):
    found, instance = lead
    seller = house[found.owner.username]
    seller.does(instance, "AcceptLead", accept_outcome="accepted")

    words = text_of(page(seller, "redraw:instance", instance.pk))

    assert "What do you do? I take it and ring now" in words
    assert f"{seller.user} did “Accept lead”, " in words
    assert "Values without a name in words" not in words, "those are for who answers for the process"
    assert "Values without a name in words" in text_of(page(house["gao.jing"], "redraw:instance", instance.pk))


def test_in_chinese_the_drawing_and_the_story_speak_chinese(house, lead):
    shown = page(house["gao.jing"], "redraw:instance", lead[1].pk, language="zh-hans")

    assert "接收线索" in shown
    assert "评分与分级" in shown
    assert "Accept lead" not in shown


def test_pages_ask_no_more_when_more_runs(house, lead):
    reader = house["gao.jing"]
    pages = {"redraw:processes": (), "redraw:process": ("lead_assignment",), "redraw:instance": (lead[1].pk,), "redraw:running": ()}

    def questions():
        found = {}
        for name, args in pages.items():
            with CaptureQueriesContext(connection) as asked:
                page(reader, name, *args)
            found[name] = len(asked)
        return found

    questions()
    before = questions()
    for number in range(3):
        arrives(house, company=f"Factory {number}", email=f"m{number}@factory{number}.example", phone=f"+86 139 0000 000{number}")

    assert questions() == before
    assert max(before.values()) <= 40
