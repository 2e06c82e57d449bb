"""What every `chatcore.dialects.base.Dialect` has to keep. Subclass it and say which one, and how it is spoken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatcore.dialects.base import ClientMachine, Dialect, Machine, ServerMachine
from chatcore.limits import Limits
from tests.strategies import commands, server_events

_LIMITS = Limits()


def take(machine: ServerMachine | ClientMachine) -> tuple[list[object], list[bytes]]:
    """Do what a driver does after every call: return the events, and what is to be sent."""
    found: list[object] = list(machine.events_received())
    sent = machine.data_to_send()
    machine.close_expected()
    machine.get_timer()
    return found, sent


class DialectContract:
    """The promises of `base.py`, for both sides. A subclass gives `dialect`, `boundaries` and `said`."""

    dialect: Dialect
    boundaries: tuple[bool, ...] = (False, True)
    """What it can be carried by: streams (False), transports with messages (True)."""
    said: tuple[bytes, bytes]
    """What a user says on a stream who logs in and speaks, and what a server says to one."""

    def machines(self, *, boundaries: bool) -> list[ServerMachine | ClientMachine]:
        """Return a new machine for each side."""
        return [
            make(_LIMITS, boundaries=boundaries, keepalive=True, now=0.0)
            for make in (self.dialect.server, self.dialect.client)
        ]

    def test_it_has_a_name_that_fits_into_an_address(self) -> None:
        """As in `tcp+simple-json://`."""
        assert self.dialect.name
        assert self.dialect.name.replace("-", "").isalnum()
        assert self.dialect.name == self.dialect.name.lower()

    @settings(max_examples=50, suppress_health_check=[HealthCheck.differing_executors])
    @given(st.lists(st.binary(max_size=80), max_size=6))
    def test_no_verb_raises_whatever_a_peer_sends(self, pieces: list[bytes]) -> None:
        """On either side, over either kind of transport, also after the end was asked for."""
        for boundaries in self.boundaries:
            for machine in self.machines(boundaries=boundaries):
                for number, piece in enumerate(pieces):
                    machine.receive_data(piece)
                    take(machine)
                    machine.handle_timer(float(number))
                    take(machine)
                machine.receive_eof()
                take(machine)
                machine.receive_eof()
                assert take(machine) == ([], [])

    @settings(max_examples=50, suppress_health_check=[HealthCheck.differing_executors])
    @given(st.data())
    def test_bytes_of_a_stream_mean_the_same_however_they_are_cut(self, data: st.DataObject) -> None:
        """In one piece, byte by byte, or anywhere else."""
        for side, said in enumerate(self.said):
            cuts = data.draw(st.lists(st.integers(0, len(said)), max_size=6).map(sorted))
            outcomes = []
            for places in ([], cuts, list(range(len(said)))):
                machine = self.machines(boundaries=False)[side]
                found, sent = take(machine)
                for start, end in pairwise([0, *places, len(said)]):
                    machine.receive_data(said[start:end])
                    more, again = take(machine)
                    found, sent = found + more, sent + again
                outcomes.append((found, b"".join(sent), machine.close_expected()))
            assert outcomes[0] == outcomes[1] == outcomes[2]

    @pytest.mark.parametrize("side", [0, 1])
    def test_what_was_taken_is_not_given_again(self, side: int) -> None:
        """Events and payloads come once each."""
        machine = self.machines(boundaries=False)[side]
        machine.receive_data(self.said[side])
        take(machine)
        assert take(machine) == ([], [])

    @settings(max_examples=50, suppress_health_check=[HealthCheck.differing_executors])
    @given(server_events)
    def test_every_event_can_be_told_or_is_left_out(self, event: object) -> None:
        """To everyone alike, and to one connection alone."""
        for boundaries in self.boundaries:
            payload = self.dialect.encode(event, boundaries=boundaries)  # type: ignore[arg-type]
            assert payload is None or isinstance(payload, bytes)
            machine = self.dialect.server(_LIMITS, boundaries=boundaries, keepalive=True, now=0.0)
            machine.send_event(event)  # type: ignore[arg-type]
            assert all(isinstance(each, bytes) for each in machine.data_to_send())

    @settings(max_examples=50, suppress_health_check=[HealthCheck.differing_executors])
    @given(commands)
    def test_every_command_can_be_sent_or_is_left_out(self, command: object) -> None:
        """A client's machine raises nothing for what its dialect has no words for."""
        for boundaries in self.boundaries:
            machine = self.dialect.client(_LIMITS, boundaries=boundaries, keepalive=True, now=0.0)
            machine.send_command(command, "1")  # type: ignore[arg-type]
            assert all(isinstance(each, bytes) for each in machine.data_to_send())
            take(machine)

    def test_timers_may_come_early_and_come_to_an_end(self) -> None:
        """Called before its time, a machine does nothing; a silent peer is given up, or waited for without a timer."""
        for boundaries in self.boundaries:
            for machine in self.machines(boundaries=boundaries):
                self._wait_for_ever(machine)

    def _wait_for_ever(self, machine: Machine) -> None:
        for _ in range(100):
            when = machine.get_timer()
            if when is None or machine.close_expected() is not None:
                return
            early = machine.close_expected()
            machine.handle_timer(when - 0.001)
            assert machine.close_expected() is early
            machine.handle_timer(when)
            machine.data_to_send()
            after = machine.get_timer()
            assert after is None or after > when or machine.close_expected() is not None
        raise AssertionError("a peer that never says anything is waited for with a timer for ever")
