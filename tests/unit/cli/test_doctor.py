"""`chatcore doctor` has an end, whatever answers."""

from __future__ import annotations

import socket
import threading
import time

from chatcore_cli.examining.about import Page, fetch_about, find_page


def test_browsers_are_not_promised_what_they_do_not_open() -> None:
    """Nor is anything asked for that would not help them."""
    found = find_page("fe80::1%eth0", Page("https", 8765, may_connect=False))
    assert found.good is None
    assert found.text.startswith("https://[fe80::1%eth0]:8765/: browsers open no address with a zone; ")


def test_server_that_drips_is_not_listened_to_for_ever() -> None:
    """A byte every moment keeps every timeout of a socket from coming; the time for the answer is one for all of it."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    while not over.wait(0.02):
                        connection.sendall(b"H")
                except OSError:
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,))
        dripping.start()
        began = time.monotonic()
        assert fetch_about("127.0.0.1", listener.getsockname()[1], 0.2) is None
        assert time.monotonic() - began < 5
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        dripping.join()
