"""What servers of the line-based coursework write, read by our client: the forms of known ones, and of others."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore_simple.forms import Form, ListBegins, NameGone, Rule, Said, UserNames, read

CORPUS: list[tuple[str, Form]] = [
    ("[12.0.4]-rita: salut", Said("rita", "salut")),
    ("[12.34.56]-rita: salut: toi", Said("rita", "salut: toi")),
    ("[12:34:56] rita : salut", Said("rita", "salut")),
    ("[12:34] rita: salut", Said("rita", "salut")),
    ("[1.2.3]-rita: ", Said("rita", "")),
    ("[1.2.3]-rita: message privé de eve: psst", Said("rita", "message privé de eve: psst")),
    ("[1.2.3]-rita: Déconnection de eve", Said("rita", "Déconnection de eve")),
    ("[1.2.3]-rita: Utilisateurs en ligne:", Said("rita", "Utilisateurs en ligne:")),
    ("[12.0.4]-message privé de rita: secret", Said("rita", "secret", private=True)),
    ("[12.0.4]-message privé de rita: msg bob secret", Said("rita", "msg bob secret", private=True)),
    ("Message privé de rita : secret", Said("rita", "secret", private=True)),
    ("rita vous a envoyé un message privé : secret", Said("rita", "secret", private=True)),
    ("rita vous a envoyer un message privé : secret", Said("rita", "secret", private=True)),
    ("rita vous a envoye un message prive: secret", Said("rita", "secret", private=True)),
    ("[1.2.3]-rita vous a envoyé un message privé : secret", Said("rita", "secret", private=True)),
    ("[12.0.4]-Déconnection de rita", NameGone("rita")),
    ("Déconnection de rita", NameGone("rita")),
    ("Deconnexion de rita", NameGone("rita")),
    ("Déconnection de yves (maintenant yvette)", NameGone("yves", "yvette")),
    ("----------------------", Rule()),
    ("======", Rule()),
    ("Utilisateurs en ligne:", ListBegins(())),
    ("Connectés :", ListBegins(())),
    ("Les personnes connectées sont : -alice, -bob", ListBegins(("alice", "bob"))),
    ("Les personnes connectées sont : -alice", ListBegins(("alice",))),
    ("Les personnes connectées sont : -a, -b (Seulement les 2 premiers utilisateurs)", ListBegins(("a", "b"))),
    ("2 personnes sont connectees : alice, bob", ListBegins(("alice", "bob"))),
    ("Liste des utilisateurs : ['alice', 'bob']", ListBegins(("alice", "bob"))),
    ("Il y a 2 personnes connectées : alice et bob", ListBegins(("alice", "bob"))),
    ("Les personnes connectées sont : -alice -bob", ListBegins(("alice", "bob"))),
    ("Les personnes connectées sont : - alice - bob", ListBegins(("alice", "bob"))),
    ("Les personnes connectées sont : alice; bob / carol | dan.", ListBegins(("alice", "bob", "carol", "dan"))),
    ("Utilisateurs: alice, bob", ListBegins(("alice", "bob"))),
    ("Users (2): alice and bob", ListBegins(("alice", "bob"))),
    ("Connected users: alice, bob", ListBegins(("alice", "bob"))),
    ("Connectés: alice (vous), bob (admin)", ListBegins(("alice", "bob"))),
    ('["alice","bob"]', UserNames(("alice", "bob"), marked=False)),
    ("alice, bob", UserNames(("alice", "bob"), marked=False)),
    ("rita a changé de salon", NameGone("rita")),
    ("=>yves", UserNames(("yves",), marked=True)),
    ("=> yves", UserNames(("yves",), marked=True)),
    ("- yves", UserNames(("yves",), marked=True)),
    ("* yves", UserNames(("yves",), marked=True)),
    ("2. yves", UserNames(("yves",), marked=True)),
    ("-alice, -bob", UserNames(("alice", "bob"), marked=True)),
    ("-bob,- carol,", UserNames(("bob", "carol"), marked=True)),
    ("-_x-", UserNames(("_x-",), marked=True)),
    ("yves", UserNames(("yves",), marked=False)),
    ("", None),
    ("- pas une liste", None),
    ("Bienvenue bob", None),
    ("eve s'est connectée : bienvenue", None),
    ("Utilisateur non connecté : bob", None),
    ("Ils ne sont pas connectés : bob", None),
    ("Attention ce pseudo existe deja", None),
    ("rita: salut", None),
    ("Utilisateur : bob", None),
    ("Attention utilisateurs : maintenance", None),
    ("Les personnes connectées sont : tout le monde", None),
]


@pytest.mark.parametrize(("line", "form"), CORPUS, ids=[line for line, _ in CORPUS])
def test_form_is_read(line: str, form: Form) -> None:
    """What somebody says can look like nothing else where the server puts their name in front."""
    assert read(line) == form


HOSTILE = [
    "-a,",
    "connectés ",
    "[1.2.3]-",
    "(",
    "message privé de ",
    "- ",
    "Connectés : (",
    "-",
    "=>",
    "x vous a envoyé ",
    "a et ",
    "a -",
    "a (b), ",
    " " * 100,
]


@pytest.mark.unmeasured
@pytest.mark.parametrize("piece", HOSTILE)
def test_line_of_a_mebibyte_is_read_in_a_moment(piece: str) -> None:
    """Whatever is in it."""
    start = time.process_time()
    read(piece * (2**20 // len(piece)) + "!")
    assert time.process_time() - start < 3


@given(
    st.lists(st.sampled_from([*HOSTILE, "rita", ": ", ", ", "message", " ", "[", "é\0"]) | st.text(max_size=3)).map(
        "".join
    )
)
def test_every_line_is_read(line: str) -> None:
    """Or left to be shown."""
    form = read(line)
    if isinstance(form, UserNames | ListBegins):
        assert all(name.strip("-") for name in form.names)
