"""Policies, grants and explanations: the answer about one record is the row filter's."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import IntegerField
from django.utils.functional import SimpleLazyObject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.kernel.access.explain import explain
from crm_core.kernel.access.grants import Source, give, give_many, take
from crm_core.kernel.access.policies import (
    Denied,
    NoPolicy,
    Policy,
    all_policies,
    policy_for,
    register,
    rows_for,
)
from crm_core.kernel.access.standing import standing_of
from crm_core.kernel.acting import acting
from crm_core.kernel.models import AccessRefusal, AuditEntry, Grant, NumberSequence, User
from crm_core.parties.models import Account
from processes import ports
from tests.crm_core.support import branch, person, role, team
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def company():
    """Sales people of two teams in Shanghai, one of Paris, a manager, a director; an account each."""
    shanghai, paris = branch("shanghai"), branch("paris")
    key_accounts, new_business, ventes = team("key", shanghai), team("new", shanghai), team("ventes", paris)
    seller = role("seller", account={"view": "team", "change": "own", "add": "own"})
    manager = role("manager", account={"view": "branch", "change": "branch"})
    auditor = role("auditor", account={"view": "all", "export": "all"})

    class Company:
        owner = person(seller, of=key_accounts)
        mate = person(seller, of=key_accounts)
        other_team = person(seller, of=new_business)
        far = person(seller, of=ventes)
        boss = person(manager, of=key_accounts)
        reader = person(auditor, at=paris)
        nobody = person(at=shanghai)
        closed = person(auditor, at=shanghai, is_active=False)
        root = User.objects.create_superuser("root-person")
        closed_root = User.objects.create_superuser("closed-root", is_active=False)

    Company.account = make(Account, name="Huaxin Foods", manager=Company.owner, branch=shanghai)
    return Company


def names(rows) -> list[str]:
    return sorted(row.name for row in rows)


@pytest.mark.parametrize(
    ("who", "view", "change", "export"),
    [
        ("owner", True, True, False),
        ("mate", True, False, False),
        ("other_team", False, False, False),
        ("far", False, False, False),
        ("boss", True, True, False),
        ("reader", True, False, True),
        ("nobody", False, False, False),
        ("closed", False, False, False),
        ("root", True, True, True),
        ("closed_root", False, False, False),
    ],
)
def test_levels_reach_as_far_as_they_say(company, who, view, change, export):
    user = getattr(company, who)
    policy = policy_for(Account)

    for action, expected in (("view", view), ("change", change), ("export", export)):
        answer = policy.may(user, action, company.account)
        assert answer.allowed is expected, (action, answer)
        assert names(policy.rows(user, action)) == (["Huaxin Foods"] if expected else [])
        assert answer.reason
        assert "Huaxin" not in answer.reason


def test_nobody_and_anonymous_get_nothing(company):
    for user in (None, AnonymousUser()):
        assert not policy_for(Account).may(user, "view", company.account)
        assert list(policy_for(Account).rows(user)) == []
        assert not policy_for(Account).may_add(user)


def test_the_head_office_sees_what_lies_below_it():
    china = branch("china")
    shanghai = branch("shanghai", parent=china)
    chief = person(role("manager", account={"view": "branch"}), at=china)
    clerk = person(role("manager"), at=shanghai)
    own = make(Account, name="Own", manager=clerk, branch=china)
    below = make(Account, name="Below", manager=clerk, branch=shanghai)

    assert names(policy_for(Account).rows(chief)) == ["Below", "Own"]
    assert names(policy_for(Account).rows(clerk)) == ["Below", "Own"]  # both are clerk's own
    other = person(role("manager"), at=shanghai)
    assert names(policy_for(Account).rows(other)) == ["Below"]
    assert own.pk != below.pk


def test_require_refuses_logs_ids_only_and_changes_nothing(company):
    with acting(company.far, request_id="r-7"), pytest.raises(Denied) as refused:
        policy_for(Account).require(company.far, "change", company.account)

    assert "only on your own" in refused.value.sentence
    (row,) = AccessRefusal.objects.all()
    assert (row.user, row.record, row.object_id, row.action, row.code, row.request_id) == (
        company.far,
        "account",
        company.account.pk,
        "change",
        "no_right",
        "r-7",
    )
    assert "Huaxin" not in str(vars(row))


def test_get_gives_the_same_refusal_for_a_foreign_and_a_missing_record(company):
    sentences = set()
    for pk in (company.account.pk, 10**9):
        with pytest.raises(Denied) as refused:
            policy_for(Account).get(company.far, pk)
        sentences.add(refused.value.sentence)

    assert len(sentences) == 1
    assert policy_for(Account).get(company.owner, company.account.pk) == company.account


@pytest.mark.django_db(transaction=True)
def test_a_refusal_outlives_the_transaction_it_rolls_back(company):
    with pytest.raises(Denied), acting(company.far), transaction.atomic():
        policy_for(Account).require(company.far, "change", company.account)

    assert [row.object_id for row in AccessRefusal.objects.all()] == [company.account.pk]


def test_a_model_without_policy_is_closed_even_to_a_superuser(company):
    from django.contrib.sessions.models import Session

    with pytest.raises(NoPolicy):
        policy_for(Session)
    assert list(rows_for(company.root, Session)) == []


def test_a_model_has_one_policy():
    with pytest.raises(ValueError, match="has a policy already"):

        @register
        class Second(Policy):
            key = "another"
            model = NumberSequence


def test_a_role_that_is_taken_away_counts_at_once(company):
    assert policy_for(Account).may(company.owner, "view", company.account)
    company.owner.groups.clear()

    assert not policy_for(Account).may(company.owner, "view", company.account)


def test_the_standing_of_a_requests_user_is_read_once(company, django_assert_num_queries):
    lazy = SimpleLazyObject(lambda: User.objects.get(pk=company.owner.pk))
    assert standing_of(lazy).user_id == company.owner.pk

    with django_assert_num_queries(0):
        assert standing_of(lazy) is standing_of(lazy)


# --- grants ----------------------------------------------------------------------------------


def test_a_grant_opens_one_record_for_one_action_and_guardian_agrees(company):
    source = Source("share", "1")
    give(to=company.far, obj=company.account, actions=["view"], source=source, by=company.boss)
    user = User.objects.get(pk=company.far.pk)

    assert policy_for(Account).may(user, "view", company.account)
    assert not policy_for(Account).may(user, "change", company.account)
    assert user.has_perm("crm_parties.view_account", company.account)
    assert not user.has_perm("crm_parties.change_account", company.account)


def test_a_right_stays_until_its_last_source_is_gone(company):
    share, task = Source("share", "1"), Source("task", "t-1")
    for source in (share, task):
        give(to=company.far, obj=company.account, actions=["view"], source=source)

    assert take(source=task) == 1
    assert User.objects.get(pk=company.far.pk).has_perm("crm_parties.view_account", company.account)
    assert policy_for(Account).may(company.far, "view", company.account)

    assert take(source=share) == 1
    assert not User.objects.get(pk=company.far.pk).has_perm("crm_parties.view_account", company.account)
    assert not policy_for(Account).may(company.far, "view", company.account)


def test_giving_twice_from_one_source_is_one_grant_and_taking_nothing_is_zero(company):
    source = Source("task", "t-1")
    assert give(to=company.far, obj=company.account, actions=["view", "change"], source=source) == 2
    assert give(to=company.far, obj=company.account, actions=["view", "change"], source=source) == 0

    assert Grant.objects.count() == 2
    assert take(source=source, actions=["change"]) == 1
    assert take(source=source) == 1
    assert take(source=source) == 0


def test_a_group_grant_reaches_its_members_and_is_audited(company):
    legal = role("legal")
    lawyer = person(legal)
    with acting(company.boss):
        give(
            to=legal.group,
            obj=company.account,
            actions=["view"],
            source=Source("share", "2"),
            by=company.boss,
        )

    assert policy_for(Account).may(lawyer, "view", company.account)
    assert lawyer.has_perm("crm_parties.view_account", company.account)
    (entry,) = AuditEntry.objects.filter(model="crm_kernel.grant")
    assert entry.actor_id == company.boss.pk
    assert entry.changes["source_kind"] == [None, "share"]
    take(source=Source("share", "2"), to=legal.group)
    assert not policy_for(Account).may(lawyer, "view", company.account)


def test_the_engines_port_gives_and_takes_by_task(company):
    grants = ports.current().grants
    grants.give(
        user=company.far,
        subject=ports.Subject("account", company.account.pk),
        actions=["view"],
        source="task:9",
    )
    assert policy_for(Account).may(company.far, "view", company.account)
    grants.take(source="task:9")
    assert not policy_for(Account).may(company.far, "view", company.account)


def test_many_grants_cost_a_fixed_number_of_statements(company, django_assert_max_num_queries):
    accounts = [make(Account, name=str(n), manager=company.owner).pk for n in range(40)]
    source = Source("team", "5")
    with django_assert_max_num_queries(8):
        give_many(to=company.far, model=Account, ids=accounts, actions=["view"], source=source)

    assert policy_for(Account).rows(company.far).count() == 40


# --- the chain of reasons ----------------------------------------------------------------------


def test_explain_names_role_reach_and_grant(company):
    chain = explain(company.mate, "view", company.account)
    assert chain.answer.allowed
    assert [(reason.kind, reason.allows) for reason in chain.reasons] == [
        ("roles", None),
        ("level", None),
        ("reach", True),
    ]
    assert "team" in chain.reasons[-1].sentence

    refused = explain(company.far, "view", company.account)
    assert not refused.answer.allowed
    assert [reason.allows for reason in refused.reasons] == [None, None, False]

    give(to=company.far, obj=company.account, actions=["view"], source=Source("task", "42"), by=company.boss)
    granted = explain(company.far, "view", company.account)
    assert granted.answer.allowed
    assert granted.reasons[-1].source == "task:42"
    assert explain(company.root, "view", company.account).reasons[0].kind == "superuser"


# --- list and detail agree, for every model ------------------------------------------------------


@pytest.mark.parametrize("policy", all_policies(), ids=lambda policy: policy.key)
def test_the_single_answer_equals_the_row_filter(policy, company):
    levels = {"view": "team", "change": "own", "delete": "none", "export": "branch"}
    cells = {"account": {"view": "branch"}, policy.key: levels}
    some = person(role("some", **cells), at=branch("shanghai"))
    one_of = {"contact_point": {"account": company.account}, "grant": {"user": company.nobody}}
    rows = [make(policy.model, **one_of.get(policy.key, {})) for _ in range(3)]
    for field, holder in ((policy.owner, some), (policy.branch, branch("shanghai"))):
        columns = {f.name for f in policy.model._meta.concrete_fields if f.is_relation and not f.unique}
        if field in columns:
            policy.model._default_manager.filter(pk=rows[1].pk).update(**{field: holder})
    if isinstance(policy.model._meta.pk, IntegerField):
        give(to=some, obj=rows[2], actions=["delete"], source=Source("share", "9"))

    for action in policy.actions:
        if action == "add":
            continue
        listed = set(policy.rows(some, action).values_list("pk", flat=True))
        single = {row.pk for row in policy.model._default_manager.all() if policy.may(some, action, row)}
        assert single == listed, action
        for row in rows:
            assert explain(some, action, row).answer.allowed is (row.pk in listed)


LEVELS = ["none", "own", "team", "branch", "all"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    level=st.sampled_from(LEVELS),
    rows=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["shanghai", "paris", None])), max_size=6),
    granted=st.sets(st.integers(0, 5)),
)
def test_the_row_filter_is_the_rule_written_out(db, level, rows, granted):
    with transaction.atomic():
        shanghai, paris = branch("shanghai"), branch("paris")
        reach = role("reach", account={"view": level})
        people = [
            person(reach, of=team("a", shanghai)),
            person(of=team("a", shanghai)),
            person(of=team("b", shanghai)),
            person(of=team("c", paris)),
        ]
        made = []
        for owner, place in rows:
            made.append(
                make(Account, name="x", manager=people[owner], branch=branch(place) if place else None)
            )
        for index in granted:
            if index < len(made):
                give(to=people[0], obj=made[index], actions=["view"], source=Source("share"))

        def allowed(index: int) -> bool:
            owner, place = rows[index]
            reaches = LEVELS.index(level)
            return (
                index in granted
                or (reaches >= 1 and owner == 0)
                or (reaches >= 2 and owner <= 1)
                or (reaches >= 3 and place == "shanghai")
                or reaches == 4
            )

        expected = {made[index].pk for index in range(len(made)) if allowed(index)}
        assert set(policy_for(Account).rows(people[0]).values_list("pk", flat=True)) == expected
        transaction.set_rollback(True)
