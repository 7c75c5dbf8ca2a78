"""What findings come to in every language, for tests that produce them."""

from salesanalysis import text


def said(part: str, found) -> dict[str, str]:
    """Name → English sentence of some findings, after a look that every language can say each."""
    for finding in found:
        for lang in text.LANGUAGES:
            key = f"{finding.part or part}.{finding.kind}.{finding.name}"
            assert text.sentence(key, lang, **finding.values)
    return {
        finding.name: text.sentence(
            f"{finding.part or part}.{finding.kind}.{finding.name}", "en", **finding.values
        )
        for finding in found
    }
