"""The answer to a query that is not valid: the form with its filters again, and each fault beside its field."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from jobreport.model.errors import FieldError
from jobreport.monitor.html import go_of, render
from jobreport.monitor.page import MAX_FAULTS_SHOWN
from jobreport.monitor.views.filters import Field


def filter_again(
    request: Request, path: str, what: str, fields: Sequence[Field], faults: Sequence[FieldError]
) -> Response:
    """Returns the form with what was typed. `path` is the page to which it is sent, which lists `what`; faults of no
    field of the form stand above it.
    """
    names = {one.name for one in fields}
    return render(
        request,
        "filter_again.html",
        400,
        address=go_of(request)(path),
        what=what,
        fields=fields,
        wrong=sum(bool(one.error) for one in fields),
        others=[one for one in faults if one.field not in names][:MAX_FAULTS_SHOWN],
    )
