"""What a person can type in the chat: services with operators and countries, menu words, own numbers."""

import pytest

from bot import data
from bot.catalog.fuzzy import normalized
from bot.sandbox.provider import WORLDWIDE
from bot.telegram.translations import Translations
from tests.conftest import World

BOBS_KEY = "k2k2k2k2k2k2k2k2k2k2"


@pytest.mark.parametrize(
    ("typed", "operators"),
    [
        ("telegram viettel", "Viettel"),
        ("viettel тг", "Viettel"),
        ("телеграм мобифон", "Mobifone"),
        ("tele vina mobi", "Mobifone, Vinaphone"),
        ("telegram viettel vietnam", "Viettel"),
    ],
)
async def test_an_operator_in_the_words_opens_the_confirmation_page(
    bot_world: World, typed: str, operators: str
) -> None:
    """A service with operators needs one message and one tap."""
    ann = await bot_world.customer()
    await ann.send(typed)
    await ann.sees("Buy this number?", "Service: Telegram", f"Operator: {operators}")
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    (request,) = bot_world.asked("getNumber")
    assert sorted(request["operator"].split(",")) == sorted(operators.lower().split(", "))


async def test_a_misspelt_service_with_an_operator_is_offered_there(bot_world: World) -> None:
    """With a typo the results come first; a tap on one opens its page at the operator."""
    ann = await bot_world.customer()
    await ann.send("telegarm viettel")
    found = await ann.sees("Results for “telegarm viettel”", "Telegram · Viettel")
    await ann.click("Telegram · Viettel", message=found)
    await ann.sees("Buy this number?", "Operator: Viettel")


async def test_an_operator_alone_is_explained(bot_world: World) -> None:
    """An operator without a service is no service with a similar name."""
    ann = await bot_world.customer()
    await ann.send("viettel")
    answer = await ann.sees("Viettel: which service?")
    assert answer.labels == ["All services", "Home"]


@pytest.mark.parametrize(
    "typed",
    ["telegram", "тг", "ТГ", "тлг", "电报", "dianbao", "tê lê gram", "Telegram 🙏", "telegram!"],
)
async def test_one_exact_name_goes_straight_to_the_operators(bot_world: World, typed: str) -> None:
    """A name without a typo costs no tap."""
    ann = await bot_world.customer()
    await ann.send(typed)
    await ann.sees("Telegram · Vietnam", "Choose an operator")


@pytest.mark.parametrize(
    ("typed", "service"),
    [
        ("вотсап", "WhatsApp"),
        ("вотцап", "WhatsApp"),
        ("инста", "Instagram"),
        ("фейсбук", "Facebook"),
        ("фб", "Facebook"),
        ("гугл", "Google"),
        ("тт", "TikTok"),
        ("дс", "Discord"),
        ("weixin", "WeChat"),
        ("脸书", "Facebook"),
        ("phây", "Facebook"),
        ("zhifubao", "Alipay"),
    ],
)
def test_short_forms_name_one_service(typed: str, service: str) -> None:
    """Short forms in Russian, Vietnamese and Chinese belong to one service each."""
    names = data.service_names()
    owners = [
        code for code, words in data.service_aliases().items() if normalized(typed) in map(normalized, words)
    ]
    assert [names[code].startswith(service) for code in owners] == [True]


async def test_a_known_service_that_is_not_sold(bot_world: World) -> None:
    """The bot says so and offers what takes codes of any service, and no similar names."""
    ann = await bot_world.customer()
    for typed, name in (("zalo", "Zalo"), ("ví momo", "MOMO")):
        await ann.send(typed)
        answer = await ann.sees(f"{name} is not sold here", "services that are not in the list")
        assert [label.split(" · ")[0] for label in answer.labels] == ["Any other", "All services", "Home"]
    await ann.click("Any other")
    await ann.sees("Any other · Vietnam", "Choose an operator")


@pytest.mark.parametrize(
    "typed", ["hello how are you", "привет как дела", "where is my code please", "ok thanks"]
)
async def test_sentences_find_no_service(bot_world: World, typed: str) -> None:
    """Words that match nothing well offer nothing."""
    ann = await bot_world.customer()
    await ann.send(typed)
    answer = await ann.sees(f"No service called “{typed}”")
    assert answer.labels == ["All services", "Home"]


