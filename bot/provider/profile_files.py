"""Files with profiles: the one that ships with the bot and the operator's own, read and checked."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from yarl import URL

from bot.errors import SettingsError
from bot.provider.profiles import OPTIONAL_ACTIONS, OWN, Profile, authority

SHIPPED: Final = Path(__file__).with_name("providers.toml")
"""The profiles that ship with the bot."""
_DEFAULTS: Final = "default"
"""The table whose fields hold for all profiles of a file."""
_NOTES: Final = ("state", "sure", "last", "wants", "sources")
"""Fields about a profile itself, for its readers; the bot reads only ``state``."""
_OFFERED: Final = ("ready", "adapt")
_STATES: Final = (*_OFFERED, "seen", "gone")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,15}")
_RESERVED_PARAMS: Final = frozenset({"api_key", "action"})
_MESSAGES: Final = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a field of a profile",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} characters",
    "frozen_set_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
}


def load(file: Path | None = None) -> dict[str, Profile]:
    """Return id → profile: those that ship with the bot, completed and changed by a file of the operator.

    Raises:
        SettingsError: with one sentence for each problem of the file.
    """
    rows, shipped = _shipped()
    if file is None:
        return dict(shipped)
    own = _tables(file)
    defaults = own.pop(_DEFAULTS, {})
    if not isinstance(defaults, dict):
        raise SettingsError([f"PROVIDERS_FILE: {_DEFAULTS} must be a table."])
    merged = {
        id_: {**defaults, **rows.get(id_, {}), **row} if isinstance(row, dict) else row
        for id_, row in own.items()
    }
    read, problems = _read(merged)
    profiles = {id_: profile for id_, profile in shipped.items() if id_ not in merged} | read
    problems += _shared_hosts(profiles.values())
    if problems:
        raise SettingsError([f"PROVIDERS_FILE: {problem}." for problem in problems])
    return profiles


@cache
def _shipped() -> tuple[dict[str, Any], dict[str, Profile]]:
    """Return the tables that ship with the bot, and their profiles."""
    rows = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    profiles, problems = _read(rows)
    assert not problems, problems  # noqa: S101  # the tests read the same file
    return rows, profiles


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingsError(["PROVIDERS_FILE cannot be read as UTF-8 text."]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"PROVIDERS_FILE is not valid TOML: {error}."]) from None


def _read(rows: Mapping[str, Any]) -> tuple[dict[str, Profile], list[str]]:
    """Return the profiles on offer in tables, and the problems of the tables."""
    adapter = TypeAdapter(Profile)
    profiles: dict[str, Profile] = {}
    problems: list[str] = []
    for id_, row in rows.items():
        if not isinstance(row, dict):
            problems.append(f"{id_} must stand in the table of a profile")
            continue
        if not _ID.fullmatch(id_) or id_ in (OWN, _DEFAULTS):
            problems.append(f"[{id_}] must be named by 1 to 16 of a-z, 0-9, - and _, and not {OWN}")
            continue
        if (state := row.get("state", "ready")) not in _STATES:
            problems.append(f"[{id_}] state must be one of {', '.join(_STATES)}")
            continue
        if state not in _OFFERED:
            continue
        facts = {name: value for name, value in row.items() if name not in _NOTES}
        try:
            profile = adapter.validate_python({**facts, "id": id_})
        except ValidationError as error:
            problems += dict.fromkeys(f"[{id_}] {_sentence(problem)}" for problem in error.errors())
            continue
        wrong = _contradictions(profile)
        problems += [f"[{id_}] {sentence}" for sentence in wrong]
        if not wrong:
            profiles[id_] = profile
    return profiles, problems


def _sentence(problem: Mapping[str, Any]) -> str:
    """Return what is wrong with a field, without its value."""
    template = _MESSAGES.get(problem["type"])
    name = str(problem["loc"][0])
    return f"{name} {template.format(**problem.get('ctx', {}))}" if template else f"{name} is not valid"


def _contradictions(profile: Profile) -> list[str]:
    """Return what is wrong with the values of a profile whose fields have the right types."""
    problems = []
    try:
        url = URL(profile.url)
        complete = url.scheme in ("http", "https") and bool(url.host) and not re.search(r"\s", profile.url)
    except ValueError:
        complete = False
    if not complete:
        problems.append("url must be a complete address")
    elif profile.unencrypted and not profile.plain_http:
        problems.append("url must be https, or plain_http must be true")
    if profile.site and not profile.site.startswith("https://"):
        problems.append("site must be an https address")
    if "://" in profile.key_page and not profile.key_page.startswith("https://"):
        problems.append("key_page must be an https address")
    if not _RESERVED_PARAMS.isdisjoint(profile.params):
        problems.append("params must not name api_key or action")
    for name, actions in (("lacks", profile.lacks or ()), ("renamed", profile.renamed)):
        if not OPTIONAL_ACTIONS.issuperset(actions):
            problems.append(f"{name} may only have {', '.join(sorted(OPTIONAL_ACTIONS))}")
    if not all(id_.isascii() and id_.isalnum() for id_ in profile.only_countries):
        problems.append("only_countries must be country ids")
    return problems


def _shared_hosts(profiles: Iterable[Profile]) -> list[str]:
    """Return one sentence for each host of several profiles: their requests would share its limits."""
    by_host: dict[str, list[str]] = {}
    for profile in profiles:
        by_host.setdefault(authority(profile.url), []).append(f"[{profile.id}]")
    return [f"{' and '.join(ids)} have the same host" for ids in by_host.values() if len(ids) > 1]
