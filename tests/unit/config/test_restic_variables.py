"""What of the environment is secret, and what reaches restic."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.config.environment_reader import EnvironmentReader
from mover.config.restic_variables import read, redactor
from mover.config.secrets import Secret

SECRET_NAMES = (
    "RESTIC_PASSWORD",
    "RESTIC_PASSWORD_COMMAND",
    "RESTIC_REST_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "B2_ACCOUNT_KEY",
    "AZURE_ACCOUNT_KEY",
    "AZURE_ACCOUNT_SAS",
    "ST_KEY",
    "OS_PASSWORD",
    "RCLONE_CONFIG_NAS_KEY_PEM",
    "OS_AUTH_TOKEN",
    "OS_APPLICATION_CREDENTIAL_SECRET",
    "GOOGLE_ACCESS_TOKEN",
    "RCLONE_CONFIG_NAS_PASS",
)
SHOWN_NAMES = (
    "AWS_ACCESS_KEY_ID",
    "RESTIC_PASSWORD_FILE",
    "RESTIC_KEY_HINT",
    "AWS_SHARED_CREDENTIALS_FILE",
    "OS_APPLICATION_CREDENTIAL_NAME",
    "OS_APPLICATION_CREDENTIAL_ID",
    "DATA_DIR",
    "HOME",
)


@pytest.mark.parametrize("name", SECRET_NAMES)
@pytest.mark.parametrize("value", ["hunter22", "/looks/like/a/path", "+a/b=="])
def test_the_value_of_a_secret_variable_is_redacted(name: str, value: str) -> None:
    assert redactor({name: value})(f"<{value}>") == "<***>"


@pytest.mark.parametrize("name", SHOWN_NAMES)
def test_the_value_of_any_other_variable_is_shown(name: str) -> None:
    assert redactor({name: "harmless"})("harmless") == "harmless"


def test_the_path_of_a_credentials_file_is_shown() -> None:
    path = "/secrets/google.json"
    assert redactor({"GOOGLE_APPLICATION_CREDENTIALS": path})(path) == path


def test_the_private_key_in_google_credentials_is_redacted() -> None:
    credentials = {"type": "service_account", "private_key": "-----BEGIN-----\nMIIE\n", "private_key_id": "1234"}
    redact = redactor({"GOOGLE_APPLICATION_CREDENTIALS": json.dumps(credentials)})
    assert (
        redact(f"bad key {credentials['private_key'].strip()} of a service_account")
        == "bad key *** of a service_account"
    )


@pytest.mark.parametrize("document", ["{", "[" * 50_000, '{"private_key": null}', "{}"])
def test_any_json_is_accepted_as_google_credentials(document: str) -> None:
    assert redactor({"GOOGLE_APPLICATION_CREDENTIALS": document})("nothing secret") == "nothing secret"


@pytest.mark.parametrize(
    "url",
    [
        "rest:https://backup:hunter22@nas.example/",
        "rest:https://backup:hun@ter22@nas.example/",
        "rest:https://:hunter22@nas.example/",
        "rest:https://backup:hun/ter22@nas.example/",
        "rest:https://backup:hun ter22@nas.example/",
    ],
)
def test_the_password_in_a_url_is_redacted_in_any_variable(url: str) -> None:
    shown = redactor({"RESTIC_REPOSITORY": url, "HTTPS_PROXY": url})(f"{url} refused the login of backup")
    assert "ter22" not in shown
    assert shown.endswith("nas.example/ refused the login of backup")


def test_the_password_of_a_url_is_redacted_in_clear_and_encoded() -> None:
    redact = redactor({"RESTIC_REPOSITORY": "rest:https://me:p%40ssword@nas/"})
    assert redact("p%40ssword is p@ssword") == "*** is ***"


@pytest.mark.parametrize("given", ["sig=Ab%2Fc%3D%3D&sv=2022-11-02", "?sv=2022-11-02&sig=Ab/c=="])
@pytest.mark.parametrize("name", ["AZURE_ACCOUNT_SAS", "RCLONE_CONFIG_NAS_SAS_URL"])
def test_the_signature_in_a_query_is_redacted_in_every_encoding(name: str, given: str) -> None:
    redact = redactor({name: given})
    shown = redact('Head "https://x.blob.core.windows.net/c/config?sig=Ab%2Fc%3D%3D&sv=2022-11-02": Ab/c== is no')
    assert "Ab" not in shown
    assert shown.startswith('Head "https://x.blob.core.windows.net/c/config?')


def test_the_password_in_a_repository_file_is_redacted(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("rest:https://backup:hunter22@nas.example/\n")
    assert redactor({"RESTIC_REPOSITORY_FILE": str(tmp_path / "url")})("<hunter22>") == "<***>"


@pytest.mark.parametrize("path", ["/no/such", "/", "\0"])
def test_an_unreadable_repository_file_is_ignored_by_the_redactor(path: str) -> None:
    assert redactor({"RESTIC_REPOSITORY_FILE": path})("harmless") == "harmless"


@pytest.mark.parametrize("host", ["nas:9000", "[::1]:9000", "nas"])
def test_a_port_is_not_redacted(host: str) -> None:
    url = f"s3:http://{host}/bucket/a@b"
    assert redactor({"RESTIC_REPOSITORY": url})(url) == url


def test_a_user_without_a_password_is_not_redacted() -> None:
    url = "sftp://backup@nas.example//srv/restic"
    assert redactor({"RESTIC_REPOSITORY": url})(f"backup to {url}") == f"backup to {url}"


def test_the_environment_of_restic_prints_no_values() -> None:
    given = read(EnvironmentReader({"RESTIC_PASSWORD": "hunter22", "AWS_PROFILE": "hunter22"}), Secret("repository"))
    assert "hunter22" not in str(given)


def test_restic_gets_the_resolved_repository() -> None:
    given = read(EnvironmentReader({"RESTIC_REPOSITORY": "relative/path"}), Secret("/absolute/path"))
    assert given["RESTIC_REPOSITORY"].reveal() == "/absolute/path"


def test_restic_gets_no_host_which_would_filter_snapshots_of_others() -> None:
    assert "RESTIC_HOST" not in read(EnvironmentReader({"RESTIC_HOST": "host"}), Secret(""))


@given(st.text(f"{string.ascii_letters}_", min_size=1, max_size=12))
def test_restic_gets_no_variable_whose_name_only_resembles_one_of_its_own(name: str) -> None:
    for odd in (f"X_AWS_{name}", f"AWS{name.replace('_', '')}", f"MYRESTIC_{name}"):
        assert odd not in read(EnvironmentReader({odd: "value"}), Secret(""))
