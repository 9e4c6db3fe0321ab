"""Asks AWS Backup by its own SDK, which finds the credentials, signs, and tries again; and says in words what failed.

The SDK drops what its model does not know. So an answer is taken as it came, before the SDK reads it.
"""

from typing import Any, Final

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError, ProfileNotFound
from botocore.exceptions import ConnectionError as NotConnectedError

from jobreport import http_times
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.aws_backup.answers import AbsentError, Answered, DeniedError
from jobreport.connectors.kinds.aws_backup.lists import right

ATTEMPTS: Final = 8
"""How often a call is made at most; the SDK waits longer before each."""
_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 60
_BODY: Final = "Body"
_OK: Final = 300
_ABSENT: Final = "ResourceNotFoundException"
_OURS: Final = ("List", "Describe")
_WORDS: Final = {
    "access denied for {call} in {region}": ("AccessDeniedException", "AccessDenied", "UnauthorizedException"),
    "the credentials have expired, says AWS in {region}": ("ExpiredTokenException", "ExpiredToken", "RequestExpired"),
    "AWS does not know the credentials in {region}: they are wrong, or the region is not enabled": (
        *("UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationTokenException"),
        *("IncompleteSignature", "OptInRequired"),
    ),
    "AWS refuses the signature in {region}: the secret key is wrong, or this machine's clock is": (
        *("InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"),
    ),
    "AWS lets {call} in {region} wait, after {attempts} attempts": (
        *("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"),
    ),
}
_WORDS_OF: Final = {code: words for words, codes in _WORDS.items() for code in codes}


class Clients:
    """The clients of all regions, with one set of credentials. Raises CannotReadError if there are none."""

    def __init__(self, profile: str = "") -> None:
        try:
            self._session = boto3.Session(profile_name=profile or None)
            if self._session.get_credentials() is None:
                raise NoCredentialsError
        except ProfileNotFound:
            raise CannotReadError(f"the AWS configuration has no profile {profile!r}") from None
        except BotoCoreError as error:
            raise CannotReadError(_in_words(error, "any call", "any region")) from None
        self._clients: dict[str, Any] = {}

    def ask(self, region: str, call: str, **parameters: Any) -> Answered:
        """Returns the answer to a call, such as `ListBackupJobs`. Raises CannotReadError, and AbsentError."""
        try:
            answer = getattr(self._client(region), xform_name(call))(**parameters)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _ABSENT:
                raise AbsentError from None
            raise _refused(error, region) from None
        except BotoCoreError as error:
            raise CannotReadError(_in_words(error, right(call), region)) from None
        return Answered(answer[_BODY], http_times.date(answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")))

    def _client(self, region: str) -> Any:
        if region not in self._clients:
            retries = {"mode": "adaptive", "total_max_attempts": ATTEMPTS}
            limits = Config(retries=retries, connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
            client = self._session.client("backup", region_name=region, config=limits)
            client.meta.events.register("before-parse.backup.*", _keep_body)
            self._clients[region] = client
        return self._clients[region]


def _keep_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **more: Any) -> None:
    """Takes the body of a good answer before the SDK reads it; of any other it must see what is wrong."""
    if response_dict["status_code"] < _OK:
        customized_response_dict[_BODY] = response_dict["body"]
        response_dict["body"] = b"{}"


def _refused(error: ClientError, region: str) -> CannotReadError:
    """Returns what AWS says, without what its message has beside: names of users and keys."""
    code = str(error.response.get("Error", {}).get("Code", ""))[:100]
    name = error.operation_name
    call = right(name) if name.startswith(_OURS) else f"sts:{name}"  # credentials of a role are asked for first
    if words := _WORDS_OF.get(code):
        kind = DeniedError if words.startswith("access denied") else CannotReadError
        return kind(words.format(call=call, region=region, attempts=ATTEMPTS))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    return CannotReadError(f"AWS answers {call} in {region} with {code or 'an error'} (HTTP {status})")


def _in_words(error: BotoCoreError, call: str, region: str) -> str:
    name = type(error).__name__
    if isinstance(error, NoCredentialsError):
        return "no credentials for AWS: there are none in the environment, in its configuration, or from a role"
    if isinstance(error, HTTPClientError | NotConnectedError):
        return f"AWS Backup in {region} cannot be reached for {call}: {name}"
    return f"the SDK of AWS could not make {call} in {region}: {name}"
