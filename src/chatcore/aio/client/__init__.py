"""The chat client on asyncio. `Client` and `connect` are in `client`; what each other module is for stands there."""

from chatcore.aio.client.client import Client as Client
from chatcore.aio.client.client import Connecting as Connecting
from chatcore.aio.client.client import connect as connect
