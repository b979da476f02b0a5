"""Tests that the fallback HTML parser agrees with Telegram's own parser."""

import pytest

from bot.sandbox.telegram.entities import TdlibParser, utf16_length
from bot.sandbox.telegram.fallback_html import FallbackHtmlParser

GOOD = [
    "plain",
    "<b>bold</b> <i>it</i> <u>un</u> <s>st</s> <code>co</code>",
    "<strong>a</strong><em>b</em><ins>c</ins><del>d</del><strike>e</strike>",
    "<b>a <i>b</i></b>",
    "<tg-spoiler>x</tg-spoiler> <span class='tg-spoiler'>y</span>",
    "<a href='https://example.com/'>link</a> <a>no link</a>",
    "<blockquote>q</blockquote> <blockquote expandable>q\nq</blockquote>",
    "<pre>code</pre>",
    "😀 <b>after an emoji</b>",
    "&lt;b&gt; &amp; &quot; &#65; &nbsp;",
    "ends <tg-time unix='1900000000' format='r'>soon</tg-time>",
    "<tg-time unix='1900000000' format='wDT'>then</tg-time> <tg-time unix='1900000000'>x</tg-time>",
    "<tg-time unix='1900000000' format='tw'>x</tg-time> <tg-time unix='1900000000' format='dD'>y</tg-time>",
    "<tg-time unix='0'>x</tg-time> <tg-time unix='2147483648'>y</tg-time>",
    "<tg-time unix='2147483647'>the last moment</tg-time>",
    "<b></b>empty",
]
BAD = [
    "<b>open",
    "<x>y</x>",
    "</b>",
    "<b>x</i>",
    "<span>x</span>",
    "a < b",
    "<tg-time unix='1' format='q'>a</tg-time>",
]


@pytest.fixture
def telegrams() -> TdlibParser:
    """Return Telegram's parser, or skip the test if it is not installed."""
    pytest.importorskip("tdjson")
    return TdlibParser()


@pytest.mark.parametrize("html", GOOD)
def test_both_parse_the_same(html: str, telegrams: TdlibParser) -> None:
    """Both parsers return the same text and entities."""
    assert FallbackHtmlParser().parse(html) == telegrams.parse(html)


@pytest.mark.parametrize("html", BAD)
def test_both_refuse_with_the_same_error(html: str, telegrams: TdlibParser) -> None:
    """Both parsers refuse broken markup with the same error."""
    with pytest.raises(ValueError, match=r".") as theirs:
        telegrams.parse(html)
    with pytest.raises(ValueError, match=r".") as ours:
        FallbackHtmlParser().parse(html)
    assert str(ours.value) == str(theirs.value)


def test_both_find_commands_links_and_mentions(telegrams: TdlibParser) -> None:
    """Both parsers find the same commands, links and mentions in a plain text."""
    text = "/start or /help, see https://example.com or ask @somebody"
    assert FallbackHtmlParser().detect(text) == telegrams.detect(text)


def test_lengths_are_counted_as_telegram_counts() -> None:
    """An emoji outside the basic plane has the length 2."""
    assert utf16_length("a😀") == 3
