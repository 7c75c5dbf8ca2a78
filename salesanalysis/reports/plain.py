"""Single values as JSON knows them."""

from salesanalysis.errors import SalesAnalysisError


def as_json(name: str, value):
    """A value as JSON knows it, numpy's own numbers included; None where it is not finite."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float):
        finite = plain - plain == 0  # false for NaN and the infinities
        return plain if finite else None
    if plain is None or isinstance(plain, bool | int | str):
        return plain
    raise SalesAnalysisError(
        f"Result `{name}` must be a number, a text or a truth value; got {type(value).__name__}."
    )
