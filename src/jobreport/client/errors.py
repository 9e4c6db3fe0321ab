"""The exceptions of the client, as a tree."""

from collections.abc import Iterable
from pathlib import Path

from jobreport.model.errors import FieldError


class JobReportError(Exception):
    """Any call that did not succeed. No message repeats a secret or a token.

    JobReportError
    ├── ConnectionFailedError    no answer came; the same call may work later
    ├── ServerUnavailableError   429 or 5xx; the same call may work later, after `retry_after` seconds
    ├── SignInRefusedError       the credentials or their permissions do not do (token endpoint, 401, 403)
    ├── RequestRefusedError      any other 4xx: this very request will never be taken; `errors` names each field
    ├── UnexpectedAnswerError    what answered does not speak this API (wrong URL, a proxy's page, a redirect)
    └── CertificateError         the certificate or its private key cannot be used; raised before anything is sent
    """

    temporary = False
    """Whether the same call may work later, with nothing changed."""
    request_id = ""
    """Names the request in the server's log; empty where no answer named it."""


class ConnectionFailedError(JobReportError):
    """Raised when no answer came: refused, timed out, cut off, an unknown host, a certificate that is not valid.

    Also raised if the address is not a valid URL; `temporary` is False then.
    """

    def __init__(self, message: str, *, temporary: bool = True) -> None:
        self.temporary = temporary
        super().__init__(message)


class ServerUnavailableError(JobReportError):
    """Raised for 429 or 5xx. `retry_after` is in seconds; None if the server did not say."""

    temporary = True

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(message)


class SignInRefusedError(JobReportError):
    """Raised when the token endpoint refuses the credentials (any 4xx), or the API the token (401) or its permissions
    (403).

    `errors` names every field at fault, as the server does; for example a tenant that the app may not access.
    """

    def __init__(self, message: str, status: int, errors: Iterable[FieldError] = ()) -> None:
        self.status, self.errors = status, tuple(errors)
        super().__init__(message)


class RequestRefusedError(JobReportError):
    """Raised for a 4xx other than 401, 403 and 429; `errors` names every field at fault, as the server does."""

    def __init__(self, status: int, detail: str, errors: Iterable[FieldError] = ()) -> None:
        self.status, self.detail, self.errors = status, detail, tuple(errors)
        fields = "; ".join(f"{error.field}: {error.message}" for error in self.errors[:5])
        super().__init__(f"the server refused the request ({status}): {detail}" + (f" ({fields})" if fields else ""))


class UnexpectedAnswerError(JobReportError):
    """Raised for an answer that is not from this API: a redirect, or a success with another document."""


class CertificateError(JobReportError):
    """Raised if a certificate or a private key cannot be read, do not belong together, or cannot sign.

    `file` is the file at fault; if the two do not belong together, that of the private key.
    """

    def __init__(self, message: str, file: Path) -> None:
        self.file = file
        super().__init__(message)
