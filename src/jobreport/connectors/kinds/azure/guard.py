"""Stops requests to Azure that would go to another host than the one named, or that would change something.

The SDK by itself would send its token to any host that a page names as the next one, and would register a missing
resource provider in the subscription.
"""

from typing import Final
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest, HttpResponse

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.paging import require_same_host

_READS_BY_POST: Final = ("/fetchcrossregionrestorejobs", "/fetchcrossregionrestorejob")


class Guard(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Refuses each request, before it gets its token, that goes elsewhere or would change something."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._endpoint = endpoint

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Raises CannotReadError if the request must not be sent."""
        sent = request.http_request
        require_same_host(sent.url, self._endpoint, "Azure")
        path = urlsplit(sent.url).path
        if sent.method == "GET" or (sent.method == "POST" and path.casefold().endswith(_READS_BY_POST)):
            return
        if path.endswith("/register"):
            provider = path.split("/")[-2]
            raise CannotReadError(f"the resource provider {provider} is not registered in this subscription")
        raise CannotReadError(f"Azure is only read, and {sent.method} {path} would change it")
