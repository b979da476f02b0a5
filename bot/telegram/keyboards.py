"""The keyboards: functions from data to markup."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from aiogram.types import CopyTextButton, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.catalog import Choice
from bot.domain import Activation, Code, Country, Operator, Page, State, Step
from bot.provider.tables import Listed
from bot.telegram import callbacks, operators, texts
from bot.telegram.callbacks import Data, Screen
from bot.telegram.translator import Translator, clipped, utf16_length

PAGE_ROWS: Final = 10
MAX_LABEL: Final = 48
MAX_NAME_ON_BUTTON: Final = 14
MAX_COPY: Final = 256

Row = list[InlineKeyboardButton]


def button(text: str, data: Data, style: str | None = None) -> InlineKeyboardButton:
    """Return a button that calls back."""
    return InlineKeyboardButton(text=clipped(text, MAX_LABEL), callback_data=data.pack(), style=style)


def copy(text: str, value: str) -> Row:
    """Return a row with a button that copies; empty if Telegram would not copy that much."""
    if not value.strip() or utf16_length(value) > MAX_COPY:
        return []
    return [InlineKeyboardButton(text=text, copy_text=CopyTextButton(text=value))]


def markup(rows: Iterable[Row]) -> InlineKeyboardMarkup:
    """Return the keyboard of these rows, without the empty ones."""
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row])


def home_button(t: Translator) -> InlineKeyboardButton:
    """Return the button that leads home."""
    return button(t.plain("Home"), callbacks.Go(screen=Screen.HOME))


def home(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the home screen."""
    return markup(
        [
            [button(t.plain("Buy a number"), callbacks.Go(screen=Screen.BUY), "primary")],
            [
                button(t.plain("Active"), callbacks.Go(screen=Screen.ACTIVE)),
                button(t.plain("API key"), callbacks.Go(screen=Screen.KEY)),
                button(t.plain("Help"), callbacks.Go(screen=Screen.HELP)),
            ],
        ]
    )


def only_home(t: Translator) -> InlineKeyboardMarkup:
    """Return a keyboard that leads home."""
    return markup([[home_button(t)]])


