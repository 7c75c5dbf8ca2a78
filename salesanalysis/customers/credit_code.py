"""The unified social credit code of Chinese companies (GB 32100-2015): cleaned, then checked."""

import pandas as pd

from salesanalysis.company_fields import CODE_CHARACTERS, check_character, cleaned

VALID, INVALID, OLD_NUMBER, MISSING = "valid", "invalid", "old_number", "missing"


def cleaned_code(code: str) -> str:
    """A code as it is meant: half width, upper case, without blanks, 0 for O and 1 for I.

    Examples
    --------
    >>> cleaned_code(" ９１３５０１００m0001-OOY43")
    '91350100M000100Y43'
    """
    return cleaned("registration_code", code).upper()


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
    fits = len(clean) == 18 and all(one in CODE_CHARACTERS for one in clean)
    return VALID if fits and check_character(clean[:17]) == clean[17] else INVALID
