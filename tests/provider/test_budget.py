"""The request budget, in a time that passes only when everybody waits."""

import asyncio
import selectors
from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import SecretStr

from bot.errors import Blocked, Throttled
from bot.provider.budget import KEY_BURST, Budget

ALICE, BOB = SecretStr("alice"), SecretStr("bob")


class Selector(selectors.DefaultSelector):
    """Passes the time in no time."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look what is ready, and jump to the moment that was to be waited for."""
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class Hours(asyncio.SelectorEventLoop):
    """An event loop in which hours pass in an instant."""

    def __init__(self) -> None:
        self.selector = Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        """Return the time of this loop."""
        return self.selector.now


@pytest.fixture
def hours() -> Iterator[Hours]:
    """An event loop in which hours pass in an instant."""
    loop = Hours()
    yield loop
    loop.close()


def budget(hours: Hours, *, key_rate: float = 2, host_rate: float = 20) -> Budget:
    """Return a budget in the time of a loop."""
    return Budget(key_rate, host_rate, hours.time)


async def taps(budget: Budget, key: SecretStr, count: int) -> list[float]:
    """Tap many times at once; return after which time each was let through."""
    start = budget.clock()

    async def tap() -> float:
        await budget.tap(key)
        return budget.clock() - start

    return list(await asyncio.gather(*(tap() for _ in range(count))))


def polled(budget: Budget, key: SecretStr) -> bool:
    """Return whether a poll is let through now."""
    return budget.poll(key) == 0


def test_burst_and_rate(hours: Hours) -> None:
    """A rested key may make a burst of requests at once, and then so many a second."""
    waited = hours.run_until_complete(taps(budget(hours), ALICE, KEY_BURST + 4))

    assert waited == pytest.approx([0] * KEY_BURST + [0.5, 1, 1.5, 2])


def test_a_rest_fills_the_burst_and_no_more(hours: Hours) -> None:
    """However long a key rests, it gets one burst."""
    asked = budget(hours)
    hours.run_until_complete(taps(asked, ALICE, KEY_BURST))
    assert not polled(asked, ALICE)

    hours.run_until_complete(asyncio.sleep(3600))

    assert [polled(asked, ALICE) for _ in range(KEY_BURST + 1)] == [True] * KEY_BURST + [False]


def test_first_come_first_served(hours: Hours) -> None:
    """Taps that wait are let through in the order in which they came."""
    waited = hours.run_until_complete(taps(budget(hours, key_rate=3, host_rate=4), ALICE, 30))

    assert waited == sorted(waited)


def test_host_rate(hours: Hours) -> None:
    """All keys together make no more requests than the host's rate allows."""
    asked = budget(hours, host_rate=10)

    async def all_keys() -> list[float]:
        waited = await asyncio.gather(*(taps(asked, SecretStr(str(number)), 1) for number in range(30)))
        return sorted(wait for waits in waited for wait in waits)

    waited = hours.run_until_complete(all_keys())

    assert waited == pytest.approx([0] * 10 + [0.1 * each for each in range(1, 21)])


def test_a_slow_host_rate(hours: Hours) -> None:
    """A rate under one a second still lets one request through."""
    assert hours.run_until_complete(taps(budget(hours, host_rate=0.5), ALICE, 2)) == pytest.approx([0, 2])


def test_keys_do_not_slow_each_other(hours: Hours) -> None:
    """One key's taps in line hold up neither the polls nor the taps of another."""
    asked = budget(hours)

    async def both() -> None:
        busy = asyncio.create_task(taps(asked, ALICE, KEY_BURST + 6))
        await asyncio.sleep(0.1)
        assert not polled(asked, ALICE)
        assert polled(asked, BOB)
        assert await taps(asked, BOB, 2) == [0, 0]
        await busy

    hours.run_until_complete(both())


def test_taps_go_before_polls(hours: Hours) -> None:
    """While a tap waits for the host no poll of any key gets through, and afterwards they do."""
    asked = budget(hours, key_rate=100, host_rate=10)

    async def crowd() -> None:
        assert await taps(asked, ALICE, 5) == [0] * 5
        assert await taps(asked, BOB, 5) == [0] * 5
        waiting = asyncio.create_task(taps(asked, ALICE, 5))
        await asyncio.sleep(0)
        for _ in range(9):
            assert not polled(asked, BOB)
            await asyncio.sleep(0.05)
        assert (await waiting)[-1] == pytest.approx(0.5)
        await asyncio.sleep(0.11)
        assert polled(asked, BOB)

    hours.run_until_complete(crowd())


def test_taps_go_before_polls_of_the_same_key(hours: Hours) -> None:
    """A poll does not take the token that a tap of the same key waits for."""
    asked = budget(hours)

    async def both() -> None:
        waiting = asyncio.create_task(taps(asked, ALICE, KEY_BURST + 1))
        await asyncio.sleep(0.4999999)
        assert asked.poll(ALICE) > 0
        assert (await waiting)[-1] == pytest.approx(0.5)

    hours.run_until_complete(both())


