"""Names of nodes: any id gets one, no two ids get the same, and every reference fits its column."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from viewflow.workflow import Flow

from processes.compiler import naming

IDS = st.one_of(
    st.text(min_size=1, max_size=300),
    st.text("Aa_-. ", min_size=1, max_size=12),
    st.from_regex(r"[A-Za-z0-9_]{1,8}_h[0-9a-f]{16}", fullmatch=True),
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(IDS, min_size=2, max_size=30, unique=True))
def test_no_two_ids_get_the_same_name(ids):
    names = naming.node_names(ids)
    assert len(set(names.values())) == len(ids)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(IDS)
def test_a_name_is_a_short_attribute_that_viewflow_does_not_use(element_id):
    name = naming.node_name(element_id)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not hasattr(Flow, name)
    assert not name.endswith("_path")
    assert len(f"process_compiler/flows.{'k' * 100}_v10000.{name}") <= 255


@pytest.mark.parametrize("element_id", ["cancel", "instance", "urls", "lock", "_x", "class", "名" * 300, "a b", "x" * 300])
def test_ids_that_would_shadow_something_are_as_good_as_any(element_id):
    assert naming.node_name(element_id).startswith("n_")


def test_names_that_come_out_alike_are_refused(monkeypatch):
    monkeypatch.setattr(naming, "node_name", lambda element_id: "n_same")
    with pytest.raises(ValueError, match="Change one of their ids"):
        naming.node_names(["a", "b"])


@pytest.mark.parametrize(("name", "parsed"), [
    ("deal_v3", ("deal", 3)), ("a_v1_v12", ("a_v1", 12)), ("deal", None), ("__path__", None), ("deal_v", None), ("_v1", None),
])  # fmt: skip
def test_the_name_of_a_class_says_which_version_it_is(name, parsed):
    assert naming.parse_flow_name(name) == parsed
