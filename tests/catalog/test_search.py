"""Search of services and countries by name, code, alias and prefix, and with typos."""

import string

import pytest
from hypothesis import given, settings, strategies as st

from bot import data
from bot.catalog.fuzzy import Fit, FuzzyIndex, IndexEntry, split_country
from bot.sandbox.provider import WORLDWIDE, FaultKind
from tests.conftest import World

NAMES = data.service_names()
ALIASES = data.service_aliases()
COUNTRIES = data.country_names()
SERVICES = FuzzyIndex(IndexEntry(code, name, ALIASES.get(code, ())) for code, name in NAMES.items())
PLACES = FuzzyIndex(
    (IndexEntry(id_, name, data.country_aliases().get(id_, ())) for id_, name in COUNTRIES.items()),
    by_code=False,
)
LONG_NAMES = sorted(code for code, name in NAMES.items() if sum(map(str.isalpha, name)) >= 6)
FIRST_FEW = 5


def found(query: str) -> list[str]:
    """Return the codes of the services that a query finds."""
    return [hit.code for hit in SERVICES.search(query)]


def test_every_alias_belongs_to_a_listed_code() -> None:
    """Aliases exist only for listed codes, without empty ones and duplicates."""
    assert set(ALIASES) <= set(NAMES)
    assert set(data.country_aliases()) <= set(COUNTRIES)
    assert len(ALIASES) >= 80
    for aliases in (*ALIASES.values(), *data.country_aliases().values()):
        assert all(alias.strip() == alias != "" for alias in aliases)
        assert len(set(aliases)) == len(aliases)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("gmail", "go"),
        ("GMAIL", "go"),
        ("youtube", "go"),
        ("insta", "ig"),
        ("вк", "vk"),
        ("телеграм", "tg"),
        ("Телега", "tg"),
        ("ватсап", "wa"),
        ("zalo", "mj"),
        ("za-lo", "mj"),
        ("ví momo", "hc"),
        ("vi momo", "hc"),
        ("chatgpt", "dr"),
        ("x", "tw"),
        ("tik tok", "lf"),
        ("tê lê gram", "tg"),
        ("Яндекс Такси", "wf"),
        ("telegarm", "tg"),
        ("facebok", "fb"),
        ("фейсбкук", "fb"),
        ("tg", "tg"),
        ("WhatsApp!!!", "wa"),
        ("telegram app please", "tg"),
        ("微信", "wb"),
    ],
)
def test_everyday_names_find_their_service(query: str, code: str) -> None:
    """A common name finds its service first, in three scripts, with accents or without."""
    assert found(query)[0] == code


def test_a_service_is_found_by_its_own_name_and_code() -> None:
    """The exact name or code comes first; only services with the same name or code share that place."""
    for code, query in [*((code, code) for code in NAMES), *NAMES.items()]:
        first = [hit.code for hit in SERVICES.search(query, len(NAMES)) if hit.fit is Fit.EXACT]
        mine = [other for other in first if query.lower() in (other.lower(), NAMES[other].lower())]
        assert code in mine
        assert first[: len(mine)] == mine


@given(code=st.sampled_from(LONG_NAMES), data_=st.data())
@settings(max_examples=250)
def test_one_typo_is_allowed(code: str, data_: st.DataObject) -> None:
    """A missing, added, wrong or swapped letter in a name of six or more letters still finds the service."""
    name = NAMES[code]
    place = data_.draw(st.sampled_from([place for place, letter in enumerate(name) if letter.isalpha()][1:]))
    other = data_.draw(st.sampled_from(string.ascii_lowercase))
    typed = data_.draw(
        st.sampled_from(
            [
                name[:place] + name[place + 1 :],
                name[:place] + other + name[place:],
                name[:place] + other + name[place + 1 :],
                name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
            ]
        )
    )
    assert code in [hit.code for hit in SERVICES.search(typed, FIRST_FEW)], typed


@given(query=st.text(max_size=80))
@settings(max_examples=250)
def test_any_text_can_be_searched(query: str) -> None:
    """Any text gives results without duplicates that are all in the list."""
    for index, codes in ((SERVICES, NAMES), (PLACES, COUNTRIES)):
        hits = [hit.code for hit in index.search(query)]
        assert len(hits) == len(set(hits)) <= 8
        assert set(hits) <= set(codes)
        assert set(index.nearest(query)) <= set(codes)
    for place, rest in split_country(query, PLACES):
        assert place in COUNTRIES
        assert rest.strip()


def test_exact_matches_come_before_prefixes_and_typos() -> None:
    """Better matches come first, whatever the order of the list."""
    index = FuzzyIndex(
        [IndexEntry("a", "Telegrim"), IndexEntry("b", "Telegram Two"), IndexEntry("c", "Telegram")]
    )
    assert [(hit.code, hit.fit) for hit in index.search("telegram")] == [
        ("c", Fit.EXACT),
        ("b", Fit.BEGINS),
        ("a", Fit.SIMILAR),
    ]


def test_equal_matches_keep_the_order_of_the_list() -> None:
    """Names with the same prefix keep the provider's order."""
    index = FuzzyIndex([IndexEntry("z", "Betway"), IndexEntry("y", "Betano"), IndexEntry("x", "Bet365")])
    assert [hit.code for hit in index.search("bet")] == ["z", "y", "x"]


