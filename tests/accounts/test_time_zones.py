"""The user's time zone: guessed, chosen with a tap, shown everywhere, and no way to a second daily limit."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain import DAY, TIME_ZONES, User, guessed_zone, start_of_month, time_zone
from bot.domain.time import start_of_day
from bot.sandbox.telegram import Person
from bot.telegram import texts
from bot.telegram.callbacks import SetSetting
from bot.telegram.translations import Translations
from bot.telegram.translator import Translator
from tests.accounts.test_limits import set_amount
from tests.conftest import World

HOUR = 3600
TRANSLATORS = Translations().all()


def utc(*date: int) -> int:
    """Return the UTC seconds of a date and time in UTC."""
    return int(datetime(*date, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]  # mypy counts the numbers


async def choose_zone(person: Person, label: str) -> None:
    """Have a person choose a time zone."""
    await person.send("/settings")
    await person.click("Time zone", message=await person.sees("Settings", "Time zone"))
    await person.click(label, message=await person.sees("Your time now"))


def set_time(world: World, moment: int) -> None:
    """Set the clock of a test to a time (UTC seconds)."""
    world.pass_time(moment - world.clock())


@pytest.mark.parametrize(
    ("language", "zone"),
    [
        ("vi", "Asia/Ho_Chi_Minh"),
        ("ru-RU", "Europe/Moscow"),
        ("RU", "Europe/Moscow"),
        ("en", "UTC"),
        ("", "UTC"),
        (None, "UTC"),
    ],
)
def test_the_zone_is_guessed_from_the_language(language: str | None, zone: str) -> None:
    """A language of one country has its zone; a choice goes before the guess; an unknown name is UTC."""
    assert guessed_zone(language) == zone
    assert User(1, language).zone.key == zone
    assert User(1, language, zone_name="Asia/Tokyo").zone.key == "Asia/Tokyo"
    assert time_zone("No/Such").key == "UTC"


def test_days_and_months_begin_at_the_midnight_of_the_zone() -> None:
    """Also across the end of summer time, and where the month has begun in the zone only."""
    vietnam, berlin = time_zone("Asia/Ho_Chi_Minh"), time_zone("Europe/Berlin")
    assert start_of_day(utc(2026, 11, 30, 16, 59, 59), vietnam) == utc(2026, 11, 29, 17)
    assert start_of_day(utc(2026, 11, 30, 17), vietnam) == utc(2026, 11, 30, 17)
    assert start_of_month(utc(2026, 11, 30, 17), vietnam) == utc(2026, 11, 30, 17)
    assert start_of_month(utc(2026, 11, 30, 16), vietnam) == utc(2026, 10, 31, 17)
    assert start_of_day(utc(2026, 10, 25, 12), berlin) == utc(2026, 10, 24, 22)
    assert start_of_day(utc(2026, 10, 26, 12), berlin) == utc(2026, 10, 25, 23)


@pytest.mark.parametrize("seed", range(20))
def test_no_changes_of_the_zone_make_a_day_shorter(seed: int) -> None:
    """However often the zone or the language is changed, a day of the limit has 23 hours at least."""
    chance = random.Random(seed)  # noqa: S311  # it guards nothing
    user, now, begun = User(1, "en"), utc(2026, 3, 20), [0]
    for _ in range(400):
        now += chance.randrange(2 * HOUR)
        if (day := user.limit_day(now)) != begun[-1]:
            assert day - begun[-1] >= 23 * HOUR
            assert day <= now
            begun.append(day)
        if chance.random() < 0.3:
            change = {"zone_name": chance.choice(TIME_ZONES)}
            if user.zone_name is None and chance.random() < 0.5:
                change = {"language": chance.choice(("vi", "ru", "en"))}
            user = replace(user, day_from=user.limit_day(now), **change)  # type: ignore[arg-type]  # texts only
    assert now - begun[-1] < 2 * DAY


async def test_a_new_zone_is_no_new_daily_limit(bot_world: World) -> None:
    """After a change to a zone where it is past midnight the limit still counts; a day later it is new."""
    set_time(bot_world, utc(2027, 1, 12, 16))
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.60"))
    ann = await bot_world.customer()
    await set_amount(ann, "Daily limit", "1")
    earlier = await bot_world.open_page(ann)
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "48213")
    await ann.sees("Code received")
    set_time(bot_world, utc(2027, 1, 12, 17, 30))
    await choose_zone(ann, "+7 Vietnam")
    await ann.sees("Time zone: Vietnam", "Your time now: 00:30")
    page = await bot_world.open_page(ann)
    assert "With today’s 0.60 that is over your daily limit of 1.00." in page.text
    toast = await ann.click("Buy", message=earlier)
    assert toast is not None
    assert "over your daily limit" in toast.text
    await ann.send("/history")
    await ann.sees("Spent today: 0.60 for 1 number", "Spent this month: 0.60 for 1 number")
    set_time(bot_world, utc(2027, 1, 13, 16, 30))  # 23:30 in Vietnam
    assert "Change limit" in (await bot_world.open_page(ann)).labels
    set_time(bot_world, utc(2027, 1, 13, 17, 30))
    assert "Buy at 0.60" in (await bot_world.open_page(ann)).labels


async def test_a_language_is_no_new_daily_limit_either(bot_world: World) -> None:
    """A guessed zone changes with the language, and the present day of the limit goes on."""
    set_time(bot_world, utc(2027, 1, 12, 16))
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.60"))
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "48213")
    await ann.sees("Code received")
    set_time(bot_world, utc(2027, 1, 12, 17, 30))
    await ann.send("/language")
    await ann.click("Tiếng Việt", message=await ann.sees("Choose a language"))
    await ann.sees("Ngôn ngữ")
    await ann.send("/settings")
    await ann.click("Giới hạn ngày", message=await ann.sees("Cài đặt", "Múi giờ: Việt Nam"))
    await ann.sees("Giới hạn ngày: tắt", "Hôm nay: 0,60")


async def test_the_times_that_a_user_reads_are_local(bot_world: World) -> None:
    """The clock on a button and the settings have the user's time; only UTC is named."""
    bot_world.clock.stop()
    set_time(bot_world, utc(2027, 1, 12, 18, 20))
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.sees(f"+{number.phone}", "Cancel at 18:22 UTC")
    await choose_zone(ann, "+7 Vietnam")
    await ann.sees("Time zone: Vietnam", "Your time now: 01:20")
    await ann.send("/settings")
    await ann.sees("Settings", "Time zone: Vietnam")
    await ann.send("/active")
    await ann.click("⏳ Telegram")
    card = await ann.sees(f"+{number.phone}", "Cancel at 01:22")
    assert "UTC" not in card.text


