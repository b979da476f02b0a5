"""Phone numbers as people read and dial them, and whether one is from the right country."""

import phonenumbers

from bot import data
from bot.telegram import country_names
from bot.telegram.translator import Html, Translator


def pretty(phone: str) -> str:
    """Return a phone number in international format, with spaces."""
    parsed = _parsed(phone)
    if parsed is None:
        return f"+{phone}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def national(phone: str) -> str | None:
    """Return a phone number as people dial it in its country; None if it cannot be parsed."""
    parsed = _parsed(phone)
    if parsed is None:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def _parsed(phone: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def other_country(t: Translator, phone: str, country: str, country_name: str) -> Html | None:
    """Return a warning if a number is not from the country that was asked for; None if it is, or may be.

    Args:
        t: the reader's language.
        phone: the digits of the number.
        country: the provider's id of the country.
        country_name: the name of the country.
    """
    wanted, parsed = data.country_regions().get(country), _parsed(phone)
    if wanted is None or parsed is None:
        return None
    region = phonenumbers.region_code_for_number(parsed) or ""
    name = country_names.of_region(t, region)
    wanted_code = phonenumbers.country_code_for_region(wanted)
    if parsed.country_code == wanted_code and (name is None or region == wanted):
        return None
    if name is None:
        return t(
            "⚠️ This number begins with +{code}; numbers of {country} begin with +{wanted}.",
            code=str(parsed.country_code),
            country=country_name,
            wanted=str(wanted_code),
        )
    return t(
        "⚠️ This number is from {other} (+{code}), not {country}.",
        other=name,
        code=str(parsed.country_code),
        country=country_name,
    )
