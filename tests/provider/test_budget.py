"""The rate budget, on an event loop whose clock advances only while every task sleeps."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import SecretStr

from bot.errors import Blocked, Throttled
from bot.provider.budget import KEY_BURST, POLL_SHARE, Budget
from bot.provider.pauses import MAX_CHECK_PAUSE, ActionClass

ALICE, BOB, EVE = SecretStr("alice"), SecretStr("bob"), SecretStr("eve")
CHECKS, LISTS = ActionClass.CHECKS, ActionClass.LISTS


class Selector(selectors.DefaultSelector):
    """A selector that advances a fake clock instead of blocking."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return the ready events; if there are none, advance the clock by the timeout."""
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class FakeTimeLoop(asyncio.SelectorEventLoop):
    """An event loop that sleeps without waiting."""

    def __init__(self) -> None:
        self.selector = Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        """Return the fake time."""
        return self.selector.now


@pytest.fixture
def loop() -> Iterator[FakeTimeLoop]:
    """An event loop that sleeps without waiting."""
    loop = FakeTimeLoop()
    yield loop
    loop.close()


def make_budget(loop: FakeTimeLoop, *, key_rate: float = 2, host_rate: float = 20) -> Budget:
    """Return a budget that uses the clock of a loop."""
    return Budget(key_rate, host_rate, loop.time)


async def acquire_many(budget: Budget, key: SecretStr, count: int) -> list[float]:
    """Make concurrent requests and return the seconds that each one waited."""
    start = budget.clock()

    async def acquire() -> float:
        await budget.acquire(key, CHECKS)
        return budget.clock() - start

    return list(await asyncio.gather(*(acquire() for _ in range(count))))


def spend_poll_share(budget: Budget, *keys: SecretStr) -> None:
    """Let each key take the token that is reserved for its next poll."""
    for key in keys:
        budget._host.polls_full_at = 0  # noqa: SLF001  # the other keys' polls must not be in the way
        assert polled(budget, key)


def polled(budget: Budget, key: SecretStr) -> bool:
    """Return whether a poll gets a token now."""
    return budget.try_poll(key) == 0


def test_burst_and_rate(loop: FakeTimeLoop) -> None:
    """An idle key gets a burst of tokens at once and then its rate."""
    waited = loop.run_until_complete(acquire_many(make_budget(loop), ALICE, KEY_BURST + 4))

    assert waited == pytest.approx([0] * KEY_BURST + [0.5, 1, 1.5, 2])


def test_an_idle_key_gets_one_burst(loop: FakeTimeLoop) -> None:
    """A key that was idle for an hour gets one burst and no more."""
    budget = make_budget(loop)
    spend_poll_share(budget, ALICE)
    loop.run_until_complete(acquire_many(budget, ALICE, KEY_BURST - 1))
    assert not polled(budget, ALICE)

    loop.run_until_complete(asyncio.sleep(3600))

    assert [polled(budget, ALICE) for _ in range(KEY_BURST + 1)] == [True] * KEY_BURST + [False]


def test_requests_are_served_in_fifo_order(loop: FakeTimeLoop) -> None:
    """Waiting requests get their tokens in the order of their calls."""
    waited = loop.run_until_complete(acquire_many(make_budget(loop, key_rate=3, host_rate=4), ALICE, 30))

    assert waited == sorted(waited)


def test_host_rate(loop: FakeTimeLoop) -> None:
    """All keys together do not exceed the rate of the host."""
    budget = make_budget(loop, host_rate=10)

    async def all_keys() -> list[float]:
        waited = await asyncio.gather(
            *(acquire_many(budget, SecretStr(str(number)), 1) for number in range(30))
        )
        return sorted(wait for waits in waited for wait in waits)

    waited = loop.run_until_complete(all_keys())

    assert waited == pytest.approx([0] * 10 + [0.1 * each for each in range(1, 21)])


def test_a_slow_host_rate(loop: FakeTimeLoop) -> None:
    """A rate below one per second still gives a first token at once."""
    assert loop.run_until_complete(acquire_many(make_budget(loop, host_rate=0.5), ALICE, 2)) == pytest.approx(
        [0, 2]
    )


