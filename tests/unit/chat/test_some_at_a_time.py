"""What happens to many is done some at a time, by the entries of the journal, and alike wherever these are applied."""

from __future__ import annotations

from collections import Counter

import pytest

from chatcore.chat.chat import Applied, Chat
from chatcore.chat.kept.roles import Role
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.chat.snapshot import dump, load
from chatcore.commands import (
    BanUser,
    BecomeOperator,
    CloseRoom,
    Command,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    LogIn,
    LogOut,
    Rename,
    SetRole,
)
from chatcore.events import Accepted, Refused, RoomEntered, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.records import (
    BANS_WHOLE_PLACES,
    FEWER_AT_A_TIME,
    GOES_BY_NUMBER,
    INHERITS_SOME_AT_A_TIME,
    RULES,
    SOME_AT_A_TIME,
    Act,
    Gone,
    Keys,
    LoggedIn,
    NodeUp,
    Origin,
    Record,
)

LIMITS = Limits(grace=30, connections_per_address=0)
NODE = 1
AT_A_TIME = 15


class House:
    """A chat with its journal, and `size` users from one address; the first of them is called `u0`."""

    def __init__(self, size: int, rules: int = RULES) -> None:
        self.chat = Chat(LIMITS, MemoryLog(LIMITS))
        self.clock = 0.0
        self._size = size
        self._position = 0
        self._apply(0, NodeUp("nonce", LIMITS.model_dump(mode="json"), rules=rules, keeps_rooms=True))
        for number in range(size):
            self.says(LoggedIn(self.connection(number), LogIn(f"u{number}"), self.origin, _keys(f"u{number}")))

    origin = Origin("ws", "chat", "192.0.2.1:1", place="192.0.2.1", carries_files=True)

    @staticmethod
    def connection(number: int) -> int:
        """Return the connection of a user."""
        return (NODE << 32) + number

    def says(self, *records: Record) -> Applied:
        """Let the node propose its next batch."""
        return self._apply(NODE, *records)

    def asks(self, number: int, command: Command) -> ServerEvent | None:
        """Let a user ask for something, and return the answer."""
        return self.says(Act(self.connection(number), command)).outcomes[0].answer

    def meet(self, room: str) -> None:
        """Let everybody come into a room that the first one makes."""
        self.asks(0, CreateRoom(room))
        self.says(*(Act(self.connection(number), JoinRoom(room)) for number in range(1, self._size)))

    def members(self, room: str) -> int:
        """Return how many are in a room."""
        return len(self.chat.rooms[room].members)

    def from_its_snapshot(self) -> House:
        """Return another one whose chat begins with a snapshot of this one."""
        copy = House(0)
        copy.chat = Chat(LIMITS, MemoryLog(LIMITS))
        load(copy.chat, list(dump(self.chat)))
        copy._position, copy.clock = self._position, self.clock
        assert list(dump(copy.chat)) == list(dump(self.chat))
        return copy

    def _apply(self, node: int, *records: Record) -> Applied:
        self._position += 1
        entry = Entry(self._position, 1.8e9 + self.clock, self.clock, Batch(node, self._position, records))
        applied = self.chat.apply(entry)
        assert applied is not None
        return applied


def _keys(name: str) -> Keys:
    return Keys(session=f"s{name}", numbers=f"n{name}")


def test_room_of_many_is_closed_some_members_at_a_time() -> None:
    """Each is told where he is then; the room goes with the last of them, although something was said in it."""
    house = House(120)
    house.meet("big")
    assert house.asks(0, CloseRoom()) == Accepted()
    left = [house.members("big")]
    while house.chat.next_due is not None:
        assert house.chat.next_due == house.clock, "at once"
        applied = house.says()
        told = [each.event for each in applied.due if isinstance(getattr(each, "event", None), RoomEntered)]
        assert {event.room for event in told if isinstance(event, RoomEntered)} == {"lobby"}
        assert len(told) <= AT_A_TIME
        left.append(house.members("big") if "big" in house.chat.rooms else 0)
    assert left == [*range(105, -1, -15)]
    assert "big" not in house.chat.rooms
    assert house.members("lobby") == 120


def test_nobody_comes_into_a_room_that_is_being_closed() -> None:
    """Nor is it closed twice; its name is free again when everybody has gone."""
    house = House(55)
    house.meet("big")
    house.asks(0, CloseRoom())
    refusals = [house.asks(0, JoinRoom("big")), house.asks(0, CreateRoom("big"))]
    assert [each.code for each in refusals if isinstance(each, Refused)] == ["no_such_room", "room_exists"]
    assert isinstance(house.asks(0, CreateRoom("big")), RoomEntered), "each of these entries has put out some more"


