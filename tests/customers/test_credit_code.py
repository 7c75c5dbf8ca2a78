"""The credit code: the worked example of the standard, and its definition over random codes."""

import random

import pytest

from salesanalysis import customers

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def by_definition(first):
    """Σ of value × 3^(place − 1) mod 31, taken from 31; a remainder of 0 gives 0."""
    rest = sum(ALPHABET.index(one) * (3**place % 31) for place, one in enumerate(first)) % 31
    return ALPHABET[(31 - rest) % 31]


def test_the_worked_example():
    assert customers.check_character("91350100M000100Y4") == "3"
    assert customers.code_state("91350100M000100Y43") == "valid"
    assert customers.code_state("91350100M000100Y4Z") == "invalid"


def test_random_codes_are_checked_as_the_definition_says():
    chosen, seen = random.Random(7), set()
    for _ in range(20_000):
        first = "".join(chosen.choices(ALPHABET, k=17))
        last = chosen.choice(ALPHABET)
        expected = by_definition(first)
        seen.add(expected)
        assert customers.check_character(first) == expected
        state = "valid" if last == expected else "invalid"
        assert customers.code_state(first + last) == state
    assert seen == set(ALPHABET)


def test_any_single_wrong_character_is_found():
    code = "91350100M000100Y43"
    for place in range(18):
        for other in set(ALPHABET) - {code[place]}:
            assert customers.code_state(code[:place] + other + code[place + 1 :]) == "invalid"


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("9135OIOOMOOOIOOY43", "valid"),
        ("91350100m000100y43", "valid"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "valid"),
        (" 9135 0100-M000 100Y43 ", "valid"),
        ("91350100M000100Y4", "invalid"),
        ("91350100S000100Y43", "invalid"),
        ("公司", "invalid"),
        ("350100123456789", "old_number"),
        ("", "missing"),
        ("  ", "missing"),
        (float("nan"), "missing"),
    ],
)
def test_a_code_as_it_is_typed(typed, state):
    assert customers.code_state(typed) == state
