"""The limit of the keys that are checked: for one person, for all, and what is said beyond it."""

from hypothesis import given, strategies as st

from bot.accounts.bind_limiter import MAX_OF_ALL, MAX_OF_USER, WINDOW, BindLimiter
from bot.errors import TooManyBindings
from tests.conftest import KEY, World

TRIES = st.lists(st.tuples(st.integers(1, 12), st.floats(0, 10)), max_size=200)
"""Users, and the seconds before each of their tries."""


def _refused_until(limiter: BindLimiter, user_id: int, now: float) -> int | None:
    try:
        limiter.take(user_id, now)
    except TooManyBindings as refusal:
        return refusal.allowed_at
    return None


@given(tries=TRIES)
def test_no_window_has_more_checks_than_allowed(tries: list[tuple[int, float]]) -> None:
    """In any 60 seconds a person has three checks, and all people have 20; no other one is refused."""
    limiter, now, done = BindLimiter(), 1000.0, list[tuple[int, float]]()
    for user_id, pause in tries:
        now += pause
        recent = [user for user, at in done if at > now - WINDOW]
        refused = _refused_until(limiter, user_id, now)
        if refused is None:
            assert len(recent) < MAX_OF_ALL
            assert recent.count(user_id) < MAX_OF_USER
            done.append((user_id, now))
        else:
            assert len(recent) == MAX_OF_ALL or recent.count(user_id) == MAX_OF_USER
            assert now < refused <= now + WINDOW + 1


def test_a_clock_that_was_ahead_blocks_nobody() -> None:
    """Checks that seem to be in the future are not counted."""
    limiter = BindLimiter()
    for _ in range(MAX_OF_USER):
        limiter.take(1, 10_000.0)
    limiter.take(1, 1000.0)


async def test_a_person_cannot_guess_keys(bot_world: World) -> None:
    """Of many keys three are tried; each further one is deleted and answered with a time."""
    ann = bot_world.telegram.person(1)
    messages = [await ann.send(f"{number}{'0123456789abcde' * 2}") for number in range(5)]
    await ann.sees("Too many API keys were sent just now", "Send it again after")
    await ann.until(lambda _: all(message.deleted for message in messages))
    assert len(bot_world.asked("getBalance")) == MAX_OF_USER
    bot_world.pass_time(WINDOW)
    await ann.send(KEY)
    await ann.sees("Your key works")


async def test_all_people_together_have_a_limit(bot_world: World) -> None:
    """Many strangers cannot use up the request budget of the provider with wrong keys."""
    people = [bot_world.telegram.person(number) for number in range(1, MAX_OF_ALL + 2)]
    for person in people[:-1]:
        await person.send(f"{person.user_id:02}{'0123456789abcde' * 2}")
        await person.sees("doesn’t accept this key")
    await people[-1].send(KEY)
    await people[-1].sees("Too many API keys were sent just now")
    assert len(bot_world.asked("getBalance")) == MAX_OF_ALL
    bot_world.pass_time(WINDOW)
    await people[-1].send(KEY)
    await people[-1].sees("Your key works")
