"""How a cluster is signed in to: by a kubeconfig, a program that it names, or a pod's service account."""

import logging
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fakes.kubernetes_objects import CNPG_BACKUPS, cnpg_backup
from fakes.kubernetes_server import FakeCluster, Fault, serving
from kubernetes_reading import Configure, kubeconfig

import certificates
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.kubernetes import KIND, Settings
from jobreport.connectors.trial import Trial, trial


@pytest.fixture(autouse=True)
def _with_a_backup(cluster: FakeCluster) -> None:
    cluster.installed = {CNPG_BACKUPS}
    cluster.put(CNPG_BACKUPS, cnpg_backup())


def tried(configure: Configure, cluster: FakeCluster, file: str, **more: str) -> Trial:
    return trial(configure(kubeconfig=file, **more), cluster.now)


def test_a_token_of_a_kubeconfig_is_sent_and_one_that_is_not_taken_is_told(
    cluster: FakeCluster, address: str, configure: Configure, tmp_path: Path
) -> None:
    cluster.token = "s3cret"
    file = kubeconfig(tmp_path, address, user={"token": "s3cret"})
    assert tried(configure, cluster, file).whole
    assert set(cluster.authorized) == {"Bearer s3cret"}
    cluster.token = "another"
    assert tried(configure, cluster, file).error == "the cluster does not take the credentials"


def test_a_token_that_expires_is_asked_for_once_more(
    cluster: FakeCluster, address: str, configure: Configure, tmp_path: Path
) -> None:
    program = tmp_path / "give-token"
    (tmp_path / "tokens").write_text("one\ntwo\n")
    program.write_text(
        f"#!{sys.executable}\nimport json, pathlib\n"
        f"file = pathlib.Path({str(tmp_path / 'tokens')!r})\n"
        "token, *rest = file.read_text().split()\n"
        "file.write_text(' '.join(rest) or token)\n"
        "version = 'client.authentication.k8s.io/v1'\n"
        "print(json.dumps({'apiVersion': version, 'kind': 'ExecCredential', 'status': {'token': token}}))\n"
    )
    program.chmod(0o700)
    cluster.token = "two"
    how = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(program), "interactiveMode": "Never"}
    assert tried(configure, cluster, kubeconfig(tmp_path, address, user={"exec": how})).whole
    assert cluster.authorized[:2] == ["Bearer one", "Bearer two"]


def test_a_program_that_gives_no_credentials_is_told_and_its_secrets_are_not_logged(
    cluster: FakeCluster, address: str, configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how: dict[str, Any] = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "interactiveMode": "Never"}
    how |= {"args": ["-c", "echo password=hunter2 refused >&2; exit 3"]}
    found = tried(configure, cluster, kubeconfig(tmp_path, address, user={"exec": how}))
    said = "cannot sign in to the cluster: exec: process returned 3. password=*** refused"
    assert found.error == said
    assert cluster.asked == []
    assert "hunter2" not in "".join(capsys.readouterr())
    log = logging.getLogger()
    assert not [one for one in log.filters if type(one).__module__.startswith("jobreport.connectors")]


def test_nothing_is_sent_to_another_host(
    cluster: FakeCluster, address: str, configure: Configure, tmp_path: Path
) -> None:
    other = FakeCluster(now=cluster.now)
    with serving(other) as elsewhere:
        cluster.faults = [Fault(307, "Found", {"Location": f"{elsewhere}/apis/postgresql.cnpg.io/v1/backups"})]
        found = tried(configure, cluster, kubeconfig(tmp_path, address, user={"token": "s3cret"}))
    assert found.streams[0].error.endswith("the cluster answered 307 Temporary Redirect")
    assert not other.asked


def test_in_a_pod_its_service_account_is_used(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificates.for_this_machine(tmp_path)
    (tmp_path / "token").write_text("of-the-pod")
    monkeypatch.setattr("kubernetes.config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_CERT_FILENAME", str(cert))
    cluster.token = "of-the-pod"
    with serving(cluster, (cert, key)) as url:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", str(urlsplit(url).hostname))
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(urlsplit(url).port))
        with KIND.open(Settings(cluster="prod")) as reader:
            assert [stream.name for stream in reader.streams()] == ["CloudNativePG backups"]
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    with pytest.raises(CannotReadError, match="cannot sign in to the cluster: Service host/port is not set"):
        KIND.open(Settings(cluster="prod")).__enter__()


def test_where_no_kubeconfig_is_named_the_usual_one_is_read(
    cluster: FakeCluster, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kubernetes.config.KUBE_CONFIG_DEFAULT_LOCATION", kubeconfig(tmp_path, address))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "prod.kubeconfig"))
    with KIND.open(Settings(cluster="prod")) as reader:
        assert reader.streams()


def test_what_is_wrong_with_a_kubeconfig_is_told_and_nothing_of_what_it_holds(
    cluster: FakeCluster, address: str, configure: Configure, tmp_path: Path
) -> None:
    file = kubeconfig(tmp_path, address)
    absent = tried(configure, cluster, "/none").error
    assert absent == "cannot sign in to the cluster: the file that kubeconfig names is not there"
    assert "Expected object with name staging" in tried(configure, cluster, file, context="staging").error
    Path(file).write_text("users: [{token: s3cret")
    found = tried(configure, cluster, file).error
    assert found == "cannot sign in to the cluster: ParserError in its kubeconfig"


def test_a_cluster_that_is_down_or_not_trusted_is_told(
    cluster: FakeCluster, configure: Configure, tmp_path: Path
) -> None:
    with serving(cluster, certificates.for_this_machine(tmp_path)) as url:
        assert (
            tried(configure, cluster, kubeconfig(tmp_path, url)).error == f"{url} has a certificate that is not trusted"
        )
    assert tried(configure, cluster, kubeconfig(tmp_path, url)).error == f"{url} cannot be reached, or broke off"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cluster": ""}, "cluster must be"),
        ({"cluster": "prod:eu"}, "cluster must be"),
        ({"namespaces": ("a", "")}, "namespaces must have names"),
        ({"namespaces": ("a", "a")}, "only once"),
    ],
)
def test_settings_that_are_wrong_are_refused(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(**{"cluster": "prod"} | wrong)
