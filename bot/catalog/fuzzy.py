"""Finds things by what was typed: by name, code, alias or beginning first, and with typos forgiven."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

LONGEST_QUERY: Final = 64
"""Characters of a query that are read; no name is longer."""
_SHORTEST_WORD: Final = 3
"""Letters from which one word of a query is looked for by itself."""
_FORGIVEN: Final = ((10, 3), (6, 2), (4, 1))
"""Letters of a query from which so many of them may be wrong."""
_ALIKE: Final = 0.7
"""Of 1; what is less like a query is not even worth a guess."""
_WORDS: Final = re.compile(r"[^\W_]+")
_PARTS: Final = re.compile(r"[/(),|]")
_LETTERS: Final = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "\u0131": "i"})
"""Letters that Unicode does not take apart into a plain one and its mark."""


class Fit(IntEnum):
    """How well something fits a query, best first."""

    EXACT = 0
    BEGINS = 1
    SIMILAR = 2


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Something that can be found.

    Attributes:
        code: what a search returns.
        name: its name; the parts of one such as "Google / YouTube" are names too.
        aliases: what people call it besides.
    """

    code: str
    name: str
    aliases: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search found."""

    code: str
    fit: Fit


class FuzzyIndex:
    """A list prepared once for many searches; what comes first in it wins among equals."""

    def __init__(self, entries: Iterable[IndexEntry], *, by_code: bool = True) -> None:
        self._codes: list[str] = []
        self._exact: tuple[dict[str, list[int]], ...] = ({}, {}, {})
        words: dict[str, list[int]] = {}
        for place, entry in enumerate(entries):
            self._codes.append(entry.code)
            names, codes, others = self._exact
            names.setdefault(_squeezed(entry.name), []).append(place)
            if by_code:
                codes.setdefault(_squeezed(entry.code), []).append(place)
            for other in (*_PARTS.split(entry.name), *entry.aliases):
                if other.strip():
                    others.setdefault(_squeezed(other), []).append(place)
            for word in _words(entry.name):
                words.setdefault(word, []).append(place)
        terms: dict[str, list[int]] = {}
        for exact in (self._exact[0], self._exact[2]):
            for term, places in exact.items():
                terms.setdefault(term, []).extend(places)
        self._terms = _Sorted(terms)
        self._words = _Sorted(words)

    def search(self, query: str, limit: int = 8) -> list[Hit]:
        """Return what fits a query, best first; a query of several words may also fit by one of them."""
        wanted = _squeezed(query)
        if not wanted:
            return []
        return self._search(wanted, limit) or self._by_words(_words(query[:LONGEST_QUERY]), limit)

    def exact(self, query: str) -> list[str]:
        """Return the codes of what has just this code, name or alias."""
        return [self._codes[place] for place in dict.fromkeys(self._exactly(_squeezed(query)))]

    def nearest(self, query: str, limit: int = 4) -> list[str]:
        """Return the codes of what looks most like a query, though it may not be meant."""
        wanted = _squeezed(query)
        if not wanted or not _WORDS.search(wanted):
            return []
        found = process.extract(
            wanted,
            self._terms.terms,
            scorer=JaroWinkler.similarity,
            processor=None,
            score_cutoff=_ALIKE,
            limit=3 * limit,
        )
        places = dict.fromkeys(place for term, _, _ in found for place in self._terms.places[term])
        return [self._codes[place] for place in places][:limit]

    def _search(self, wanted: str, limit: int) -> list[Hit]:
        hits = dict.fromkeys(self._exactly(wanted), Fit.EXACT)
        for some in (self._terms, self._words):
            if len(hits) < limit:
                for place in sorted(set(some.beginning(wanted))):
                    hits.setdefault(place, Fit.BEGINS)
        if len(hits) < limit:
            for place in self._similar(wanted, limit):
                hits.setdefault(place, Fit.SIMILAR)
        return [Hit(self._codes[place], fit) for place, fit in hits.items()][:limit]

    def _exactly(self, wanted: str) -> Iterator[int]:
        for exact in self._exact:
            yield from exact.get(wanted, ())

    def _similar(self, wanted: str, limit: int) -> list[int]:
        forgiven = next((wrong for letters, wrong in _FORGIVEN if len(wanted) >= letters), 0)
        if not forgiven:
            return []
        found = process.extract(
            wanted,
            self._terms.terms,
            scorer=OSA.distance,
            processor=None,
            score_cutoff=forgiven,
            limit=4 * limit,
        )
        ranked = sorted((wrong, place) for term, wrong, _ in found for place in self._terms.places[term])
        return [place for _, place in ranked]

    def _by_words(self, words: list[str], limit: int) -> list[Hit]:
        """Return what fits the most words of a query."""
        if len(words) == 1:
            return []
        counted: Counter[str] = Counter()
        for word in words:
            if len(word) >= _SHORTEST_WORD:
                counted.update(hit.code for hit in self._search(word, limit))
        return [Hit(code, Fit.SIMILAR) for code, _ in counted.most_common(limit)]


def split_place(query: str, places: FuzzyIndex) -> Iterator[tuple[str, str]]:
    """Yield how a query of several words may name a place at its end or beginning, and what is left of it.

    The longest names come first; each place is by its code.
    """
    words = query[:LONGEST_QUERY].split()
    for rest in range(1, len(words)):
        for place, left in ((words[rest:], words[:rest]), (words[:-rest], words[-rest:])):
            for code in places.exact(" ".join(place)):
                yield code, " ".join(left)


class _Sorted:
    """Terms in their order, so that those with the same beginning lie side by side."""

    def __init__(self, places: dict[str, list[int]]) -> None:
        self.places = places
        self.terms = sorted(places)

    def beginning(self, start: str) -> Iterator[int]:
        """Yield the places of the terms that begin so."""
        for number in range(bisect_left(self.terms, start), len(self.terms)):
            if not self.terms[number].startswith(start):
                return
            yield from self.places[self.terms[number]]


def _words(text: str) -> list[str]:
    """Return the words of a text without marks, case and punctuation."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORDS.findall(letters.translate(_LETTERS))


def _squeezed(text: str) -> str:
    """Return a text as it is compared: its words in one; a text without words as it is."""
    text = text[:LONGEST_QUERY]
    return "".join(_words(text)) or text.strip().casefold()
