"""What of the environment is secret, and what reaches restic."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mover.config.field_reader import Reader
from mover.config.restic_variables import read, redactor
from mover.config.secrets import Secret

SECRET_NAMES = (
    *("RESTIC_PASSWORD", "RESTIC_PASSWORD_COMMAND", "RESTIC_REST_PASSWORD", "AWS_SECRET_ACCESS_KEY"),
    *("AWS_SESSION_TOKEN", "B2_ACCOUNT_KEY", "AZURE_ACCOUNT_KEY", "AZURE_ACCOUNT_SAS", "ST_KEY", "OS_PASSWORD"),
    "RCLONE_CONFIG_NAS_KEY_PEM",
    *("OS_AUTH_TOKEN", "OS_APPLICATION_CREDENTIAL_SECRET", "GOOGLE_ACCESS_TOKEN", "RCLONE_CONFIG_NAS_PASS"),
)
SHOWN_NAMES = (
    *("AWS_ACCESS_KEY_ID", "RESTIC_PASSWORD_FILE", "RESTIC_KEY_HINT", "AWS_SHARED_CREDENTIALS_FILE"),
    *("OS_APPLICATION_CREDENTIAL_NAME", "OS_APPLICATION_CREDENTIAL_ID", "DATA_DIR", "HOME"),
)


class TestTheRedactorOfAnEnvironment:
    @pytest.mark.parametrize("name", SECRET_NAMES)
    @pytest.mark.parametrize("value", ["hunter22", "/looks/like/a/path", "+a/b=="])
    def test_knows_the_variables_that_hold_secrets(self, name: str, value: str) -> None:
        assert redactor({name: value})(f"<{value}>") == "<***>"

    @pytest.mark.parametrize("name", SHOWN_NAMES)
    def test_knows_those_that_do_not(self, name: str) -> None:
        assert redactor({name: "harmless"})("harmless") == "harmless"

    def test_shows_the_path_of_a_file_with_credentials(self) -> None:
        path = "/secrets/google.json"
        assert redactor({"GOOGLE_APPLICATION_CREDENTIALS": path})(path) == path

    def test_knows_the_private_key_in_google_s_credentials(self) -> None:
        credentials = {"type": "service_account", "private_key": "-----BEGIN-----\nMIIE\n", "private_key_id": "1234"}
        redact = redactor({"GOOGLE_APPLICATION_CREDENTIALS": json.dumps(credentials)})
        assert (
            redact(f"bad key {credentials['private_key'].strip()} of a service_account")
            == "bad key *** of a service_account"
        )

    @pytest.mark.parametrize("document", ["{", "[" * 50_000, '{"private_key": null}', "{}"])
    def test_takes_any_document_for_credentials(self, document: str) -> None:
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
    def test_knows_the_password_in_a_url_of_any_variable(self, url: str) -> None:
        shown = redactor({"RESTIC_REPOSITORY": url, "HTTPS_PROXY": url})(f"{url} refused the login of backup")
        assert "ter22" not in shown
        assert shown.endswith("nas.example/ refused the login of backup")

    def test_knows_a_url_s_password_in_clear_and_as_it_is_written_there(self) -> None:
        redact = redactor({"RESTIC_REPOSITORY": "rest:https://me:p%40ssword@nas/"})
        assert redact("p%40ssword is p@ssword") == "*** is ***"

    @pytest.mark.parametrize("given", ["sig=Ab%2Fc%3D%3D&sv=2022-11-02", "?sv=2022-11-02&sig=Ab/c=="])
    @pytest.mark.parametrize("name", ["AZURE_ACCOUNT_SAS", "RCLONE_CONFIG_NAS_SAS_URL"])
    def test_knows_the_signature_in_a_query_however_that_is_written_into_a_url(self, name: str, given: str) -> None:
        redact = redactor({name: given})
        shown = redact('Head "https://x.blob.core.windows.net/c/config?sig=Ab%2Fc%3D%3D&sv=2022-11-02": Ab/c== is no')
        assert "Ab" not in shown
        assert shown.startswith('Head "https://x.blob.core.windows.net/c/config?')

    def test_knows_the_password_in_the_url_of_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "url").write_text("rest:https://backup:hunter22@nas.example/\n")
        assert redactor({"RESTIC_REPOSITORY_FILE": str(tmp_path / "url")})("<hunter22>") == "<***>"

    @pytest.mark.parametrize("path", ["/no/such", "/", "\0"])
    def test_needs_no_file_that_could_be_read(self, path: str) -> None:
        assert redactor({"RESTIC_REPOSITORY_FILE": path})("harmless") == "harmless"

    @pytest.mark.parametrize("host", ["nas:9000", "[::1]:9000", "nas"])
    def test_does_not_take_a_port_for_a_password(self, host: str) -> None:
        url = f"s3:http://{host}/bucket/a@b"
        assert redactor({"RESTIC_REPOSITORY": url})(url) == url

    def test_does_not_take_a_mere_user_for_a_secret(self) -> None:
        url = "sftp://backup@nas.example//srv/restic"
        assert redactor({"RESTIC_REPOSITORY": url})(f"backup to {url}") == f"backup to {url}"


class TestWhatReachesRestic:
    def test_is_never_shown(self) -> None:
        given = read(Reader({"RESTIC_PASSWORD": "hunter22", "AWS_PROFILE": "hunter22"}), Secret("repository"))
        assert "hunter22" not in str(given)

    def test_is_the_repository_as_it_was_understood(self) -> None:
        given = read(Reader({"RESTIC_REPOSITORY": "relative/path"}), Secret("/absolute/path"))
        assert given["RESTIC_REPOSITORY"].reveal() == "/absolute/path"

    def test_is_no_host_which_would_filter_what_others_saved(self) -> None:
        assert "RESTIC_HOST" not in read(Reader({"RESTIC_HOST": "host"}), Secret(""))

    @given(st.from_regex(r"[A-Za-z_]{1,12}", fullmatch=True))
    def test_is_nothing_whose_name_only_looks_like_one_of_restic_s(self, name: str) -> None:
        for odd in (f"X_AWS_{name}", f"AWS{name.replace('_', '')}", f"MYRESTIC_{name}"):
            assert odd not in read(Reader({odd: "value"}), Secret(""))
