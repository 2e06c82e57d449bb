"""Rooms that somebody looks after: topics, roles, and who is put out, banned or muted.

Whether somebody may do that is decided before (`chatcore.chat.requests.permissions`). What is done is told to the room,
and to whom it is done, and stands in the operator's log.
"""