def test_keys_do_not_slow_each_other(loop: FakeTimeLoop) -> None:
    """Queued requests of one key delay neither polls nor requests of another key."""
    budget = make_budget(loop)

    async def both() -> None:
        spend_poll_share(budget, ALICE)
        busy = asyncio.create_task(acquire_many(budget, ALICE, KEY_BURST + 6))
        await asyncio.sleep(0.1)
        assert not polled(budget, ALICE)
        assert polled(budget, BOB)
        assert await acquire_many(budget, BOB, 2) == [0, 0]
        await busy

    loop.run_until_complete(both())


def test_requests_go_before_polls(loop: FakeTimeLoop) -> None:
    """While requests wait for the host, polls get their share and no more."""
    budget = make_budget(loop, key_rate=100, host_rate=10)

    async def crowd() -> None:
        assert await acquire_many(budget, ALICE, 5) == [0] * 5
        assert await acquire_many(budget, EVE, 5) == [0] * 5
        waiting = asyncio.create_task(acquire_many(budget, ALICE, 50))
        await asyncio.sleep(0)
        polls = 0
        for _ in range(100):
            polls += polled(budget, BOB)
            await asyncio.sleep(0.05)
        assert polls == pytest.approx(5 * 10 * POLL_SHARE, abs=1)
        await waiting
        await asyncio.sleep(1)
        assert polled(budget, BOB)

    loop.run_until_complete(crowd())


@pytest.mark.parametrize("flooded", ["key", "host"])
def test_a_flood_of_requests_leaves_the_polls_their_share(loop: FakeTimeLoop, flooded: str) -> None:
    """A poll waits for at most one token of its share, whether its own key floods or others do."""
    budget = make_budget(loop, key_rate=2, host_rate=4)

    async def flood() -> None:
        keys = [ALICE] if flooded == "key" else [SecretStr(str(number)) for number in range(20)]
        requests = [
            asyncio.create_task(budget.acquire(key, ActionClass.BALANCE)) for key in keys for _ in range(20)
        ]
        await asyncio.sleep(10)
        waits = []
        for _ in range(10):
            start = loop.time()
            await budget.acquire_poll(ALICE)
            waits.append(loop.time() - start)
        assert max(waits) <= 1 / (2 * POLL_SHARE) + 0.001
        for request in requests:
            request.cancel()

    loop.run_until_complete(flood())


def test_requests_go_before_polls_of_the_same_key(loop: FakeTimeLoop) -> None:
    """A poll does not take the token that a request of the same key waits for."""
    budget = make_budget(loop)

    async def both() -> None:
        spend_poll_share(budget, ALICE)
        waiting = asyncio.create_task(acquire_many(budget, ALICE, KEY_BURST))
        await asyncio.sleep(0.4999999)
        assert budget.try_poll(ALICE) > 0
        assert (await waiting)[-1] == pytest.approx(0.5)

    loop.run_until_complete(both())


def test_a_deferred_poll_gets_a_token_after_its_wait(loop: FakeTimeLoop) -> None:
    """A poll that waits as long as the budget says gets a token."""
    budget = make_budget(loop)
    spend_poll_share(budget, ALICE)
    loop.run_until_complete(acquire_many(budget, ALICE, KEY_BURST - 1))

    wait = budget.try_poll(ALICE)
    assert wait == pytest.approx(0.5)
    loop.run_until_complete(asyncio.sleep(wait))

    assert polled(budget, ALICE)


def test_a_deferred_poll_takes_no_token(loop: FakeTimeLoop) -> None:
    """Repeated tries do not make a deferred poll wait longer."""
    budget = make_budget(loop)
    spend_poll_share(budget, ALICE)
    loop.run_until_complete(acquire_many(budget, ALICE, KEY_BURST - 1))

    assert [budget.try_poll(ALICE) for _ in range(50)] == pytest.approx([0.5] * 50)


def test_a_throttled_key_is_paused(loop: FakeTimeLoop) -> None:
    """A throttled key gets no token until the end of its pause; other keys are not affected."""
    budget = make_budget(loop)
    budget.pause(ALICE, Throttled(30), CHECKS)

    assert budget.try_poll(ALICE) == pytest.approx(30)
    assert polled(budget, BOB)
    with pytest.raises(Throttled) as refused:
        loop.run_until_complete(budget.acquire(ALICE, CHECKS))
    assert refused.value.retry_after == pytest.approx(30)
    loop.run_until_complete(asyncio.sleep(30))

    assert loop.run_until_complete(acquire_many(budget, ALICE, 1)) == [0]


