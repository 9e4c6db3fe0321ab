"""The connector to a cluster: its streams are the kinds of backup objects that the cluster has."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from jobreport.connectors import paging
from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.kinds.kubernetes.cluster import AbsentError, Cluster, ExpiredError
from jobreport.connectors.kinds.kubernetes.jobs import JobMaker
from jobreport.connectors.kinds.kubernetes.objects import About
from jobreport.connectors.kinds.kubernetes.settings import Settings
from jobreport.connectors.kinds.kubernetes.table import RIGHTS, TABLE, Entry, Places, Resource
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.sees import Sees

_AGAIN: Final = 4
"""A list that grows too old for so many times is given up."""


class Reader:
    """A cluster as an origin of jobs."""

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self._cluster, self._settings = cluster, settings

    def streams(self) -> list[Stream]:
        """Returns a list for each kind of objects that is installed, in each namespace that is named."""
        return [
            Stream(
                name=f"{entry.name} in {namespace}" if namespace else entry.name,
                sees=Sees.OBJECTS,
                whole=True,
                notes=True,
                remembers=self._settings.remembers * ticks.PER_SECOND or entry.remembers,
                about=(entry, namespace),
            )
            for entry in self._there()
            for namespace in self._namespaces()
        ]

    def rights(self) -> list[Right]:
        """Asks whether we may list what is there."""
        entries = self._there()
        wanted = {str(one) for entry in entries for one in _resources(entry)}
        found = []
        for right in RIGHTS:
            verb, _, kind = right.name.partition(" ")
            plural, _, group = kind.partition(".")
            for namespace in self._namespaces():
                if kind not in wanted and not (namespace and kind == "namespaces"):
                    continue
                held = self._cluster.may(verb, group, plural, namespace)
                where = f" in {namespace}" if namespace else ""
                found.append(
                    replace(right, name=right.name + where, stream=right.stream and right.stream + where, held=held)
                )
        return found

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the job of each object that has changed since, and of each that has not ended or had not."""
        entry, namespace = stream.about
        telling = JobMaker(entry, self._about(entry, namespace), look)
        empty = True
        for items in self._list(entry.resource, namespace, stream.name):
            empty = empty and not items
            jobs, refused = readable(items, telling.job)
            yield Page(jobs=jobs, refused=refused, clock=self._cluster.clock)
        if empty and namespace and not self._cluster.has_namespace(namespace):
            raise CannotReadError(f"there is no namespace {namespace}")
        yield Page(state=telling.seen)

    def _namespaces(self) -> Sequence[str]:
        return self._settings.namespaces or ("",)

    def _there(self) -> list[Entry]:
        """Returns the kinds of objects that are installed; and those of the tools that are named, installed or not."""
        named = self._settings.tools
        kinds: dict[str, set[str] | None] = {}
        found = []
        for entry in TABLE:
            group = entry.resource.group
            if named and entry.tool not in named:
                continue
            if group not in kinds:
                kinds[group] = self._cluster.kinds(group, entry.resource.version)
            there = kinds[group]
            if entry.resource.plural in there if there is not None else named:
                found.append(entry)
        if not found:
            tools = ", ".join(dict.fromkeys(entry.tool for entry in TABLE))
            raise CannotReadError(f"the cluster has none of what is read here installed: {tools}")
        return found

    def _about(self, entry: Entry, namespace: str) -> About:
        places: dict[tuple[str, str], str] = {}
        if entry.places:
            for items in self._list(entry.places.resource, namespace, str(entry.places.resource)):
                places |= dict(filter(None, (self._place(entry.places, item) for item in items)))
        return About(cluster=self._settings.cluster, places=places)

    def _place(self, places: Places, item: msgspec.Raw) -> tuple[tuple[str, str], str] | None:
        try:
            place = msgspec.json.decode(item, type=places.type)
        except msgspec.MsgspecError as error:
            raise CannotReadError(f"one of the {places.resource} cannot be read: {error}") from None
        name = places.name(place, self._settings.cluster)
        return ((place.metadata.namespace, place.metadata.name), name) if name else None

    def _list(self, resource: Resource, namespace: str, what: str) -> Iterator[Sequence[msgspec.Raw]]:
        """Gives a list to its end. One that takes so long that it grows too old goes on with what is there now, where
        the cluster lets it, and else begins again: an object that was there all the time is still told.
        """

        def ask(token: Any) -> paging.Answer[msgspec.Raw]:
            try:
                page = self._cluster.page(resource, namespace, token or "")
            except ExpiredError as expired:
                if not expired.token:
                    raise
                page = self._cluster.page(resource, namespace, expired.token)
            except AbsentError:
                raise CannotReadError(f"the cluster has no {resource} installed") from None
            items, following = page.items or (), page.metadata.next or None
            if following is None and page.metadata.left:
                raise CannotReadError(f"{what}: it ends, and {page.metadata.left:,} more should come")
            return paging.Answer(items, following)

        for left in reversed(range(_AGAIN)):
            try:
                yield from paging.walk(ask, what)
            except ExpiredError:
                if not left:
                    raise
            else:
                return


def _resources(entry: Entry) -> list[Resource]:
    return [entry.resource, *([entry.places.resource] if entry.places else [])]