def test_who_goes_meanwhile_is_not_put_out_again() -> None:
    """By leaving the room, or for good."""
    house = House(40)
    house.meet("big")
    house.asks(0, CloseRoom())
    house.says(Act(house.connection(39), LeaveRoom()), Act(house.connection(39), CreateRoom("own")))
    house.says()
    assert house.chat.next_due is None
    assert (house.members("own"), house.members("lobby")) == (1, 39)


def test_room_is_closed_again_while_it_is_being_closed_and_nothing_comes_of_it() -> None:
    """Whoever is still in it, and may."""
    house = House(120)
    house.asks(119, BecomeOperator())
    house.meet("big")
    house.asks(0, CloseRoom())
    again = house.says(Act(house.connection(119), CloseRoom("big"))).outcomes[0]
    assert again.answer == Accepted()
    assert again.effects == []


@pytest.mark.parametrize(("room", "users"), [("big", 120), ("lobby", 1)])
def test_ban_of_an_address_puts_many_out_some_at_a_time(room: str, users: int) -> None:
    """Out of a room, and out of the server; the operator stays."""
    house = House(120)
    house.asks(0, BecomeOperator())
    house.meet("big")
    house.asks(0, BanUser("192.0.2.0/24", room=room))
    assert house.members("big") == 120 - AT_A_TIME
    while house.chat.next_due is not None:
        house.says()
    assert (house.members("big"), len(house.chat.users), house.members("lobby")) == (1, users, users - 1)


def test_many_expire_some_at_a_time() -> None:
    """Whose connections were lost together, as when a network fails; who is back does not count among them."""
    house = House(120)
    house.says(*(Gone(house.connection(number), "lost", {}) for number in range(120)))
    keys = _keys("u0")
    again = Keys(f"{keys.session}.{keys.numbers}", keys.numbers, "other", keys.numbers)
    house.says(LoggedIn(house.connection(500), LogIn("u0"), house.origin, again))
    house.clock = 30.0
    left = []
    while house.chat.next_due is not None:
        house.says()
        left.append(len(house.chat.users))
    assert left == [*range(105, 0, -15), 1]


def test_journal_of_before_is_applied_as_it_was() -> None:
    """All at once: what its entries say behind that was said by people who were elsewhere."""
    house = House(120, rules=SOME_AT_A_TIME - 1)
    house.meet("big")
    house.asks(0, CloseRoom())
    assert "big" not in house.chat.rooms
    house.says(*(Gone(house.connection(number), "lost", {}) for number in range(120)))
    house.clock = 30.0
    house.says()
    assert not house.chat.users


def owners(house: House) -> Counter[str]:
    """Return how many of the rooms each person owns."""
    roles = (room.roles.items() for room in house.chat.rooms.values())
    return Counter(person for each in roles for person, role in each if role is Role.OWNER)


def an_owner_of_many(rules: int = RULES) -> House:
    """Return a house whose first user owns forty rooms, with the second one as moderator, and one of his in each."""
    house = House(60, rules)
    for number in range(40):
        room = f"r{number}"
        house.asks(0, CreateRoom(room))
        house.asks(number + 2, JoinRoom(room))
        house.asks(0, SetRole("u1", "moderator"))
    return house


@pytest.mark.parametrize("leaves", [Act(House.connection(0), LogOut()), Gone(House.connection(0), "lost", {})])
def test_rooms_of_an_owner_who_is_gone_get_the_next_one_some_at_a_time(leaves: Record) -> None:
    """It would take long to tell all of them at once. Whoever is an owner again by then stays it."""
    house = an_owner_of_many()
    house.says(leaves)
    house.clock = 60.0
    heirs = [owners(house).total()]
    for _ in range(2):
        house.says()
        heirs.append(owners(house).total())
    assert heirs in ([15, 30, 40], [40, 15, 30])
    while house.chat.next_due is not None:
        house.says()
    assert owners(house) == {house.chat.users["u1"].person: 40}


def test_room_of_an_owner_who_is_gone_is_given_away_meanwhile_or_goes() -> None:
    """An operator may be quicker; and heirs may leave with the last of the members."""
    house = an_owner_of_many()
    house.asks(59, BecomeOperator())
    house.says(Act(house.connection(0), LogOut()), Act(house.connection(59), SetRole("u41", "owner", "r39")))
    house.says(*(Act(house.connection(number), LogOut()) for number in (1, *range(2, 20))))
    while house.chat.next_due is not None:
        house.says()
    assert owners(house) == {house.chat.users["u41"].person: 1}
    assert not house.chat.state.ruled.keys() - {house.chat.users["u41"].person}


