"""The settings of a connector to Azure."""

import pytest
from fakes.azure.cloud import SUBSCRIPTION

from jobreport.connectors.kinds.azure.settings import VaultSettings
from jobreport.connectors.kinds.azure_sql.settings import SqlSettings


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


def test_names_that_nothing_in_azure_has_are_refused() -> None:
    for kind, wrong in ((VaultSettings, {"vaults": ("",)}), (SqlSettings, {"regions": ("*",)})):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must have names of"):
            kind(subscription=SUBSCRIPTION, **wrong)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:1", ""])
def test_this_machine_itself_may_be_asked_without_tls(endpoint: str) -> None:
    assert VaultSettings(subscription=SUBSCRIPTION, endpoint=endpoint).plain == bool(endpoint)
