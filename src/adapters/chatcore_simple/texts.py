"""What servers of these courseworks say, in French as their programs do."""

from __future__ import annotations

import re
from typing import Final

from chatcore.errors import ErrorCode
from chatcore.events import Refused, RoomModerated
from chatcore.text.names import ascii_form

GREETING: Final = "Bienvenue dans le Chat tapez /pseudo si vous voulez vous connecter"
PROMPT: Final = "tapez le pseudo que vous voulez utiliser pour le chat :"
BAD_NAME: Final = "Rentrez un pseudo correct"
NAME_TAKEN: Final = "Attention ce pseudo existe deja"
WELCOME: Final = "Bienvenue"
ONLINE: Final = "Les personnes connectées sont :"
GOODBYE: Final = "Deconnexion"
PRIVATE: Final = "vous a envoyé un message privé :"
GONE: Final = "Déconnection de"
MOVED: Final = "a changé de salon"
UNKNOWN: Final = "Commande inconnue :"
TO_ONE: Final = "pour une seule personne : msg NOM TEXTE"
WITH_SLASH: Final = "un message qui commence par / : tapez //"
MAY_NOT_RENAME: Final = "Vous ne pouvez pas changer de pseudo ici"
SENT: Final = "Message envoyé à tous les clients"
PRIVATELY: Final = "(privé)"
TO_EVERYONE: Final = "(à tous)"
TOO_DEEP: Final = "Trop de niveaux dans cet objet"
NO_OBJECT: Final = "Ceci n'est pas un objet JSON"
BROKEN_CHARACTER: Final = "Ce texte contient un caractère coupé, ou qui n'est pas en UTF-8"

_REASONS: Final[dict[str, str]] = {
    ErrorCode.BAD_JSON: "Ceci n'est pas du JSON correct",
    ErrorCode.BAD_REQUEST: "Demande incorrecte",
    ErrorCode.UNKNOWN_TYPE: "Demande inconnue",
    ErrorCode.TOO_LARGE: "Message trop long",
    ErrorCode.RATE_LIMITED: "Vous écrivez trop vite",
    ErrorCode.NOT_LOGGED_IN: "Vous n'êtes pas connecté",
    ErrorCode.ALREADY_LOGGED_IN: "Vous êtes déjà connecté",
    ErrorCode.BAD_NAME: "Nom d'utilisateur incorrect",
    ErrorCode.WRONG_PASSWORD: "Ce serveur demande un mot de passe, que ce programme ne peut pas donner",
    ErrorCode.NAME_TAKEN: "Ce nom d'utilisateur est déjà pris",
    ErrorCode.NAME_REGISTERED: "Ce nom d'utilisateur est déjà pris",
    ErrorCode.ACCOUNT_REQUIRED: "Ce serveur demande un compte, que ce programme ne peut pas donner",
    ErrorCode.INBOX_FULL: "Trop de messages attendent déjà cet utilisateur",
    ErrorCode.NAME_CONFUSABLE: "Ce nom d'utilisateur ressemble trop à celui d'un autre",
    ErrorCode.NO_SUCH_USER: "Cet utilisateur n'est pas connecté",
    ErrorCode.SERVER_FULL: "Le serveur est plein",
    ErrorCode.TOO_MANY_CONNECTIONS: "Trop de connexions depuis votre adresse",
    ErrorCode.UNAVAILABLE: "Le serveur ne peut rien enregistrer en ce moment",
    ErrorCode.SHUTTING_DOWN: "Le serveur s'arrête",
    ErrorCode.LOGIN_TIMEOUT: "Vous ne vous êtes pas connecté à temps",
    ErrorCode.BANNED: "Vous êtes banni d'ici",
    ErrorCode.KICKED: "Vous avez été exclu",
    ErrorCode.MUTED: "Vous ne pouvez pas écrire ici",
    ErrorCode.SLOW_MODE: "Attendez un peu entre deux messages",
    ErrorCode.NOT_ALLOWED: "Vous n'avez pas le droit de faire cela",
    ErrorCode.REPLACED: "Vous êtes connecté ailleurs",
    ErrorCode.PASSWORD_CHANGED: "Votre compte a maintenant un autre mot de passe",
    ErrorCode.ACCOUNT_DROPPED: "Votre compte a été supprimé",
}
# Codes that the chat itself never gives.
_OF_MACHINES: Final = frozenset({ErrorCode.UNKNOWN_TYPE, ErrorCode.BAD_JSON})

_ACTS: Final = {
    "kick": "{target} a été exclu de {room} par {by}",
    "ban": "{target} a été banni de {room} par {by}",
    "unban": "{target} n'est plus banni de {room}",
    "mute": "{target} ne peut plus écrire dans {room}",
    "unmute": "{target} peut de nouveau écrire dans {room}",
    "set_slow": "{value} s entre deux messages dans {room}",
    "set_topic": "Sujet de {room} : {value}",
    "set_role": "{target} est maintenant {value} de {room}",
}
_UNDONE: Final = {"set_slow": "Plus d'attente entre deux messages dans {room}", "set_topic": "{room} n'a plus de sujet"}
"""The same, of nothing."""
_ROLES: Final = {"owner": "propriétaire", "moderator": "modérateur", "member": "membre"}


def moderated(event: RoomModerated) -> str | None:
    """Return what was done in a room; None when there is no word for it."""
    form = _ACTS.get(event.act) if event.value else _UNDONE.get(event.act, _ACTS.get(event.act))
    if form is None or (event.act in ("unban", "unmute") and event.value in ("banned", "muted")):  # another one holds
        return None
    value = _ROLES.get(str(event.value), event.value)
    text = form.format(target=ascii_form(event.target), room=event.room, by=ascii_form(event.by), value=value)
    return f"{text} : {event.reason}" if event.reason else text


PUT_OUT: Final = {_REASONS[code]: code for code in (ErrorCode.KICKED, ErrorCode.BANNED)}
"""What a user is told for whom there is no coming back, and below that the code."""
_ACTED: Final = re.compile(r"(?P<name>\S+) a été (?P<how>exclu|banni) de \S+ par\b")


def who_is_put_out(line: str) -> tuple[str, str] | None:
    """Return whom a line tells to be put out, and the code for that; None for every other line."""
    found = _ACTED.match(line)
    if found is None:
        return None
    return found["name"], ErrorCode.KICKED if found["how"] == "exclu" else ErrorCode.BANNED


def reason(code: str) -> str:
    """Return what an error code means."""
    return _REASONS.get(code, "Le serveur a refusé cette demande")


def refusal(event: Refused) -> str:
    """Return why a request was refused. A machine may bring its own words, in `message`, for what only it knows."""
    return event.message if event.code in _OF_MACHINES and event.message else reason(event.code)


def gone(name: str, now: str = "") -> str:
    """Return that nobody is called `name` any more; `now` is what that user is called instead, if so."""
    gone = f"{GONE} {ascii_form(name)}"
    return f"{gone} (maintenant {ascii_form(now)})" if now else gone


def moved(name: str) -> str:
    """Return that a user is in another room now, and still connected."""
    return f"{ascii_form(name)} {MOVED}"


def lost(count: int) -> str:
    """Return how many messages could not be shown."""
    return f"{count} messages n'ont pas pu être transmis"


def and_more(count: int) -> str:
    """Return that a list goes on."""
    return f"Seulement les {count} premiers utilisateurs"
