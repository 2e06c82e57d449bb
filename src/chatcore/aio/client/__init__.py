"""The chat client on asyncio: how each part of it does its own stands in `client`."""

from chatcore.aio.client.client import Client as Client
from chatcore.aio.client.connecting import Connecting as Connecting
from chatcore.aio.client.connecting import connect as connect
