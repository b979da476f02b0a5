"""A probe of a provider: asks every reading action and compares the answers with the profile; never buys."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Final

import aiohttp
from pydantic import SecretStr

from bot import errors
from bot.provider import tables, wire
from bot.provider.profiles import Profile

_SHOWN: Final = 160
"""Characters of an answer that are shown."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
_UNKNOWN_ID: Final = "1"
_NO_LANGUAGE: Final = "BAD_LANG"
_WRONG_METHOD: Final = 405
_MISSING: Final = frozenset({404, 405, 422, 501})
_OTHER_NAMES: Final = {
    "getCountries": ("getCountryAndOperators",),
    "getServicesList": ("getServices", "getServicesAndCost"),
    "getOperators": ("getCountryAndOperators",),
    "getActiveActivations": ("getCurrentActivations", "getCurrentActivationsList"),
}
"""Names that other providers have for an action."""
_NO_SUCH_KEY: Final = SecretStr("0" * 32)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An answer: what is shown of it, and what the bot reads in it."""

    shown: str
    status: int = 0
    read: wire.Answer | errors.ProviderError | None = None

    @property
    def is_table(self) -> bool:
        return isinstance(self.read, wire.Table) or (
            isinstance(self.read, wire.Token) and self.read.name in (wire.NULL, "NO_ACTIVATIONS")
        )

    @property
    def is_missing(self) -> bool:
        """Whether it says that the provider does not have the action."""
        return isinstance(self.read, errors.UnsupportedAction) or (
            self.status in _MISSING and not self.is_table
        )


@dataclass(slots=True)
class Probe:
    """Asks a provider, and collects what its answers suggest for the profile.

    Attributes:
        country: the country's id in the requests that need one.
    """

    profile: Profile
    key: SecretStr
    country: str
    _key_works: bool = False
    _suggestions: dict[str, str] = field(default_factory=dict)

    async def run(self) -> AsyncIterator[str]:
        """Yield a line for each answer, and then the suggested fields. No line has the API key."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session:
            async for line in self._check_balance(session):
                yield line
            if not self._key_works:
                yield ""
                yield "The balance cannot be read with this key, so other answers would show nothing."
                return
            async for line in self._ask_lists(session):
                yield line
            async for line in self._check_words(session):
                yield line
        yield ""
        yield f"[{self.profile.id}]" if self._suggestions else "The answers agree with the profile."
        for name, value in self._suggestions.items():
            yield f"{name} = {value}"

    async def _check_balance(self, session: aiohttp.ClientSession) -> AsyncIterator[str]:
        """Ask for the balance, and again with a language or by the other method if there is no answer."""
        seen = await self._ask(session, "getBalance")
        yield _line("getBalance", seen)
        if _NO_LANGUAGE in seen.shown:
            params = {**self.profile.params, "lang": "en"}
            self._suggestions["params"] = _table(params)
            self.profile = replace(self.profile, params=params)
            seen = await self._ask(session, "getBalance")
            yield _line("getBalance with lang=en", seen)
        if seen.status == _WRONG_METHOD:
            self.profile = replace(self.profile, method="post" if self.profile.method == "get" else "get")
            self._suggestions["method"] = _quoted(self.profile.method)
            seen = await self._ask(session, "getBalance")
            yield _line(f"getBalance by {self.profile.method.upper()}", seen)
        self._key_works = isinstance(seen.read, wire.Token | wire.Table)

    async def _ask_lists(self, session: aiohttp.ClientSession) -> AsyncIterator[str]:
        """Ask for each list under its name in the profile, and under other names if it is missing."""
        lacks, renamed = set(self.profile.lacks or ()), dict(self.profile.renamed)
        for action in ("getNumbersStatus", "getPrices", *_OTHER_NAMES):
            for name in dict.fromkeys((renamed.get(action, action), *_OTHER_NAMES.get(action, ()))):
                seen = await self._ask(session, name, {"country": self.country})
                yield _line(name, seen)
                if seen.is_table:
                    lacks.discard(action)
                    if name != renamed.get(action, action):
                        renamed[action] = name
                    self._check_rows(action, seen)
                    break
                if not seen.is_missing:
                    break
            else:
                lacks.add(action)
        if lacks != set(self.profile.lacks or ()):
            self._suggestions["lacks"] = _list(sorted(lacks))
        if renamed != self.profile.renamed:
            self._suggestions["renamed"] = _table(renamed)

    def _check_rows(self, action: str, seen: _Seen) -> None:
        """Note what the rows of the list of active numbers tell."""
        if action != "getActiveActivations" or not isinstance(seen.read, wire.Table):
            return
        try:
            rows = tables.active(seen.read.value)
        except errors.Unreadable:
            return
        if not self.profile.cost_told and any(row.charged is not None for row in rows):
            self._suggestions["cost_told"] = '"list"'
        if not self.profile.text_told and any(row.message for row in rows):
            self._suggestions["text_told"] = '"list"'

    async def _check_words(self, session: aiohttp.ClientSession) -> AsyncIterator[str]:
        """Ask for an unknown number and with a wrong key; their words tell what BAD_ACTION means."""
        number = await self._ask(session, "getStatus", {"id": _UNKNOWN_ID})
        yield _line("getStatus of an unknown number", number)
        stranger = await self._ask(session, "getBalance", key=_NO_SUCH_KEY)
        yield _line("getBalance with a wrong key", stranger)
        says_anything = any(isinstance(seen.read, errors.UnsupportedAction) for seen in (number, stranger))
        if says_anything and self.profile.bad_action == "absent":
            self._suggestions["bad_action"] = '"anything"'

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        action: str,
        params: dict[str, str] | None = None,
        *,
        key: SecretStr | None = None,
    ) -> _Seen:
        profile = self.profile
        secret = (key or self.key).get_secret_value()
        fields = {"api_key": secret, "action": action, **profile.params, **(params or {})}
        in_body = profile.method == "post"
        await asyncio.sleep(1 / profile.key_rate)
        try:
            async with session.request(
                profile.method.upper(),
                profile.url,
                params=None if in_body else fields,
                data=fields if in_body else None,
                allow_redirects=False,
            ) as response:
                body = await response.content.read(wire.MAX_BODY)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _Seen(f"no answer: {type(error).__name__}")
        text = " ".join(body.decode(errors="replace").replace(secret, "<key>").split())
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
        read: wire.Answer | errors.ProviderError
        try:
            read = wire.read(body, status=response.status)
        except errors.ProviderError as error:
            read = error
            shown = f"{shown} → {type(error).__name__}"
        return _Seen(f"{response.status} {shown}", response.status, read)


def _line(name: str, seen: _Seen) -> str:
    return f"{name}: {seen.shown}"


def _list(items: list[str]) -> str:
    return f"[{', '.join(_quoted(item) for item in items)}]"


def _table(items: dict[str, str]) -> str:
    return f"{{ {', '.join(f'{name} = {_quoted(value)}' for name, value in items.items())} }}"


def _quoted(text: str) -> str:
    return f'"{text}"'
