"""Secrets are shown nowhere."""

from hypothesis import example, given
from hypothesis import strategies as st

from mover.config.secrets import Redactor, Secret


def test_a_secret_is_printed_as_stars_in_every_format() -> None:
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]} {secret!s:>5}" == "*** *** [***]   ***"
    assert "hunter2" not in str({"key": secret})


def test_a_secret_reveals_its_value() -> None:
    assert Secret("hunter2").reveal() == "hunter2"


def test_secrets_of_the_same_value_are_equal() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


def test_every_secret_is_redacted_everywhere() -> None:
    assert Redactor(["alpha", "beta"])("alpha, beta and alphabeta") == "***, *** and ******"


def test_a_secret_that_contains_another_is_redacted_as_a_whole() -> None:
    assert Redactor(["pass", "password"])("the password") == "the ***"


def test_each_line_of_a_secret_is_redacted() -> None:
    assert Redactor(["first line\n  second line\n"])("a second line alone") == "a *** alone"


def test_a_secret_too_short_to_distinguish_from_other_text_is_not_redacted() -> None:
    assert Redactor(["", " ", "abc"])("abc") == "abc"


@given(st.lists(st.text(min_size=1), max_size=4), st.text(), st.text())
@example(["0000"], "0", "")
def test_no_redacted_text_contains_a_secret(secrets: list[str], before: str, after: str) -> None:
    shown = Redactor(secrets)(before + "".join(secrets) + after)
    assert not [s for s in secrets if len(s.strip()) >= 4 and "*" not in s and s in shown]
