"""The forms in which operators set, change and remove what is expected of series.

An expectation from `jobreport.toml`, or one that an app has declared, may be changed here only after a warning.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.expectation import to_expectation
from jobreport.identity.tenants import TenantError
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.expectation import Expectation
from jobreport.model.roles import Role
from jobreport.monitor import forms
from jobreport.monitor.html import go_of, moved, render
from jobreport.monitor.page import Page, actor, tenant_of
from jobreport.monitor.pages.expectations import PATH, as_it_is
from jobreport.monitor.pages.series import series_of
from jobreport.monitor.views.expectations import document_of, groups, values_of
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.threads import READS, WRITES, in_thread
from jobreport.watch import expectations
from jobreport.watch.expectations import ExpectationError

TOLD: Final = "told"
"""The tick of who was told that an expectation is not of people."""
_NOT_TOLD: Final = FieldError(TOLD, "say that it is to be done all the same")


async def ask_new(request: Request) -> Response:
    """Shows the form for a new expectation; of one series, if the address names it."""
    which, given = request.query_params.get("series", ""), dict[str, str]()
    if which:
        found, _ = await series_of(request, which)
        given = {"plan": found.series.plan, "resource": found.series.resource}
    return await _form(request, None, given)


async def add(request: Request) -> Response:
    """Sets a new expectation."""
    return await _put(request, None)


async def ask_change(request: Request) -> Response:
    """Shows the form with what an expectation says now."""
    one = await _own(request)
    return await _form(request, one, values_of(one))


async def change(request: Request) -> Response:
    """Sets what an expectation says from now on."""
    one = await _own(request)
    return await _put(request, one) if _is_told(request, one) else await _again(request, one, [_NOT_TOLD])


async def ask_remove(request: Request) -> Response:
    """Asks whether an expectation really is to end."""
    return _removal(request, await _own(request))


async def remove(request: Request) -> Response:
    """Expects it no more."""
    one = await _own(request)
    if not _is_told(request, one):
        return _removal(request, one, _NOT_TOLD.message, 400)
    store, whose, by = services(request).store, tenant_of(request).name, actor(request)
    try:
        await in_thread(WRITES, lambda: expectations.remove(store, whose, one.name, by=by))
    except ExpectationError:
        raise _none() from None
    except TenantError as error:
        return _removal(request, one, str(error), 409)
    return moved(go_of(request)(PATH))


async def _put(request: Request, one: Expectation | None) -> Response:
    store, whose, by = services(request).store, tenant_of(request).name, actor(request)
    try:
        wanted = to_expectation(document_of(forms.fields(request), one.name if one else ""))
        done = await in_thread(WRITES, lambda: expectations.put(store, whose, wanted, by=by, new=one is None))
    except InvalidInputError as error:
        return await _again(request, one, error.errors)
    except (ExpectationError, TenantError) as error:
        return await _again(request, one, [FieldError("", str(error))])
    return moved(f"{go_of(request)(PATH)}#e-{done.name}")


async def _again(request: Request, one: Expectation | None, faults: Sequence[FieldError]) -> Response:
    """Shows the form as it was typed, with what is wrong at each field."""
    return await _form(request, one, forms.fields(request), faults, 400)


async def _form(
    request: Request,
    one: Expectation | None,
    given: Mapping[str, str],
    faults: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    fields = groups(tenant_of(request), given, faults)
    there = {field.name for group in fields for field in group.fields}
    # What belongs to no field stands above all of them.
    above = "; ".join(fault.message for fault in faults if fault.field.partition("[")[0] not in there)
    return render(
        request,
        "expectation_form.html",
        status,
        one=one,
        groups=fields,
        error=above[:1].upper() + above[1:],
        address=go_of(request)(f"{PATH}/{one.name}/change" if one else f"{PATH}/new"),
    )


def _removal(request: Request, one: Expectation, error: str = "", status: int = 200) -> Response:
    error = error[:1].upper() + error[1:]
    return render(request, "expectation_remove.html", status, one=one, says=expectations.says(one), error=error)


def _is_told(request: Request, one: Expectation) -> bool:
    return not (one.file or one.by) or bool(forms.fields(request).get(TOLD))


async def _own(request: Request) -> Expectation:
    """Returns the expectation of the tenant that the path names. Raises ProblemError 404 if there is none."""
    of = await in_thread(READS, as_it_is, services(request).store, tenant_of(request).number)
    found = next((one for one in of.own if one.name == request.path_params["name"]), None)
    if found is None:
        raise _none()
    return found


def _none() -> ProblemError:
    return ProblemError(404, "This tenant has no expectation of this name.")


ASK_NEW: Final = Page(handler=ask_new, id="expectation-new", needs=Role.Operator)
ADD: Final = Page(handler=add, id="expectation-add", needs=Role.Operator)
ASK_CHANGE: Final = Page(handler=ask_change, id="expectation-change-form", needs=Role.Operator)
CHANGE: Final = Page(handler=change, id="expectation-change", needs=Role.Operator)
ASK_REMOVE: Final = Page(handler=ask_remove, id="expectation-remove-form", needs=Role.Operator)
REMOVE: Final = Page(handler=remove, id="expectation-remove", needs=Role.Operator)
