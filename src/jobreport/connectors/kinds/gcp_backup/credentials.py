"""Signs in to Google by its own library: a service account, a workload's identity, gcloud, the machine."""

import logging
from typing import Any, Final

import google.auth
from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.http_client import Headers, HttpServer

_SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)
"""Cloud SQL takes no narrower one. What may be read is said by the roles."""


logging.getLogger("google.auth").setLevel(logging.ERROR)  # it misses a project, which is ours to name


class Credentials:
    """Credentials, and the headers that they give."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: Any = None

    def sign_in(self, server: HttpServer) -> Headers:
        """Returns the headers of a new token. Raises CannotReadError."""
        if self._found is None:
            self._found = self._find()
        try:
            self._found.refresh(Request())
        except exceptions.TransportError:
            raise CannotReadError("Google cannot be reached to sign in") from None
        except exceptions.GoogleAuthError as error:
            raise CannotReadError(f"Google does not take the credentials ({type(error).__name__})") from None
        headers = {"Authorization": f"Bearer {self._found.token}"}
        if project := getattr(self._found, "quota_project_id", None):
            headers["x-goog-user-project"] = project
        return headers

    def _find(self) -> Any:
        try:
            if self._file:
                return service_account.Credentials.from_service_account_file(self._file, scopes=_SCOPES)
            return google.auth.default(scopes=_SCOPES)[0]
        except (exceptions.GoogleAuthError, OSError, ValueError) as error:
            where = "credentials_file" if self._file else "GOOGLE_APPLICATION_CREDENTIALS, gcloud's, the machine's"
            raise CannotReadError(f"no credentials for Google are found ({type(error).__name__}): {where}") from None
