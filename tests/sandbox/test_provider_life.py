"""Tests of a number's life at the sandbox provider, over HTTP."""

from decimal import Decimal

import pytest

from bot.sandbox.provider import ClosedNumberError, NumberState, SandboxProvider
from tests.sandbox.clients import AskText, Clock, buy


async def test_purchase(ask_text: AskText, provider: SandboxProvider) -> None:
    """A purchase takes the price from the balance and the number from the stock, and is in the ledger."""
    number = await buy(ask_text, provider, operator="viettel")

    assert await ask_text("getBalance") == "ACCESS_BALANCE:4.50"
    assert '"tg_0":39' in await ask_text("getNumbersStatus", country="10")
    assert '"tg_0":9' in await ask_text("getNumbersStatus", country="10", operator="viettel")
    assert await ask_text("getStatus", id=number.id) == "STATUS_WAIT_CODE"
    (purchase,) = provider.ledger
    assert (purchase.id, purchase.operator, purchase.price) == (number.id, "viettel", Decimal("0.50"))


async def test_number_is_from_its_operator(ask_text: AskText, provider: SandboxProvider) -> None:
    """A Vietnamese number has the calling code, nine more digits and the operator's first digits."""
    number = await buy(ask_text, provider, operator="vietnamobile")

    assert len(number.phone) == 11
    assert number.phone.startswith(("8452", "8456", "8458", "8492"))


async def test_codes_until_completed(ask_text: AskText, provider: SandboxProvider) -> None:
    """Several codes can arrive, the last one is repeated while waiting, and completion gives no refund."""
    number = await buy(ask_text, provider)

    provider.deliver(number.id, "12:34")
    assert await ask_text("getStatus", id=number.id) == "STATUS_OK:12:34"
    assert await ask_text("setStatus", id=number.id, status="3") == "ACCESS_RETRY_GET"
    assert await ask_text("getStatus", id=number.id) == "STATUS_WAIT_RETRY:12:34"
    provider.deliver(number.id, "0007")
    assert await ask_text("getStatus", id=number.id) == "STATUS_OK:0007"
    assert await ask_text("setStatus", id=number.id, status="6") == "ACCESS_ACTIVATION"

    assert await ask_text("getStatus", id=number.id) == "STATUS_CANCEL"
    assert number.state is NumberState.FINISHED
    assert number.messages == ["12:34", "0007"]
    assert provider.accounts["alice"].balance == Decimal("4.50")


async def test_only_the_last_code_is_returned(ask_text: AskText, provider: SandboxProvider) -> None:
    """If two SMS arrive between two status checks, only the second is returned."""
    number = await buy(ask_text, provider)
    provider.deliver(number.id, "1")
    provider.deliver(number.id, "2")

    assert await ask_text("getStatus", id=number.id) == "STATUS_OK:2"


async def test_ready(ask_text: AskText, provider: SandboxProvider) -> None:
    """Status 1 marks the number as ready and changes nothing else."""
    number = await buy(ask_text, provider)

    assert await ask_text("setStatus", id=number.id, status="1") == "ACCESS_READY"
    assert number.ready
    assert await ask_text("getStatus", id=number.id) == "STATUS_WAIT_CODE"


@pytest.mark.parametrize("status", ["8", "-1"])
async def test_cancel(ask_text: AskText, provider: SandboxProvider, clock: Clock, status: str) -> None:
    """An early cancel is refused; a later one refunds the price and returns the number to the stock."""
    number = await buy(ask_text, provider)
    clock.now += 119
    assert await ask_text("setStatus", id=number.id, status=status) == "EARLY_CANCEL_DENIED"
    clock.now += 1
    assert await ask_text("setStatus", id=number.id, status=status) == "ACCESS_CANCEL"

    assert await ask_text("getStatus", id=number.id) == "STATUS_CANCEL"
    assert await ask_text("getBalance") == "ACCESS_BALANCE:5.00"
    assert '"tg_0":40' in await ask_text("getNumbersStatus")
    assert await ask_text("setStatus", id=number.id, status=status) == "BAD_STATUS"
    with pytest.raises(ClosedNumberError, match="is cancelled"):
        provider.deliver(number.id, "too late")


async def test_no_cancel_after_a_code(ask_text: AskText, provider: SandboxProvider, clock: Clock) -> None:
    """A cancel is refused after a code has arrived, also while another one is awaited."""
    number = await buy(ask_text, provider)
    clock.now += 200
    provider.deliver(number.id, "1")
    assert await ask_text("setStatus", id=number.id, status="8") == "BAD_STATUS"
    await ask_text("setStatus", id=number.id, status="3")

    assert await ask_text("setStatus", id=number.id, status="8") == "BAD_STATUS"
    assert number.state is NumberState.WAITING_AGAIN


