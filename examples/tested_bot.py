"""How to test a bot without a network and without waiting. Run it with pytest, or: python -m examples.tested_bot"""

from chatcore.testing import MemoryNetwork
from examples.echo_bot import bot


def test_the_echo_bot_repeats_what_it_is_asked_to() -> None:
    """Each line is: who says it, what, and what the bot answers."""
    bot.test([("alice", "!echo hi", "hi"), ("bob", "hello", None), ("bob", "!echo bye", "bye")])


def test_the_echo_bot_answers_once_however_bad_the_network_is() -> None:
    """Every fifth write loses the connection."""
    network = MemoryNetwork(drop=0.2, latency=(0.0, 0.1), seed=7)
    bot.test([("alice", f"!echo {n}", str(n)) for n in range(20)], network=network, patience=300)


if __name__ == "__main__":
    test_the_echo_bot_repeats_what_it_is_asked_to()
    test_the_echo_bot_answers_once_however_bad_the_network_is()
    print("the echo bot works")
