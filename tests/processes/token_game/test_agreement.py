"""The engine and the reference token game agree, and so does the check for soundness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processes import api
from processes.bpmn import parse
from processes.lint import check
from tests.processes.token_game.course import compare
from tests.processes.token_game.drawings import Pick, drawing
from tests.processes.token_game.game import Game, every_way

pytestmark = [pytest.mark.django_db]

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    with api.by_hand():
        yield


def picked(data: st.DataObject) -> Pick:
    """Numbers out of what hypothesis draws."""
    return lambda below: data.draw(st.integers(0, below - 1))


def agree(data: st.DataObject) -> None:
    pick = picked(data)
    with transaction.atomic():
        compare(drawing(pick), pick)
        transaction.set_rollback(True)


@settings(max_examples=300, deadline=None, suppress_health_check=QUIET, database=None, derandomize=True)
@given(st.data())
def test_the_engine_rests_where_the_standard_lets_it(data):
    agree(data)


@pytest.mark.both_databases
@settings(max_examples=30, deadline=None, suppress_health_check=QUIET, database=None, derandomize=True)
@given(st.data())
def test_the_engine_rests_there_on_either_database(data):
    agree(data)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None, suppress_health_check=QUIET, database=None)
@given(st.data())
def test_the_engine_rests_where_the_standard_lets_it_ten_thousand_times(data):
    agree(data)


# --- the check for soundness ---------------------------------------------------------------------------------------
def judge(data: st.DataObject, most: int) -> None:
    """Every state of a small drawing: the check names exactly the nodes at which a scope stands still in one."""
    model = parse(drawing(picked(data), 14).bpmn)
    game = Game(model, every_way, anything_fails=True)
    states = game.explore(most)
    if states is None:
        return
    stuck = set().union(*(game.stuck(state) for state in states))
    reached = set().union(*(set(game.resting(state.items)) for state in states))
    found = check(model)
    assert {p.element for p in found if p.code == "deadlock"} == stuck
    assert not {p.element for p in found if p.code == "never_reached"} & reached


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET, database=None, derandomize=True)
@given(st.data())
def test_the_check_finds_the_deadlocks_that_there_are(data):
    judge(data, 800)


@pytest.mark.long
@settings(max_examples=2_000, deadline=None, suppress_health_check=QUIET, database=None)
@given(st.data())
def test_the_check_finds_the_deadlocks_that_there_are_in_many_drawings(data):
    judge(data, 5_000)
