# ruff: noqa: INP001  # a script that stands alone
"""Write the tables of the README and of docs/providers.md: `.venv/bin/python docs/provider_tables.py`."""

import json
import re
import sys
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.provider.profile_files import load  # noqa: E402  # found in the checkout
from bot.provider.profiles import Profile  # noqa: E402

README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "providers.md"
_ATTRIBUTE = re.compile(r"^        (\w+): (.+(?:\n            .+)*)$", re.MULTILINE)


def providers() -> str:
    """Return the table of the providers that the bot knows."""
    head = "| name | provider | amounts | cancel | operators | another code | list of numbers |\n"
    rows = [
        [
            f"`{profile.id}`",
            f"[{profile.name}]({profile.key_link})" + (" (no https)" if profile.unencrypted else ""),
            profile.currency or "?",
            f"after {profile.cancel_after} s" if profile.cancel_after else "at once",
            _mark(is_there=profile.operators),
            _mark(is_there=profile.resend),
            _mark(is_there="getActiveActivations" not in (profile.lacks or ())),
        ]
        for profile in sorted(load().values(), key=_by_name)
    ]
    return head + "| --- | --- | --- | --- | --- | --- | --- |\n" + "".join(map(_row, rows))


def profile_fields() -> str:
    """Return the table of the fields of a profile, from its class."""
    meanings = dict(_ATTRIBUTE.findall(Profile.__doc__ or ""))
    types = get_type_hints(Profile)
    rows = [
        [f"`{field.name}`", _default(field), _meaning(meanings[field.name], types[field.name])]
        for field in fields(Profile)
        if field.name != "id"
    ]
    return "| field | default | |\n| --- | --- | --- |\n" + "".join(map(_row, rows))


def _meaning(docstring: str, type_: object) -> str:
    """Return what a field means, with the values that it may have if they are a few words."""
    text = " ".join(docstring.removesuffix(".").replace("``", "`").split())
    if get_origin(type_) is not Literal:
        return text
    return f"{text}; one of {', '.join(f'`{json.dumps(value)}`' for value in get_args(type_))}"


def _default(field: Field[object]) -> str:
    """Return a default as the file would have it."""
    if field.default is MISSING:
        return "required" if field.default_factory is MISSING else "`{}`"
    if isinstance(field.default, (frozenset, tuple)):
        return "`[]`"
    return f"`{json.dumps(field.default)}`"


def filled(text: str, name: str, table: str) -> str:
    """Return a document with a table between its two marks."""
    return re.sub(
        rf"(<!-- {name} -->\n).*?(<!-- end -->)",
        lambda found: found[1] + table + found[2],
        text,
        flags=re.DOTALL,
    )


def _by_name(profile: Profile) -> str:
    return profile.name.lower()


def _mark(*, is_there: bool) -> str:
    return "yes" if is_there else "no"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    for file, name, table in ((README, "providers", providers()), (GUIDE, "fields", profile_fields())):
        file.write_text(filled(file.read_text(encoding="utf-8"), name, table), encoding="utf-8")