def test_declared_room_has_no_heir() -> None:
    """It belongs to the operators, also when the settings name it while its owner is gone."""
    house = an_owner_of_many()
    house.asks(59, BecomeOperator())
    house.asks(0, LogOut())
    open_doors(house.chat.state, ("r39",))
    house.asks(59, SetRole("u1", "moderator", "r39"))
    while house.chat.next_due is not None:
        house.says()
    assert house.chat.rooms["r39"].roles == {house.chat.users["u1"].person: Role.MODERATOR}


def test_journal_of_before_gives_all_rooms_of_an_owner_to_the_next_ones_at_once() -> None:
    house = an_owner_of_many(INHERITS_SOME_AT_A_TIME - 1)
    house.asks(0, LogOut())
    assert owners(house).total() == 40
    assert house.chat.next_due is None


def test_snapshot_knows_which_rooms_are_still_to_get_an_owner() -> None:
    house = an_owner_of_many()
    house.asks(0, LogOut())
    copy = House(0)
    copy.chat = Chat(LIMITS, MemoryLog(LIMITS))
    load(copy.chat, dump(house.chat))
    copy._position, copy.clock = house._position, house.clock
    assert list(dump(copy.chat)) == list(dump(house.chat))
    while house.chat.next_due is not None:
        house.says()
        copy.says()
        assert list(dump(copy.chat)) == list(dump(house.chat))
    assert owners(copy).total() == 40


@pytest.mark.parametrize(("rules", "held"), [(BANS_WHOLE_PLACES - 1, 0), (BANS_WHOLE_PLACES, 4)])
def test_journal_of_before_holds_nobody_by_an_ipv4_address_that_is_written_as_ipv6(rules: int, held: int) -> None:
    house = House(5, rules)
    house.asks(0, BecomeOperator())
    house.meet("big")
    house.asks(0, BanUser("::ffff:192.0.2.1"))
    assert house.members("big") == 5 - held


@pytest.mark.parametrize("rules", [SOME_AT_A_TIME, FEWER_AT_A_TIME - 1])
def test_journal_of_in_between_puts_out_as_many_as_it_did(rules: int) -> None:
    """Fifty with each entry."""
    house = House(120, rules=rules)
    house.meet("big")
    house.asks(0, CloseRoom())
    assert house.members("big") == 70


def test_snapshot_knows_who_is_still_to_be_put_out() -> None:
    """A chat that begins with it goes on alike, also when some have gone by themselves meanwhile."""
    house = House(120)
    house.asks(119, BecomeOperator())
    house.meet("big")
    house.asks(0, CloseRoom())
    house.says(
        *(Gone(house.connection(number), "lost", {}) for number in range(100, 110)),
        Act(house.connection(118), LeaveRoom()),
        Act(house.connection(119), BanUser("192.0.2.1", room="lobby")),
    )
    house.clock = 30.0
    assert house.chat.state.due.to_put_out
    copy = house.from_its_snapshot()
    while house.chat.next_due is not None:
        house.says()
        copy.says()
        assert list(dump(copy.chat)) == list(dump(house.chat))
    assert [session.name for session in copy.chat.users.values()] == ["u119"]


@pytest.mark.parametrize(("rules", "alike"), [(RULES, True), (GOES_BY_NUMBER - 1, False)])
def test_a_chat_from_a_snapshot_puts_the_same_ones_out_first(rules: int, alike: bool) -> None:
    """Whatever they were called before: those whose sessions are the oldest."""
    house = House(40, rules=rules)
    house.asks(39, BecomeOperator())
    house.asks(0, Rename("zorro"))
    copy = house.from_its_snapshot()
    for each in (house, copy):
        each.asks(39, BanUser("192.0.2.1"))
    assert (list(copy.chat.users) == list(house.chat.users)) is alike
    assert (list(dump(copy.chat)) == list(dump(house.chat))) is alike


def test_declared_room_opens_again_though_it_was_being_closed() -> None:
    """The server began anew meanwhile, and its settings name the room now: who was to be put out still is."""
    house = House(120)
    house.meet("big")
    house.asks(0, CloseRoom())
    open_doors(house.chat.state, ("big",))
    while house.chat.next_due is not None:
        house.says()
    assert house.members("big") == 0
    assert isinstance(house.asks(0, JoinRoom("big")), RoomEntered)
