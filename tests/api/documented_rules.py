"""For Schemathesis: the rules that JSON Schema cannot say. They alone may refuse a request that keeps the schema."""

import re
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure

# The words of the refusal -> why a schema cannot say it. Any other refusal of a request that keeps the schema is a
# fault of the document.
RULES = {
    r"must not lie after finishTime": "a time range compares two fields",
    r"must not lie before startTime": "so do a job's own times",
    r"takes no other time beside night|does not go with by=night": "what may stand beside a night is said in words",
    r"is required for a job in state": "which times are required depends on the state",
    r"must be left out for a job in state": "which times are refused depends on the state",
    r"must be 0 for a Successful job": "a count is bound to the state",
    r"totalCount\",\"message\":\"must be from 0": "a total that is left out is a sum, which may not fit",
    r"is only taken with acknowledged true": "so is what somebody says who takes an incident",
    r"is longer than 65536 bytes of JSON": "a schema does not count the bytes of any JSON",
    r"holds a NUL": "in `raw` and in a question there may be any text",
    r"lies outside the years 1970 to 2199": "the format date-time knows no such bounds",
    r"is no ISO 8601 time": "RFC 3339 has leap seconds, which no clock of ours has",
    r"a number has too many digits|is too large": "JSON has numbers of any size",
    r"must be a whole number, not a fraction": "to a schema 1.0 is an integer; the contract refuses a fraction",
    r"is not JSON": "of a line of NDJSON a schema knows nothing",
    r"The tenant is named \d+ times": "a header and a parameter say the same",
    r"is none that this service gave": "a schema knows no skiptokens",
    r"is no time zone of the IANA database": "a schema does not list the time zones, which change",
    # What is expected of series.
    r"says nothing: give an age": "which keys need another one is said in words",
    r"does not go with cron or calendar|needs? no|goes with": "and which do not go together",
    r"is no length|no length of time": "lengths, lines of cron, events and days have forms of their own",
    r"has 1 to 64 of a-z": "the name stands in the path, which knows no pattern",
    r"the path says": "a name may be said twice",
    r"is said by answers alone": "the document of answers and of requests is one",
    r"operator's own tenant": "what names tenants is for one tenant only",
    # The token endpoint (RFC 6749).
    r"unknown client, wrong secret, or a revoked app": "a schema knows no secrets",
    r"a field is there more than once": "nor what stands in a header",
    r"the scopes here are": "a scope is a list within a text",
    r"client_(id|secret) is missing": "each may be in the form or in a header",
}


MAX_ADDRESS = 60_000
"""Characters."""

CODE = r"must be one (code )?of these"
"""Refuses 1.0 as a code too; but every other code that a schema allows must be taken."""


def _has_whole_fraction(value: Any) -> bool:
    """Whether there is a number such as 1.0 anywhere in `value`."""
    if isinstance(value, dict | list):
        return any(map(_has_whole_fraction, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value.is_integer()


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case, response: schemathesis.Response
) -> bool:
    """Whether a failure counts."""
    refused = failure.__class__.__name__ == "RejectedPositiveData" and response.status_code in (400, 401)
    by_a_rule = any(re.search(rule, response.text) for rule in RULES)
    by_a_code = bool(re.search(CODE, response.text)) and _has_whole_fraction(case.body)
    # An address of 64 KiB is no HTTP to the parser, which knows no routes and so none of their shapes of errors. A
    # shorter one that is too long still is refused before its route is known.
    too_long = response.status_code == 414 or (
        len(case.as_curl_command()) > MAX_ADDRESS and "This is not a valid HTTP request." in response.text
    )
    return not (too_long or (refused and (by_a_rule or by_a_code)))
