"""Signed links of customers: nothing to guess, nothing to bend, an end, and one purpose each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing

from crm_core.kernel import links
from crm_core.kernel.links import LinkInvalid, make, read


def test_a_link_gives_back_what_was_put_in(clock):
    opened = read("case", make("case", 7, "secret"))

    assert (opened.purpose, opened.id, opened.token) == ("case", 7, "secret")


def test_a_link_ends_after_its_last_day(clock):
    link = make("survey", 7, "secret", days=60)
    clock.move(clock.now() + timedelta(days=60))
    assert read("survey", link).id == 7
    clock.move(clock.now() + timedelta(days=1))
    with pytest.raises(LinkInvalid):
        read("survey", link)


@pytest.mark.parametrize("purpose", ["survey", "unsubscribe"])
def test_a_link_opens_nothing_but_what_it_is_for(clock, purpose):
    with pytest.raises(LinkInvalid):
        read(purpose, make("case", 7, "secret"))


@pytest.mark.parametrize("bend", [lambda s: s[:-1], lambda s: s[:-2] + ("AA" if s[-2:] != "AA" else "BB"), lambda s: "x" + s, lambda s: "",
                                  lambda s: s.replace(":", ""), lambda s: "a:b:c", lambda s: s + "=" * 5000])  # fmt: skip
def test_a_bent_link_is_refused_like_any_other(clock, bend):
    with pytest.raises(LinkInvalid) as refused:
        read("case", bend(make("case", 7, "secret")))
    assert refused.value.sentence == links.refuse().sentence


@pytest.mark.parametrize("content", [["case", 7, "secret"], {"purpose": "case"}, "case", ["survey", 7, "secret", 999_999]])
def test_something_else_that_we_signed_is_no_link(clock, content):
    with pytest.raises(LinkInvalid):
        read("case", signing.dumps(content, salt=links.SALT))


def test_what_another_part_of_the_house_signed_is_no_link(clock):
    with pytest.raises(LinkInvalid):
        read("case", signing.dumps(["case", 7, "secret", 999_999], salt="another"))


def test_there_are_no_links_for_what_customers_have_no_page_of():
    with pytest.raises(ValueError, match="unsubscribe"):
        make("quote", 1, "x")
