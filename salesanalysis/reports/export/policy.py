"""What a page of ours may do: show what is inside it, run our own scripts, ask for nothing."""

import base64
import hashlib


def content_security_policy(*scripts: str) -> str:
    """The policy of a page in which only these inline scripts run.

    It stops every other script, and every request, that any output of any cell could bring along.

    Examples
    --------
    >>> content_security_policy()[:19], "script-src" in content_security_policy()
    ("default-src 'none';", False)
    """
    allowed = f" script-src {' '.join(map(script_source, scripts))};" if scripts else ""
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:;"
        f"{allowed} base-uri 'none'; form-action 'none'"
    )


def script_source(script: str) -> str:
    """How a policy names an inline script: by the digest of its text.

    Examples
    --------
    >>> script_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
