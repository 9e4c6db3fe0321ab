"""What can go wrong with a call, as a tree of exceptions."""

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
    """No answer: refused, timed out, cut off, an unknown host, a certificate that does not hold.

    Or the address is none; `temporary` is false then.
    """

    def __init__(self, message: str, *, temporary: bool = True) -> None:
        self.temporary = temporary
        super().__init__(message)


class ServerUnavailableError(JobReportError):
    """429 or 5xx. `retry_after` is in seconds, None where the server named none."""

    temporary = True

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(message)


class SignInRefusedError(JobReportError):
    """The token endpoint refused the credentials (any 4xx), or the API the token (401) or its permissions (403).

    `errors` names every field at fault, as the server does; a tenant that the app may not ask for, for example.
    """

    def __init__(self, message: str, status: int, errors: Iterable[FieldError] = ()) -> None:
        self.status, self.errors = status, tuple(errors)
        super().__init__(message)


class RequestRefusedError(JobReportError):
    """A 4xx other than 401, 403 and 429; `errors` names every field at fault, as the server does."""

    def __init__(self, status: int, detail: str, errors: Iterable[FieldError] = ()) -> None:
        self.status, self.detail, self.errors = status, detail, tuple(errors)
        fields = "; ".join(f"{error.field}: {error.message}" for error in self.errors[:5])
        super().__init__(f"the server refused the request ({status}): {detail}" + (f" ({fields})" if fields else ""))


class UnexpectedAnswerError(JobReportError):
    """An answer that is none of this API: a redirect, or a success that bears another document."""


class CertificateError(JobReportError):
    """A certificate or a private key that cannot be read, do not belong together, or cannot sign.

    `file` is the one at fault: the private key's where the two do not belong together.
    """

    def __init__(self, message: str, file: Path) -> None:
        self.file = file
        super().__init__(message)