def test_a_poll_is_told_when_to_come_back(hours: Hours) -> None:
    """A poll that comes back after the time it was told is let through."""
    asked = budget(hours)
    hours.run_until_complete(taps(asked, ALICE, KEY_BURST))

    wait = asked.poll(ALICE)
    assert wait == pytest.approx(0.5)
    hours.run_until_complete(asyncio.sleep(wait))

    assert polled(asked, ALICE)


def test_a_refused_poll_takes_nothing(hours: Hours) -> None:
    """Asking again and again does not put off the moment at which a poll gets through."""
    asked = budget(hours)
    hours.run_until_complete(taps(asked, ALICE, KEY_BURST))

    assert [asked.poll(ALICE) for _ in range(50)] == pytest.approx([0.5] * 50)


def test_a_throttled_key_rests(hours: Hours) -> None:
    """A throttled key makes no request until its pause is over, all others go on, and it ends by itself."""
    asked = budget(hours)
    asked.note(ALICE, Throttled(30))

    assert asked.poll(ALICE) == pytest.approx(30)
    assert polled(asked, BOB)
    with pytest.raises(Throttled) as refused:
        hours.run_until_complete(asked.tap(ALICE))
    assert refused.value.retry_after == pytest.approx(30)
    hours.run_until_complete(asyncio.sleep(30))

    assert hours.run_until_complete(taps(asked, ALICE, 2)) == [0, 0]


def test_a_blocked_host_rests(hours: Hours) -> None:
    """After a block page nobody asks until the pause is over, and it ends by itself."""
    asked = budget(hours)
    asked.note(ALICE, Blocked(60))

    assert asked.host_wait() == pytest.approx(60)
    assert asked.poll(BOB) == pytest.approx(60)
    with pytest.raises(Blocked) as refused:
        hours.run_until_complete(asked.tap(BOB))
    assert refused.value.retry_after == pytest.approx(60)
    hours.run_until_complete(asyncio.sleep(60))

    assert asked.host_wait() == 0
    assert hours.run_until_complete(taps(asked, BOB, 1)) == [0]


def test_a_shorter_pause_does_not_end_a_longer_one(hours: Hours) -> None:
    """The longest pause that was asked for counts."""
    asked = budget(hours)
    asked.note(ALICE, Throttled(30))
    asked.note(ALICE, Throttled(5))

    assert asked.poll(ALICE) == pytest.approx(30)


def test_a_pause_ends_the_wait_of_taps(hours: Hours) -> None:
    """Whoever waits in line when a pause begins is told of it instead of being kept."""
    asked = budget(hours)

    async def caught() -> None:
        waiting = asyncio.create_task(taps(asked, ALICE, KEY_BURST + 1))
        await asyncio.sleep(0.1)
        asked.note(BOB, Blocked(60))
        with pytest.raises(Blocked):
            await waiting

    hours.run_until_complete(caught())


def test_the_last_second_of_a_pause_is_waited_for(hours: Hours) -> None:
    """A tap in the last second of a pause is let through when it ends."""
    asked = budget(hours)
    asked.note(ALICE, Throttled(0.75))

    assert hours.run_until_complete(taps(asked, ALICE, 1)) == pytest.approx([0.75])


def test_one_who_leaves_the_line_holds_up_nobody(hours: Hours) -> None:
    """A tap that is given up while it waits leaves no trace."""
    asked = budget(hours)

    async def leave() -> None:
        waiting = asyncio.create_task(taps(asked, ALICE, KEY_BURST + 1))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.5)
        assert polled(asked, ALICE)

    hours.run_until_complete(leave())


def test_rested_keys_are_forgotten(hours: Hours) -> None:
    """A key that asks no more takes no memory for long; a pause is remembered to its end."""
    asked = budget(hours, host_rate=100_000)
    asked.note(ALICE, Throttled(3600))
    for number in range(1000):
        assert polled(asked, SecretStr(f"key {number}"))
    assert len(asked._keys) == 1001  # noqa: SLF001  # memory is not to be seen from outside

    for _ in range(3):
        hours.run_until_complete(asyncio.sleep(301))
        assert polled(asked, SecretStr(f"somebody new at {hours.time()}"))

    assert len(asked._keys) <= 4  # noqa: SLF001
    assert not polled(asked, ALICE)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["tap", "poll"]), st.sampled_from([ALICE, BOB]), st.floats(0, 2)),
        max_size=40,
    )
)
def test_no_second_holds_more_than_its_rate(requests: list[tuple[str, SecretStr, float]]) -> None:
    """Whoever asks whenever: in no span of time are there more requests than burst and rate allow."""
    hours = Hours()
    asked = budget(hours, key_rate=2, host_rate=3)
    sent: list[tuple[float, SecretStr]] = []

    async def tap(key: SecretStr) -> None:
        await asked.tap(key)
        sent.append((hours.time(), key))

    async def day() -> None:
        async with asyncio.TaskGroup() as group:
            for kind, key, pause in requests:
                if kind == "tap":
                    group.create_task(tap(key))
                elif polled(asked, key):
                    sent.append((hours.time(), key))
                await asyncio.sleep(pause)

    hours.run_until_complete(day())
    hours.close()

    for keys, burst, rate in [({ALICE}, KEY_BURST, 2), ({BOB}, KEY_BURST, 2), ({ALICE, BOB}, 3, 3)]:
        times = sorted(at for at, key in sent if key in keys)
        for first, start in enumerate(times):
            for last, end in enumerate(times[first:], start=first):
                assert last - first + 1 <= burst + rate * (end - start) + 0.001
    assert len(sent) >= sum(kind == "tap" for kind, _, _ in requests)


