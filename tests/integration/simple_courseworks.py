"""Small servers in the style of those courseworks, one thread per client, one `recv` per line or object.

They know nothing of chatcore, and word things as they like.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Coursework:
    """What both have in common: a thread that accepts, a thread per client, who is online."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.online: dict[str, socket.socket] = {}
        self.heard: list[tuple[str, str]] = []
        """Name and text of every message."""
        self.pongs: list[str] = []
        """Who answered a ping."""
        self._lock = threading.RLock()
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """Return where it listens."""
        port: int = self.listener.getsockname()[1]
        return port

    def serve(self) -> None:
        """Take clients until the listening socket is closed."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._one, args=(client,))
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Close everything."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            for client in self.online.values():
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def talk(self, client: socket.socket) -> None:
        """Serve one client until it goes."""
        raise NotImplementedError

    def _one(self, client: socket.socket) -> None:
        with client:
            try:
                self.talk(client)
            except OSError:
                pass
            with self._lock:
                self.online = {name: each for name, each in self.online.items() if each is not client}

    def to_others(self, name: str, data: bytes) -> None:
        """Send to everybody but one."""
        with self._lock:
            for other, client in self.online.items():
                if other != name:
                    client.sendall(data)


@contextmanager
def running(server: Coursework) -> Iterator[Coursework]:
    """Run a server in a thread."""
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)


class TextCoursework(Coursework):
    """Takes what one `recv` brings for one line, whatever is in it."""

    def talk(self, client: socket.socket) -> None:
        """Serve one client until it goes."""
        client.sendall(b"*** Chat du groupe 4 ***\nTapez /pseudo pour choisir un nom")
        while client.recv(1024).strip() != b"/pseudo":
            client.sendall(b"Il faut /pseudo !\n")
        client.sendall(b"Votre pseudo ? ")
        name = client.recv(1024).decode().strip()
        if name in self.online:
            client.sendall(b"Attention ce pseudo existe deja\n")
            return
        with self._lock:
            self.online[name] = client
        client.sendall("Ça marche ! Sont connectés :\n".encode())
        for other in self.online:
            client.sendall(f"- {other}\n".encode())
        client.sendall(b"ping\n")
        while line := client.recv(1024).decode().strip():
            if line == "/quit":
                client.sendall(b"Deconnexion")
                return
            if line == "pong":
                self.pongs.append(name)
            elif line == "/list":
                client.sendall(("Connectés : " + ", ".join(self.online) + "\n").encode())
            elif line.startswith("msg "):
                _, to, text = line.split(" ", 2)
                self.online[to].sendall(f"{name} vous a envoyé un message privé : {text}\n".encode())
            else:
                self.heard.append((name, line))
                self.to_others(name, f"[09.08.07]-{name}: {line}\n".encode())


class KnownCoursework(Coursework):
    """As a known server does it: a block of arrows instead of a welcome, private messages marked, `/pseudo` renames.

    Names keep the line end that they came with, so there are empty lines in the block; what is said goes to those who
    are not logged in too.
    """

    def talk(self, client: socket.socket) -> None:
        """Serve one client until it goes."""
        name = ""
        with self._lock:
            self.online[f"#{id(client)}"] = client
        client.sendall(b"bienvenue dans le chat, enregistrez-vous avec la commande /pseudo\n")
        while line := client.recv(1024).decode():
            match line.strip().split(" ", 2):
                case ["/pseudo"]:
                    client.sendall(b"Entrez votre pseudo\n")
                    wanted = client.recv(1024).decode()
                    if wanted in self.online:
                        client.sendall("Ce pseudo existe déjà\nDéconnexion\n".encode())
                        break
                    with self._lock:
                        self.online = {key: each for key, each in self.online.items() if each is not client}
                        self.online[wanted] = client
                    name = wanted
                    client.sendall(self._block())
                case ["/list"]:
                    client.sendall(self._block())
                case ["/quit"]:
                    client.sendall(b"Deconnexion\nDeconnexion.")
                    break
                case ["msg", to, text]:
                    private = f"[9.8.7]-message privé de {name.strip()}: {text}\n"
                    self.online[f"{to}\n"].sendall(private.encode())
                case _:
                    self.heard.append((name.strip(), line.strip()))
                    self.to_others(name, f"[9.8.7]-{name.strip()}: {line}".encode())
        with self._lock:
            self.online.pop(name, None)
        if name:
            self.to_others("", f"[9.8.7]-Déconnection de {name}".encode())

    def _block(self) -> bytes:
        names = "".join(f"=> {name}\n" for name in self.online if not name.startswith("#"))
        rule = "-" * 22
        return f"{rule}\nUtilisateurs en ligne:\n{names}{rule}\n".encode()


class JsonCoursework(Coursework):
    """Takes what one `recv` brings for one object, answers byte by byte, and sends messages to their senders too."""

    def talk(self, client: socket.socket) -> None:
        """Serve one client until it goes."""
        name = ""
        while data := client.recv(4096):
            found = json.loads(data)
            match found["type"]:
                case "login" if found["username"] in self.online:
                    self._say(client, status="error", message="Nom déjà pris")
                case "login":
                    name = found["username"]
                    with self._lock:  # whoever has read the answer is there for the others
                        self.online[name] = client
                        self._say(client, status="success", message=f"Salut {name}")
                case "list":
                    self._say(client, status="success", users=list(self.online))
                case "message":
                    self.heard.append((name, found["content"]))
                    said = json.dumps({"type": "message", "username": name, "content": found["content"]})
                    self.to_others("", said.encode())
                    self._say(client, status="success", message="envoyé")

    def _say(self, client: socket.socket, **found: Any) -> None:
        with self._lock:  # nothing that others say stands in an answer
            for byte in json.dumps(found).encode():
                client.sendall(bytes([byte]))


class OneShotCoursework(JsonCoursework):
    """Passes one message on, answers nothing, and hangs up."""

    def talk(self, client: socket.socket) -> None:
        """Serve one client, for one message."""
        name = json.loads(client.recv(4096))["username"]
        self._say(client, status="success", message=f"Salut {name}")
        if data := client.recv(4096):
            self.heard.append((name, json.loads(data)["content"]))
