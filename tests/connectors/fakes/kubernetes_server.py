"""A cluster's API on loopback, as far as lists of objects go: pages that grow too old, rights, faults on demand.

Every answer is compared with the schema of whoever makes such objects (`kubernetes_schema`).
"""

import base64
import json
import ssl
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fakes.kubernetes_schema import CRDS, fits, is_valid

from jobreport.model import ticks

VERSIONS = {"velero.io": "v1", "postgresql.cnpg.io": "v1", "longhorn.io": "v1beta2"}
KINDS = {
    "backups": "Backup",
    "restores": "Restore",
    "systembackups": "SystemBackup",
    "backupstoragelocations": "BackupStorageLocation",
    "backuptargets": "BackupTarget",
}
Key = tuple[str, str]


@dataclass
class Fault:
    """An answer that is given instead of the next page."""

    status: int
    reason: str
    headers: dict[str, str] = field(default_factory=dict)
    after: int = 0


@dataclass
class FakeCluster:
    """What the cluster has, by kind and then namespace and name, and how it behaves.

    `denied` has kinds, or kinds with ` in NAMESPACE`. `old`: how many pages a list may have before it is too old to go
    on; None: any number. `fresh`: whether it then gives a token to go on with. `ahead`: its clock, before ours (ticks).
    `instead` has answers to addresses that end so, which need not be right.
    """

    now: int
    installed: set[str] = field(default_factory=lambda: set(CRDS))
    objects: dict[str, dict[Key, dict[str, Any]]] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    token: str = ""
    ahead: int = 0
    old: int | None = None
    fresh: bool = True
    faults: list[Fault] = field(default_factory=list)
    instead: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)
    snapshots: int = 0
    versions: dict[str, str] = field(default_factory=lambda: VERSIONS)
    lock: Any = field(default_factory=threading.Lock)

    def put(self, kind: str, record: dict[str, Any]) -> dict[str, Any]:
        """Adds an object, or changes it; its `apiVersion` and `kind` are those of its list."""
        plural, _, group = kind.partition(".")
        whole = {"apiVersion": f"{group}/{VERSIONS[group]}", "kind": KINDS[plural]} | record
        is_valid(kind, whole)
        metadata = whole["metadata"]
        self.namespaces.add(metadata["namespace"])
        self.objects.setdefault(kind, {})[metadata["namespace"], metadata["name"]] = whole
        return whole

    def names(self, kind: str, namespace: str) -> list[Key]:
        """Returns the names of the objects of a list, in its order."""
        return sorted(key for key in self.objects.get(kind, {}) if namespace in ("", key[0]))

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, str]:
        """Returns the status of an answer, its body, and the model that it must fit."""
        match [part for part in path.split("/") if part]:
            case ["apis"]:
                return 200, self._groups(), "V1APIGroupList"
            case ["apis", group, version] if self.versions.get(group) == version and self._of(group):
                return 200, self._resources(group, version), "V1APIResourceList"
            case ["api", "v1", "namespaces", name]:
                return self._namespace(name)
            case ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] if method == "POST":
                return 201, self._review(body), "V1SelfSubjectAccessReview"
            case ["apis", group, version, "namespaces", namespace, plural] if self.versions.get(group) == version:
                return self._list(f"{plural}.{group}", namespace, query)
            case ["apis", group, version, plural] if self.versions.get(group) == version:
                return self._list(f"{plural}.{group}", "", query)
        return _status(404, "NotFound", "the server could not find the requested resource")

    def _of(self, group: str) -> list[str]:
        return sorted(kind.partition(".")[0] for kind in self.installed if kind.partition(".")[2] == group)

    def _groups(self) -> dict[str, Any]:
        groups = [
            {"name": group, "versions": [{"groupVersion": f"{group}/{version}", "version": version}]}
            for group, version in self.versions.items()
            if self._of(group)
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def _resources(self, group: str, version: str) -> dict[str, Any]:
        resources = [
            {"name": plural, "singularName": "", "namespaced": True, "kind": KINDS[plural], "verbs": ["get", "list"]}
            for plural in self._of(group)
        ]
        return {"kind": "APIResourceList", "groupVersion": f"{group}/{version}", "resources": resources}

    def _namespace(self, name: str) -> tuple[int, Any, str]:
        if "namespaces" in self.denied:
            return _status(403, "Forbidden", f'namespaces "{name}" is forbidden')
        if name not in self.namespaces:
            return _status(404, "NotFound", f'namespaces "{name}" not found')
        return 200, {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}, "V1Namespace"

    def _review(self, body: Any) -> dict[str, Any]:
        about = body["spec"]["resourceAttributes"]
        kind = f"{about['resource']}.{about['group']}".rstrip(".")
        allowed = not self._is_denied(kind, about.get("namespace", ""))
        head = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}}
        return head | {"spec": body["spec"], "status": {"allowed": allowed}}

    def _is_denied(self, kind: str, namespace: str) -> bool:
        return bool({kind, f"{kind} in {namespace}"} & self.denied)

    def _list(self, kind: str, namespace: str, query: dict[str, str]) -> tuple[int, Any, str]:
        if kind not in self.installed:
            return _status(404, "NotFound", "the server could not find the requested resource")
        if self._is_denied(kind, namespace):
            return _status(403, "Forbidden", f"{kind} is forbidden")
        self.pages[kind] += 1
        there = self.objects.get(kind, {})
        names = self.names(kind, namespace)
        first, number, snapshot = _read_token(query.get("continue", ""))
        self.snapshots += not snapshot
        snapshot = snapshot or self.snapshots
        left = names[bisect_right(names, first) :]
        token = _token(first, 0, self.snapshots + 1) if self.fresh else ""
        if query.get("continue") and self.old is not None and number > self.old:
            return _status(410, "Expired", "The provided continue parameter is too old", token)
        limit = int(query.get("limit", 0)) or len(left)
        page, rest = left[:limit], left[limit:]
        metadata: dict[str, Any] = {"resourceVersion": "104300"}
        if rest:
            metadata |= {"continue": _token(page[-1], number + 1, snapshot), "remainingItemCount": len(rest)}
        plural, _, group = kind.partition(".")
        head = {"apiVersion": f"{group}/{self.versions[group]}", "kind": f"{KINDS[plural]}List", "metadata": metadata}
        return 200, head | {"items": [there[key] for key in page]}, ""


