"""Voilà behind our door: a page for a few visitors, whose kernels end with it."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import threading
import webbrowser
from pathlib import Path

import psutil
from jupyter_server import DEFAULT_STATIC_FILES_PATH
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler
from traitlets import Any, Integer, Unicode
from voila.app import Voila
from voila.static_file_handler import AllowListFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from salesanalysis.text import sentence
from salesanalysis.workshop.door import HOST, refuse

#: What a kernel speaks by; without it Voilà's own reader of messages would never come back.
PROTOCOL = "v1.kernel.websocket.jupyter.org"

#: A kernel whose page has not been connected for so long is given to the next visitor.
LEFT_SECONDS = 60

#: So long the end may take, before it is made one by force; it is to come within five seconds.
_GRACE_SECONDS = 2.5

#: Nothing that a page sends outside of its websocket is longer.
_LONGEST_BODY = 1_000_000


class Kernels(AsyncMappingKernelManager):
    """The kernels of pages, beside the one that waits for the next; Voilà puts its pool on top."""

    most_pages = Integer(6, config=True)

    def __init__(self, **how):
        super().__init__(**how)
        #: Kernels that pages were given, and when they were last known to be connected.
        self._seen: dict[str, float] = {}
        self.one_by_one = asyncio.Lock()

    def see(self, kernel_id: str) -> None:
        """A page has this kernel now."""
        self._seen[kernel_id] = asyncio.get_running_loop().time()

    async def has_room(self) -> bool:
        """Whether one more page can have a kernel; for that one that was left is ended."""
        taken = [kernel_id for kernel_id in self._seen if kernel_id in self]
        if len(taken) < self.most_pages:
            return True
        left = [kernel_id for kernel_id in taken if self._left_for(kernel_id) > LEFT_SECONDS]
        if left:
            await self.shutdown_kernel(max(left, key=self._left_for), now=True)
        return bool(left)

    def _left_for(self, kernel_id: str) -> float:
        """How many seconds no page has been connected to a kernel."""
        if self.kernel_model(kernel_id)["connections"]:
            return 0.0
        return asyncio.get_running_loop().time() - self._seen[kernel_id]

    async def wait_for_next(self) -> str:
        """Wait until the kernel for the next page has begun with the notebook; its id."""
        self.fill_if_needed(delay=0, notebook_name=self.notebook_path)
        pool = self._pools[self.notebook_path]
        try:
            return (await pool[0])["kernel_id"]
        except Exception:
            pool.clear()  # else every visitor would get the same failure
            raise

    async def shutdown_kernel(self, kernel_id, *how, **more):
        self._seen.pop(kernel_id, None)
        return await super().shutdown_kernel(kernel_id, *how, **more)

    async def cull_kernel_if_idle(self, kernel_id):
        # One that has waited for long is not idle while its page is being loaded.
        if kernel_id not in self._seen or self._left_for(kernel_id) > self.cull_idle_timeout:
            await super().cull_kernel_if_idle(kernel_id)


class Page(TornadoVoilaHandler):
    """The notebook as a page, as long as there is room for one more."""

    write_error = RequestHandler.write_error  # Voilà's own stumbles, and says so at length

    async def get(self, path=None):
        # Another template or theme would get a kernel that nobody counts.
        if path or {"template", "theme"} & set(self.request.arguments):
            raise HTTPError(404)
        server, kernels = self.settings["voila"], self.kernel_manager
        async with kernels.one_by_one:
            if not await kernels.has_room():
                said = sentence("workshop.door.full", server.lang, pages=kernels.most_pages)
                refuse(self, 503, said)
                return
            kernels.see(await kernels.wait_for_next())
            parts = self.get_generator()
            self.write(await anext(parts, ""))
            self.flush()
        async for part in parts:
            self.write(part)
            self.flush()


class Channels(VoilaKernelWebsocketHandler):
    """The websocket between a page and its kernel, in the one protocol that Voilà can read."""

    async def get(self, kernel_id):
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in [name.strip() for name in offered.split(",")]:
            refuse(self, 400, sentence("workshop.door.protocol", self.settings["voila"].lang))
            return
        await super().get(kernel_id=kernel_id)

    def on_message(self, ws_message):
        if _is_whole(ws_message):
            super().on_message(ws_message)
        else:
            self.close(1007)  # a count of parts without end would be counted without end

    def on_close(self):
        if self.kernel_id in self.kernel_manager:
            self.kernel_manager.see(self.kernel_id)
        super().on_close()


class Templates(TemplateStaticFileHandler):
    """Files of the templates that the page is made of: `lab/static/voila.js`."""

    def parse_url_path(self, url_path):
        if not re.fullmatch("[^/]+/static/.+", url_path):
            raise HTTPError(404)  # Voilà would stumble over it, and say so at length
        return super().parse_url_path(url_path)


def _is_whole(message: bytes | str) -> bool:
    """Whether a message is as long as the number of its parts makes it."""
    if not isinstance(message, bytes) or len(message) < 8:
        return False
    parts = int.from_bytes(message[:8], "little")
    return 1 < parts < len(message) // 8


class Server(Voila):
    """Voilà with our door, and an end that always comes."""

    door = Any()
    started = Any()
    lang = Unicode("en")
    own_folder = Unicode()

    _loop: IOLoop | None = None
    _deadline: threading.Timer | None = None
    _process_ends = False

    def initialize(self, argv=None):
        super().initialize(argv)
        signal.signal(signal.SIGINT, self._handle_signal_stop)

    def init_handlers(self):
        """Voilà's, but for files beside the notebook and a login, which nothing here needs."""
        ours = {
            TornadoVoilaHandler: Page,
            VoilaKernelWebsocketHandler: Channels,
            TemplateStaticFileHandler: Templates,
        }
        login = [handler for _, handler, *_ in self.identity_provider.get_handlers()]
        return [
            (path, ours.get(handler, handler), *more)
            for path, handler, *more in super().init_handlers()
            if handler is not AllowListFileHandler and handler not in login
        ]

    def listen(self):
        """Listen, say where, and run until a signal comes."""
        self._loop = IOLoop.current()
        self.app.settings["log_function"] = lambda handler: None  # who asked for what is no news
        self.app.settings["static_path"] = DEFAULT_STATIC_FILES_PATH  # of Jupyter's page of errors
        self.door.opens_to(self.app)
        server = HTTPServer(self.door, max_body_size=_LONGEST_BODY)
        server.listen(self.port, HOST)
        self.started(self.door.address)
        if self.open_browser:
            self.launch_browser()
        try:
            self._loop.start()
        finally:
            server.stop()
            self.stop()

    def launch_browser(self):
        """Open the page by way of a file: other users can read what a program is called with."""
        try:
            browser = webbrowser.get(self.browser or None)
        except webbrowser.Error:
            return  # the address is in the terminal
        file = Path(self.own_folder, "open.html")
        file.write_text(
            f'<!doctype html><meta http-equiv="refresh" content="0; url={self.door.address}">',
            encoding="utf-8",
        )
        threading.Thread(target=browser.open, args=(file.as_uri(),), daemon=True).start()

    def _handle_signal_stop(self, sig, frame):
        """End in order; if that takes too long, in whatever order.

        SIGTERM is meant for the whole process, Ctrl-C for this page.
        """
        if self._loop is None:
            raise KeyboardInterrupt  # no kernel has begun
        if self._deadline is None:
            self._deadline = threading.Timer(_GRACE_SECONDS, self._end_at_once)
            self._deadline.daemon = True
            self._deadline.start()
        self._process_ends = sig == signal.SIGTERM
        self._loop.add_callback_from_signal(self._loop.stop)

    def stop(self):
        """End the kernels: they have nothing to save, so nothing is asked of them."""
        psutil.wait_procs(self._kill_kernels(), timeout=1)
        if self._deadline is not None and not self._process_ends:
            self._deadline.cancel()

    def _end_at_once(self):
        psutil.wait_procs(self._kill_kernels(), timeout=0.5)
        shutil.rmtree(self.own_folder, ignore_errors=True)
        os._exit(0)

    def _kill_kernels(self) -> list[psutil.Process]:
        """Kill what was started for a kernel and what that started; not a browser of ours.

        What was born this moment has our own command still, and is going to be a kernel.
        """
        killed, ours = [], psutil.Process().cmdline()
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):
                # The file with a kernel's sockets is in its command.
                words = child.cmdline()
                if words == ours or any(self.connection_dir in word for word in words):
                    killed += [child, *child.children(recursive=True)]
        for process in killed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return killed
