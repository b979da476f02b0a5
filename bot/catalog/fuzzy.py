"""Fuzzy index: finds names by exact match, by prefix, and with typos."""

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

MAX_QUERY: Final = 64
"""Characters of a query that are used; no name is longer."""
_MIN_WORD: Final = 3
"""Letters that a word needs to be searched for on its own."""
_MIN_INEXACT_WORD: Final = 5
"""Letters that a word of a longer query needs to match the beginning of a name, or a name with a typo."""
_MAX_INEXACT_WORDS: Final = 3
"""Words of the longest query whose words may match so; a longer one is a sentence, not a name."""
_TYPOS: Final = ((10, 3), (7, 2), (4, 1))
"""Letters of a query → how many typos are allowed from that length on, longest first."""
_MAX_OPERATOR_WORDS: Final = 3
_MIN_SIMILARITY: Final = 0.85
"""Lowest Jaro-Winkler similarity (0 to 1) of a suggestion."""
_WORDS: Final = re.compile(r"[^\W_]+")
_PARTS: Final = re.compile(r"[/(),|]")
_LETTERS: Final = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "\u0131": "i"})
"""Letters with a mark that Unicode does not decompose."""


class Fit(IntEnum):
    """How well an entry matches a query, best first."""

    EXACT = 0
    BEGINS = 1
    SIMILAR = 2


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """An entry of the index.

    Attributes:
        code: what a search returns.
        name: its name; the parts of a name such as "Google / YouTube" count as aliases.
        aliases: other names.
    """

    code: str
    name: str
    aliases: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result."""

    code: str
    fit: Fit


class FuzzyIndex:
    """An immutable index; entries that match equally well keep the order of the list."""

    def __init__(self, entries: Iterable[IndexEntry], *, by_code: bool = True) -> None:
        self._codes: list[str] = []
        self._exact: tuple[dict[str, list[int]], ...] = ({}, {}, {})
        words: dict[str, list[int]] = {}
        for position, entry in enumerate(entries):
            self._codes.append(entry.code)
            names, codes, others = self._exact
            names.setdefault(normalized(entry.name), []).append(position)
            if by_code:
                codes.setdefault(normalized(entry.code), []).append(position)
            for other in (*_PARTS.split(entry.name), *entry.aliases):
                if other.strip():
                    others.setdefault(normalized(other), []).append(position)
            for word in _words(entry.name):
                words.setdefault(word, []).append(position)
        terms: dict[str, list[int]] = {}
        for exact in (self._exact[0], self._exact[2]):
            for term, positions in exact.items():
                terms.setdefault(term, []).extend(positions)
        self._terms = _SortedTerms(terms)
        self._words = _SortedTerms(words)

    def search(self, query: str, limit: int = 8) -> list[Hit]:
        """Return the matches of a query, best first; if there are none, the matches of its single words."""
        term = normalized(query)
        if not term:
            return []
        return self._search(term, limit) or self._search_words(_words(query[:MAX_QUERY]), limit)

    def exact(self, query: str, *, by_code: bool = True) -> list[str]:
        """Return the codes of the entries with exactly this name, code (unless excluded) or alias."""
        found = self._find_exact(normalized(query), by_code=by_code)
        return [self._codes[position] for position in dict.fromkeys(found)]

    def only(self, query: str) -> str | None:
        """Return the code of the one entry that a query names without a typo; None if there are others.

        A short query that is also the beginning of other names does not name one entry.
        """
        term = normalized(query)
        named = self._exact[0].get(term, [])
        found = {*named} if len(named) == 1 else {*self._find_exact(term)}
        if len(found) != 1 or (len(term) < _MIN_WORD and {*self._terms.find_prefix(term)} - found):
            return None
        return self._codes[found.pop()]

    def nearest(self, query: str, limit: int = 4) -> list[str]:
        """Return the codes of the entries with the most similar names, as suggestions."""
        term = normalized(query)
        if not term or not _WORDS.search(term) or len(_words(query)) > _MAX_INEXACT_WORDS:
            return []
        found = process.extract(
            term,
            self._terms.terms,
            scorer=JaroWinkler.similarity,
            processor=None,
            score_cutoff=_MIN_SIMILARITY,
            limit=3 * limit,
        )
        positions = dict.fromkeys(
            position for similar, _, _ in found for position in self._terms.positions[similar]
        )
        return [self._codes[position] for position in positions][:limit]

    def _search(self, term: str, limit: int) -> list[Hit]:
        hits = dict.fromkeys(self._find_exact(term), Fit.EXACT)
        for terms in (self._terms, self._words):
            if len(hits) < limit:
                for position in sorted(set(terms.find_prefix(term))):
                    hits.setdefault(position, Fit.BEGINS)
        if len(hits) < limit:
            for position in self._find_similar(term, limit):
                hits.setdefault(position, Fit.SIMILAR)
        return [Hit(self._codes[position], fit) for position, fit in hits.items()][:limit]

    def _find_exact(self, term: str, *, by_code: bool = True) -> Iterator[int]:
        names, codes, others = self._exact
        for exact in (names, codes, others) if by_code else (names, others):
            yield from exact.get(term, ())

    def _find_similar(self, term: str, limit: int) -> list[int]:
        typos = next((allowed for letters, allowed in _TYPOS if len(term) >= letters), 0)
        if not typos:
            return []
        found = process.extract(
            term,
            self._terms.terms,
            scorer=OSA.distance,
            processor=None,
            score_cutoff=typos,
            limit=4 * limit,
        )
        ranked = sorted(
            (distance, position)
            for similar, distance, _ in found
            for position in self._terms.positions[similar]
        )
        return [position for _, position in ranked]

    def _search_words(self, words: list[str], limit: int) -> list[Hit]:
        """Return the entries that match the most words of a query."""
        if len(words) == 1:
            return []
        matches: Counter[str] = Counter()
        for word in words:
            if len(word) < _MIN_WORD:
                continue
            if exact := self.exact(word, by_code=False):
                matches.update(exact)
            elif len(word) >= _MIN_INEXACT_WORD and len(words) <= _MAX_INEXACT_WORDS:
                matches.update(hit.code for hit in self._search(word, limit))
        return [Hit(code, Fit.SIMILAR) for code, _ in matches.most_common(limit)]


def split_country(query: str, countries: FuzzyIndex) -> Iterator[tuple[str, str]]:
    """Yield (country code, rest of the query) for each country name at the end or beginning of a query.

    Longer names come first.
    """
    words = query[:MAX_QUERY].split()
    for split in range(1, len(words)):
        for name, rest in ((words[split:], words[:split]), (words[:-split], words[-split:])):
            for code in countries.exact(" ".join(name)):
                yield code, " ".join(rest)


def split_operators(query: str, operators: FuzzyIndex) -> tuple[str, tuple[str, ...]]:
    """Return a query without the operators that it names, and their codes."""
    words, rest, named = query[:MAX_QUERY].split(), list[str](), list[str]()
    while words:
        for size in range(min(_MAX_OPERATOR_WORDS, len(words)), 0, -1):
            if found := operators.exact(" ".join(words[:size])):
                named.append(found[0])
                del words[:size]
                break
        else:
            rest.append(words.pop(0))
    return " ".join(rest), tuple(dict.fromkeys(named))


class _SortedTerms:
    """Sorted terms for a binary search by prefix, with the positions of their entries."""

    def __init__(self, positions: dict[str, list[int]]) -> None:
        self.positions = positions
        self.terms = sorted(positions)

    def find_prefix(self, prefix: str) -> Iterator[int]:
        """Yield the positions of the entries that have a term with this prefix."""
        for index in range(bisect_left(self.terms, prefix), len(self.terms)):
            if not self.terms[index].startswith(prefix):
                return
            yield from self.positions[self.terms[index]]


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    # Decomposed, a Korean syllable has up to three letters.
    return _WORDS.findall(unicodedata.normalize("NFC", letters.translate(_LETTERS)))


def normalized(text: str) -> str:
    """Return the words of a text joined into one term, or the stripped text if it has no words."""
    text = text[:MAX_QUERY]
    return "".join(_words(text)) or text.strip().casefold()