def _token(last: Key, number: int, snapshot: int) -> str:
    """Names the page after `last`, the `number`th of the list as it was at a `snapshot`."""
    return base64.urlsafe_b64encode(json.dumps([*last, number, snapshot]).encode()).decode()


def _read_token(token: str) -> tuple[Key, int, int]:
    if not token:
        return ("", ""), 0, 0
    namespace, name, number, snapshot = json.loads(base64.urlsafe_b64decode(token))
    return (namespace, name), number, snapshot


def _status(code: int, reason: str, message: str, token: str = "") -> tuple[int, Any, str]:
    metadata = {"continue": token} if token else {}
    body = {"kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure"}
    return code, body | {"message": message, "reason": reason, "code": code}, "V1Status"


class Handler(BaseHTTPRequestHandler):
    """Answers as the cluster of the server says."""

    cluster: FakeCluster
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        cluster, parts = self.cluster, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with cluster.lock:
            cluster.asked.append(parts.path)
            cluster.authorized.append(self.headers.get("Authorization", ""))
            status, answer, model = self._what(parts.path, query, body)
        headers: dict[str, str] = {}
        other = [answer for end, answer in cluster.instead.items() if parts.path.endswith(end)]
        if other:
            self._send(200, json.dumps(other[0]).encode(), headers)
            return
        if isinstance(answer, Fault):
            headers = answer.headers
            status, answer, model = _status(answer.status, answer.reason, "as it was told")
        if model:
            fits(answer, model)
        else:
            fits(answer["metadata"], "V1ListMeta")
        self._send(status, json.dumps(answer).encode(), headers)

    def _what(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, str]:
        cluster = self.cluster
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if cluster.token and (scheme.lower(), token) != ("bearer", cluster.token):
            return _status(401, "Unauthorized", "Unauthorized")
        if cluster.faults and "limit" in query:
            fault = cluster.faults[0]
            fault.after -= 1
            if fault.after < 0:
                return 0, cluster.faults.pop(0), ""
        return cluster.answer(self.command, path, query, body)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        self.send_header("Date", format_datetime(ticks.to_datetime(self.cluster.now + self.cluster.ahead), usegmt=True))
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *about: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(cluster: FakeCluster, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serves a cluster, and gives its address; with a certificate and its key, by TLS."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Of", (Handler,), {"cluster": cluster})) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
        server.shutdown()
