"""The chat server on asyncio: how each part of it does its own stands in `server`."""

from chatcore.aio.server.listening import Listen as Listen
from chatcore.aio.server.server import MEMORY as MEMORY
from chatcore.aio.server.server import ChatServer as ChatServer
