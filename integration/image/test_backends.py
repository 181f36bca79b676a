"""What the image carries for backends beside S3: an ssh that knows any user, rclone, a restic that knows Azure.

The servers listen on this machine's loopback, so the containers share its network.
"""

import os
import shutil
from pathlib import Path

import pytest

from integration.image.conftest import secret
from integration.image.pod import COMPLETE, Pod
from integration.servers.azure import HOST, WITH_A_TIER, AzureServer
from integration.servers.minio import Minio
from integration.servers.ports import LOOPBACK
from integration.servers.sftp import SftpServer
from tests import volumes
from tests.mover_process import PASSWORD

THIS_MACHINE = "host"
"""The name of Docker's network that is the machine's own."""


def goes_round(pod: Pod) -> None:
    """Back up twice with retention and prune, restore, and compare."""
    pod = pod.with_settings(RETAIN_LAST="1")
    assert "created restic repository" in pod.succeeds("backup").messages
    (pod.data / "new").write_text("new")
    second = pod.succeeds("backup", "prune")
    assert second.operations == [("backup", "done"), ("forget", "done"), ("prune", "done")]
    assert volumes.differences(pod.data, pod.restored(), owners=pod.user == os.geteuid()) == []


@pytest.mark.needs("root", "sshd")
@pytest.mark.parametrize("user", [0, 123456])
def test_ssh_lets_in_any_user_with_a_key(sftp: SftpServer, folder: Path, cache: str, name: str, user: int) -> None:
    home = folder / "ssh"
    shutil.copytree(sftp.home / ".ssh", home)
    for path in (home, *home.iterdir()):
        os.chown(path, user, user)
    variables = {"RESTIC_REPOSITORY": sftp.backend(name).repository, "RESTIC_PASSWORD": PASSWORD}

    goes_round(Pod(folder, THIS_MACHINE, variables, cache, user, ["--volume", f"{home}:/home/mover/.ssh:ro"]))


@pytest.mark.needs("root", "sshd")
def test_a_host_that_ssh_does_not_know_is_told(sftp: SftpServer, folder: Path, cache: str, name: str) -> None:
    variables = {"RESTIC_REPOSITORY": sftp.backend(name).repository, "RESTIC_PASSWORD": PASSWORD}

    assert "known_hosts" in Pod(folder, THIS_MACHINE, variables, cache).fails(21, "backup").message


class TestRclone:
    @pytest.fixture
    def remote(self, pod: Pod, minio: Minio, bucket: str) -> Pod:
        options = {"TYPE": "s3", "PROVIDER": "Minio", "ENDPOINT": "http://minio:9000"}
        keys = {"ACCESS_KEY_ID": minio.access_key, "SECRET_ACCESS_KEY": minio.secret_key}
        variables = {f"RCLONE_CONFIG_NAS_{option}": value for option, value in {**options, **keys}.items()}
        place = {"RESTIC_REPOSITORY": f"rclone:nas:{bucket}", "RESTIC_PASSWORD": PASSWORD}
        return Pod(pod.folder, pod.network, {**place, **variables}, pod.cache, 123456, image=COMPLETE)

    def test_is_there_where_it_was_asked_for(self, remote: Pod) -> None:
        goes_round(remote)

    def test_tells_what_is_refused(self, remote: Pod) -> None:
        remote.with_settings(RCLONE_CONFIG_NAS_SECRET_ACCESS_KEY="a-wrong-key").fails(21, "backup")

    def test_is_not_in_the_image_else(self, remote: Pod) -> None:
        plain = Pod(remote.folder, remote.network, remote.secret, remote.cache)
        assert "RCLONE=yes" in plain.fails(2, "backup").message


class TestAzure:
    @pytest.mark.needs("root", "azurite")
    def test_is_known_to_a_restic_of_its_makers(self, azure: AzureServer, folder: Path, cache: str, name: str) -> None:
        restic = folder / "restic"
        restic.write_text(WITH_A_TIER.format(restic="/usr/bin/restic"))
        restic.chmod(0o755)
        variables = {**azure.variables, "RESTIC_REPOSITORY": azure.backend(name).repository, "CUSTOM_CA": "/ca.pem"}
        mounts = ["--volume", f"{azure.authority}:/ca.pem:ro", "--volume", f"{restic}:/usr/local/bin/restic:ro"]
        hosts = ["--add-host", f"{HOST}:{LOOPBACK}"]

        goes_round(
            Pod(
                folder,
                THIS_MACHINE,
                {**variables, "RESTIC_PASSWORD": PASSWORD},
                cache,
                options=[*mounts, *hosts],
                image=COMPLETE,
            )
        )

    def test_is_unknown_to_debian_s_and_the_mover_says_what_to_take(self, pod: Pod, minio: Minio) -> None:
        variables = {**secret(minio, "azure:container:/volume"), "AZURE_ACCOUNT_NAME": "backups"}
        plain = Pod(pod.folder, pod.network, variables, pod.cache)

        assert "Debian's restic has no azure" in plain.fails(2, "backup").message
