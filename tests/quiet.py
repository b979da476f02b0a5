"""Lives of a number at a slow provider: each tap is answered in time, and no message of progress stays."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

from bot import errors
from bot.domain import Step
from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, Number
from bot.sandbox.telegram import Message, Person, Query, Toast
from bot.telegram import texts
from bot.telegram.texts.phones import pretty
from bot.telegram.translations import Translations
from bot.telegram.translator import Translator
from tests.conftest import KEY, World

MAX_WAIT = 0.5
"""Seconds within which a tap must be answered, with words or with another screen."""
_DONE = {
    Step.SMS_SENT: "Checking more often now.",
    Step.RESEND: "Requested another code.",
    Step.COMPLETE: "Completed.",
    Step.CANCEL: "Cancelled.",
}


@dataclass(eq=False)
class SlowLife:
    """A person at a slow provider, and what they have opened in their chat.

    Attributes:
        strict: whether a tap must be answered within half a second, and not as one that waits for its turn.
        opened: the messages that a tap or a command of theirs has asked for.
        codes: the texts of the SMS that were sent to them.
    """

    world: World
    person: Person
    t: Translator
    strict: bool
    opened: set[int] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)

    @classmethod
    async def start(
        cls, world: World, language: str, *, delay: float, patience: float, strict: bool
    ) -> "SlowLife":
        """Start the bot, bind a key, and let each request to the provider take so many seconds after that."""
        world.patience = patience
        world.provider.dialect = SMS_ACTIVATE
        await world.start(max_active=2)
        life = cls(world, world.telegram.person(1, language=language), Translations().find(language), strict)
        await life.command("/start")
        await life.command(KEY)
        world.provider.fail(FaultKind.DELAY, seconds=delay, times=None)
        return life

    async def command(self, text: str) -> Message:
        """Send a command; return the message that it has opened, when it has all its buttons."""
        before = self._ids()
        await self.person.send(text)
        await self.person.until(lambda _: self._ids() - before)
        (opened,) = self._ids() - before
        self.opened.add(opened)
        message = self.person.find(opened)
        assert message is not None
        return message

    async def tap(self, data: str, *words: str, opens: bool = False) -> Toast:
        """Tap the newest button whose data begins so; check that the answer comes in time and has words.

        Args:
            data: the beginning of the data.
            words: the possible answers; none for any.
            opens: the tap may open another screen, which then may stand for the words.
        """
        if self.strict:
            await self.until_handled()
        await self.until_button(data)
        found = self._find(data)
        assert found is not None
        message, full = found
        before, shown = self._ids(), (message.text, message.labels)
        query = self.person.tap(message, full)
        toast = await self._answer(query)
        if opens:
            patience = 30 if toast.text or not self.strict else MAX_WAIT
            on_card = any((button.data or "").startswith("fa:") for button in message.buttons)
            await self.person.until(
                lambda _: self._ids() - before or (not on_card and (message.text, message.labels) != shown),
                patience,
            )
            self.opened |= self._ids() - before
        else:
            assert toast.text
            expected = words if self.strict else (*words, texts.steps.one_moment(self.t))
            assert not words or toast.text in expected, toast.text
        return toast

    async def buy(self) -> Number:
        """Buy a number, and wait for its card."""
        bought = len(self.world.provider.ledger)
        await self.command("/buy")
        for data in ("o:", "c:"):
            await self.tap(data, opens=True)
        await self.tap("b:", texts.shop.buying(self.t))
        await self.world.provider.wait_for(lambda provider: len(provider.ledger) > bought)
        number = self.world.provider.numbers[self.world.provider.ledger[-1].id]
        await self.person.until(lambda _: self.card(pretty(number.phone)) is not None)
        return number

    async def take(self, step: Step) -> None:
        """Take a step; the answer says what is being done, or what was done."""
        await self.tap(f"t:{step}", texts.steps.doing(self.t, step), self.t.plain(_DONE[step]))

    async def receive(self, number: Number, code: str) -> None:
        """Let a code come."""
        self.world.provider.deliver(number.id, code)
        self.codes.append(code)
        await self.person.until(lambda _: any(code in message.text for message in self._shown()))

    async def until_handled(self) -> None:
        """Wait until all taps are handled: a command is handled after them."""
        await self.command("/help")

    async def until_button(self, data: str) -> None:
        """Wait until there is a button whose data begins so."""
        await self.person.until(lambda _: self._find(data) is not None)

    def card(self, *fragments: str) -> Message | None:
        """Return the newest message that shows this, or None."""
        return next((one for one in reversed(self._shown()) if one.shows(*fragments)), None)

    async def until_card(self, *fragments: str) -> None:
        """Wait until a message shows this."""
        await self.person.until(lambda _: self.card(*fragments) is not None)

    async def pass_time(self, seconds: float) -> None:
        """Move the clocks forward when all taps are handled."""
        await self.until_handled()
        self.world.pass_time(seconds)

    async def check(self, notices: int) -> None:
        """Check that the chat has only cards, codes, so many notices, and what the person has opened."""
        await self.until_handled()
        await self.person.until(lambda _: self._counts() == (len(self.codes), notices))

    def _counts(self) -> tuple[int, int]:
        """Return how many messages with codes there are, and others that the person has not opened."""
        with closing(sqlite3.connect(self.world.values["database_path"])) as connection:
            cards = {row[0] for row in connection.execute("SELECT card_message_id FROM activations")}
        left = [message for message in self._shown() if message.message_id not in cards | self.opened]
        codes = sum(any(code in message.text for code in self.codes) for message in left)
        return codes, len(left) - codes

    def _find(self, data: str) -> tuple[Message, str] | None:
        for message in reversed(self._shown()):
            for button in message.buttons:
                if (button.data or "").startswith(data):
                    return message, button.data or ""
        return None

    async def _answer(self, query: Query) -> Toast:
        clock = self.world.telegram.clock
        await self.person.until(lambda _: query.answered)
        assert not self.strict or clock() - query.asked_at < MAX_WAIT
        assert query.toast is not None
        return query.toast

    def _shown(self) -> list[Message]:
        return [message for message in self.person.messages if message.from_bot and not message.deleted]

    def _ids(self) -> set[int]:
        return {message.message_id for message in self._shown()}


async def two_codes(life: SlowLife) -> None:
    """Buy, say that the code was requested, get a code and another one, and complete."""
    number = await life.buy()
    await life.take(Step.SMS_SENT)
    await life.receive(number, "11111")
    await life.take(Step.RESEND)
    await life.receive(number, "22222")
    await life.take(Step.COMPLETE)
    await life.until_card(life.t.plain("✔️ Completed."), "22222")
    await life.check(notices=0)


async def cancel(life: SlowLife) -> None:
    """Cancel too early, plan the cancel, drop the plan, and cancel later."""
    number = await life.buy()
    await life.tap(f"t:{Step.CANCEL}")
    one_moment = texts.steps.one_moment(life.t)  # while a status check is in progress
    await life.tap("l:1:1", texts.steps.will_cancel(life.t), one_moment)
    await life.tap("l:1:0", texts.steps.will_keep(life.t), one_moment)
    await life.pass_time(125)
    await life.take(Step.CANCEL)
    await life.until_card(life.t.plain("✖️ Cancelled."), pretty(number.phone))
    await life.tap("fa:")
    await life.tap("a:", opens=True)
    await life.check(notices=0)


async def planned_cancel(life: SlowLife) -> None:
    """Plan a cancel; when it is carried out, one notice says so."""
    number = await life.buy()
    await life.tap(f"t:{Step.CANCEL}")
    await life.tap("l:1:1")
    await life.pass_time(125)
    await life.until_card(life.t.plain("✖️ Cancelled."), pretty(number.phone))
    await life.check(notices=1)


async def expiry(life: SlowLife) -> None:
    """Let the time pass without a code; one notice says so."""
    number = await life.buy()
    await life.pass_time(1205)
    await life.until_card(pretty(number.phone), life.t.plain("Buy again"))
    await life.check(notices=1)


async def refused_purchases(life: SlowLife) -> None:
    """Buy what was just sold out, look elsewhere, and buy more numbers than allowed."""
    await life.command("/buy")
    for data in ("o:", "c:"):
        await life.tap(data, opens=True)
    sold_out = life.world.provider.fail(FaultKind.BODY, action="getNumber", body="NO_NUMBERS", times=None)
    await life.tap("b:")
    await life.until_card(life.t.plain("Nothing was bought."))
    life.world.provider.heal(sold_out)
    for _ in range(2):
        await life.buy()
    await life.command("/buy")
    for data in ("o:", "c:"):
        await life.tap(data, opens=True)
    await life.until_button("b:")
    await life.pass_time(40)  # the price is asked for again
    await life.tap("b:", texts.shop.buying(life.t))
    await life.until_card(texts.problems.problem(life.t, errors.TooManyActive(2, 2)))
    await life.check(notices=0)


async def taken_over(life: SlowLife) -> None:
    """Take over a number that was bought elsewhere, and try it with one that has ended."""
    provider = life.world.provider
    first, second = (provider.buy(provider.accounts[KEY], "tg", "10") for _ in range(2))
    screen = await life.command("/active")
    await life.tap("to:", texts.elsewhere.taking(life.t), texts.elsewhere.taken(life.t))
    await life.until_card(pretty(first.phone))
    await life.person.until(lambda _: f"➕ Telegram · +{first.phone}" not in screen.labels)
    await life.until_button("to:")
    await life.pass_time(125)
    provider.cancel(second)
    toast = await life.tap("to:")
    sentence = life.t.plain("The provider no longer lists this number as active.")
    await life.person.until(lambda _: sentence in (toast.text, *screen.text.split("\n")))
    await life.check(notices=0)


LIVES = [two_codes, cancel, planned_cancel, expiry, refused_purchases, taken_over]
