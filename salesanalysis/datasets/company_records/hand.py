"""Whoever types a record, and the slips that happen."""

from collections.abc import Iterable

_DIGITS = "0123456789"


class Hand:
    """Who types a record: each draw decides one thing."""

    def __init__(self, draws: Iterable[float]):
        self._draws = iter(draws)

    def slips(self, chance: float) -> bool:
        """Whether something of this chance happens."""
        return next(self._draws) < chance

    def one_of(self, options):
        """One of the options, each as likely."""
        return options[int(next(self._draws) * len(options))]

    def digits(self, number: int) -> str:
        """So many digits."""
        return "".join(self.one_of(_DIGITS) for _ in range(number))

    def mistyped(self, text: str, signs: str) -> str:
        """One sign is left out, doubled, swapped with the next or another one."""
        at = int(next(self._draws) * len(text))
        before, sign, after = text[:at], text[at : at + 1], text[at + 1 :]
        return self.one_of(
            (
                before + after,
                before + sign + sign + after,
                before + after[:1] + sign + after[1:],
                before + self.one_of(signs) + after,
            )
        )
