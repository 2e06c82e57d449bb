"""The chat server on asyncio: how each part of it does its own stands in `server`."""

from chatcore.aio.server.listening import Listen as Listen
from chatcore.aio.server.server import ChatServer as ChatServer
from chatcore.aio.server.stores import MEMORY as MEMORY
