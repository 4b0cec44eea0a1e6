"""What must hold for the policy of every model, whoever wrote it: the registry is walked, nothing is named.

The few names below are declared exceptions, each with its reason; a stale one fails.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from crm_core.kernel.access.explain import explain
from crm_core.kernel.access.policies import Denied, all_policies
from crm_core.kernel.acting import acting
from crm_core.kernel.models import AccessRefusal
from tests.crm_core.everyone import ACTORS, around, kept, owned

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CLOSED = {"article_term": "the search index is nobody's to read"}
HISTORY = {
    "stage_change": "written by services alone", "article_version": "written by services alone", "resolution": "written by services alone",
    "imported_row": "written by imports alone", "survey_answer": "given by customers alone", "mailing": "written by services alone",
    "mailing_batch": "written by services alone", "mailing_recipient": "written by services alone",
}  # fmt: skip
NO_POLICY = {
    "crm_kernel.Notice": "read by its addressee alone, by a selector of its own",
    "crm_sales.AssignmentPool": "a lock row of the assignment service", "crm_sales.AssignmentTurn": "a counter of the assignment service",
}  # fmt: skip

every_policy = pytest.mark.parametrize("policy", all_policies(), ids=lambda policy: policy.key)


@every_policy
def test_list_and_single_record_agree_for_everybody_and_every_action(policy):
    those = around(policy)

    for who in ACTORS:
        for action in policy.actions:
            user = those[who]
            listed = policy.rows(user, action).filter(pk=those.row.pk).exists()
            if action != "add":
                assert bool(policy.may(user, action, those.row)) is listed, (who, action)
                assert explain(user, action, those.row).answer.allowed is listed, (who, action)
            assert not listed or policy.may_any(user, action), (who, action)


@pytest.mark.parametrize("policy", filter(owned, all_policies()), ids=lambda policy: policy.key)
def test_the_owner_sees_and_changes_the_own_record(policy):
    those = around(policy)
    may = {action: bool(policy.may(those["owner"], action, those.row)) for action in policy.actions}

    if policy.key in CLOSED:
        assert not any(may[action] for action in ("view", "change", "delete", "export"))
        return
    assert may["view"]
    assert may["change"] is (policy.key not in HISTORY)
    assert may["export"]


@every_policy
def test_a_colleague_of_the_branch_looks_and_does_not_touch(policy):
    those = around(policy)
    user, before = those["colleague"], kept(those.row)

    for action in ("change", "delete", "export"):
        refused(policy, user, action, those.row)
    assert kept(those.row) == before


@every_policy
@pytest.mark.parametrize("who", ["other_branch", "no_role"])
def test_a_stranger_gets_nothing_and_the_refusal_is_logged(policy, who):
    those = around(policy)
    user, before = those[who], kept(those.row)

    for action in ("view", "change", "delete", "export"):
        refused(policy, user, action, those.row)
    with pytest.raises(Denied):
        policy.get(user, those.row.pk)
    if who == "no_role":
        assert not policy.may_add(user)
        assert not policy.may_any(user, "view") or policy.rows(user, "view").exists()
    assert kept(those.row) == before


@every_policy
def test_an_auditor_reads_everything_and_changes_nothing(policy):
    those = around(policy)
    user, before = those["auditor"], kept(those.row)

    assert bool(policy.may(user, "view", those.row)) is (policy.key not in CLOSED)
    for action in ("change", "delete", "export"):
        refused(policy, user, action, those.row)
    assert not policy.may_add(user)
    assert kept(those.row) == before


@every_policy
def test_who_is_not_signed_in_or_has_left_gets_nothing(policy):
    those = around(policy)
    gone = those["owner"]
    gone.is_active = False

    for user in (None, AnonymousUser(), gone):
        for action in policy.actions:
            assert not policy.may(user, action, those.row)
            assert not policy.rows(user, action).exists()
            assert not policy.may_any(user, action)


def refused(policy, user, action, row) -> None:
    """The action is refused with a sentence that tells nothing of the record, and the refusal is written down."""
    before = set(AccessRefusal.objects.values_list("pk", flat=True))
    with acting(user), pytest.raises(Denied) as denial:
        policy.require(user, action, row)
    assert denial.value.sentence
    assert str(row) not in denial.value.sentence or len(str(row)) < 3
    (logged,) = AccessRefusal.objects.exclude(pk__in=before)
    assert (logged.user_id, logged.record, logged.action) == (user.pk, policy.key, action)
    assert logged.object_id == (row.pk if isinstance(row.pk, int) else None)


def test_every_record_of_the_business_has_a_policy_or_a_reason_for_none():
    covered = {policy.model for policy in all_policies()}
    without = {
        model._meta.label for model in apps.get_models() if model.__module__.startswith("crm_core.") and model not in covered
    }

    assert without == set(NO_POLICY)
