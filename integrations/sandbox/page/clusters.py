"""The clusters beside the conversation: how their pods are just now, and what one may break and mend in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element

from integrations.sandbox.kubernetes.deeds import Deed
from integrations.sandbox.kubernetes.refusals import Refused
from integrations.sandbox.kubernetes.room import KubernetesRoom
from integrations.sandbox.kubernetes.store import Store
from integrations.sandbox.page.elements import button, el, icon, icon_button
from integrations.sandbox.page.visitor import Visitor
from knowledge.said import Said

Json = dict[str, Any]
_SHOWN = 6


@dataclass(frozen=True)
class Glance:
    """A cluster's pods: how many are ready, and the others with the word that ``kubectl get pods`` has for them."""

    ready: int
    all: int
    ill: tuple[tuple[str, str], ...]


class Clusters:
    """Is there while it is open. ``ask(question)`` asks in the conversation."""

    def __init__(
        self,
        visitor: Visitor,
        aside: Element,
        room: KubernetesRoom,
        ask: Callable[[str], None],
        close: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._visitor, self._aside, self._room, self._ask, self._close = visitor, aside, room, ask, close
        self._changed = changed
        self._looks: object = None
        aside.on("keydown", lambda: close(), args=[], js_handler="(event) => rehearsal.escape(event, emit)")

    def refresh(self) -> None:
        """Cheap enough for every second: drawn only when something moved."""
        v = self._visitor
        self._aside.set_visibility(v.clusters)
        if not v.clusters:
            self._looks = None
            return
        glances = {name: glance(store) for name, store in self._room.stores.items()}
        looks = (v.language, glances, self._room.deeds(), tuple(v.did))
        if looks != self._looks:
            self._looks = looks
            self._aside.clear()
            with self._aside:
                self._draw(glances)

    def _draw(self, glances: dict[str, Glance]) -> None:
        v = self._visitor
        with el("div", "title"):
            el("h2", "", v.say(Said("The clusters")))
            el("span", "topic")
            icon_button("tool", "close", v.say(Said("Close the clusters"))).on("click", self._close, args=[])
        with el("div", "panel-body", tabindex=0, role="group", aria_label=v.say(Said("The clusters"))):
            el("p", "panel-what", v.say(Said("Break or mend something, then ask Gurumi again.")))
            for name, seen in glances.items():
                with el("section", "cluster", aria_label=name):
                    self._cluster(name, seen)

    def _cluster(self, name: str, seen: Glance) -> None:
        v = self._visitor
        with el("div", "cluster-head"):
            el("h3", "cluster-name", name)
            words = v.say(Said("{ready} of {all} pods ready", ready=seen.ready, all=seen.all))
            el("span", "cluster-pods ill" if seen.ill else "cluster-pods", words)
        with el("ul", "pods"):
            for pod, word in seen.ill[:_SHOWN]:
                with el("li", "pod"):
                    el("span", "pod-name", pod)
                    el("span", "pod-word", word)
            if len(seen.ill) > _SHOWN:
                el("li", "pod-more", v.say(Said("and {n} more", n=len(seen.ill) - _SHOWN)))
        deeds = [deed for deed in self._room.deeds() if deed.cluster == name]
        last = {deed.asks[v.language]: deed.id for did in v.did for deed in deeds if deed.id == did}
        for deed in deeds:
            if deed.id in v.did or not deed.done:
                self._deed(deed, asked=deed.id in last.values())

    def _deed(self, deed: Deed, asked: bool) -> None:
        """``asked``: with the question worth asking, now that this was the last thing done about it."""
        v = self._visitor
        says, asks = deed.says[v.language], deed.asks[v.language]
        with el("div", f"deed {'breaks' if deed.breaks else 'mends'}{' done' if deed.done else ''}"):
            icon("check_circle" if deed.done else "bolt" if deed.breaks else "build")
            el("span", "deed-says", says)
            if deed.done:
                el("span", "deed-done", v.say(Said("done")))
            else:
                words = v.say(Said("Break") if deed.breaks else Said("Mend"))
                do = button("bk-button deed-do", words, aria_label=f"{words}: {says}", data_key=f"deed-{deed.id}")
                do.on("click", lambda: self.do(deed.id), args=[])
            if asked:
                ask = button("chip deed-ask", asks, data_key=f"ask-{deed.id}")
                ask.on(
                    "click",
                    lambda event: self._asked(asks, bool(event.args)),
                    js_handler="() => emit(rehearsal.narrow())",
                )

    def _asked(self, question: str, covered: bool) -> None:
        """On a phone the panel covers what is asked and answered."""
        if covered:
            self._close()
        self._ask(question)

    def do(self, deed: str) -> None:
        """Breaks or mends something; what somebody did stays on the list, with the question worth asking then."""
        try:
            self._room.do(deed)
            self._visitor.did.append(deed)
        except (LookupError, Refused):
            self._visitor.notice = Said("The cluster does not let that happen just now: it has changed meanwhile.")
        self._changed()


def glance(store: Store) -> Glance:
    kind = store.kinds.named("Pod")
    pods = [kept.thing for kept in store.all(kind)[1]] if kind else []
    alive = [pod for pod in pods if pod.get("status", {}).get("phase") != "Succeeded"]
    ill = [(pod["metadata"]["name"], word(pod)) for pod in alive if not _ready(pod)]
    return Glance(len(alive) - len(ill), len(alive), tuple(sorted(ill)))


def word(pod: Json) -> str:
    """What is wrong with a pod, in Kubernetes's own word."""
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return next(_reasons(pod.get("status", {})), "NotReady")


def _reasons(status: Json) -> Iterator[str]:
    for container in [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]:
        for state in ("waiting", "terminated"):
            reason = container.get("state", {}).get(state, {}).get("reason", "")
            if reason and reason != "Completed":
                yield reason
    if status.get("reason"):
        yield status["reason"]
    if status.get("phase") in ("Pending", "Failed"):
        yield status["phase"]


def _ready(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
