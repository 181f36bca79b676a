"""What each backend refuses, and what it misses, is reported within seconds and with what to check."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from integration.backends.conftest import SERVERS
from integration.servers.azure import RESTIC as AZURE_RESTIC
from integration.servers.azure import AzureServer
from integration.servers.backend import Backend
from integration.servers.google import GoogleServer
from tests.support.mover_process import TOOLS, Mover, Result, unreadable
from tests.support.ports import bound, port_of

DEADLINE_SECONDS = 3 * 3
"""Three from restic's first error are promised."""


def is_reported_in_time(result: Result) -> None:
    operations = result.outcome["operations"]  # none, if the settings alone are wrong
    assert sum(operation["seconds"] for operation in operations) <= DEADLINE_SECONDS, (
        "restic would go on for a quarter of an hour"
    )


def is_refused_without_a_secret(using: Callable[[Backend], Mover], backend: Backend, exit_code: int) -> None:
    stranger = backend.with_wrong_credentials()
    result = using(stranger).fails(exit_code, "backup")
    is_reported_in_time(result)
    assert stranger.shown_in(result.text) == [], "a secret was shown"


@pytest.mark.fault("wrong credentials for any other backend")
@pytest.mark.parametrize("backend", SERVERS, indirect=True)
def test_wrong_credentials_are_reported_at_once(
    using: Callable[[Backend], Mover], backend: Backend, exit_code: int, tmp_path: Path
) -> None:
    using(backend).succeeds("backup")

    is_refused_without_a_secret(using, backend, exit_code)
    target = tmp_path / "target"
    refused = using(backend.with_wrong_credentials()).into(target)
    is_reported_in_time(refused.fails(exit_code, "restore", RESTORE_MISSING="continue"))

    assert list(target.iterdir()) == [], "an empty volume is never handed over as a success"


@pytest.mark.parametrize("backend", SERVERS, indirect=True)
def test_wrong_credentials_are_reported_before_there_is_a_repository(
    using: Callable[[Backend], Mover], backend: Backend
) -> None:
    is_refused_without_a_secret(using, backend, 21)


@pytest.mark.fault("repository folder not readable")
def test_a_directory_without_read_permission_is_reported(
    using: Callable[[Backend], Mover], local_backend: Backend, exit_code: int
) -> None:
    mover = using(local_backend).powerless()
    mover.succeeds("backup")
    unreadable(Path(local_backend.repository))

    is_reported_in_time(mover.fails(exit_code, "backup"))


@pytest.mark.needs("fake-gcs-server")
def test_a_backup_to_a_missing_google_bucket_is_reported(
    using: Callable[[Backend], Mover], google: GoogleServer, name: str
) -> None:
    result = using(google.backend(name)).fails(10, "backup")

    assert "RESTIC_REPOSITORY" in result.message
    is_reported_in_time(result)


A_TORN_KEY = (
    '{"type": "service_account", "client_email": "a@b.example", "private_key": "-----BEGIN PRIVATE KEY-----MII"}'
)
"""Its line ends were lost."""

NOT_SET: dict[str, tuple[Mapping[str, str], str]] = {
    "b2:bucket-one:volume": ({}, "B2_ACCOUNT_ID"),
    "b2:bucket-two:volume": ({"B2_ACCOUNT_ID": "somebody"}, "B2_ACCOUNT_KEY"),
    "swift:container:/volume": ({}, "ST_AUTH"),
    "gs:bucket:/volume": ({"GOOGLE_APPLICATION_CREDENTIALS": "/no-such-file"}, "GOOGLE_APPLICATION_CREDENTIALS"),
    "gs:other:/volume": ({"GOOGLE_APPLICATION_CREDENTIALS": A_TORN_KEY}, "Secret"),
    "rclone:unheard-of:volume": ({}, "didn't find section"),
    "rclone:remote:volume": ({"RCLONE_CONFIG_REMOTE_TYPE": "unheard-of"}, "didn't find backend"),
    "rest:no-address": ({}, "http://"),
    "unheardof:volume": ({}, "invalid backend"),
    "unheard-of:volume": ({}, "RESTIC_REPOSITORY"),
}


@pytest.mark.fault("variables of the backend missing")
@pytest.mark.parametrize("repository", NOT_SET)
def test_missing_variables_of_a_backend_are_reported_at_once(
    using: Callable[[Backend], Mover], repository: str, exit_code: int
) -> None:
    variables, advice = NOT_SET[repository]
    result = using(Backend(repository, variables)).fails(exit_code, "backup")

    assert advice in result.message
    is_reported_in_time(result)


@pytest.mark.needs("root", "azurite")
def test_the_signature_in_a_quoted_azure_url_is_redacted(
    using: Callable[[Backend], Mover], azure: AzureServer, name: str
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
def test_azure_through_rclone_trusts_the_custom_authority_and_reports_refusals(
    using: Callable[[Backend], Mover], azure: AzureServer, name: str
) -> None:
    backend = azure.through_rclone(name)
    using(backend).succeeds("backup")

    is_refused_without_a_secret(using, backend, 21)


@pytest.mark.fault("variables of the backend missing")
def test_a_file_in_place_of_a_directory_is_reported_at_once(
    using: Callable[[Backend], Mover], exit_code: int, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no repository")
    result = using(Backend(str(tmp_path / "file"), {})).fails(exit_code, "backup")

    assert "not a directory" in result.message
    is_reported_in_time(result)


@pytest.mark.needs("azurite")
@pytest.mark.parametrize(
    ("variables", "advice"),
    [
        ({}, "AZURE_ACCOUNT_NAME"),
        ({"AZURE_ACCOUNT_NAME": "somebody", "AZURE_ACCOUNT_KEY": "*no base64*"}, "Secret"),
    ],
)
def test_missing_variables_of_azure_are_reported_at_once(
    using: Callable[[Backend], Mover], variables: Mapping[str, str], advice: str
) -> None:
    backend = Backend("azure:container:/volume", variables, search_path=AZURE_RESTIC.parent)
    result = using(backend).fails(2, "backup")

    assert advice in result.message
    is_reported_in_time(result)


def test_a_missing_rclone_is_reported(using: Callable[[Backend], Mover], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "restic").symlink_to(TOOLS / "restic")
    backend = Backend("rclone:remote:volume", {}, search_path=tmp_path / "bin")

    assert "rclone" in using(backend).fails(2, "backup").message
