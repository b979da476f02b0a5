"""Writes the table of providers into the README: ``.venv/bin/python docs/provider_tables.py``."""  # noqa: INP001  # a script

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.provider.profiles import Profile, load  # noqa: E402  # found in the checkout

README = ROOT / "README.md"


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
    README.write_text(filled(README.read_text(encoding="utf-8"), "providers", providers()), encoding="utf-8")
