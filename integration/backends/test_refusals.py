"""What each backend refuses, and what it misses, is told within seconds and with what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from integration.backends.conftest import SERVERS
from integration.servers.azure import RESTIC as AZURE_RESTIC
from integration.servers.azure import AzureServer
from integration.servers.backend import Backend
from integration.servers.google import GoogleServer
from integration.servers.ports import bound, port_of
from tests.mover_process import TOOLS, Mover, Result, unreadable

DEADLINE = 3 * 3
"""Seconds: three from restic's first word are promised."""


def is_told_in_time(result: Result) -> None:
    operations = result.outcome["operations"]  # none, where the settings alone are wrong
    assert sum(operation["seconds"] for operation in operations) <= DEADLINE, (
        "restic would go on for a quarter of an hour"
    )


def is_refused_without_a_secret(using: Callable[[Backend], Mover], backend: Backend, verdict: int) -> None:
    stranger = backend.with_wrong_credentials()
    result = using(stranger).fails(verdict, "backup")
    is_told_in_time(result)
    assert stranger.shown_in(result.text) == [], "a secret was shown"


@pytest.mark.fault("wrong credentials for any other backend")
@pytest.mark.parametrize("backend", SERVERS, indirect=True)
def test_wrong_credentials_are_told_at_once(
    using: Callable[[Backend], Mover], backend: Backend, verdict: int, tmp_path: Path
) -> None:
    using(backend).succeeds("backup")

    is_refused_without_a_secret(using, backend, verdict)
    target = tmp_path / "target"
    refused = using(backend.with_wrong_credentials()).into(target)
    is_told_in_time(refused.fails(verdict, "restore", RESTORE_MISSING="continue"))

    assert list(target.iterdir()) == [], "an empty volume is never handed over as a success"


@pytest.mark.parametrize("backend", SERVERS, indirect=True)
def test_wrong_credentials_are_told_before_there_is_a_repository(
    using: Callable[[Backend], Mover], backend: Backend
) -> None:
    is_refused_without_a_secret(using, backend, 21)


@pytest.mark.fault("folder of the repository may not be read")
def test_a_folder_that_may_not_be_read_is_told(
    using: Callable[[Backend], Mover], local_backend: Backend, verdict: int
) -> None:
    mover = using(local_backend).powerless()
    mover.succeeds("backup")
    unreadable(Path(local_backend.repository))

    is_told_in_time(mover.fails(verdict, "backup"))


class TestGoogle:
    @pytest.mark.needs("fake-gcs-server")
    def test_wants_its_bucket_made_first_and_the_mover_says_so(
        self, using: Callable[[Backend], Mover], google: GoogleServer, name: str
    ) -> None:
        result = using(google.backend(name)).fails(10, "backup")

        assert "create it" in result.message
        is_told_in_time(result)


A_TORN_KEY = (
    '{"type": "service_account", "client_email": "a@b.example", "private_key": "-----BEGIN PRIVATE KEY-----MII"}'
)
"""Its line ends were lost."""

NOT_SET: dict[str, tuple[Mapping[str, str], str]] = {
    "b2:bucket-one:volume": ({}, "B2_ACCOUNT_ID"),
    "b2:bucket-two:volume": ({"B2_ACCOUNT_ID": "somebody"}, "B2_ACCOUNT_KEY"),
    "swift:container:/volume": ({}, "Swift wants ST_AUTH"),
    "gs:bucket:/volume": ({"GOOGLE_APPLICATION_CREDENTIALS": "/no-such-file"}, "GOOGLE_APPLICATION_CREDENTIALS"),
    "gs:other:/volume": ({"GOOGLE_APPLICATION_CREDENTIALS": A_TORN_KEY}, "not in the form"),
    "rclone:unheard-of:volume": ({}, "didn't find section"),
    "rclone:remote:volume": ({"RCLONE_CONFIG_REMOTE_TYPE": "unheard-of"}, "didn't find backend"),
    "rest:no-address": ({}, "write http:// or https://"),
    "unheardof:volume": ({}, "no such backend"),
    "unheard-of:volume": ({}, "no kind that restic knows"),
}


@pytest.mark.fault("variables of the backend missing")
@pytest.mark.parametrize("repository", NOT_SET)
def test_what_is_not_set_is_told_at_once(using: Callable[[Backend], Mover], repository: str, verdict: int) -> None:
    variables, advice = NOT_SET[repository]
    result = using(Backend(repository, variables)).fails(verdict, "backup")

    assert advice in result.message
    is_told_in_time(result)


class TestAzure:
    @pytest.mark.needs("root", "azurite")
    def test_has_its_signature_hidden_where_a_url_is_quoted(
        self, using: Callable[[Backend], Mover], azure: AzureServer, name: str
    ) -> None:
        signature = "c2lnbmVkIGJ5IG5vYm9keQ"
        backend = azure.backend(name)
        with bound() as nobody:
            variables = {
                **backend.variables,
                "AZURE_ENDPOINT_SUFFIX": f"localhost:{port_of(nobody)}",
                "AZURE_ACCOUNT_KEY": "",
                "AZURE_ACCOUNT_SAS": f"sv=2022-11-02&ss=b&sp=rwdlac&sig={signature}%3D",
            }
            result = using(replace(backend, variables=variables)).fails(22, "backup", RETRY_TIMEOUT="1s")

        assert "sv=2022-11-02" in result.text, "the URL should be quoted, or this proves nothing"
        assert signature not in result.text

    @pytest.mark.needs("root", "azurite")
    def test_is_reached_by_rclone_which_trusts_the_same_authority_and_says_why_it_is_refused(
        self, using: Callable[[Backend], Mover], azure: AzureServer, name: str
    ) -> None:
        backend = azure.through_rclone(name)
        using(backend).succeeds("backup")

        is_refused_without_a_secret(using, backend, 21)


@pytest.mark.fault("variables of the backend missing")
def test_a_file_in_place_of_a_folder_is_told_at_once(
    using: Callable[[Backend], Mover], verdict: int, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no repository")
    result = using(Backend(str(tmp_path / "file"), {})).fails(verdict, "backup")

    assert "it should be a folder" in result.message
    is_told_in_time(result)


@pytest.mark.needs("azurite")
@pytest.mark.parametrize(
    ("variables", "advice"),
    [
        ({}, "AZURE_ACCOUNT_NAME"),
        ({"AZURE_ACCOUNT_NAME": "somebody", "AZURE_ACCOUNT_KEY": "*no base64*"}, "not in the form"),
    ],
)
def test_what_azure_misses_is_told_at_once(
    using: Callable[[Backend], Mover], variables: Mapping[str, str], advice: str
) -> None:
    backend = Backend("azure:container:/volume", variables, search_path=AZURE_RESTIC.parent)
    result = using(backend).fails(2, "backup")

    assert advice in result.message
    is_told_in_time(result)


def test_a_missing_rclone_is_told(using: Callable[[Backend], Mover], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "restic").symlink_to(TOOLS / "restic")
    backend = Backend("rclone:remote:volume", {}, search_path=tmp_path / "bin")

    assert "rclone is not installed" in using(backend).fails(2, "backup").message
