"""The unified social credit code of Chinese companies (GB 32100-2015): cleaned, then checked."""

import pandas as pd

from salesanalysis.company_fields import cleaned

#: Its 31 characters in the order of their values: I, O, S, V and Z are none of them.
_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(_CHARACTERS)}
#: The weight of each of the first 17 characters.
_WEIGHTS = [pow(3, place, 31) for place in range(17)]
VALID, INVALID, OLD_NUMBER, MISSING = "valid", "invalid", "old_number", "missing"


def cleaned_code(code: str) -> str:
    """A code as it is meant: half width, upper case, without blanks, 0 for O and 1 for I.

    Examples
    --------
    >>> cleaned_code(" ９１３５０１００m0001-OOY43")
    '91350100M000100Y43'
    """
    return cleaned("registration_code", code).upper()


def check_character(first: str) -> str:
    """The last character that the first 17 of a code ask for.

    Examples
    --------
    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(_VALUES[one] * weight for one, weight in zip(first, _WEIGHTS, strict=True))
    # A remainder of 0 asks for 0, not for 31.
    return _CHARACTERS[-total % 31]


def code_state(code: object) -> str:
    """Whether a code is ``valid``, ``invalid``, an ``old_number`` of 15 digits, or ``missing``.

    Only a valid code names a company: any other is no key.

    Examples
    --------
    >>> code_state("91350100M000100Y43"), code_state("91350100M000100Y4Z")
    ('valid', 'invalid')
    >>> code_state("350100123456789"), code_state(None)
    ('old_number', 'missing')
    """
    if pd.isna(code) or not str(code).strip():
        return MISSING
    clean = cleaned_code(str(code))
    if len(clean) == 15 and clean.isdigit():
        return OLD_NUMBER
    fits = len(clean) == 18 and all(one in _VALUES for one in clean)
    return VALID if fits and check_character(clean[:17]) == clean[17] else INVALID
