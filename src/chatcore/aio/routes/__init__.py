"""How a client gets to a server: over one transport, or over whichever answers first."""

from chatcore.aio.routes.choosing import route_to as route_to
from chatcore.aio.routes.direct import DirectRoute as DirectRoute
from chatcore.aio.routes.places import host_and_port as host_and_port
from chatcore.aio.routes.places import pins_for as pins_for
from chatcore.aio.routes.places import place_of_server as place_of_server
from chatcore.aio.routes.race import HEAD_START as HEAD_START
from chatcore.aio.routes.race import Race as Race
from chatcore.aio.routes.route import Route as Route
from chatcore.aio.routes.several import Several as Several