async def test_a_service_inside_a_sentence_is_found(bot_world: World) -> None:
    """The exact name of a service counts in a sentence, too."""
    ann = await bot_world.customer()
    await ann.send("i need a number for telegram please")
    assert (await ann.sees("Results for")).labels[0].startswith("Telegram")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("balance", "Баланс", "số dư", "so du"), "Balance: 10.00"),
        (("history", "история", "lịch sử"), "Your numbers and codes will appear here."),
        (("Settings", "настройки", "cài đặt"), "Settings"),
        (("alerts", "уведомления", "thông báo"), "alerts"),
        (("statistics", "статистика", "thống kê"), "Nothing to show yet."),
        (("help", "помощь", "trợ giúp"), "How it works"),
        (("favourites", "favorites", "избранное", "yêu thích"), "favourites"),
        (("active", "мои номера", "số của tôi"), "No active numbers."),
        (("menu", "главная", "trang chính"), "Balance: 10.00"),
        (("buy", "купить", "mua số"), "Choose a service"),
    ],
)
async def test_menu_words_open_their_screen(bot_world: World, words: tuple[str, ...], expected: str) -> None:
    """A plain word of the menu opens its screen, in each language."""
    ann = await bot_world.customer()
    for word in words:
        await ann.sees(expected, after=await ann.send(word))
    ann.sees_no("Results for")


def test_the_labels_of_the_menu_are_menu_words() -> None:
    """What stands on a button of the menu can be typed, in each language."""
    known = {normalized(word) for words in data.menu_words().values() for word in words}
    labels = ("Home", "Buy a number", "Active", "Favourites", "Alerts", "History", "Statistics", "Balance")
    for t in Translations().all():
        for label in (*labels, "Settings", "Language", "Help"):
            assert normalized(t.plain(label)) in known, t.plain(label)


async def test_a_menu_word_as_an_answer_is_an_answer(bot_world: World) -> None:
    """A reply to a question of the bot opens no screen."""
    ann = await bot_world.customer()
    await ann.press("y:day")
    question = await ann.sees("Reply")
    answer = await ann.send("balance", reply_to=question)
    await ann.sees("Reply", after=answer)


async def test_digits_search_the_own_numbers(bot_world: World) -> None:
    """Digits of a number find it, as they stand on its card, in national form, or the last ones."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    phone = number.phone
    asked = len(bot_world.asked("getPrices"))
    for typed in (phone[-4:], phone, f"+{phone[:2]} {phone[2:5]} {phone[5:]}", f"0{phone[2:]}", phone[3:8]):
        found = await ann.sees("Your numbers with", after=await ann.send(typed))
        assert found.labels[0].startswith(f"⏳ Telegram · …{phone[-4:]}")
    assert len(bot_world.asked("getPrices")) == asked
    await ann.click("⏳ Telegram")
    await ann.sees("Waiting for the code", f"+{phone}", after=ann.messages[-2])


async def test_digits_find_no_number_of_others(bot_world: World) -> None:
    """Another person's numbers are not found."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.open_account(BOBS_KEY)
    bob = await bot_world.customer(2, BOBS_KEY)
    await bob.send(number.phone[-6:])
    await bob.sees(f"None of your numbers contains “{number.phone[-6:]}”")


async def test_worldwide_a_name_goes_to_the_countries(world: World) -> None:
    """Worldwide one name opens its countries; with a country its operators; with an operator its page."""
    world.provider.dialect = WORLDWIDE
    for country, price in (("22", "0.90"), ("10", "0.40")):
        world.provider.set_stock("tg", 8, country=country, price=price)
    await world.start(countries="all")
    ann = await world.customer()
    where = await ann.sees("Telegram", "Choose a country", after=await ann.send("telegram"))
    assert "Vietnam" in where.labels[0]
    await ann.sees("Telegram · India", "Choose an operator", after=await ann.send("telegram india"))
    page = await ann.sees("Buy this number?", "Country: Vietnam", after=await ann.send("тг viettel"))
    assert "Operator: Viettel" in page.text
    where = await ann.sees("Choose a country", after=await ann.send("telegram"))
    assert "Vietnam" in " ".join(where.labels)


@pytest.mark.parametrize("word", ["bet365", "x.com", "office365"])
async def test_a_service_with_digits_is_no_key(bot_world: World, word: str) -> None:
    """The name of a service from a person without a key is not tried as a key, and stays in the chat."""
    ann = bot_world.telegram.person(1)
    await ann.send("/start")
    await ann.sees("API key")
    mine = await ann.send(word)
    await ann.sees("I need your API key first", after=mine)
    assert mine in ann.messages
    assert bot_world.asked("getBalance") == []


async def test_what_may_be_a_key_is_not_repeated(bot_world: World) -> None:
    """A search for something that may be a key shows dots instead."""
    ann = await bot_world.customer()
    await ann.send("q-w-e-r-t-y-u-i-o-p!")
    await ann.sees("No service called “…”")
