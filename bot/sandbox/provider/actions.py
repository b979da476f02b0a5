"""The actions of the provider's API: one function for each, and the lookup by name."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from bot.sandbox.provider import listings, price_tables
from bot.sandbox.provider.dialects import Dialect, ErrorShape, TextSource
from bot.sandbox.provider.errors import RefusalReason, RefusedRequest
from bot.sandbox.provider.phone_numbers import is_exception
from bot.sandbox.provider.records import Number, NumberState, ProviderAccount
from bot.sandbox.provider.responses import JSON_TYPE, ProviderResponse, write_refusal, write_response
from bot.sandbox.provider.service import SandboxProvider
from bot.sandbox.provider.stock import ANY

Params = Mapping[str, str]
Action = Callable[[SandboxProvider, ProviderAccount, Params], object]
_TEXT_ACTIONS = {
    TextSource.DATA: "getStatusV2",
    TextSource.SMS: "getStatusV2",
    TextSource.FULL: "getFullSms",
}
_ANONYMOUS = ProviderAccount("", Decimal(0))
_CANCEL = ("8", "-1")


def handle(provider: SandboxProvider, params: Params) -> ProviderResponse:
    """Run the action that a request names, and return the response in the provider's dialect."""
    action = params.get("action", "")
    try:
        account = _account(provider, params)
        content = _action(provider.dialect, action)(provider, account, params)
    except RefusedRequest as refusal:
        return write_refusal(provider.dialect, action, refusal)
    if isinstance(content, ProviderResponse):
        return content
    content_type = JSON_TYPE if action == "getOperators" else None
    return write_response(provider.dialect, content, content_type=content_type)


def _account(provider: SandboxProvider, params: Params) -> ProviderAccount:
    key, languages = params.get("api_key", ""), provider.dialect.languages
    if languages and params.get("lang") not in languages:
        raise RefusedRequest(RefusalReason.BAD_LANG)
    if account := provider.accounts.get(key):
        return account
    if params.get("action") in provider.dialect.keyless:
        return _ANONYMOUS
    raise RefusedRequest(RefusalReason.BAD_KEY if key else RefusalReason.NO_KEY)


def _action(dialect: Dialect, action: str) -> Action:
    also = {"getNumberV2"} if dialect.number_v2 else set()
    if dialect.whole_text in _TEXT_ACTIONS:
        also.add(_TEXT_ACTIONS[dialect.whole_text])
    if action not in dialect.actions | also:
        raise RefusedRequest(RefusalReason.BAD_ACTION)
    return _ACTIONS[dialect.aliases.get(action, action)]


def _get_balance(provider: SandboxProvider, account: ProviderAccount, _params: Params) -> object:
    return f"{account.balance:f}" if provider.dialect.bare_balance else f"ACCESS_BALANCE:{account.balance:f}"


def _get_numbers_status(provider: SandboxProvider, _account: ProviderAccount, params: Params) -> object:
    country = _country(provider.dialect, params)
    return price_tables.counts(provider.dialect, provider.stock, country, _operators(params))


def _get_prices(provider: SandboxProvider, _account: ProviderAccount, params: Params) -> object:
    dialect, stock = provider.dialect, provider.stock
    country, service = params.get("country") or None, params.get("service") or None
    if dialect.errors in (ErrorShape.HEROSMS, ErrorShape.SMSBOWER):
        if service is not None and not stock.knows_service(service):
            raise RefusedRequest(RefusalReason.BAD_SERVICE)
        if country is not None and not stock.knows_country(country):
            raise RefusedRequest(RefusalReason.BAD_COUNTRY)
    return price_tables.prices(dialect, stock, country, service)


def _get_number(provider: SandboxProvider, account: ProviderAccount, params: Params) -> object:
    dialect = provider.dialect
    number = _buy(provider, account, params)
    plus = "+" if dialect.plus else ""
    headers = {"X-Price": f"{number.price:f}"} if dialect.price_header else {}
    return write_response(dialect, f"ACCESS_NUMBER:{number.id}:{plus}{number.phone}", headers=headers)


def _get_number_v2(provider: SandboxProvider, account: ProviderAccount, params: Params) -> object:
    return listings.bought(provider, _buy(provider, account, params))


def _buy(provider: SandboxProvider, account: ProviderAccount, params: Params) -> Number:
    dialect = provider.dialect
    avoid = _comma_list(params, "phoneException")
    if not all(map(is_exception, avoid)):
        raise RefusedRequest(RefusalReason.WRONG_EXCEPTION_PHONE)
    return provider.buy(
        account,
        params.get("service", ""),
        _country(dialect, params),
        operators=_operators(params),
        avoid=avoid,
        max_price=_max_price(dialect, params),
    )