async def test_forbidden_transitions(ask_text: AskText, provider: SandboxProvider) -> None:
    """A status that is not allowed in the current state gets BAD_STATUS and changes nothing."""
    number = await buy(ask_text, provider)
    assert await ask_text("setStatus", id=number.id, status="3") == "BAD_STATUS"
    assert await ask_text("setStatus", id=number.id, status="7") == "BAD_STATUS"
    assert await ask_text("setStatus", id=number.id) == "BAD_STATUS"
    provider.deliver(number.id, "1")
    assert await ask_text("setStatus", id=number.id, status="1") == "BAD_STATUS"
    await ask_text("setStatus", id=number.id, status="3")

    assert await ask_text("setStatus", id=number.id, status="3") == "BAD_STATUS"
    assert await ask_text("setStatus", id=number.id, status="6") == "ACCESS_ACTIVATION"
    assert await ask_text("setStatus", id=number.id, status="6") == "BAD_STATUS"


async def test_finish_without_a_code(ask_text: AskText, provider: SandboxProvider, clock: Clock) -> None:
    """Status 6 before the first SMS cancels the number with a refund, and not earlier than a cancel."""
    number = await buy(ask_text, provider)
    assert await ask_text("setStatus", id=number.id, status="6") == "EARLY_CANCEL_DENIED"
    clock.now += 120

    assert await ask_text("setStatus", id=number.id, status="6") == "ACCESS_ACTIVATION"
    assert number.state is NumberState.CANCELLED
    assert provider.accounts["alice"].balance == Decimal(5)


async def test_expiry_without_a_code(ask_text: AskText, provider: SandboxProvider, clock: Clock) -> None:
    """A number without a code expires at the end of its lifetime, with a refund."""
    number = await buy(ask_text, provider)
    clock.now += 1199
    assert await ask_text("getStatus", id=number.id) == "STATUS_WAIT_CODE"
    clock.now += 1

    assert await ask_text("getStatus", id=number.id) == "STATUS_CANCEL"
    assert number.state is NumberState.EXPIRED
    assert await ask_text("getBalance") == "ACCESS_BALANCE:5.00"
    assert '"tg_0":40' in await ask_text("getNumbersStatus")


async def test_expiry_with_a_code(ask_text: AskText, provider: SandboxProvider, clock: Clock) -> None:
    """A number with a code is finished at the end of its lifetime, without a refund."""
    number = await buy(ask_text, provider)
    provider.deliver(number.id, "1")
    await ask_text("setStatus", id=number.id, status="3")
    clock.now += 1200

    assert await ask_text("getStatus", id=number.id) == "STATUS_CANCEL"
    assert number.state is NumberState.FINISHED
    assert await ask_text("getBalance") == "ACCESS_BALANCE:4.50"


async def test_expiry_shows_without_a_request(
    ask_text: AskText, provider: SandboxProvider, clock: Clock
) -> None:
    """Expiry shows in the provider's numbers and accounts without a request."""
    number = await buy(ask_text, provider)
    clock.now += 1200

    assert provider.accounts["alice"].balance == Decimal(5)
    assert provider.numbers[number.id].state is NumberState.EXPIRED


async def test_a_shorter_lifetime_applies_at_once(
    ask_text: AskText, provider: SandboxProvider, clock: Clock
) -> None:
    """A new lifetime applies to open numbers."""
    number = await buy(ask_text, provider)
    clock.now += 30
    provider.lifetime = 30

    assert await ask_text("getStatus", id=number.id) == "STATUS_CANCEL"


async def test_numbers_of_others(ask_text: AskText, provider: SandboxProvider) -> None:
    """Another account's activation, an unknown id and a missing id get NO_ACTIVATION."""
    number = await buy(ask_text, provider)

    assert await ask_text("getStatus", key="bob", id=number.id) == "NO_ACTIVATION"
    assert await ask_text("setStatus", key="bob", id=number.id, status="8") == "NO_ACTIVATION"
    assert await ask_text("getStatus", id="1") == "NO_ACTIVATION"
    assert await ask_text("getStatus") == "NO_ACTIVATION"


async def test_keys(ask_text: AskText, provider: SandboxProvider) -> None:
    """A missing key gets NO_KEY, and an unknown or revoked key gets BAD_KEY."""
    number = await buy(ask_text, provider)
    assert await ask_text("getBalance", key="") == "NO_KEY"
    assert await ask_text("getBalance", key="eve") == "BAD_KEY"
    provider.close_account("alice")

    assert await ask_text("getStatus", id=number.id) == "BAD_KEY"
    provider.open_account("alice", "1")
    assert await ask_text("getStatus", id=number.id) == "STATUS_WAIT_CODE"


async def test_refund_to_a_closed_account(ask_text: AskText, provider: SandboxProvider, clock: Clock) -> None:
    """A number of a closed account expires without a refund."""
    number = await buy(ask_text, provider)
    provider.close_account("alice")
    clock.now += 1200

    assert provider.numbers[number.id].state is NumberState.EXPIRED