@pytest.mark.parametrize(
    ("query", "country"),
    [
        ("vietnam", "10"),
        ("вьетнам", "10"),
        ("việt nam", "10"),
        ("VIET NAM", "10"),
        ("đức", "43"),
        ("США", "187"),
    ],
)
def test_countries_have_names_in_three_languages(query: str, country: str) -> None:
    """A country is found by its English, Russian and Vietnamese name."""
    assert PLACES.search(query)[0].code == country


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("telegram vietnam", ("10", "telegram")),
        ("Việt Nam telegram", ("10", "telegram")),
        ("telegram south korea", ("190", "telegram")),
        ("корея вк", ("190", "вк")),
    ],
)
def test_a_query_may_name_a_service_and_a_country(query: str, expected: tuple[str, str]) -> None:
    """A country at either end of a query is split off, the longest name first."""
    assert next(split_country(query, PLACES)) == expected


async def test_aliases_work_in_the_chat(bot_world: World) -> None:
    """Common names find only services that the provider lists."""
    ann = await bot_world.customer()
    await ann.send("телега")
    await ann.sees("Telegram · Vietnam", "Choose an operator")
    await ann.send("zalo")
    await ann.sees("Zalo is not sold here")


async def test_similar_names_are_suggested(bot_world: World) -> None:
    """If nothing matches, the most similar names are suggested."""
    ann = await bot_world.customer()
    await ann.send("fbook")
    guess = await ann.sees("No service called “fbook”", "Did you mean", "All services")
    assert guess.labels[0].startswith("Facebook")


@pytest.mark.parametrize(
    "text",
    ["👩‍👩‍👧😀", "x" * 4096, "<b>" * 1365, "&lt;script&gt; {x} %s", "\u202eabc", "ﷺ" * 60, "﷽", ".", "'\"`"],
)
async def test_unusual_text_is_answered(bot_world: World, text: str) -> None:
    """Emoji, the longest message, markup and control characters are answered like any other text."""
    ann = await bot_world.customer()
    mine = await ann.send(text)
    answer = await ann.sees("All services", after=mine)
    assert "Home" in answer.labels


async def test_a_country_leads_to_its_services(world: World) -> None:
    """With several countries on offer, the name of one finds it, in any script."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 5, country="22")
    await world.start(countries="10,22")
    ann = await world.customer()
    await ann.send("Индия")
    await ann.click("India: all services")
    await ann.sees("Choose a service", "India")


async def test_a_service_in_a_country(world: World) -> None:
    """A query with a service and a country finds the service there, whatever country is chosen."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 5, country="22", price="0.44")
    await world.start(countries="10,22")
    ann = await world.customer()
    await ann.send("india telega")
    await ann.sees("Choose an operator", "Telegram · India", "Price: about 0.44")


async def test_a_service_before_a_country_is_chosen(world: World) -> None:
    """Without a chosen country, a service leads to the countries that list it, cheapest first."""
    world.provider.dialect = WORLDWIDE
    for country, price, count in (("22", "0.90", 5), ("10", "0.40", 7), ("6", "0.10", 0)):
        world.provider.set_stock("tg", count, country=country, price=price)
    await world.start(countries="22,10,6")
    ann = await world.customer()
    await ann.send("telegarm")
    await ann.click("Telegram: choose a country")
    where = await ann.sees("Choose a country", "Telegram")
    assert where.labels[:3] == ["🇻🇳 Vietnam 0.40", "🇮🇳 India · 0.90", "🇮🇩 Indones. none"]
    await ann.click("India", message=where)
    await ann.sees("Choose an operator", "India")


async def test_a_service_that_only_other_countries_list(world: World) -> None:
    """A service that the chosen country lacks is offered in the countries that list it."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("mj", 5, country="22")
    await world.start(countries="10,22")
    ann = await world.customer()
    await ann.press("s:10:0")
    await ann.sees("Choose a service", "Vietnam")
    await ann.send("zalo")
    await ann.sees("Zalo", "Choose a country", "India")


async def test_a_country_no_longer_on_offer_is_ignored(world: World) -> None:
    """If the chosen country is no longer on offer, a search works as without a chosen country."""
    world.provider.dialect = WORLDWIDE
    for country in ("10", "22", "6"):
        world.provider.set_stock("tg", 5, country=country)
    await world.start(countries="10,22")
    ann = await world.customer()
    await ann.press("s:22:0")
    await ann.sees("Choose a service", "India")
    await world.stop()
    await world.start(countries="10,6")
    found = await ann.sees("Results for “telegarm”", after=await ann.send("telegarm"))
    await ann.click("Telegram: choose a country", message=found)
    await ann.sees("Choose a country", "Vietnam", "Indon")
    await ann.sees("Choose an operator", "Indonesia", after=await ann.send("telega indonesia"))


async def test_a_search_during_an_outage_of_the_provider(bot_world: World) -> None:
    """Without a list the user gets an explanation, and the next attempt works."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.STATUS, status=503, times=None)
    await ann.send("telegram")
    await ann.sees("has a problem")
    bot_world.provider.heal()
    await ann.send("telegram")
    await ann.sees("Choose an operator")
