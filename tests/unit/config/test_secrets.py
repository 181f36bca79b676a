"""Secrets are shown nowhere."""

from hypothesis import example, given
from hypothesis import strategies as st

from mover.config.secrets import Redactor, Secret


class TestASecret:
    def test_shows_as_stars_however_it_is_printed(self) -> None:
        secret = Secret("hunter2")
        assert f"{secret} {secret!r} {[secret]} {secret!s:>5}" == "*** *** [***]   ***"
        assert "hunter2" not in str({"key": secret})

    def test_reveals_its_value(self) -> None:
        assert Secret("hunter2").reveal() == "hunter2"

    def test_equals_one_of_the_same_value(self) -> None:
        assert Secret("a") == Secret("a") != Secret("b")
        assert Secret("a") != "a"
        assert len({Secret("a"), Secret("a")}) == 1


class TestTheRedactor:
    def test_replaces_every_secret_everywhere(self) -> None:
        assert Redactor(["alpha", "beta"])("alpha, beta and alphabeta") == "***, *** and ******"

    def test_leaves_nothing_of_a_secret_that_contains_another(self) -> None:
        assert Redactor(["pass", "password"])("the password") == "the ***"

    def test_knows_each_line_of_a_secret(self) -> None:
        assert Redactor(["first line\n  second line\n"])("a second line alone") == "a *** alone"

    def test_leaves_alone_what_is_too_short_to_be_told_from_other_text(self) -> None:
        assert Redactor(["", " ", "abc"])("abc") == "abc"

    @given(st.lists(st.text(min_size=1), max_size=4), st.text(), st.text())
    @example(["0000"], "0", "")
    def test_shows_no_secret_in_any_text(self, secrets: list[str], before: str, after: str) -> None:
        shown = Redactor(secrets)(before + "".join(secrets) + after)
        assert not [s for s in secrets if len(s.strip()) >= 4 and "*" not in s and s in shown]
