"""The role that is handed out has the rights that the kind asks for, no more and no fewer."""

from pathlib import Path

import yaml

from jobreport.connectors.kinds.kubernetes import KIND

ROLE = Path(__file__).parents[3] / "deploy/roles/kubernetes.yaml"


def test_the_smallest_role_has_the_rights_that_the_kind_needs() -> None:
    documents = {one["kind"]: one for one in yaml.safe_load_all(ROLE.read_text("utf-8"))}
    given = [
        f"{verb} {f'{resource}.{group}'.rstrip('.')}"
        for rule in documents["ClusterRole"]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]
    assert sorted(given) == sorted(right.name for right in KIND.rights)
    account = documents["ServiceAccount"]["metadata"]
    assert documents["ClusterRoleBinding"]["subjects"] == [{"kind": "ServiceAccount", **account}]
