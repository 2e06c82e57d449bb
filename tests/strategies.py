"""Hypothesis strategies for what chatcore speaks about: names, texts, positions, commands, events, JSON."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from chatcore import commands as c
from chatcore import events as e
from chatcore import events as m
from chatcore import events as r
from chatcore import records as j
from chatcore.ports.journal import Batch
from chatcore.text.names import composed, is_username

_NAME = string.ascii_letters + string.digits + "_-"

_SCRIPTS = (
    "aeimnorstz019éëñßøı",
    "абвгдежийоруАВОРСТ",
    "αβγδεινορστωΆΏΣ",
    "אבגדו",
    "田中山一二力口",
    "ァカタナニロー",
    "가나다김",
    "กขคนิ",
    "अनिताहद्",
)


def _plain_names(shortest: int, longest: int) -> st.SearchStrategy[str]:
    # What begins with `xn--` is another name as it is written with a to z.
    return st.text(_NAME, min_size=shortest, max_size=longest).filter(lambda name: name[:4].lower() != "xn--")


usernames = _plain_names(2, 12)
room_names = _plain_names(1, 32)
foreign_names = (
    st.sampled_from(_SCRIPTS)
    .flatmap(lambda letters: st.text(letters + "_-", min_size=2, max_size=10))
    .map(composed)
    .filter(lambda name: is_username(name, 12))
)
"""Of all scripts, as a rule with other letters than a to z."""
names = usernames | foreign_names
log_names = room_names | st.just("@") | st.just("*")
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
any_text = st.text(st.characters(), max_size=60)
"""Lone surrogates too."""
seqs = st.integers(0, 2**53)
cids = st.integers(1, 2**53)
positions = st.builds(c.Position, texts, seqs, seqs)
epochs = st.just("") | texts
moments = st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000)

json_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
json_values = st.recursive(
    json_scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
json_objects = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), json_values, max_size=5)

sends = (
    st.builds(c.SendMessage, any_text, st.none() | cids, st.none() | room_names, st.none() | cids, epochs)
    | st.builds(c.SendDirect, st.lists(usernames, max_size=4).map(tuple), texts, st.none() | cids)
    | st.builds(c.SendBroadcast, texts, st.none() | cids)
)
rooms = st.none() | room_names
seconds = st.none() | st.integers(1, 2**53)
notes = st.just("") | texts
one_line = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40)
moderation = st.one_of(
    st.builds(c.SetTopic, one_line, rooms),
    st.builds(c.SetRole, usernames, texts, rooms),
    st.builds(c.KickUser, usernames, one_line, rooms),
    st.builds(c.BanUser, usernames, seconds, one_line, st.booleans(), rooms),
    st.builds(c.UnbanUser, usernames, rooms),
    st.builds(c.MuteUser, usernames, seconds, one_line, rooms),
    st.builds(c.UnmuteUser, usernames, rooms),
    st.builds(c.InviteUser, usernames, rooms),
    st.builds(c.SetPrivate, st.booleans(), rooms),
    st.builds(c.SetSlow, st.integers(0, 21_600), rooms),
    st.builds(c.CloseRoom, one_line, rooms),
    st.builds(c.DeleteMessage, st.integers(1, 2**53), rooms),
    st.builds(c.EditMessage, st.integers(1, 2**53), texts, rooms),
)
commands = st.one_of(
    st.builds(
        c.LogIn,
        usernames,
        st.none() | texts,
        st.none() | texts,
        st.dictionaries(log_names, positions, max_size=4),
    ),
    st.just(c.LogOut()),
    st.builds(c.CreateRoom, room_names),
    st.builds(c.JoinRoom, room_names, st.none() | positions),
    st.just(c.LeaveRoom()),
    st.builds(c.SendMessage, texts, st.none() | cids, st.none() | room_names, st.none() | cids, epochs),
    st.builds(c.SendDirect, st.lists(usernames, max_size=4).map(tuple), texts, st.none() | cids),
    st.builds(c.SendBroadcast, texts, st.none() | cids),
    st.builds(c.Rename, usernames),
    st.builds(c.ListRooms, st.none() | room_names),
    st.builds(c.ListUsers, st.none() | room_names, st.none() | usernames),
    st.builds(c.WhoIs, usernames),
    st.builds(c.ReadHistory, log_names, st.none() | seqs, st.none() | seqs, st.integers(1, 500)),
    moderation,
    st.builds(c.MarkRead, seqs, rooms, epochs),
    st.builds(
        c.Search,
        notes,
        st.none() | usernames,
        rooms,
        st.none() | moments,
        st.none() | moments,
        st.none() | texts,
        st.integers(1, 100),
    ),
    st.builds(c.React, cids, texts, rooms, epochs),
    st.builds(c.Unreact, cids, texts, rooms),
    st.builds(c.ListBans, rooms, seqs),
    st.builds(c.ListActs, seqs),
)

room_lines = st.lists(st.builds(e.RoomSummary, room_names, st.integers(0, 20_000), seqs), max_size=4).map(tuple)
name_lists = st.lists(usernames, max_size=4).map(tuple)
_posted = {
    "seq": st.integers(1, 2**53),
    "sender": usernames,
    "text": texts,
    "at": moments,
    "cid": st.none() | cids,
    "replay": st.booleans(),
    "deleted": st.booleans(),
    "edited": st.booleans(),
}
_reactions = st.lists(
    st.builds(m.Reaction, texts, st.integers(0, 1000)), max_size=3, unique_by=lambda each: each.emoji
).map(tuple)
entries = st.one_of(
    st.builds(
        e.MessagePosted, room=room_names, reply_to=st.none() | st.integers(1, 2**53), reactions=_reactions, **_posted
    ),
    st.builds(e.DirectPosted, to=name_lists, **_posted),
    st.builds(e.BroadcastPosted, **_posted),
)
_moderated = st.builds(
    r.RoomModerated,
    room=room_names,
    act=texts,
    by=usernames,
    target=st.just("") | usernames,
    value=st.none() | texts | st.booleans() | seqs,
    until=st.none() | moments,
    reason=notes,
    text=notes,
)
_done = st.builds(r.ActSummary, number=seqs, at=moments, address=texts, event=_moderated)
_bans = st.builds(
    r.BanSummary,
    number=seqs,
    username=usernames,
    act=texts,
    by=usernames,
    at=moments,
    until=st.none() | moments,
    reason=notes,
)
_unread = st.builds(m.RoomUnread, room_names, seqs, seqs, st.integers(0, 99))
_unread_lines = st.lists(_unread, max_size=3).map(tuple)
pictures = st.one_of(
    st.builds(
        e.Welcomed,
        username=usernames,
        room=room_names,
        token=texts,
        client=texts,
        cid=st.integers(0, 2**53),
        position=positions,
        positions=st.dictionaries(log_names, positions, max_size=3),
        rooms=room_lines,
        users=name_lists,
        rooms_count=st.integers(0, 20_000),
        users_count=st.integers(0, 20_000),
        resumed=st.booleans(),
        server=json_objects,
        limits=json_objects,
        topic=notes,
        role=texts,
        private=st.booleans(),
        slow=st.integers(0, 21_600),
        unread=_unread_lines,
    ),
    st.builds(
        e.RoomEntered,
        room=room_names,
        position=positions,
        users=name_lists,
        users_count=st.integers(0, 20_000),
        topic=notes,
        role=texts,
        private=st.booleans(),
        slow=st.integers(0, 21_600),
        unread=st.none() | _unread,
    ),
    st.builds(e.RoomsListed, room_lines, st.booleans()),
)
server_events = st.one_of(
    entries,
    pictures,
    _moderated,
    st.builds(r.ActsListed, st.lists(_done, max_size=3).map(tuple), st.booleans()),
    st.builds(r.BansListed, room_names, st.lists(_bans, max_size=3).map(tuple), st.booleans()),
    st.builds(e.PresenceChanged, room_names, name_lists, name_lists, st.integers(0, 20_000)),
    st.builds(e.RoomsChanged, room_lines, st.lists(room_names, max_size=3).map(tuple)),
    st.builds(m.UnreadChanged, _unread_lines),
    st.builds(
        m.ReactionChanged,
        room=room_names,
        seq=cids,
        emoji=texts,
        by=usernames,
        count=st.integers(0, 1000),
        removed=st.booleans(),
    ),
    st.builds(e.UserRenamed, usernames, usernames),
    st.builds(e.GapFound, log_names, texts, seqs, seqs),
    st.builds(
        e.UsersListed,
        st.lists(st.builds(e.UserSummary, usernames, room_names, st.none() | texts), max_size=4).map(tuple),
        st.booleans(),
    ),
    st.builds(
        e.UserDescribed,
        username=usernames,
        room=room_names,
        since=moments,
        idle=st.integers(0, 10_000).map(lambda tenths: tenths / 10),
        transport=texts,
        dialect=texts,
        connected=st.booleans(),
        address=st.none() | texts,
        role=texts,
    ),
    st.builds(e.HistoryRead, log_names, texts, st.lists(entries, max_size=3).map(tuple)),
    st.builds(
        e.MessagesFound,
        st.lists(entries.filter(lambda each: isinstance(each, e.MessagePosted)), max_size=3).map(tuple),
        st.none() | texts,
    ),
    st.builds(e.Accepted, st.none() | cids),
    st.builds(
        e.Refused,
        texts,
        texts,
        st.none() | cids,
        st.none() | st.floats(0, 100, allow_nan=False, allow_infinity=False),
        st.dictionaries(texts, texts | st.integers(-(2**53), 2**53), max_size=3),
    ),
    st.builds(e.Dismissed, texts, texts, st.none() | st.floats(0, 100, allow_nan=False, allow_infinity=False)),
)

# What a journal orders.

_strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_numbers = st.integers(0, 2**63 - 1)
file_commands = st.one_of(
    st.builds(c.OfferFile, name_lists, st.booleans(), texts, seqs, _strings, st.none() | texts),
    st.builds(c.AcceptFile, texts, seqs),
    st.builds(c.DeclineFile, texts),
    st.builds(c.CancelFile, texts),
    st.builds(c.FinishFile, texts),
    st.builds(c.FailFile, texts, _strings, _strings),
    st.builds(c.GrantCredit, seqs, seqs),
    st.builds(c.SendChunk, seqs, seqs, st.binary(max_size=40)),
)
_logins = st.builds(c.LogIn, usernames, st.none() | texts, st.none(), st.dictionaries(log_names, positions, max_size=4))
_acts = (
    st.just(c.BecomeOperator())
    | commands.filter(lambda command: not isinstance(command, c.LogIn))
    | _logins
    | file_commands
)
_origins = st.builds(
    j.Origin, _strings, _strings, _strings, st.booleans(), st.none() | st.integers(2, 32), _strings, st.booleans()
)
journal_records = st.one_of(
    st.builds(j.Act, _numbers, _acts),
    st.builds(j.NodeUp, _strings, json_objects),
    st.from_type(j.NodeLeft),
    st.builds(j.LoggedIn, _numbers, _logins, _origins, st.builds(j.Keys, _strings, _strings, _strings, _strings)),
    st.builds(j.Gone, _numbers, _strings, st.dictionaries(_strings, seqs, max_size=3)),
    st.builds(j.Confirmed, _numbers),
    st.builds(j.HaveRead, st.lists(st.tuples(_numbers, _strings, seqs), max_size=3).map(tuple)),
    st.builds(j.FlowBroken, seqs, _strings, _strings),
)
batches = st.builds(Batch, _numbers, _numbers, st.lists(journal_records, max_size=5).map(tuple))
