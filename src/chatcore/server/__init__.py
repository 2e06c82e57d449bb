"""The server's side of connections: drives their machines, carries out the chat's effects, helps slow readers."""
