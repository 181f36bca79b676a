"""What the image carries for backends beside S3: an ssh that knows any user, rclone, a restic with Azure.

The servers listen on this machine's loopback, so the containers share its network.
"""

import os
import shutil
from pathlib import Path

import pytest

from integration.image.conftest import secret
from integration.image.pod import COMPLETE, PACKAGED, Pod
from integration.servers.azure import HOST, WITH_A_TIER, AzureServer
from integration.servers.minio import Minio
from integration.servers.sftp import SftpServer
from tests.support import volumes
from tests.support.mover_process import PASSWORD
from tests.support.ports import LOOPBACK

THIS_MACHINE = "host"
"""The name of Docker's network that is the machine's own."""


def back_up_and_restore(pod: Pod) -> None:
    """Back up twice with retention and prune, restore, and compare."""
    pod = pod.with_settings(RETAIN_LAST="1")
    assert pod.run("snapshots").exit_code == 10, "there is no repository yet"
    pod.succeeds("backup")
    (pod.data / "new").write_text("new")
    second = pod.succeeds("backup", "prune")
    assert second.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]
    assert volumes.differences(pod.data, pod.restored(), owners=pod.user == os.geteuid()) == []


@pytest.mark.needs("root", "sshd")
@pytest.mark.parametrize("user", [0, 123456])
def test_any_user_can_log_in_over_ssh_with_a_key(
    sftp: SftpServer, folder: Path, cache: str, name: str, user: int
) -> None:
    home = folder / "ssh"
    shutil.copytree(sftp.home / ".ssh", home)
    for path in (home, *home.iterdir()):
        os.chown(path, user, user)
    variables = {"RESTIC_REPOSITORY": sftp.backend(name).repository, "RESTIC_PASSWORD": PASSWORD}

    back_up_and_restore(Pod(folder, THIS_MACHINE, variables, cache, user, ["--volume", f"{home}:/home/mover/.ssh:ro"]))


@pytest.mark.needs("root", "sshd")
def test_an_unknown_ssh_host_is_refused(sftp: SftpServer, folder: Path, cache: str, name: str) -> None:
    variables = {"RESTIC_REPOSITORY": sftp.backend(name).repository, "RESTIC_PASSWORD": PASSWORD}

    assert "known_hosts" in Pod(folder, THIS_MACHINE, variables, cache).fails(21, "backup").message


@pytest.fixture
def remote(pod: Pod, minio: Minio, bucket: str) -> Pod:
    options = {"TYPE": "s3", "PROVIDER": "Minio", "ENDPOINT": "http://minio:9000"}
    keys = {"ACCESS_KEY_ID": minio.access_key, "SECRET_ACCESS_KEY": minio.secret_key}
    variables = {f"RCLONE_CONFIG_NAS_{option}": value for option, value in {**options, **keys}.items()}
    place = {"RESTIC_REPOSITORY": f"rclone:nas:{bucket}", "RESTIC_PASSWORD": PASSWORD}
    return Pod(pod.folder, pod.network, {**place, **variables}, pod.cache, 123456, image=COMPLETE)


def test_an_image_built_with_rclone_backs_up_and_restores_through_it(remote: Pod) -> None:
    back_up_and_restore(remote)


def test_a_wrong_key_of_an_rclone_remote_is_reported(remote: Pod) -> None:
    remote.with_settings(RCLONE_CONFIG_NAS_SECRET_ACCESS_KEY="a-wrong-key").fails(21, "backup")


def test_the_default_image_has_no_rclone_and_the_error_names_the_build_option(remote: Pod) -> None:
    plain = Pod(remote.folder, remote.network, remote.secret, remote.cache)
    assert "RCLONE=yes" in plain.fails(2, "backup").message


@pytest.mark.needs("root", "azurite")
def test_the_default_image_backs_up_to_azure(azure: AzureServer, folder: Path, cache: str, name: str) -> None:
    restic = folder / "restic"
    restic.write_text(WITH_A_TIER.format(restic="/usr/bin/restic"))
    restic.chmod(0o755)
    variables = {**azure.variables, "RESTIC_REPOSITORY": azure.backend(name).repository, "CUSTOM_CA": "/ca.pem"}
    mounts = ["--volume", f"{azure.authority}:/ca.pem:ro", "--volume", f"{restic}:/usr/local/bin/restic:ro"]
    hosts = ["--add-host", f"{HOST}:{LOOPBACK}"]

    back_up_and_restore(
        Pod(
            folder,
            THIS_MACHINE,
            {**variables, "RESTIC_PASSWORD": PASSWORD},
            cache,
            options=[*mounts, *hosts],
        )
    )


def test_azure_with_debian_s_restic_is_reported_as_unsupported(pod: Pod, minio: Minio) -> None:
    variables = {**secret(minio, "azure:container:/volume"), "AZURE_ACCOUNT_NAME": "backups"}
    packaged = Pod(pod.folder, pod.network, variables, pod.cache, image=PACKAGED)

    message = packaged.fails(2, "backup").message
    assert [word for word in ("RESTIC_REPOSITORY", "Debian", "azure") if word not in message] == []
