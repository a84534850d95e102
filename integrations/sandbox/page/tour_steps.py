"""What the tour shows, step by step. Its questions are asked, its mending is done: nothing of it is a picture."""

from collections.abc import Callable
from dataclasses import dataclass

from integrations.sandbox.kubernetes.deeds import Deed
from integrations.sandbox.kubernetes.room import KubernetesRoom
from integrations.sandbox.page.questions import AT_ONCE, QUESTIONS
from integrations.sandbox.page.tour import Step
from integrations.sandbox.page.visitor import HELP, HOME, MESSAGES, Visitor
from knowledge.said import Said

DEVELOPER, ON_CALL = "U0MINJI", "U0ALEX"
_ANSWER = ".thread .row-of-list:last-child .message"


@dataclass(frozen=True)
class Stage:
    """What a tour does with the screen."""

    visitor: Visitor
    clusters: KubernetesRoom
    ask: Callable[[str], None]
    go: Callable[[str, str], None]
    turn: Callable[[str], None]
    become: Callable[[str], None]
    show_clusters: Callable[[bool], None]
    type: Callable[[str], None]
    send: Callable[[str], None]
    do: Callable[[str], None]

    def channel(self) -> None:
        """The help channel, nothing beside it."""
        self.show_clusters(False)
        v = self.visitor
        if (v.channel, v.tab, v.thread) != (HELP, MESSAGES, ""):
            self.go(HELP, "")

    def thread(self) -> None:
        """The newest thread that was opened by asking, whatever is open now."""
        self.show_clusters(False)
        v = self.visitor
        if not v.thread:
            mine = [root.ts for root, replies in v.roots(HELP) if root.user == v.user and replies]
            if mine:
                self.go(HELP, mine[-1])

    def panel(self) -> None:
        self.show_clusters(True)


def steps(stage: Stage) -> list[Step]:
    """All that this workspace has to show."""
    return [*_asking(stage), *_mending(stage), *_slack(stage), _people(stage), _end()]


def _asking(stage: Stage) -> list[Step]:
    def as_developer() -> None:
        if stage.visitor.user != DEVELOPER:
            stage.become(DEVELOPER)
        stage.channel()

    return [
        Step(
            Said("This is Gurumi at work"),
            Said(
                "The bot is the real one. Slack and the three clusters are make-believe, on your machine alone: "
                "break what you like. The tour takes three minutes; the arrow keys turn its pages, Esc ends it."
            ),
            arrange=as_developer,
            leads=Said("Begin"),
        ),
        Step(
            Said("Something keeps restarting"),
            Said("You are a developer, and checkout is not well. Ask as you would ask a colleague, in any words."),
            at=".suggestions .chip",
            arrange=stage.channel,
            leads=Said("Ask it"),
            does=lambda: stage.ask(QUESTIONS[stage.visitor.language][0]),
        ),
        Step(
            Said("The cause comes first"),
            Said(
                "The first line names it. Below stand the proof, field by field, what to do, and what could not be "
                "read. Ask on in the thread: it knows what you speak of."
            ),
            at=_ANSWER,
            arrange=stage.thread,
        ),
    ]


def _mending(stage: Stage) -> list[Step]:
    deed = _to_mend(stage.clusters)
    if deed is None:
        return []

    def question() -> str:
        return deed.asks[stage.visitor.language]

    return [
        Step(
            Said("A second question"),
            Said("The clusters are full of classic mistakes. This one can be mended from outside."),
            at=".conversation .box",
            arrange=stage.channel,
            leads=Said("Ask it"),
            does=lambda: stage.ask(question()),
        ),
        Step(
            Said("Remember this answer"),
            Said("Now somebody mends it, while you read."),
            at=_ANSWER,
            arrange=stage.thread,
            leads=Said("Open the clusters"),
        ),
        Step(
            Said("The clusters live"),
            Said("Pods crash and start as time passes. Everything on this list can be broken or mended at any time."),
            at=f'[data-key="deed-{deed.id}"], [data-key="ask-{deed.id}"]',
            arrange=stage.panel,
            leads=Said("Mend it"),
            does=lambda: stage.do(deed.id),
        ),
        Step(
            Said("Ask again"),
            Said("Nothing is remembered from before: Gurumi looks at the cluster each time."),
            at=f'[data-key="ask-{deed.id}"]',
            arrange=stage.panel,
            leads=Said("Ask again"),
            does=lambda: stage.ask(question()),
        ),
        Step(
            Said("Another answer"),
            Said("It says what is true now, and when it looked."),
            at=_ANSWER,
            arrange=stage.thread,
        ),
    ]


def _to_mend(clusters: KubernetesRoom) -> Deed | None:
    """Something to mend that the cluster follows at once; else whatever there is to mend."""
    deeds = {deed.id: deed for deed in clusters.deeds() if not deed.breaks and not deed.done}
    return next((deeds[id] for id in AT_ONCE if id in deeds), next(iter(deeds.values()), None))


def _slack(stage: Stage) -> list[Step]:
    v = stage.visitor

    def command_begun() -> None:
        stage.channel()
        stage.type(f"{v.app.command} ")

    def home() -> None:
        stage.show_clusters(False)
        stage.turn(HOME)

    found = [
        Step(
            Said("For you alone"),
            Said("The slash command works in every channel. Its words are completed, and only you see the answer."),
            at=".conversation .offered:not(.hidden), .conversation .box",
            arrange=command_begun,
            leads=Said("Send it"),
            does=lambda: stage.send(f"{v.app.command} clusters"),
        ),
        Step(
            Said("Only visible to you"),
            Said("Nobody else in the channel sees it. The same words work in a mention or a direct message."),
            at=".conversation .row-of-list:last-child .whisper",
            arrange=stage.channel,
        ),
    ]
    if any(shortcut.message for shortcut in v.room.shortcuts):
        found.append(
            Step(
                Said("About somebody's message"),
                Said("Point at a message, or walk to it with the arrow keys: its menu asks Gurumi about it."),
                at='.conversation .message:has(.tools [aria-haspopup="menu"])',
                arrange=stage.channel,
            )
        )
    if v.app.home:
        found.append(
            Step(
                Said("A page of your own"),
                Said("The Home tab shows your clusters, your open questions and your settings."),
                at=".conversation .scroller",
                arrange=home,
            )
        )
    return found


def _people(stage: Stage) -> Step:
    return Step(
        Said("Be somebody else"),
        Said(
            "A developer, an on-call engineer, a platform lead: each has channels of their own and is told what they "
            "may know."
        ),
        at=".people",
        arrange=stage.channel,
        leads=Said("Become the on-call engineer"),
        does=lambda: stage.become(ON_CALL),
    )


def _end() -> Step:
    return Step(
        Said("It is all yours"),
        Said("Ask anything, in English or Korean. The tour, the clusters, the language and the light are up here."),
        at=".switches",
    )
