"""What requests do: a row of the table for each command, and a module for each kind of them."""
