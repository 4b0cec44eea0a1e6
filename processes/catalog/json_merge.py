"""What the merges of forms and of lists have in common."""

from __future__ import annotations

from processes.catalog.errors import Unmergeable
from processes.merging import Merged
from processes.merging.json_trees import Json, text_of, tree_of
from processes.merging.outside import gathered
from processes.merging.trees import merge_trees
from processes.spoken import gettext as _


def merged(base: str, theirs: str, mine: str, language: Json, prefer: str) -> Merged:
    """The merge of three JSON texts."""
    try:
        trees = [tree_of(text) for text in (base, theirs, mine)]
    except ValueError as error:
        raise Unmergeable(
            _("The changes cannot be brought together: one of the texts is no JSON (%(reason)s). Take one of the two as it is.")
            % {"reason": error}
        ) from error
    grown = merge_trees(trees, language, prefer)
    text = mine if theirs == base else theirs if mine in (base, theirs) else text_of(grown.root)
    return Merged(text, gathered(grown.conflicts), tuple(filter(None, grown.theirs)))