def key(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the key screen."""
    return markup(
        [
            [
                button(t.plain("Replace"), callbacks.Replace()),
                button(t.plain("Unbind"), callbacks.Unbind(sure=False), "danger"),
            ],
            [home_button(t)],
        ]
    )


def unbind(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the question whether to unbind."""
    return markup(
        [
            [
                button(t.plain("Yes, unbind"), callbacks.Unbind(sure=True), "danger"),
                button(t.plain("Back"), callbacks.Go(screen=Screen.KEY)),
            ],
        ]
    )


def key_reply(t: Translator) -> ForceReply:
    """Return what makes the input field a reply to the prompt."""
    return ForceReply(input_field_placeholder=texts.key_placeholder(t))


def countries(t: Translator, listed: Sequence[Country], page: int) -> InlineKeyboardMarkup:
    """Return a page of the countries, two in a row."""
    buttons = [
        button(country.name, callbacks.Services(country=country.id, page=0))
        for country in listed
        if callbacks.fits(country.id, "")
    ]
    rows, turn = paged(buttons, page, lambda number: callbacks.Countries(page=number))
    return markup([*rows, turn, [home_button(t)]])


def services(
    t: Translator, country: str, choices: Sequence[Choice], page: int, *, several_countries: bool
) -> InlineKeyboardMarkup:
    """Return a page of a country's services, two in a row."""
    rows, turn = paged(
        _service_buttons(t, country, choices),
        page,
        lambda number: callbacks.Services(country=country, page=number),
    )
    back = [button(t.plain("Back"), callbacks.Countries(page=0))] if several_countries else []
    return markup([*rows, turn, [*back, home_button(t)]])


def found(t: Translator, country: str, choices: Sequence[Choice]) -> InlineKeyboardMarkup:
    """Return what a search found, one in a row."""
    rows = [[single] for single in _service_buttons(t, country, choices)]
    everything = button(t.plain("All services"), callbacks.Services(country=country, page=0))
    return markup([*rows, [everything, home_button(t)]])


def _service_buttons(t: Translator, country: str, choices: Sequence[Choice]) -> Row:
    return [
        button(_service_label(t, choice), callbacks.Operators(country=country, service=choice.service.code))
        for choice in choices
        if callbacks.fits(country, choice.service.code)
    ]


def _service_label(t: Translator, choice: Choice) -> str:
    parts = [clipped(texts.short_name(choice.service.name), MAX_NAME_ON_BUTTON)]
    if choice.offer.price is not None:
        parts.append(t.amount(choice.offer.price))
    count = choice.offer.count
    parts.append(t.compact(count) if count else count_label(t, count))
    return " · ".join(part for part in parts if part)


def count_label(t: Translator, count: int | None) -> str:
    """Return a count for a button: nothing if it is unknown, a word if there are none."""
    if count is None:
        return ""
    return t.number(count) if count else t.plain("none")


def choose_operator(
    t: Translator,
    country: str,
    service: str,
    listed: Sequence[Operator],
    counts: dict[str, int | None],
    total: int | None,
    page: int,
) -> InlineKeyboardMarkup:
    """Return the operators of a service, each with its own count."""
    shown = list(listed)[: operators.MOST]
    sealed = operators.seal(shown)

    def confirm(chosen: set[str]) -> callbacks.Confirm:
        packed = operators.pack(shown, chosen)
        return callbacks.Confirm(country=country, service=service, chosen=packed, seal=sealed)

    buttons = [
        button(
            _with_count(operator.name, count_label(t, counts.get(operator.code))), confirm({operator.code})
        )
        for operator in shown
    ]
    rows, turn = paged(
        buttons, page, lambda number: callbacks.Operators(country=country, service=service, page=number)
    )
    several = callbacks.Several(country=country, service=service, chosen="0", seal=sealed)
    return markup(
        [
            [button(_with_count(t.plain("Any operator"), count_label(t, total)), confirm(set()), "primary")],
            *rows,
            turn,
            [button(t.plain("Several…"), several)] if len(shown) > 1 else [],
            [button(t.plain("Back"), callbacks.Services(country=country, page=0)), home_button(t)],
        ]
    )


def _with_count(name: str, count: str) -> str:
    return f"{name} · {count}" if count else name


def several(
    t: Translator, country: str, service: str, listed: Sequence[Operator], chosen: set[str], page: int
) -> InlineKeyboardMarkup:
    """Return the operators with check marks."""
    shown = list(listed)[: operators.MOST]
    sealed = operators.seal(shown)

    def toggled(code: str) -> callbacks.Several:
        packed = operators.pack(shown, chosen ^ {code})
        return callbacks.Several(country=country, service=service, chosen=packed, seal=sealed, page=page)

    buttons = [
        button(
            f"{'✓ ' if operator.code in chosen else ''}{operator.name}",
            toggled(operator.code),
            "primary" if operator.code in chosen else None,
        )
        for operator in shown
    ]
    packed = operators.pack(shown, chosen)
    rows, turn = paged(
        buttons,
        page,
        lambda number: callbacks.Several(
            country=country, service=service, chosen=packed, seal=sealed, page=number
        ),
    )
    go_on = callbacks.Confirm(country=country, service=service, chosen=packed, seal=sealed)
    nag = callbacks.Several(
        country=country, service=service, chosen=packed, seal=sealed, page=page, nagging=True
    )
    return markup(
        [
            *rows,
            turn,
            [button(t.plain("Continue"), go_on if chosen else nag, "success" if chosen else None)],
            [
                button(t.plain("Back"), callbacks.Operators(country=country, service=service)),
                home_button(t),
            ],
        ]
    )


def confirm(t: Translator, page: Page) -> InlineKeyboardMarkup:
    """Return the keyboard of a confirmation page."""
    return markup(
        [
            [
                button(t.plain("Buy"), callbacks.Buy(token=page.token), "success"),
                button(t.plain("Back"), callbacks.Operators(country=page.country, service=page.service)),
            ],
            [home_button(t)],
        ]
    )


def card(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard of a card: only what is possible in its state."""

    def take(text: str, step: Step, style: str | None = None) -> InlineKeyboardButton:
        return button(text, callbacks.Take(step=step, id=activation.id), style)

    number = copy(t.plain("Copy number"), f"+{activation.phone}") if activation.phone else []
    last = activation.last_code
    code = copy(t.plain("Copy code"), last.text) if last else []
    match activation.state:
        case State.ORDERING:
            return markup([])
        case State.UNKNOWN:
            return markup([[button(t.plain("Check again"), callbacks.Check(id=activation.id))]])
        case State.WAITING if activation.codes:
            return markup([number, code, [take(t.plain("Complete"), Step.COMPLETE, "success")]])
        case State.WAITING if activation.cancel_wanted:
            keep = callbacks.CancelLater(id=activation.id, wanted=False)
            return markup(
                [
                    number,
                    [take(t.plain("SMS sent"), Step.SMS_SENT), button(t.plain("Do not cancel"), keep)],
                ]
            )
        case State.WAITING:
            return markup(
                [
                    number,
                    [
                        take(t.plain("SMS sent"), Step.SMS_SENT),
                        take(t.plain("Cancel"), Step.CANCEL, "danger"),
                    ],
                ]
            )
        case State.RECEIVED:
            return markup(
                [
                    code,
                    number,
                    [
                        take(t.plain("Resend"), Step.RESEND),
                        take(t.plain("Complete"), Step.COMPLETE, "success"),
                    ],
                ]
            )
        case _:
            again = button(t.plain("Buy again"), callbacks.Again(id=activation.id))
            return markup([code, [again, home_button(t)]])


def code(t: Translator, code: Code) -> InlineKeyboardMarkup | None:
    """Return the keyboard under a code; None if it is too long to be copied by a button."""
    row = copy(t.plain("Copy code"), code.text)
    return markup([row]) if row else None


def too_early(t: Translator, activation_id: int) -> InlineKeyboardMarkup:
    """Return the offer to cancel later."""
    return markup(
        [
            [
                button(
                    t.plain("Cancel then"), callbacks.CancelLater(id=activation_id, wanted=True), "danger"
                ),
                button(t.plain("Keep it"), callbacks.CancelLater(id=activation_id, wanted=False)),
            ]
        ]
    )


def candidates(activation_id: int, rows: Iterable[Listed]) -> InlineKeyboardMarkup:
    """Return a button for each of the provider's numbers that an unclear purchase may have bought."""
    return markup(
        [
            [
                button(
                    texts.candidate_label(row.id, row.phone),
                    callbacks.Adopt(id=activation_id, provider_id=row.id),
                )
            ]
            for row in rows
        ]
    )


def active(t: Translator, activations: Sequence[Activation]) -> InlineKeyboardMarkup:
    """Return a button for each active number."""
    rows = [
        [button(texts.active_label(t, activation), callbacks.Card(id=activation.id))]
        for activation in activations
    ]
    buy = button(t.plain("Buy a number"), callbacks.Go(screen=Screen.BUY), "primary")
    return markup([*rows, [buy, home_button(t)]])


def again(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard under the end of a number."""
    return markup([[button(t.plain("Buy again"), callbacks.Again(id=activation.id)), home_button(t)]])


def paged(buttons: Row, page: int, turn: Callable[[int], Data]) -> tuple[list[Row], Row]:
    """Return a page of buttons in rows of two, and the row that turns pages (empty if there is one page)."""
    size = 2 * PAGE_ROWS
    pages = max(1, -(-len(buttons) // size))
    page = min(max(page, 0), pages - 1)
    shown = buttons[page * size : (page + 1) * size]
    rows = [shown[start : start + 2] for start in range(0, len(shown), 2)]
    if pages == 1:
        return rows, []
    before, after = (page - 1) % pages, (page + 1) % pages
    return rows, [
        button("‹", turn(before)),
        button(f"{page + 1} / {pages}", turn(page)),
        button("›", turn(after)),
    ]
