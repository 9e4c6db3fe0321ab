"""The overview for a screen on a wall, by a token in its address that reads nothing else."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.operators import walls
from jobreport.monitor.html import render, times_of
from jobreport.monitor.page import Page
from jobreport.monitor.pages.overview import gather
from jobreport.monitor.views import overview
from jobreport.monitor.views.overview import SHOWN, Overview
from jobreport.monitor.views.period import period_of
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.threads import READS, in_thread


async def show(request: Request) -> Response:
    """Answers with the sentence, the tiles and the worst series of the tenant that the token shows."""
    store = services(request).store
    whose = await in_thread(READS, walls.tenant_of, store, request.query_params.get("token", ""))
    if whose is None:
        raise ProblemError(404, "There is no wall with this address. `jobreport wall create` makes one.")
    request.scope["tenant"], request.scope["viewer"] = whose, None
    times = times_of(request)
    period = period_of(whose.night, times.now)
    facts = await in_thread(READS, gather, store, whose, period, times.now)
    seen: Overview = overview.view(facts)
    return render(
        request,
        "wall.html",
        live=True,
        t=times,
        mood=seen.mood,
        view=seen,
        period=period,
        runs=sum(facts.unfinished.values()) > 0,
        most=SHOWN,
    )


SHOW: Final = Page(handler=show, id="wall", needs=None, of_tenant=False, compress=True)
