"""Texts of the statistics: as a chart with one line, or as text where no chart can be drawn."""

from collections.abc import Sequence
from typing import Final

from bot.domain import Outcome, SuccessFigures
from bot.history.charts import Bar, Chart
from bot.telegram.texts import shop
from bot.telegram.translator import Html, Translator, clipped, escaped, joined

MAX_SERVICE: Final = 20
MAX_OPERATORS: Final = 16
FEW: Final = 3
"""Numbers from which a rate is shown; fewer are counted."""

Line = tuple[str, SuccessFigures]
"""A label and the figures it stands for."""


def no_statistics(t: Translator) -> Html:
    """Return the statistics when there is no data."""
    return t("Nothing to show yet.")


def outcome_name(t: Translator, outcome: Outcome, *, operators: str, country: str | None) -> str:
    """Return the label of some figures, clipped to fit a line of the chart."""
    service = clipped(shop.short_name(shop.service_name(t, outcome.service_name)), MAX_SERVICE)
    by = clipped(operators, MAX_OPERATORS) if outcome.operators else shop.any_operator(t)
    return " · ".join(part for part in (service, country and clipped(country, MAX_OPERATORS), by) if part)


def others(t: Translator) -> str:
    """Return the label of everything that has no line of its own."""
    return t.plain("All others")


def statistics(t: Translator, lines: Sequence[Line], total: SuccessFigures) -> Html:
    """Return the statistics as text."""
    return joined(
        t("<b>Statistics</b>"),
        joined(escaped(_rate(t, total)), escaped(_summary(t, total))),
        *(
            joined(
                t("<b>{name}</b> {percent}", name=name, percent=_bar(t, name, figures).percent),
                escaped(_details(t, figures)),
            )
            for name, figures in lines
        ),
        t("<i>{footer}</i>", footer=_footer(t, total)),
        by="\n\n",
    )


def chart(t: Translator, lines: Sequence[Line], total: SuccessFigures) -> Chart:
    """Return the statistics as a chart."""
    return Chart(
        title=t.plain("Statistics"),
        headline=_headline(t, total),
        summary=_summary(t, total),
        bars=[_bar(t, name, figures) for name, figures in lines],
        footer=_footer(t, total),
    )


def _bar(t: Translator, name: str, figures: SuccessFigures) -> Bar:
    """Return the bar of some figures; of few numbers each one is a third of the bar, and there is no rate."""
    if figures.bought < FEW:
        return Bar(name, figures.with_code / FEW, _counts(t, figures), _details(t, figures), is_grey=True)
    return Bar(name, figures.hit_rate, t.percent(figures.hit_rate), _details(t, figures))


def caption(t: Translator, total: SuccessFigures) -> Html:
    """Return the line under the chart."""
    return t("<b>Statistics</b>: {rate}", rate=_rate(t, total))


def _rate(t: Translator, total: SuccessFigures) -> str:
    return " ".join(_headline(t, total))


def _headline(t: Translator, total: SuccessFigures) -> tuple[str, str]:
    """Return the most important figure and its meaning."""
    if total.bought < FEW:
        return _counts(t, total), t.plain("numbers with a code")
    meaning = t.plural("of {count} number got a code", "of {count} numbers got a code", total.bought)
    return t.percent(total.hit_rate), meaning


def _counts(t: Translator, figures: SuccessFigures) -> str:
    return f"{t.number(figures.with_code)}/{t.number(figures.bought)}"


def _summary(t: Translator, figures: SuccessFigures) -> str:
    return " · ".join(_wait_and_amount(t, figures)) or t.plain("no codes yet")


def _details(t: Translator, figures: SuccessFigures) -> str:
    counts = t.plain(
        "{bought} bought, {with_code} with a code",
        bought=t.number(figures.bought),
        with_code=t.number(figures.with_code),
    )
    return " · ".join([counts, *_wait_and_amount(t, figures)])


def _wait_and_amount(t: Translator, figures: SuccessFigures) -> list[str]:
    parts = []
    if figures.usual_wait is not None:
        parts.append(t.plain("wait {duration}", duration=t.duration(figures.usual_wait)))
    if figures.with_code > figures.unpriced:
        amount = t.amount(figures.spent)
        parts.append(t.plain("about {amount}", amount=amount) if figures.estimated else amount)
    return parts


def _footer(t: Translator, total: SuccessFigures) -> str:
    parts = [t.plain("Wait: median. Amounts: numbers with a code.")]
    if total.estimated:
        parts.append(t.plain("“About”: partly by shown prices."))
    if total.unpriced:
        parts.append(t.plain("Unknown prices are not included."))
    return " ".join(parts)