@pytest.mark.parametrize("answered", [True, False])
def test_one_request_ends_a_pause(loop: FakeTimeLoop, answered: bool) -> None:
    """After a pause one request is sent; the others wait until one is answered."""
    budget = make_budget(loop)
    budget.pause(ALICE, Throttled(30), CHECKS)
    loop.run_until_complete(asyncio.sleep(30))
    assert polled(budget, ALICE)
    assert not polled(budget, ALICE)
    budget.finish(ALICE, CHECKS, answered=answered)
    assert [polled(budget, ALICE), polled(budget, ALICE)] == [True, answered]


@pytest.mark.parametrize("paused", ActionClass)
@pytest.mark.parametrize("asked", ActionClass)
def test_a_pause_is_for_one_class_of_actions(
    loop: FakeTimeLoop, paused: ActionClass, asked: ActionClass
) -> None:
    """A throttled price list stops neither status checks nor purchases, and the other way round."""
    budget = make_budget(loop)
    budget.pause(ALICE, Throttled(600), paused)
    if paused is asked:
        with pytest.raises(Throttled):
            loop.run_until_complete(budget.acquire(ALICE, asked))
    else:
        loop.run_until_complete(budget.acquire(ALICE, asked))


@pytest.mark.parametrize("error", [Throttled(3600), Blocked(3600)])
def test_checks_are_never_paused_for_long(loop: FakeTimeLoop, error: Throttled | Blocked) -> None:
    """A status check is tried again after a minute and a half, whatever the provider asks for."""
    budget = make_budget(loop)
    for key in (ALICE, BOB):
        budget.accept(key)
        budget.pause(key, error, CHECKS)
    assert budget.try_poll(ALICE) == pytest.approx(MAX_CHECK_PAUSE)
    loop.run_until_complete(asyncio.sleep(MAX_CHECK_PAUSE))
    assert polled(budget, ALICE)


@pytest.mark.parametrize(
    ("accepted", "blocked", "host_paused"),
    [
        ([], [EVE, EVE, EVE], False),
        ([ALICE], [EVE, EVE], False),
        ([ALICE], [ALICE, ALICE], False),
        ([ALICE], [EVE, ALICE], False),
        ([ALICE, EVE], [EVE, ALICE], True),
    ],
)
def test_only_accepted_keys_pause_the_host(
    loop: FakeTimeLoop, accepted: list[SecretStr], blocked: list[SecretStr], host_paused: bool
) -> None:
    """A block page stops its own key; it stops everybody only after two accepted keys have met it."""
    budget = make_budget(loop)
    for key in accepted:
        budget.accept(key)
    for key in blocked:
        budget.pause(key, Blocked(60), CHECKS)
        assert not polled(budget, key)
    assert polled(budget, BOB) is not host_paused


def test_two_blocks_long_apart_do_not_pause_the_host(loop: FakeTimeLoop) -> None:
    """Block pages of two keys count together only within two minutes."""
    budget = make_budget(loop)
    for key in (ALICE, EVE):
        budget.accept(key)
        budget.pause(key, Blocked(60), CHECKS)
        loop.run_until_complete(asyncio.sleep(121))
    assert polled(budget, BOB)


def block_host(budget: Budget, seconds: float, action_class: ActionClass = CHECKS) -> None:
    """Let two accepted keys meet a block page."""
    for key in (ALICE, EVE):
        budget.accept(key)
        budget.pause(key, Blocked(seconds), action_class)


def test_a_blocked_host_is_paused(loop: FakeTimeLoop) -> None:
    """After a block page no key gets a token until the end of the pause."""
    budget = make_budget(loop)
    block_host(budget, 60)

    assert budget.host_wait() == pytest.approx(60)
    assert budget.try_poll(BOB) == pytest.approx(60)
    with pytest.raises(Blocked) as refused:
        loop.run_until_complete(budget.acquire(BOB, CHECKS))
    assert refused.value.retry_after == pytest.approx(60)
    loop.run_until_complete(asyncio.sleep(60))

    assert budget.host_wait() == 0
    assert loop.run_until_complete(acquire_many(budget, BOB, 1)) == [0]


