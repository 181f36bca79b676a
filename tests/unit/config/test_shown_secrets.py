"""Which values of the environment are never shown."""

import pytest

from mover.config.restic_variables import redactor


@pytest.mark.parametrize("name", ["RESTIC_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AZURE_ACCOUNT_KEY", "AWS_SESSION_TOKEN"])
def test_a_secret_that_resembles_a_path_is_not_shown(name: str) -> None:
    redact = redactor({name: "/Ab3/xyz+secret"})
    assert redact("the server quotes /Ab3/xyz+secret") == "the server quotes ***"


@pytest.mark.parametrize("name", ["GOOGLE_APPLICATION_CREDENTIALS", "RESTIC_PASSWORD_FILE"])
def test_the_path_of_a_secret_is_shown(name: str) -> None:
    assert redactor({name: "/secrets/key"})("/secrets/key: no such file") == "/secrets/key: no such file"
