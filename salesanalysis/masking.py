"""Texts that others will see, without the passwords in them."""

import re
from urllib.parse import parse_qs

#: A password may hold any sign that nobody has escaped: it goes on to the last `@` there is. Who
#: forgets a slash behind `postgres:` has not meant to show it either.
_PASSWORD = re.compile(r"((?:://|\bpostgres(?:ql)?:/?)[^\s'\":]*):[^\s'\"]*@")

#: Where the `@` is missing, the password stands where the port should be.
_NO_PORT = re.compile(
    r"(\bpostgres(?:ql)?://[^\s'\":/@]*):(?!\d{1,5}(?:[/?#\s'\"`]|$)|\*\*\*|\[)[^\s'\"`]+", re.I
)

#: Names of what holds a password.
SECRET = r"(?:password|passwd|pwd|token|secret)"

#: `password=x&`, `PGPASSWORD='x y'`, `{"password": "x"}`.
_PASSWORD_OPTION = re.compile(
    rf"({SECRET}(?:['\"]\s*:|['\"]?\s*=)\s*)(?!\*\*\*)"
    r"('(?:\\.|[^'\\])+'|\"(?:\\.|[^\"\\])+\"|[^&\s'\"`,;]+)",
    re.I,
)


def mask_secrets(text: str) -> str:
    """``text`` with the passwords inside URLs, options and mappings masked.

    Examples
    --------
    >>> mask_secrets("postgres://ann:s3cret@db/sales")
    'postgres://ann:***@db/sales'
    >>> mask_secrets("host=db user=ann password='my secret'")
    'host=db user=ann password=***'
    """
    text = _NO_PORT.sub(r"\1:***", _PASSWORD.sub(r"\1:***@", text))
    return _PASSWORD_OPTION.sub(r"\1***", text)


def masked_url(url: str) -> str:
    """A URL without its password and without any option that might hold one.

    Examples
    --------
    >>> masked_url("postgres://ann:secret@db/sales?table=deals&password=secret")
    'postgres://ann:***@db/sales?table=deals'
    >>> masked_url("postgres://ann:sec?r/e#t@db/sales")
    'postgres://ann:***@db/sales'
    """
    scheme, _, rest = url.partition("://")
    login, at, rest = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    place, _, query = rest.partition("?")
    host, slash, name = place.partition("/")
    machine, port_colon, port = host.partition(":")
    if port_colon and not (port.isdecimal() or host.startswith("[")):
        host, slash, name = f"{machine}:***", "", ""
    table = parse_qs(query).get("table")
    shown = f"{scheme.lower()}://{user}{colon and ':***'}{at}{host}{slash}{name}"
    return shown + (f"?table={table[0]}" if table else "")