def test_a_shorter_pause_does_not_end_a_longer_one(loop: FakeTimeLoop) -> None:
    """The longest pause applies."""
    budget = make_budget(loop)
    budget.pause(ALICE, Throttled(30), CHECKS)
    budget.pause(ALICE, Throttled(5), CHECKS)

    assert budget.try_poll(ALICE) == pytest.approx(30)


def test_a_pause_ends_the_wait_of_requests(loop: FakeTimeLoop) -> None:
    """A request that is queued when a pause begins fails instead of waiting."""
    budget = make_budget(loop)

    async def caught() -> None:
        waiting = asyncio.create_task(acquire_many(budget, ALICE, KEY_BURST + 1))
        await asyncio.sleep(0.1)
        block_host(budget, 60)
        with pytest.raises(Blocked):
            await waiting

    loop.run_until_complete(caught())


def test_the_last_second_of_a_pause_is_waited_for(loop: FakeTimeLoop) -> None:
    """A request in the last second of a pause waits for its end."""
    budget = make_budget(loop)
    budget.pause(ALICE, Throttled(0.75), CHECKS)

    assert loop.run_until_complete(acquire_many(budget, ALICE, 1)) == pytest.approx([0.75])


def test_a_cancelled_request_takes_no_token(loop: FakeTimeLoop) -> None:
    """A queued request that is cancelled does not delay others."""
    budget = make_budget(loop)

    async def cancel() -> None:
        waiting = asyncio.create_task(acquire_many(budget, ALICE, KEY_BURST + 1))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.5)
        assert polled(budget, ALICE)

    loop.run_until_complete(cancel())


def test_buckets_of_idle_keys_are_removed(loop: FakeTimeLoop) -> None:
    """The bucket of an idle key is removed after a while, but not before its pause ends."""
    budget = make_budget(loop, host_rate=100_000)
    budget.pause(ALICE, Throttled(3600), LISTS)
    for number in range(1000):
        assert polled(budget, SecretStr(f"key {number}"))
    assert len(budget._key_buckets) == 1000  # noqa: SLF001  # memory use has no public interface

    for _ in range(3):
        loop.run_until_complete(asyncio.sleep(301))
        assert polled(budget, SecretStr(f"new key at {loop.time()}"))

    assert len(budget._key_buckets) <= 4  # noqa: SLF001
    assert not background(budget, ALICE)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["request", "poll"]), st.sampled_from([ALICE, BOB]), st.floats(0, 2)),
        max_size=40,
    )
)
def test_no_second_holds_more_than_its_rate(requests: list[tuple[str, SecretStr, float]]) -> None:
    """No time span has more requests than the burst and the rate allow."""
    loop = FakeTimeLoop()
    budget = make_budget(loop, key_rate=2, host_rate=3)
    sent: list[tuple[float, SecretStr]] = []

    async def acquire(key: SecretStr) -> None:
        await budget.acquire(key, CHECKS)
        sent.append((loop.time(), key))

    async def replay() -> None:
        async with asyncio.TaskGroup() as group:
            for kind, key, pause in requests:
                if kind == "request":
                    group.create_task(acquire(key))
                elif polled(budget, key):
                    sent.append((loop.time(), key))
                await asyncio.sleep(pause)

    loop.run_until_complete(replay())
    loop.close()

    for keys, burst, rate in [({ALICE}, KEY_BURST, 2), ({BOB}, KEY_BURST, 2), ({ALICE, BOB}, 3, 3)]:
        times = sorted(at for at, key in sent if key in keys)
        for first, start in enumerate(times):
            for last, end in enumerate(times[first:], start=first):
                # A poll of the guaranteed share may take a token that is not there yet.
                assert last - first + 1 <= burst + 1 + rate * (end - start) + 0.001
    assert len(sent) >= sum(kind == "request" for kind, _, _ in requests)


def background(budget: Budget, key: SecretStr, requests: int = 1) -> bool:
    """Return whether background requests get their tokens now."""
    return budget.try_background(key, requests) == 0


def test_background_requests_leave_a_reserve(loop: FakeTimeLoop) -> None:
    """Background requests leave half of the burst of the key and of the host."""
    budget = make_budget(loop, host_rate=1000)
    assert [background(budget, ALICE) for _ in range(4)] == [True, True, False, False]
    assert loop.run_until_complete(acquire_many(budget, ALICE, 3)) == [0, 0, 0]
    budget = make_budget(loop, key_rate=1000, host_rate=8)
    assert [background(budget, SecretStr(str(number))) for number in range(6)] == [True] * 4 + [False] * 2
    assert loop.run_until_complete(acquire_many(budget, BOB, 4)) == [0] * 4


