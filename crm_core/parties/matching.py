"""Keys by which the same customer is recognised however the name or address is written."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_LEGAL = re.compile(
    r"\b(co|company|ltd|limited|inc|corp|corporation|llc|plc|gmbh|ag|kg|sarl|sas|sa|bv|spa|group|holding|holdings)\b\.?"
)
_LEGAL_ZH = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团|公司)+$")
_NOT_WORD = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\D+")
PUBLIC_MAIL = frozenset({
    "gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "qq.com", "163.com", "126.com", "sina.com",
    "foxmail.com", "orange.fr", "free.fr", "wanadoo.fr", "laposte.net", "gmx.de", "web.de",
})  # fmt: skip
"""Mail providers: a shared domain says nothing about the company."""


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    return "".join(c for c in folded if not unicodedata.combining(c)).casefold()


def name_key(name: str) -> str:
    """A company's name without accents, legal form, blanks and punctuation."""
    plain = _LEGAL.sub(" ", _plain(name))
    plain = _NOT_WORD.sub("", plain)
    stripped = _LEGAL_ZH.sub("", plain)
    return (stripped or plain)[:220]


def person_key(name: str) -> str:
    """A person's name, whatever the order of its parts."""
    return " ".join(sorted(_NOT_WORD.sub(" ", _plain(name)).split()))[:170]


def email_key(address: str) -> str:
    """A mail address as the suppression list has it."""
    return unicodedata.normalize("NFKC", address).strip().casefold()[:300]


def phone_key(number: str) -> str:
    """The last nine digits of a telephone number: the same with or without the country's code."""
    return _DIGITS.sub("", unicodedata.normalize("NFKC", number))[-9:]


def point_key(channel: str, address: str) -> str:
    """How the address of a channel is compared: telephones by their last digits, the rest as mail addresses."""
    return phone_key(address) if channel in ("phone", "fax") else email_key(address)


def domain_of(address_or_site: str) -> str:
    """The domain of a company's own mail or web address; empty for mail providers."""
    text = address_or_site.strip().casefold()
    domain = text.rpartition("@")[2] if "@" in text else (urlsplit(text if "//" in text else f"//{text}").hostname or "")
    domain = domain.removeprefix("www.")
    return "" if domain in PUBLIC_MAIL else domain


def search_text(*parts: str) -> str:
    """What the search box looks into."""
    return " ".join(dict.fromkeys(part.strip().casefold() for part in parts if part and part.strip()))[:1000]
