"""The forms in which operators say of a series "I have it", or retire it; and the end of what was said.

They lead back to the page on which their link was, which the link names (`back=/night`).
"""

from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from jobreport.model import nights
from jobreport.model.need import MAX_NOTE, MAX_TICKET
from jobreport.model.nights import NightHours
from jobreport.model.roles import Role
from jobreport.monitor import forms
from jobreport.monitor.html import base, go_of, moved, render, times_of
from jobreport.monitor.local_paths import local
from jobreport.monitor.page import Page, actor, tenant_of
from jobreport.monitor.pages.series import found_series
from jobreport.monitor.views.period import day_of
from jobreport.monitor.views.standing import series_address, standing
from jobreport.server.operation import services
from jobreport.threads import WRITES, in_thread
from jobreport.watch import marks
from jobreport.watch.marks import MarkError

DAYS: Final = 7
"""For how many days somebody has a series, unless the form says otherwise."""
_PLACES: Final = {"/": "overview", "/customers": "customers", "/jobs": "job", "/job": "job"}
"""What the pages are called to which the forms lead back, by the first step of their paths; others are called list."""


async def ask_take(request: Request) -> Response:
    """Shows the form in which somebody says to have the series."""
    return await _form(request, "series_mark.html", {})


async def take(request: Request) -> Response:
    """Keeps who has the series, until the end of the day that the form names."""
    given, of = forms.fields(request), tenant_of(request)
    day = day_of(given.get("until", ""))
    if given.get("until") and day is None:
        return await _form(request, "series_mark.html", given, "until must be a day such as 2026-11-30", 400)
    until = nights.begin(NightHours(of.night.zone, 0), day + timedelta(1)) if day else 0
    store, name, by = services(request).store, request.path_params["series"], actor(request)
    said = {"note": given.get("note", ""), "ticket": given.get("ticket", "")}
    try:
        done = await in_thread(WRITES, lambda: marks.take(store, of, name, by=by, until=until, **said))
    except MarkError as error:
        return await _form(request, "series_mark.html", given, str(error), 400)
    return moved(_origin(request, done.series.number))


async def ask_retire(request: Request) -> Response:
    """Shows the form in which somebody says that the series no longer runs."""
    return await _form(request, "series_retire.html", {})


async def retire(request: Request) -> Response:
    """Takes the series out of judgement."""
    given, of = forms.fields(request), tenant_of(request)
    store, name, by = services(request).store, request.path_params["series"], actor(request)
    said = {"note": given.get("note", ""), "ticket": given.get("ticket", "")}
    try:
        done = await in_thread(WRITES, lambda: marks.retire(store, of, name, by=by, **said))
    except MarkError as error:
        return await _form(request, "series_retire.html", given, str(error), 400)
    return moved(series_address(go_of(request), done.series.number))


async def end(request: Request) -> Response:
    """Ends what was said of the series."""
    of, store, name, by = tenant_of(request), services(request).store, request.path_params["series"], actor(request)
    found, _ = await found_series(request)
    await in_thread(WRITES, lambda: marks.end(store, of, name, by=by))
    return moved(series_address(go_of(request), found.series.number))


def _back(request: Request) -> str:
    """Returns the path of the page from which the form was opened; empty if the link names none of this monitor."""
    given = request.query_params.get("back", "")
    return given if given == local(given) else ""


def _origin(request: Request, number: int) -> str:
    """Returns the address of the page from which the form was opened."""
    back = _back(request)
    return base(request) + back if back else series_address(go_of(request), number)


def _place(back: str) -> str:
    step = "/" + urlsplit(back).path.split("/", 2)[1] if back else ""
    return _PLACES.get(step, "list") if back else "series"


async def _form(request: Request, template: str, given: dict[str, str], error: str = "", status: int = 200) -> Response:
    times = times_of(request)
    found, judged = await found_series(request)
    one, mark = found.series, judged.holds
    known = {"note": mark.note, "ticket": mark.ticket} if mark else {}
    later: date = times.local(times.now).date() + timedelta(DAYS)
    return render(
        request,
        template,
        status,
        t=times,
        one=one,
        name=" · ".join(filter(None, (one.plan, one.resource))),
        how=standing(judged, times),
        back=_back(request),
        place=_place(_back(request)),
        origin=_origin(request, one.number),
        given={"note": "", "ticket": "", "until": later.isoformat(), **known, **given},
        max_note=MAX_NOTE,
        max_ticket=MAX_TICKET,
        error=error[:1].upper() + error[1:],
    )


ASK_TAKE: Final = Page(handler=ask_take, id="series-take-form", needs=Role.Operator)
TAKE: Final = Page(handler=take, id="series-take", needs=Role.Operator)
ASK_RETIRE: Final = Page(handler=ask_retire, id="series-retire-form", needs=Role.Operator)
RETIRE: Final = Page(handler=retire, id="series-retire", needs=Role.Operator)
END: Final = Page(handler=end, id="series-unmark", needs=Role.Operator)
