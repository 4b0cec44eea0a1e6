"""The hash by which a version's content is known: loader, caches and compiled flows go by it."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def process_hash(bpmn: str, forms: Any) -> str:
    """SHA-256 over the drawing and the forms; the order of keys in a form does not matter."""
    return _digest(bpmn, forms)


def decision_hash(dmn: str, examples: Any) -> str:
    """SHA-256 over the decision file and its examples."""
    return _digest(dmn, examples)


def _digest(source: str, extra: Any) -> str:
    # A length in front keeps two different pairs from giving the same bytes.
    data = source.encode()
    return hashlib.sha256(b"%d:" % len(data) + data + _canonical(extra or None).encode()).hexdigest()