def spared(budget: Budget, key: SecretStr, requests: int = 1) -> bool:
    """Return whether what nobody waits for is let through now."""
    return budget.spare(key, requests) == 0


def test_what_nobody_waits_for_leaves_a_reserve(hours: Hours) -> None:
    """Half of the burst of the key, and of the host, stays for taps and polls, however much is asked for."""
    asked = budget(hours, host_rate=1000)
    assert [spared(asked, ALICE) for _ in range(4)] == [True, True, False, False]
    assert hours.run_until_complete(taps(asked, ALICE, 3)) == [0, 0, 0]
    asked = budget(hours, key_rate=1000, host_rate=8)
    assert [spared(asked, SecretStr(str(number))) for number in range(6)] == [True] * 4 + [False] * 2
    assert hours.run_until_complete(taps(asked, BOB, 4)) == [0] * 4


def test_what_nobody_waits_for_is_told_when_to_come_back(hours: Hours) -> None:
    """Nothing is taken by a no, and after the time that was told the same is let through."""
    asked = budget(hours)
    assert spared(asked, ALICE, 2)
    waits = [asked.spare(ALICE, 2) for _ in range(20)]
    assert waits == pytest.approx([waits[0]] * 20)
    hours.run_until_complete(asyncio.sleep(waits[0] - 0.01))
    assert not spared(asked, ALICE, 2)
    hours.run_until_complete(asyncio.sleep(0.01))
    assert spared(asked, ALICE, 2)


def test_what_nobody_waits_for_goes_after_taps(hours: Hours) -> None:
    """While a tap stands in line nothing is to spare: at the host for all, at its key for that key."""
    asked = budget(hours, host_rate=1)

    async def at_the_host() -> None:
        assert await taps(asked, ALICE, 1) == [0]
        waiting = asyncio.create_task(taps(asked, ALICE, 1))
        await asyncio.sleep(0.9999999)
        assert not spared(asked, BOB)
        assert await waiting == pytest.approx([1])
        await asyncio.sleep(1)
        assert spared(asked, BOB)

    async def at_a_key() -> None:
        await taps(asked, ALICE, KEY_BURST)
        waiting = asyncio.create_task(taps(asked, ALICE, 1))
        await asyncio.sleep(0)
        assert not spared(asked, ALICE)
        assert spared(asked, BOB)
        await waiting

    hours.run_until_complete(at_the_host())
    asked = budget(hours)
    hours.run_until_complete(at_a_key())


def test_what_nobody_waits_for_goes_after_polls_that_were_put_off(hours: Hours) -> None:
    """A poll that was told to come back finds its request there: nothing is spared before its turn."""
    asked = budget(hours, host_rate=1)
    hours.run_until_complete(taps(asked, ALICE, 1))
    wait = asked.poll(BOB)
    assert wait == pytest.approx(1)
    hours.run_until_complete(asyncio.sleep(wait))
    assert not spared(asked, ALICE)
    assert polled(asked, BOB)


def test_polls_of_one_key_do_not_hold_up_others(hours: Hours) -> None:
    """A poll that its own key puts off leaves what other keys have to spare."""
    asked = budget(hours)
    asked.note(ALICE, Throttled(30))
    assert not polled(asked, ALICE)
    assert spared(asked, BOB)
    assert not spared(asked, ALICE)


def test_nothing_is_spared_in_a_pause(hours: Hours) -> None:
    """A throttled key and a blocked host are left alone, and the wait that is told leads to their end."""
    asked = budget(hours)
    asked.note(ALICE, Blocked(60))
    assert asked.spare(BOB) == pytest.approx(60)
    hours.run_until_complete(asyncio.sleep(60))
    assert spared(asked, BOB)


def test_a_small_budget_spares_something_once_it_is_full(hours: Hours) -> None:
    """Where the reserve would leave less than is asked for, a rested key and host still give it."""
    asked = budget(hours, host_rate=1)
    assert spared(asked, ALICE, 2)
    assert asked.spare(ALICE, 2) == pytest.approx(2)
