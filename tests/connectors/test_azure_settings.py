"""What a connector to Azure is told, and that its libraries are loaded by nobody who does not use one."""

import subprocess
import sys

import pytest
from fakes.azure.cloud import SUBSCRIPTION

from jobreport.connectors import kinds
from jobreport.connectors.azure.settings import VaultSettings
from serving import environment

NAMES = [name for name in kinds.OWN if name.startswith("azure")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"subscription": "Pay-As-You-Go"}, "subscription must be its ID, such as"),
        ({"endpoint": "http://management.example.com"}, "endpoint must be an address such as https://"),
        ({"endpoint": "https://me:secret@management.example.com"}, "endpoint must be an address such as https://"),
        ({"endpoint": "management.example.com"}, "endpoint must be an address such as https://"),
    ],
)
def test_what_would_send_a_token_in_the_clear_or_is_no_subscription_is_refused(
    wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        VaultSettings(**{"subscription": SUBSCRIPTION} | wrong)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:1", ""])
def test_this_machine_itself_may_be_asked_without_tls(endpoint: str) -> None:
    assert VaultSettings(subscription=SUBSCRIPTION, endpoint=endpoint).plain == bool(endpoint)


def test_to_know_of_the_kinds_loads_no_library_of_azure() -> None:
    program = f"""
import sys
from jobreport.connectors import kinds
for name in {NAMES!r}:
    assert kinds.load(name).extra == "azure"
print([name for name in sys.modules if name.partition(".")[0] in ("azure", "msal", "requests")])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout == "[]\n"
