"""Made-up companies: names, places, codes, people."""

import numpy as np
import pandas as pd

from salesanalysis.company_fields import CODE_CHARACTERS, check_character
from salesanalysis.datasets.company_records import words as w
from salesanalysis.datasets.company_records.hand import Hand
from salesanalysis.datasets.words import company_names, person_names

#: Draws for one record: more than it ever needs, so that each has its own.
DRAWS = 96


def company_details(chinese: np.ndarray, luck: np.random.Generator) -> pd.DataFrame:
    """What a file holds of each company beside its name, in the order given.

    Parameters
    ----------
    chinese : array of bool
        Which of the companies are Chinese ones.
    luck : Generator
        As from :func:`salesanalysis.datasets.model.stream`.

    Returns
    -------
    DataFrame, one row per company
        ``registration_code`` (valid), ``legal_representative, contact, phone, address, city``.

    Examples
    --------
    >>> from salesanalysis.datasets.model import stream
    >>> company_details(np.array([True]), stream(7, "records")).T[0].tolist()[0]
    '913205058666C344TU'
    """
    return details_of(chinese, cities_of(chinese, luck), luck)


def is_chinese(name: str) -> bool:
    """Whether a name is that of a Chinese company here."""
    return not name.isascii()


def cities_of(chinese: np.ndarray, luck: np.random.Generator) -> list[str]:
    """The city of each company."""
    options = {True: tuple(w.CITIES_ZH), False: tuple(w.CITIES_EN)}
    draws = luck.random(len(chinese)).tolist()
    picked = zip(chinese.tolist(), draws, strict=True)
    return [options[flag][int(draw * len(options[flag]))] for flag, draw in picked]


def names_of(chinese: np.ndarray, cities: list[str], luck: np.random.Generator) -> list[str]:
    """The registered name of each company; no two are the same."""
    english = company_names(np.arange(len(chinese)), np.zeros(len(chinese), bool))
    names, seen = [], set()
    draws = luck.random((len(chinese), 8)).tolist()
    for is_chinese, city, other, row in zip(chinese.tolist(), cities, english, draws, strict=True):
        hand = Hand(row)
        brand = "".join(hand.one_of(w.BRAND_ZH) for _ in range(3 if hand.slips(0.2) else 2))
        trade, form = hand.one_of(w.TRADES_ZH), hand.one_of((w.FORMS_ZH[0], *w.FORMS_ZH))
        # One registered name is never given twice: the later company takes a further sign.
        while is_chinese and (city, brand, trade) in seen:
            brand += w.BRAND_ZH[len(seen) % len(w.BRAND_ZH)]
        seen.add((city, brand, trade))
        names.append(city + brand + trade + form if is_chinese else other)
    return names


def details_of(chinese: np.ndarray, cities: list[str], luck: np.random.Generator) -> pd.DataFrame:
    """The fields beside the name, of companies in these cities."""
    draws = luck.random((len(chinese), DRAWS)).tolist()
    people = person_names(np.arange(len(chinese)))
    rows = [
        (_chinese_company if is_chinese else _english_company)(city, person, Hand(row))
        for is_chinese, city, person, row in zip(
            chinese.tolist(), cities, people, draws, strict=True
        )
    ]
    return pd.DataFrame(rows)


def _code(place: str, hand: Hand) -> str:
    kind = "MA" + hand.one_of(CODE_CHARACTERS) if hand.slips(0.5) else hand.digits(3)
    first = "91" + place + kind + "".join(hand.one_of(CODE_CHARACTERS) for _ in range(6))
    return first + check_character(first)


def chinese_person(hand: Hand) -> str:
    """Somebody's name."""
    given = "".join(hand.one_of(w.GIVEN_ZH) for _ in range(1 if hand.slips(0.3) else 2))
    return hand.one_of(w.SURNAMES_ZH) + given


def english_person(hand: Hand) -> str:
    """Somebody who is in no other record, mostly."""
    return f"{hand.one_of(w.FIRST_EN)} {hand.one_of(w.LAST_EN)}"


def _chinese_company(city: str, _: str, hand: Hand) -> dict:
    province, place, prefix, districts = w.CITIES_ZH[city]
    landline = f"{prefix}-{hand.one_of('5678')}{hand.digits(7)}"
    mobile = f"1{hand.one_of(('38', '39', '86', '58'))}{hand.digits(8)}"
    address = province + city + "市" + hand.one_of(districts.split()) + hand.one_of(w.STREETS_ZH)
    address += f"{1 + int(hand.digits(3))}号"
    if hand.slips(0.6):
        address += f"{hand.one_of('123456789')}{hand.digits(2)}室"
    return {
        "registration_code": _code(place, hand),
        "legal_representative": chinese_person(hand),
        "contact": chinese_person(hand),
        "phone": mobile if hand.slips(0.5) else landline,
        "address": address,
        "city": city,
    }


def _english_company(city: str, person: str, hand: Hand) -> dict:
    state, place, prefix, _ = w.CITIES_EN[city]
    street = f"{hand.one_of(w.STREETS_EN)} {hand.one_of(tuple(w.ROADS_EN))}"
    first, last = person.split()
    return {
        "registration_code": _code(place, hand),
        "legal_representative": person,
        "contact": f"{last} {hand.one_of('ABCDEHJKLMNRST')}. {first}",
        "phone": f"+1 {prefix} {hand.one_of('23456789')}{hand.digits(2)} {hand.digits(4)}",
        "address": f"{1 + int(hand.digits(3))} {street}, {city}, {state}",
        "city": city,
    }