def test_background_requests_get_tokens_after_their_wait(loop: FakeTimeLoop) -> None:
    """A refused try takes no token, and succeeds after the returned wait."""
    budget = make_budget(loop)
    assert background(budget, ALICE, 2)
    waits = [budget.try_background(ALICE, 2) for _ in range(20)]
    assert waits == pytest.approx([waits[0]] * 20)
    loop.run_until_complete(asyncio.sleep(waits[0] - 0.01))
    assert not background(budget, ALICE, 2)
    loop.run_until_complete(asyncio.sleep(0.01))
    assert background(budget, ALICE, 2)


def test_background_requests_go_after_user_requests(loop: FakeTimeLoop) -> None:
    """A request queued at the host stops all background requests; at a key, only those of the key."""
    budget = make_budget(loop, host_rate=1)

    async def at_the_host() -> None:
        assert await acquire_many(budget, ALICE, 1) == [0]
        waiting = asyncio.create_task(acquire_many(budget, ALICE, 1))
        await asyncio.sleep(0.9999999)
        assert not background(budget, BOB)
        assert await waiting == pytest.approx([1])
        await asyncio.sleep(1)
        assert background(budget, BOB)

    async def at_a_key() -> None:
        await acquire_many(budget, ALICE, KEY_BURST)
        waiting = asyncio.create_task(acquire_many(budget, ALICE, 1))
        await asyncio.sleep(0)
        assert not background(budget, ALICE)
        assert background(budget, BOB)
        await waiting

    loop.run_until_complete(at_the_host())
    budget = make_budget(loop)
    loop.run_until_complete(at_a_key())


def test_background_requests_go_after_deferred_polls(loop: FakeTimeLoop) -> None:
    """No background request takes the token of a deferred poll."""
    budget = make_budget(loop, host_rate=1)
    spend_poll_share(budget, ALICE)
    wait = budget.try_poll(BOB)
    assert wait == pytest.approx(1)
    loop.run_until_complete(asyncio.sleep(wait))
    assert not background(budget, ALICE)
    assert polled(budget, BOB)


def test_deferred_polls_of_a_key_do_not_delay_background_requests_of_others(loop: FakeTimeLoop) -> None:
    """A poll that its own key defers does not stop background requests of other keys."""
    budget = make_budget(loop)
    budget.pause(ALICE, Throttled(30), CHECKS)
    budget.pause(ALICE, Throttled(30), LISTS)
    assert not polled(budget, ALICE)
    assert background(budget, BOB)
    assert not background(budget, ALICE)


def test_background_requests_get_no_token_in_a_pause(loop: FakeTimeLoop) -> None:
    """The wait of a background request ends with the pause."""
    budget = make_budget(loop)
    block_host(budget, 60, LISTS)
    assert budget.try_background(BOB) == pytest.approx(60)
    loop.run_until_complete(asyncio.sleep(60))
    assert background(budget, BOB)


def test_a_small_full_bucket_serves_background_requests(loop: FakeTimeLoop) -> None:
    """A bucket that is too small for the tokens and the reserve gives them when it is full."""
    budget = make_budget(loop, host_rate=1)
    assert background(budget, ALICE, 2)
    assert budget.try_background(ALICE, 2) == pytest.approx(2)


async def test_a_purchase_takes_the_next_token_before_queued_requests() -> None:
    """The purchase waits for one token, and the requests that were queued before it wait one token longer."""
    budget, key = Budget(20.0, 1000.0), SecretStr("key")
    for _ in range(KEY_BURST):
        await budget.acquire(key, LISTS)
    order: list[str] = []

    async def request(name: str, acquire: Callable[[SecretStr, ActionClass], Awaitable[None]]) -> None:
        await acquire(key, LISTS)
        order.append(name)

    queued = [asyncio.create_task(request(f"tap {number}", budget.acquire)) for number in range(4)]
    await asyncio.sleep(0)
    started = asyncio.get_running_loop().time()
    await request("purchase", budget.acquire_first)
    await asyncio.gather(*queued)
    assert order == ["purchase", "tap 0", "tap 1", "tap 2", "tap 3"]
    assert asyncio.get_running_loop().time() - started >= 5 / 20 - 0.02
