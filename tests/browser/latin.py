"""Finds what a Chinese page says in Latin letters: text that is neither data nor a term that stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.apps import apps
from django.db import models

from processes.catalog.models import ProcessVersion
from processes.inbox.forms import FormSchema
from processes.runtime.models import ProcessInstance

TERMS = frozenset({
    "API", "BPMN", "CNY", "CRM", "CSV", "Ctrl", "DMN", "EUR", "Enter", "Esc", "FEEL", "GBP", "HKD", "ID", "IP", "JPY",
    "ISO", "JSON", "ODS", "OK", "PDF", "Redraw", "SVG", "URL", "USD", "UTC", "XLSX", "XML",
})  # fmt: skip
"""Words that Chinese writes in Latin letters too: names of products, formats, currencies and keys."""

MARKS = frozenset({"Powered by bpmn.io"})
"""Marks of others that their licence keeps as they are."""

_HANDLES = re.compile(
    r"https?://\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[A-Z]{1,5}(?:-[A-Z]{1,4})?-?\d[\w-]*"
    r"|\b\w+\.(?:csv|xlsx|ods|json|bpmn|dmn)\b"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|cn|example|org|net|fr|de|gov|edu)\b"
)
_WORD = re.compile(r"[A-Za-z][A-Za-zÀ-ÿ'’-]*[A-Za-zÀ-ÿ]")
_RUN = re.compile(r"[A-Za-zÀ-ÿ][A-Za-z0-9_À-ÿ .,;'’&+/°%#!?-]*")

READS = """() => {
  const apart = 'script,style,noscript,code,pre,kbd,textarea,.material-symbols-outlined,[translate=no],[lang]:not(html),[data-as-written]';
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, host = node.parentElement;
    if (!host || host.closest(apart) || !host.checkVisibility({visibilityProperty: true})) continue;
    found.push([node.textContent, !!host.closest('.said')]);
  }
  for (const host of document.querySelectorAll('[placeholder],[title],[aria-label],[alt],input[type=submit],input[type=button]')) {
    if (host.closest(apart) || !host.checkVisibility()) continue;
    for (const name of ['placeholder', 'title', 'aria-label', 'alt']) found.push([host.getAttribute(name) || '', false]);
    if (host.matches('input[type=submit],input[type=button]')) found.push([host.value, false]);
  }
  const texts = new Map();
  for (const [text, filled] of found) texts.set(text.replace(/\\s+/g, ' ').trim(), filled);
  return [...texts].filter(([text]) => /[A-Za-z]{2}/.test(text));
}"""
"""The texts of a page that a reader meets, without those that are marked as data or as another language; for
each whether it is a sentence of a form that is filled in with data."""


def foreign(text: str, data: frozenset[str] = frozenset()) -> bool:
    """Whether a text has words in Latin letters that are no term, no number, no address, and not in `data`."""
    if text in data or text in MARKS:
        return False
    for run in _RUN.findall(_HANDLES.sub("·", text)):
        left = [word for word in _WORD.findall(run) if word not in TERMS]
        if left and run.strip(" .,;'’&+/-") not in data:
            return True
    return False


def data_texts() -> frozenset[str]:
    """Every text that people wrote into the records of this database, whole and run by run.

    Labels with a translation of their own live in JSON and are not among them, nor are choices.
    """
    found: set[str] = set()
    for model in apps.get_models():
        if not model._meta.app_label.startswith(("crm_", "process_")) or model._meta.model_name == "auditentry":
            continue
        names = [f.attname for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField) and not f.choices]
        for row in model._base_manager.values_list(*names).iterator() if names else ():
            found.update(_pieces(row))
    found.update(_pieces(_typed()))
    return frozenset(found)


def _typed() -> Iterable[object]:
    """What people typed into the text fields of forms that became a variable of an instance."""
    schemas = [schema for forms in ProcessVersion.objects.values_list("forms", flat=True) for schema in forms.values()]
    keys = {item.key for schema in schemas for item in FormSchema.parse(schema).fields if item.type in ("textfield", "textarea")}
    for data in ProcessInstance.objects.values_list("data", flat=True).iterator():
        yield from (data[key] for key in keys & data.keys())


def _pieces(texts: Iterable[object]) -> Iterable[str]:
    for text in texts:
        if isinstance(text, str) and text and len(text) < 2000:
            yield re.sub(r"\s+", " ", text).strip()
            for run in _RUN.findall(_HANDLES.sub("·", text)):
                yield run.strip(" .,;'’&+/-")
