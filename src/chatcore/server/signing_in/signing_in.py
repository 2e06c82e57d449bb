"""Signing in: all that is asked with a secret is looked at here, at the node where it came in.

What is proposed then holds no secret: hashes, and which password it was. To compare a password with a hash is slow on
purpose, so it is done elsewhere (`chatcore.ports.passwords`), one by one; meanwhile the connection waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hmac import compare_digest
from typing import Any, Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.chat.requests import invitations
from chatcore.chat.requests.logins import SECRET_CHARS, may_come_back
from chatcore.chat.requests.permissions import check
from chatcore.commands import BecomeOperator, Command, Identify, LogIn, MakeInvitation, RegisterAccount, ResetAccount
from chatcore.errors import ErrorCode, Refusal
from chatcore.limits import PASSWORD_CHARS
from chatcore.ports.clock import Clock
from chatcore.ports.passwords import Passwords, SignIn, Vouching
from chatcore.quick import quick_replace
from chatcore.records import Act, LoggedIn
from chatcore.server.journal.proposals import Asked, Proposals
from chatcore.server.journal.tickets import Ticket, hashed
from chatcore.server.operator_log import OperatorLog
from chatcore.server.signing_in.terms import Accounts, Secrets, mark_of
from chatcore.server.signing_in.trials import Trials
from chatcore.text.names import name_key
from chatcore.text.sendable import flaw

# What no record has.
_NO_SECRETS: Final = dict.fromkeys(("token", "password", "server_password", "invitation", "operator_token"))
# What a server without accounts says.
_NONE_HERE: Final = Refusal(ErrorCode.FORBIDDEN, what="accounts")
# What one says that has some in its store, and was started without what knows their owners.
_LOCKED: Final = Refusal(ErrorCode.FORBIDDEN, what="locked")
# What it says when passwords cannot be hashed, or nobody vouches: to programs, which log in again by themselves later,
# and to people, who are told once.
_NOT_NOW: Final = Refusal(ErrorCode.UNAVAILABLE, what="accounts")
_ENDS: Final = Refusal(ErrorCode.SHUTTING_DOWN, retry_after=1.0)
_OUT_OF_ORDER: Final = Refusal(ErrorCode.INTERNAL, what="accounts")


class SigningIn:
    """Decides what becomes of a request with a secret.

    Args:
        chat: the chat, as far as the journal has brought it.
        clock: what time it is.
        new_id: gives a fresh unguessable string per call.
        log: takes lines for the operator.
        proposals: takes what changes the chat.
        secrets: what is asked.
        before_login: called before a login is proposed.
        refuse: tells a connection that a request is refused.
        read_on: lets a connection be read again that had to wait for this.
    """

    def __init__(
        self,
        chat: Chat,
        clock: Clock,
        *,
        new_id: Callable[[], str],
        log: OperatorLog,
        proposals: Proposals,
        secrets: Secrets,
        before_login: Callable[[], None],
        refuse: Callable[[Asked, Refusal], None],
        read_on: Callable[[Asked], None],
    ) -> None:
        self._chat = chat
        self._clock = clock
        self._new_id = new_id
        self._log = log
        self._proposals = proposals
        self._secrets = secrets
        self._before_login = before_login
        self._refuse = refuse
        self._read_on = read_on
        self._trials = Trials()
        self._delays = secrets.delays
        self.handlers: dict[type[Command], Callable[[Asked], None]] = {
            LogIn: self._log_in,
            BecomeOperator: self._become_operator,
            RegisterAccount: self._register,
            ResetAccount: self._reset,
            Identify: self._identify,
            MakeInvitation: self._invite,
        }
        """What becomes of each kind of such a request."""

    def ask(self, asked: Asked) -> None:
        """Look at a request with a secret, and propose it or refuse it, now or later."""
        asked.connection.begin_request()
        try:
            self.handlers[type(asked.command)](asked)
        except Refusal as refusal:
            self._refused(asked, refusal)
        except Exception as mistake:
            self._mistaken(asked, mistake)

    # Each of them.

    def _log_in(self, asked: Asked) -> None:
        connection, command = asked.connection, asked.command
        secrets, origin = self._secrets, connection.origin
        named = command.account is not None or command.server_password is not None
        said = command.server_password if named else command.password
        ticket = asked.ticket = Ticket(command.token, self._new_id)
        if secrets.closed and ticket.keys.shown not in self._chat.state.tokens:
            raise _ENDS
        invitation = self._invitation(command, ticket)
        operator = command.operator_token is not None
        if operator:
            self._check_operator(asked, command.operator_token)
        invited = command.invitation is not None
        if not (operator or invited or secrets.door.check(said, origin.place, self._clock.monotonic())):
            self._log.note(LineKind.WRONG_PASSWORD, connection.whence, origin.place)
            raise Refusal(ErrorCode.WRONG_PASSWORD)
        bare = quick_replace(command, **_NO_SECRETS)
        guests = operator or secrets.accounts is not Accounts.REQUIRED
        record = LoggedIn(
            connection.number, bare, origin, ticket.keys, invitation=invitation, guests=guests, operator=operator
        )
        account = command.account
        if account is None and (named or invited or secrets.door.is_open) and self._may_be_owner(command):
            account = command.username
        known = self._chat.state.tokens.get(ticket.keys.shown)
        if known is not None and may_come_back(known, guests=guests):  # the token shows who it is
            self._propose(record, asked)
        elif invitation and self._has_no_account(account or command.username) and not guests:
            self._register_invited(asked, account, record)
        elif account is None:
            self._propose(record, asked)
        elif secrets.vouching is not None:
            self._ask_who(asked, account, record, secrets.vouching)
        else:
            self._check(asked, account, lambda stamp: replace(record, account=account, stamp=stamp))

    def _invitation(self, command: LogIn, ticket: Ticket) -> str:
        """Return the hash of the invitation that is to be used; none for who needs none any more. Raises `Refusal`."""
        if command.invitation is None:
            return ""
        shown = hashed(command.invitation)
        if invitations.find(self._chat.state, shown, self._clock.time()) is not None:
            return shown
        session = self._chat.state.tokens.get(ticket.keys.shown)
        if session is not None and session.invited:
            return shown  # which is looked at again if that session is over by then
        if self._is_known(command, ticket):
            return ""
        raise Refusal(ErrorCode.BAD_INVITATION)

    def _is_known(self, command: LogIn, ticket: Ticket) -> bool:
        """Tell whether somebody needs no invitation any more: the welcome was lost, or the name is that one's own."""
        state = self._chat.state
        holder = state.users.get(name_key(command.username))
        if holder is not None and holder.invited and not holder.confirmed:
            return holder.login == (command.client, ticket.keys.shown) and len(command.client or "") >= SECRET_CHARS
        return self._secrets.door.is_open and not self._has_no_account(command.account or command.username)

    def _has_no_account(self, name: str) -> bool:
        return name_key(name) not in self._chat.state.accounts

    def _register_invited(self, asked: Asked, account: str | None, record: LoggedIn) -> None:
        """Let somebody with an invitation make the account without which nobody comes in here."""
        name = asked.command.username
        if self._secrets.passwords is None:
            raise Refusal(ErrorCode.ACCOUNT_REQUIRED)
        if account is None or name_key(account) != name_key(name):
            raise Refusal(ErrorCode.ACCOUNT_REQUIRED, what="invited", name=name)
        self._hash(asked, lambda found: replace(record, hashed=found, guests=True))

    def _invite(self, asked: Asked) -> None:
        asked.secret = self._new_id()
        self._proposals.add(Act(asked.connection.number, replace(asked.command, hashed=hashed(asked.secret))), asked)

    def _may_be_owner(self, command: LogIn) -> bool:
        """Tell whether a password without a name is meant for an account: the one that the name belongs to."""
        secrets = self._secrets
        if command.password is None or secrets.accounts is Accounts.OFF:
            return False
        known = name_key(command.username) in self._chat.state.accounts
        return known or secrets.vouching is not None or secrets.accounts is Accounts.REQUIRED

    def _become_operator(self, asked: Asked) -> None:
        self._user(asked)
        self._check_operator(asked, asked.command.token)
        mark = mark_of(self._secrets.operator_token)
        self._proposals.add(Act(asked.connection.number, BecomeOperator(hashed=mark)), asked)

    def _check_operator(self, asked: Asked, token: str | None) -> None:
        """Raise `Refusal` (`not_allowed`, `rate_limited`) unless it is the token of the operators."""
        known, delays = self._secrets.operator_token, self._secrets.operator_delays
        connection, now = asked.connection, self._clock.monotonic()
        place = connection.origin.place
        if known:  # or there is nothing to guess
            delays.check(place, now)
            if compare_digest(hashed(token or ""), known):
                delays.forget(place)
                return
            delays.add(place, now)
            self._log.note(LineKind.WRONG_PASSWORD, {"of": "operators", **connection.whence}, place)
        raise Refusal(ErrorCode.NOT_ALLOWED, what="token")

    def _identify(self, asked: Asked) -> None:
        session, command = self._user(asked), asked.command
        account = command.account or session.name
        bare = replace(command, account=account, password=None)
        if self._secrets.vouching is not None:
            raise Refusal(ErrorCode.FORBIDDEN, what="elsewhere")
        self._check(asked, account, lambda stamp: Act(asked.connection.number, replace(bare, stamp=stamp)))

    def _register(self, asked: Asked) -> None:
        self._user(asked)
        self._hash(asked, partial(self._act, asked))

    def _act(self, asked: Asked, found: str) -> Act:
        return Act(asked.connection.number, replace(asked.command, password=None, hashed=found))

    def _reset(self, asked: Asked) -> None:
        self._chat.state.moment.time = self._clock.time()
        check(self._chat.state, self._user(asked), asked.command)
        self._hash(asked, partial(self._act, asked))

    def _user(self, asked: Asked) -> Any:
        session = self._chat.session(asked.connection.number)
        if session is None:
            raise Refusal(ErrorCode.NOT_LOGGED_IN)
        return session

    # Passwords.

    def _check(self, asked: Asked, account: str, record: Callable[[int], Any]) -> None:
        """Propose what `record` returns for the password that was said, if it is that of the account."""
        passwords = self._passwords()
        password = asked.command.password or ""
        place = asked.connection.origin.place
        self._delays.check(place, self._clock.monotonic())

        def begin(over: Callable[[], None]) -> None:
            found = self._chat.state.accounts.get(name_key(account))
            stamp = 0 if found is None else found.stamp

            def done(right: bool | None) -> None:
                self._take(asked, lambda: self._checked(asked, right and stamp > 0, account, record, stamp))
                over()

            if self._is_gone(asked) or self._has_to_wait(asked, place):
                over()
            else:
                passwords.verify(password, "" if found is None else found.hashed, done)

        self._try(asked, place, begin)

    def _checked(
        self, asked: Asked, right: bool | None, account: str, record: Callable[[int], Any], stamp: int
    ) -> None:
        connection = asked.connection
        if right is None:
            self._refused(asked, _NOT_NOW if isinstance(asked.command, LogIn) else _OUT_OF_ORDER)
        elif right:
            if not self._is_gone(asked):
                self._propose(record(stamp), asked)
        else:
            self._delays.add(connection.origin.place, self._clock.monotonic())
            known = self._chat.state.accounts.get(name_key(account))  # or it may be anything, a password too
            told = connection.whence if known is None else {"account": known.name, **connection.whence}
            self._log.note(LineKind.WRONG_PASSWORD, told, connection.origin.place)
            self._refused(asked, Refusal(ErrorCode.NOT_IDENTIFIED))

    def _hash(self, asked: Asked, record: Callable[[str], LoggedIn | Act]) -> None:
        """Propose what `record` returns for the hash of the password that was said."""
        passwords = self._passwords()
        password = asked.command.password or ""
        shortest, longest = PASSWORD_CHARS
        if not shortest <= len(password) <= longest or flaw(password) is not None:
            raise Refusal(ErrorCode.BAD_REQUEST, what="password", shortest=shortest, longest=longest)

        def begin(over: Callable[[], None]) -> None:
            def done(found: str | None) -> None:
                self._take(asked, lambda: self._hashed(asked, found, record))
                over()

            if self._is_gone(asked):
                over()
            else:
                passwords.hash(password, done)

        self._try(asked, asked.connection.origin.place, begin)

    def _hashed(self, asked: Asked, found: str | None, record: Callable[[str], LoggedIn | Act]) -> None:
        if found is None:
            self._refused(asked, _NOT_NOW if isinstance(asked.command, LogIn) else _OUT_OF_ORDER)
        elif not self._is_gone(asked):
            self._propose(record(found), asked)

    def _passwords(self) -> Passwords:
        secrets = self._secrets
        if secrets.accounts is Accounts.OFF:
            raise _LOCKED if self._chat.state.accounts else _NONE_HERE
        if secrets.passwords is None:
            raise Refusal(ErrorCode.FORBIDDEN, what="elsewhere")
        return secrets.passwords

    def _try(self, asked: Asked, place: str, begin: Callable[[Callable[[], None]], None]) -> None:
        def trial(over: Callable[[], None]) -> None:
            try:
                begin(over)
            except Exception as mistake:
                self._mistaken(asked, mistake)
                over()

        if not self._trials.add(place, trial):
            raise Refusal(ErrorCode.RATE_LIMITED, retry_after=1.0, what="requests")

    def _has_to_wait(self, asked: Asked, place: str) -> bool:
        """Refuse what waited for its turn behind a wrong password of the same place."""
        try:
            self._delays.check(place, self._clock.monotonic())
        except Refusal as refusal:
            self._refused(asked, refusal)
            return True
        return False

    # Others who vouch.

    def _ask_who(self, asked: Asked, account: str, record: LoggedIn, vouching: Vouching) -> None:
        connection, command = asked.connection, asked.command
        origin = connection.origin
        self._delays.check(origin.place, self._clock.monotonic())
        password = command.password or ""
        sign_in = SignIn(command.username, account, password, origin.address, origin.transport, origin.dialect)
        vouching.vouch(
            sign_in, lambda account, known: self._take(asked, lambda: self._vouched(asked, record, account, known))
        )

    def _vouched(self, asked: Asked, record: LoggedIn, account: str | None, known: bool) -> None:
        if not known:
            self._refused(asked, _NOT_NOW)
        elif account is None:
            connection = asked.connection
            self._delays.add(connection.origin.place, self._clock.monotonic())
            self._log.note(LineKind.WRONG_PASSWORD, connection.whence, connection.origin.place)
            self._refused(asked, Refusal(ErrorCode.NOT_IDENTIFIED))
        elif not self._is_gone(asked):
            self._propose(replace(record, account=account), asked)

    # The end of each.

    def _propose(self, record: LoggedIn | Act, asked: Asked) -> None:
        if isinstance(record, LoggedIn):
            self._before_login()
        self._proposals.add(record, asked)

    def _take(self, asked: Asked, step: Callable[[], None]) -> None:
        """Take what was found out: whoever asked has an answer, whatever goes wrong with it."""
        try:
            step()
        except Exception as mistake:
            self._mistaken(asked, mistake)

    def _mistaken(self, asked: Asked, mistake: Exception) -> None:
        self._log.note_mistake(mistake)
        self._refused(asked, Refusal(ErrorCode.INTERNAL))

    def _is_gone(self, asked: Asked) -> bool:
        """Tell whether nobody is there any more who could come in: nothing is proposed for them."""
        if asked.connection.closing is None:
            return False
        asked.connection.end_request()
        return True

    def _refused(self, asked: Asked, refusal: Refusal) -> None:
        asked.connection.end_request()
        self._proposals.order()  # what was asked before is answered before
        self._refuse(asked, refusal)
        self._read_on(asked)
