"""Who may come in: a browser on this machine that was given the address with its token.

The door stands before every path and every websocket, whatever serves them. A program of somebody
else on this machine has no token; a page on the network that has its own name point to this machine
(DNS rebinding) comes with that name as host; a page that sends its visitor's browser here says so
in `Origin` or `Sec-Fetch-Site`.
"""

import hmac
import secrets
from urllib.parse import parse_qs, unquote

from tornado.httputil import HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, ErrorHandler, OutputTransform, RequestHandler

from salesanalysis.text import sentence

#: The only address that is listened on, and the names by which a browser may call it.
HOST = "127.0.0.1"
_NAMES = (HOST, "localhost", "[::1]")


class Door(Router):
    """Lets requests through to an application, or answers them with a plain sentence.

    The token comes once in the address; the page that answers sets a cookie and leads on to the
    address without it, which is what a room sees.

    Parameters
    ----------
    port : int
    lang : str
        The language of what it says.
    """

    def __init__(self, port: int, lang: str):
        self._port, self._lang = port, lang
        self._token, self._pass = (secrets.token_urlsafe(24) for _ in range(2))
        # The browser sends cookies to all ports of a machine: each workshop has a name of its own.
        self._cookie = f"salesanalysis-{port}"
        ends = [f":{port}", *([""] if port == 80 else [])]
        self._hosts = {f"{name}{end}" for name in _NAMES for end in ends}
        self._application: Application | None = None

    @property
    def address(self) -> str:
        """Where to come in for the first time."""
        return f"http://{HOST}:{self._port}/?token={self._token}"

    def opens_to(self, application: Application) -> None:
        """Stand before an application from now on; all its answers get :data:`HEADERS`."""
        application.add_transform(_Guarded)
        self._application = application

    def find_handler(self, request: HTTPServerRequest, **_):
        """What answers a request."""
        refusal = self._refusal(request)
        if refusal:
            said = sentence(f"workshop.door.{refusal}", self._lang, port=self._port)
            return self._answer(request, Refused, status=403, said=said)
        if self._brings_token(request):
            return self._answer(request, _Welcome, cookie=self._cookie, value=self._pass)
        if not _is_plain(unquote(request.path)):
            return self._answer(request, ErrorHandler, status_code=404)
        return self._application.find_handler(request)

    def _answer(self, request: HTTPServerRequest, handler: type[RequestHandler], **how):
        return self._application.get_handler_delegate(request, handler, how)

    def _refusal(self, request: HTTPServerRequest) -> str | None:
        """Why a request is not let in."""
        hosts = request.headers.get_list("Host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return "host"
        if not self._brings_token(request):
            if not self._has_pass(request):
                return "token"
            # A page at another port of this machine gets our cookie sent along, and says it is
            # only of the same site.
            if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
                return "origin"
        own = {f"http://{hosts[0].lower()}"}
        if not {origin.lower() for origin in request.headers.get_list("Origin")} <= own:
            return "origin"
        return None

    def _brings_token(self, request: HTTPServerRequest) -> bool:
        if request.method != "GET" or request.path != "/" or "Upgrade" in request.headers:
            return False
        given = parse_qs(request.query).get("token", [""])
        return len(given) == 1 and _same(given[0], self._token)

    def _has_pass(self, request: HTTPServerRequest) -> bool:
        given = request.cookies.get(self._cookie)
        return given is not None and _same(given.value, self._pass)


def _is_plain(path: str) -> bool:
    """Whether a path only goes down: no page of ours asks for another, whatever would serve it."""
    steps = path.removeprefix("/").split("/")
    odd = {"", ".", ".."} & set(steps[:-1]) or steps[-1] in (".", "..")
    return not odd and not any(sign in "\\:%" or not sign.isprintable() for sign in path)


def _same(given: str, own: str) -> bool:
    """Compared in constant time, so that nobody can find it letter by letter."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), own.encode())


class Refused(RequestHandler):
    """A status and a plain sentence, whatever was asked."""

    def initialize(self, status: int, said: str) -> None:
        self._refusal = status, said

    def prepare(self) -> None:
        status, said = self._refusal
        refuse(self, status, said)


def refuse(handler: RequestHandler, status: int, said: str) -> None:
    """Answer a request with a status and a plain sentence."""
    handler.set_status(status)
    handler.set_header("Content-Type", "text/plain; charset=utf-8")
    handler.finish(said + "\n")


class _Welcome(RequestHandler):
    """Sets the cookie and leads on; from a page of ours, as other pages' links do not send it."""

    def initialize(self, cookie: str, value: str) -> None:
        self._given = cookie, value

    def get(self) -> None:
        self.set_cookie(*self._given, httponly=True, samesite="Strict", path="/")
        self.set_header("Cache-Control", "no-store")
        self.finish('<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>…</title>')


#: Nobody may show the page in a frame of theirs, learn its address, or have it load from elsewhere.
HEADERS = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;"
    " connect-src 'self' ws://{host}; frame-ancestors 'none'; form-action 'none';"
    " base-uri 'self'; object-src 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # With "no-referrer" the browser would also hide from us that a request is our own.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _Guarded(OutputTransform):
    """Puts :data:`HEADERS` on an answer, in place of what its handler says."""

    def __init__(self, request: HTTPServerRequest):
        super().__init__(request)
        self._host = request.host

    def transform_first_chunk(self, status_code, headers, chunk, finishing):
        for name, value in HEADERS.items():
            headers[name] = value.format(host=self._host)
        return status_code, headers, chunk
