"""The initial stock: a list for Vietnam written by hand, or random data for many countries from a seed."""

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice

from bot.data import service_names
from bot.sandbox.provider.stock import Stock

VIETNAM = "10"
_WORLD_SERVICES = 300
_SOLD_OUT = 0.2  # the probability that an operator has no numbers for a service
_CENT = Decimal("0.01")

# Service code, price at the cheapest operator, and count, in the order of the provider's list.
_VIETNAM_LIST = """
vk 0.12 149  ok 0.09 190  wa 0.45 640  vi 0.14 140  tg 0.62 486  wb 0.85 14   go 0.18 1460  av 0.08 251
fb 0.11 2058  ig 0.07 1874  wx 0.10 312  hw 0.13 96   oi 0.22 388  am 0.09 905  lf 0.08 1130  ot 0.15 2400
mm 0.06 1975  tw 0.07 742  pm 0.05 63   ub 0.08 417  yw 0.16 58   ka 0.10 533  ni 0.17 0    mb 0.05 820
bw 0.19 277  vz 0.24 41   ds 0.07 664  li 0.12 19   jg 0.14 349  ew 0.08 85   me 0.13 158  nv 0.21 33
ts 0.20 126  ya 0.06 71   fr 0.34 0    dl 0.12 287  dh 0.08 117  tn 0.11 244  acz 0.90 7   nf 0.09 204
fu 0.06 138  im 0.05 66   kc 0.09 12   mt 0.07 380  aon 0.28 45  hb 0.10 149  re 0.25 92   dr 0.16 511
"""

# Each operator's share of the numbers, in twentieths, and its surcharge on the price, in percent.
_VIETNAM_SHARES = {"viettel": (8, 10), "vinaphone": (5, 5), "mobifone": (5, 0), "vietnamobile": (2, 0)}
_VIETNAM_GAPS = {("wa", "vietnamobile"), ("wb", "vietnamobile"), ("kc", "viettel"), ("oi", "mobifone")}


def fill(stock: Stock, countries: Sequence[str], seed: int) -> None:
    """Fill an empty stock: with the fixed list if Vietnam is the only country, else with random data."""
    if tuple(countries) == (VIETNAM,):
        _fill_vietnam(stock)
    else:
        _fill_world(stock, countries, random.Random(seed))  # noqa: S311  # repeatable, not secret


def _fill_vietnam(stock: Stock) -> None:
    words = iter(_VIETNAM_LIST.split())
    for service, price, count in zip(words, words, words, strict=True):
        left = int(count)
        for operator, (twentieths, surcharge) in _VIETNAM_SHARES.items():
            share = left if operator == "vietnamobile" else int(count) * twentieths // 20
            left -= share
            asked = Decimal(price) * (100 + surcharge) / 100
            gap = (service, operator) in _VIETNAM_GAPS
            stock.put(VIETNAM, service, 0 if gap else share, price=asked.quantize(_CENT), operator=operator)


def _fill_world(stock: Stock, countries: Sequence[str], rng: random.Random) -> None:
    services = {code: rng.uniform(0.04, 0.6) for code in islice(service_names(), _WORLD_SERVICES)}
    for country in countries:
        price_level = rng.uniform(0.6, 2.5)
        for service, base in services.items():
            for operator in stock.operators(country):
                price = Decimal(base * price_level * rng.uniform(0.8, 1.2)).quantize(_CENT)
                count = 0 if rng.random() < _SOLD_OUT else int(rng.lognormvariate(3.5, 1.8))
                stock.put(country, service, count, price=price, operator=operator)
