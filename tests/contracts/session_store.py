"""What every `chatcore.ports.session_store.SessionStore` has to keep. Subclass it and say how to make one."""

from __future__ import annotations

import pytest

from chatcore.ports.session_store import Claim, KeptSend, KeptSession, SessionStore

PLACE = "chat.example.org:8765"
FIRST = KeptSession("a-client-id-nobody-knows", "session.numbers", (KeptSend(3, "d3"), KeptSend(4, "d4")))
LATER = KeptSession("a-client-id-nobody-knows", "session.numbers")


def claimed(sessions: SessionStore, place: str = PLACE, username: str = "alice") -> Claim:
    """Claim what has to be free."""
    claim = sessions.claim(place, username)
    assert claim is not None
    return claim


class SessionStoreContract:
    """A fresh store is the fixture `sessions`."""

    @pytest.fixture
    def sessions(self) -> SessionStore:
        """Return a store in which nothing is kept."""
        raise NotImplementedError

    def test_nothing_is_kept_at_first(self, sessions: SessionStore) -> None:
        """Whoever comes first has nothing to go on with."""
        assert claimed(sessions).kept is None

    def test_last_one_that_was_saved_is_kept(self, sessions: SessionStore) -> None:
        """For the next program."""
        claim = claimed(sessions)
        claim.save(LATER)
        claim.save(FIRST)
        claim.release()
        assert claimed(sessions).kept == FIRST

    def test_one_program_at_a_time_has_it(self, sessions: SessionStore) -> None:
        """Nobody takes over the session of a program that still lives."""
        claim = claimed(sessions)
        claim.save(FIRST)
        assert sessions.claim(PLACE, "alice") is None
        claim.release()
        assert claimed(sessions).kept == FIRST

    def test_another_case_of_the_name_is_the_same_session(self, sessions: SessionStore) -> None:
        """As it is on the server."""
        claim = claimed(sessions, username="Alice")
        assert sessions.claim(PLACE, "aLICE") is None
        claim.save(FIRST)
        claim.release()
        assert claimed(sessions, username="alice").kept == FIRST

    def test_other_servers_and_names_have_their_own(self, sessions: SessionStore) -> None:
        """A token is shown to no other server."""
        claimed(sessions).save(FIRST)
        assert claimed(sessions, place="chat.example.org:8766").kept is None
        assert claimed(sessions, username="bob").kept is None

    def test_what_is_forgotten_is_gone(self, sessions: SessionStore) -> None:
        """The session is over."""
        claim = claimed(sessions)
        claim.save(FIRST)
        claim.forget()
        claim.forget()
        claim.release()
        assert claimed(sessions).kept is None

    def test_what_was_released_has_no_effect_any_more(self, sessions: SessionStore) -> None:
        """It is somebody else's by now."""
        claim = claimed(sessions)
        claim.release()
        claim.release()
        other = claimed(sessions)
        other.save(FIRST)
        claim.save(LATER)
        claim.forget()
        claim.release()
        assert sessions.claim(PLACE, "alice") is None
        other.release()
        assert claimed(sessions).kept == FIRST
