"""Cutting text into the words that the search index holds, in Chinese and English.

Chinese is cut by dictionary (rjieba, search mode, which also gives the words inside long
words) and, besides, into pairs of neighbouring characters, so that names and new words that
the dictionary lacks are found too. English words lose their plural (S-stemmer: D. Harman,
"How effective is suffixing?", JASIS 42, 1991). Question words and function words are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import rjieba

# Raise this when the cutting changes: articles indexed with another one are indexed anew.
SEGMENTATION = "rjieba-0.2+bigrams-1"
LONGEST = 60

_LATIN = re.compile(r"[a-z0-9]+(?:[.'-][a-z0-9]+)*")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[`*_>#|~]+")

_STOP = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "should", "so", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your"]
) | frozenset(
    ["的", "了", "和", "是", "在", "我", "有", "也", "就", "不", "人", "都", "一", "一个", "上", "很", "到", "说", "要", "去", "你", "会", "着", "没有", "看", "好", "自己", "这", "那", "吗", "呢", "吧", "啊", "与", "及", "或", "被", "把", "怎么", "怎么办", "如何", "怎样", "多久", "多少", "什么", "为什么", "哪里", "哪个", "哪些", "谁", "何时", "请问", "可以", "能", "能否", "是否", "我们", "你们", "他们", "它", "其", "之", "以", "于", "为", "对", "中", "等"]
)


def plain(text: str) -> str:
    """The text without Markdown signs, in compatibility form and lower case."""
    return unicodedata.normalize("NFKC", _MARKUP.sub(lambda m: m.group(1) or " ", text)).lower()


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word


def words(text: str) -> list[str]:
    """The words of a text, in no order that matters, with repeats; never longer than LONGEST."""
    clean = plain(text)
    found = [_singular(word) for word in _LATIN.findall(clean) if word not in _STOP]
    for run in _HAN.findall(clean):
        cut = [word for word in rjieba.cut_for_search(run) if word not in _STOP]
        found.extend(cut)
        known = {word for word in cut if len(word) == 2}
        pairs = [run[i : i + 2] for i in range(len(run) - 1)]
        found.extend(
            pair for pair in pairs if pair not in known and pair not in _STOP and not (set(pair) & _FUNCTION)
        )
    return [word for word in found if len(word) <= LONGEST]


# Pairs that contain one of these seldom mean anything.
_FUNCTION = frozenset("的了和是在我也就不都很到说要你会着吗呢吧啊与及或被把之以于")


def weigh(parts: Iterable[tuple[str, int]]) -> Counter[str]:
    """How much each word weighs over (text, factor) parts: a word of the title counts more than one of the body."""
    weights: Counter[str] = Counter()
    for text, factor in parts:
        for word in words(text):
            weights[word] += factor
    return weights


@lru_cache(maxsize=512)
def query_words(text: str) -> tuple[str, ...]:
    """The different words of a question, most 40, in the order in which they stand."""
    return tuple(dict.fromkeys(words(text)))[:40]
