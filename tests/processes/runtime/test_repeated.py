"""What PostgreSQL is sent again and again it knows by name; other databases and poolers are left alone."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from processes.runtime import repeated
from processes.runtime.together import Statement, execute

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def fresh_connection():
    """A connection that has been sent nothing."""
    connection.close()
    yield
    connection.close()


def asked(sql: str, *params: object, times: int = 4) -> list[str]:
    """What the database was sent when it was asked the same so many times; every answer is the first parameter."""
    with CaptureQueriesContext(connection) as heard:
        for _again in range(times):
            answers = execute(connection, [Statement(sql, params, reads=True), Statement("SELECT 1", (), reads=True)])
            assert [answer.rows for answer in answers] == [[(params[0],)], [(1,)]]
    return [query["sql"] for query in heard.captured_queries]


def named(sent: list[str]) -> int:
    return sum("EXECUTE redraw_" in sql for sql in sent)


def test_what_is_asked_often_is_called_by_name():
    sent = asked("SELECT CAST(%s AS integer)", 7)
    on_server = connection.vendor == "postgresql"
    assert named(sent) == (4 - repeated.SOON if on_server else 0)
    assert sum(sql.startswith("PREPARE redraw_0 AS SELECT") for sql in sent) == on_server
    assert named(asked("SELECT CAST(%s AS integer)", 8, times=1)) == on_server


def test_a_pooler_is_spared(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert named(asked("SELECT CAST(%s AS integer)", 7)) == 0


def test_a_new_connection_knows_nothing_of_the_old_ones_names():
    asked("SELECT CAST(%s AS integer)", 7)
    connection.close()
    assert named(asked("SELECT CAST(%s AS integer)", 7, times=1)) == 0


@pytest.mark.postgresql
def test_a_statement_that_cannot_be_prepared_fails_as_itself_and_leaves_the_connection_usable():
    wrong = Statement("SELECT nothing FROM auth_user WHERE id = %s", (1,), reads=True)
    for _again in range(4):
        with pytest.raises(DatabaseError, match="nothing"), transaction.atomic():
            execute(connection, [wrong])
    assert named(asked("SELECT CAST(%s AS integer)", 7)) == 4 - repeated.SOON


@pytest.mark.postgresql
def test_names_outlive_the_transaction_that_was_taken_back():
    sql = "SELECT CAST(%s AS integer)"
    asked(sql, 7, times=2)
    with transaction.atomic():
        assert named(asked(sql, 7, times=1)) == 1
        transaction.set_rollback(True)
    assert named(asked(sql, 7, times=1)) == 1


def test_parameters_are_counted():
    assert repeated.numbered("UPDATE t SET a = %s WHERE b = %s AND c") == "UPDATE t SET a = $1 WHERE b = $2 AND c"
