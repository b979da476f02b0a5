"""The languages in use: a whole journey reads in one language, and Telegram shows the bot in it too."""

import re

import pytest

from bot.domain import Country
from bot.sandbox.telegram import Person
from bot.telegram import country_names, texts
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import SOURCE_LANGUAGE, Translator
from tests.conftest import KEY, World
from tests.telegram.test_locales import used

OTHERS = sorted(set(LANGUAGES) - {SOURCE_LANGUAGE})


def left_in_english(person: Person, t: Translator) -> list[str]:
    """Return the lines and labels of a chat that are English although the catalog has other words."""
    lines = [line for message in person.messages if message.from_bot for line in message.text.split("\n")]
    labels = [label for message in person.messages for label in message.labels]
    sources = [source for source in used() if isinstance(source, str) and t.plain(source) != source]
    english = {re.sub(r"<[^>]*>", "", line) for source in sources for line in source.split("\n")}
    return [text for text in (*lines, *labels) if text and text in english]


@pytest.mark.parametrize("language", OTHERS)
async def test_a_journey_reads_in_one_language(bot_world: World, language: str) -> None:
    """From the greeting to the code and into every other screen, the words are of one language."""
    t = Translations().find(language)
    ann = bot_world.telegram.person(1, language=language)
    await ann.send("/start")
    await ann.sees("API")
    await ann.send(KEY)
    await ann.click(t.plain("Buy a number"))
    await ann.click("Telegram")
    await ann.click(t.plain("Any operator"))
    await ann.click(t.plain("☆ Favourite"))
    await ann.click(t.plain("Buy"))
    await ann.sees(t.plain("⏳ Waiting for the code."))
    (number,) = bot_world.provider.numbers.values()
    bot_world.provider.deliver(number.id, "12345")
    await ann.sees(t.plain("✅ Code received."), "12345")
    await ann.click(t.plain("Get another code"))
    await ann.sees(t.plain("⏳ Waiting for another code."))
    bot_world.provider.deliver(number.id, "67890")
    await ann.sees("67890", t.plain("Get another code"))
    await ann.click(t.plain("Complete"))
    await ann.sees(t.plain("✔️ Completed."))
    for name in sorted(set(texts.profile.COMMANDS) - {"start", "key", "export"}):
        asked = await ann.send(f"/{name}")
        await ann.sees(t.plain("Home"), after=asked)
    await ann.send("qqqqqqqq")
    await ann.sees(t.plain("All services"), "qqqqqqqq")
    assert left_in_english(ann, t) == []


@pytest.mark.usefixtures("published_profile")
@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_telegram_shows_the_bot_in_each_language(bot_world: World, language: str) -> None:
    """The command menu and the description of an empty chat are those of the person's language."""
    t = Translations().find(language)
    ann = bot_world.telegram.person(1, language=language)
    await bot_world.telegram.until_called("setMyShortDescription", len(LANGUAGES))
    menu = {each["command"]: each["description"] for each in bot_world.telegram.commands_for(ann)}
    assert menu == {name: texts.profile.command(t, name) for name in texts.profile.COMMANDS}
    assert bot_world.telegram.description_for(ann) == texts.profile.description(t)


@pytest.mark.parametrize(
    ("language", "country", "shown"),
    [
        ("en", Country("10", "Vietnam"), "Vietnam"),
        ("vi", Country("10", "Vietnam"), "Việt Nam"),
        ("ru", Country("10", "Vietnam"), "Вьетнам"),
        ("ru", Country("10", "Wonderland"), "Wonderland"),
        ("ru", Country("99999", "Vietnam"), "Vietnam"),
    ],
)
def test_countries_have_their_name_in_each_language(language: str, country: Country, shown: str) -> None:
    """A country is named in the reader's language, but only if the provider's id surely means that one."""
    assert country_names.named(Translations().find(language), country) == shown