def _get_status(provider: SandboxProvider, account: ProviderAccount, params: Params) -> object:
    dialect = provider.dialect
    number = provider.find(account, params.get("id", ""))
    if number.state.is_open:
        number.shown = len(number.messages)
    match number.state:
        case NumberState.WAITING:
            return "STATUS_WAIT_CODE"
        case NumberState.RECEIVED:
            wants_text = dialect.whole_text is TextSource.HEADER and params.get("text") == "1"
            headers = {"X-Text": number.messages[-1]} if wants_text else {}
            return write_response(dialect, f"STATUS_OK:{number.messages[-1]}", headers=headers)
        case NumberState.WAITING_AGAIN if dialect.repeats_last_code:
            return f"STATUS_WAIT_RETRY:{number.messages[-1]}"
        case NumberState.WAITING_AGAIN:
            return "STATUS_WAIT_RESEND"
        case NumberState.CANCELLED:
            return dialect.cancelled
        case NumberState.FINISHED | NumberState.EXPIRED:
            return "STATUS_CANCEL"


def _set_status(provider: SandboxProvider, account: ProviderAccount, params: Params) -> object:
    dialect, status = provider.dialect, params.get("status", "")
    if status not in dialect.statuses:
        raise RefusedRequest(RefusalReason.BAD_STATUS)
    change, ack = _CHANGES[status]
    try:
        change(provider, provider.find(account, params.get("id", "")))
    except RefusedRequest:
        if status in _CANCEL and dialect.failed_cancel is not None:
            return dialect.failed_cancel
        raise
    return ack


def _get_text(provider: SandboxProvider, account: ProviderAccount, params: Params) -> object:
    """Return the whole text of the last SMS."""
    number = provider.find(account, params.get("id", ""))
    text = number.messages[-1] if number.messages else None
    match provider.dialect.whole_text:
        case TextSource.FULL:
            return "STATUS_WAIT_CODE" if text is None else f"FULL_SMS:{text}"
        case TextSource.SMS:
            return {"verificationType": 0, "sms": None if text is None else {"code": text, "text": text}}
        case _:
            sms = {"id": 1, "code": text, "text": text, "service": number.service}
            return "STATUS_WAIT_CODE" if text is None else {"verificationType": "sms", "data": sms}


def _country(dialect: Dialect, params: Params) -> str:
    country = params.get("country") or dialect.default_country
    if country is None:
        raise RefusedRequest(RefusalReason.UNPROCESSABLE_ENTITY)
    return country


def _comma_list(params: Params, name: str) -> list[str]:
    return [item for item in params.get(name, "").split(",") if item]


def _operators(params: Params) -> list[str]:
    operators = _comma_list(params, "operator")
    return [] if ANY in operators else operators


def _max_price(dialect: Dialect, params: Params) -> Decimal | None:
    value = next((params[name] for name in dialect.max_price if params.get(name)), None)
    if value is None:
        return None
    try:
        limit = Decimal(value)
    except InvalidOperation:
        return Decimal(0)  # an unreadable limit is lower than every price
    return limit if limit.is_finite() else Decimal(0)


_CHANGES: dict[str, tuple[Callable[[SandboxProvider, Number], None], str]] = {
    "1": (SandboxProvider.announce, "ACCESS_READY"),
    "3": (SandboxProvider.resend, "ACCESS_RETRY_GET"),
    "6": (SandboxProvider.finish, "ACCESS_ACTIVATION"),
    "8": (SandboxProvider.cancel, "ACCESS_CANCEL"),
    "-1": (SandboxProvider.cancel, "ACCESS_CANCEL"),
}

_ACTIONS: dict[str, Action] = {
    "getBalance": _get_balance,
    "getNumbersStatus": _get_numbers_status,
    "getPrices": _get_prices,
    "getNumberV2": _get_number_v2,
    "getStatusV2": _get_text,
    "getFullSms": _get_text,
    "getCountryAndOperators": lambda provider, _account, _params: listings.countries_with_operators(provider),
    "getServicesAndCost": lambda provider, _account, params: listings.services_with_prices(
        provider, _country(provider.dialect, params)
    ),
    "getNumber": _get_number,
    "getStatus": _get_status,
    "setStatus": _set_status,
    "getCountries": lambda provider, _account, _params: listings.countries(provider),
    "getServicesList": lambda provider, _account, params: listings.services(
        provider, params.get("country") or None
    ),
    "getOperators": lambda provider, _account, params: listings.operators(
        provider, params.get("country") or None
    ),
    "getActiveActivations": listings.active,
}