def test_dates_are_of_the_zone() -> None:
    """The date may be another one than in UTC."""
    moment = utc(2027, 1, 12, 18, 20)
    assert [Translations().of(User(1, language)).date(moment) for language in ("en", "vi", "ru")] == [
        "12 Jan, 18:20 UTC",
        "13/01, 01:20",
        "12 янв., 21:20",
    ]


async def test_a_zone_of_a_forged_button_is_refused(bot_world: World) -> None:
    """Only the zones of the list can be stored."""
    ann = await bot_world.customer()
    await choose_zone(ann, "+9 Tokyo")
    await ann.sees("Time zone: Tokyo")
    for value in ("../../etc/passwd", "Europe/Paris", ""):
        toast = await ann.press(SetSetting(preference="zone", value=value).pack())
        assert toast is not None
        assert "out of date" in toast.text
    await ann.send("/settings")
    await ann.sees("Settings", "Time zone: Tokyo")


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_the_zones_fit_two_columns(t: Translator) -> None:
    """Each label has at most 16 characters, the check mark aside, and no two are the same."""
    labels = [texts.time_zones.label(t, name, utc(2026, 7, 1)) for name in TIME_ZONES]
    assert [label for label in labels if len(label) > 16] == []
    assert len(set(labels)) == len(TIME_ZONES)
    assert "+5:30 " in " ".join(labels)
