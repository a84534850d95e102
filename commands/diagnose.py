"""One cluster, or one namespace of it, looked at for every known problem."""

from commands.command import Command
from commands.dialogue import Answer, Bullets, Request, Tone
from commands.places import exists
from commands.survey import Survey
from commands.telling import Look, as_data, blind, tell_cause, tell_clean, tell_list
from commands.tools import Tools
from integrations.errors import Denied
from knowledge.diagnosis import examine, within
from knowledge.said import Said

COMMAND = Command(
    name="diagnose",
    takes="<cluster> [namespace]",
    says=Said("Look for known problems in a cluster or in one of its namespaces."),
    example="diagnose shop-prod",
    slow=True,
)


def handle(request: Request, tools: Tools) -> Answer:
    cluster, namespace = request.args["cluster"], request.args["namespace"] or request.namespace
    entry = next((e for e in tools.fleet.clusters() if e.name == cluster), None)
    if entry and not tools.may_see(entry, namespace):
        return Answer(Said("You may not ask about {cluster}.", cluster=cluster), Tone.REFUSED)
    kube = tools.fleet.open(cluster)
    if namespace and not exists(kube, namespace):
        headline = Said("There is no namespace {namespace} in {cluster}.", namespace=namespace, cluster=cluster)
        return Answer(headline, Tone.FAILED)
    deadline = tools.clock() + tools.deadline_s
    at = request.about or request.at
    survey = Survey(cluster, kube, request.at, at, tools.clock, deadline, tools.readers)
    tools.progress(0, 2, cluster)
    seen = survey.place(namespace)
    tools.progress(1, 2, cluster)
    judged = examine(tools.detectors.values(), seen)
    look = Look(cluster, (), seen, within(judged, namespace) if namespace else judged)
    tools.progress(2, 2, cluster)
    return _tell(look, namespace)


def _tell(look: Look, namespace: str) -> Answer:
    place = f"{look.cluster}/{namespace}" if namespace else look.cluster
    causes, gaps = look.diagnosis.causes, look.diagnosis.gaps
    if gaps and not look.seen.objects and all(gap.code != Denied.code for gap in gaps):
        why = (Bullets((gaps[0].hint,)),) if gaps[0].hint else ()
        headline = Said("I could not ask {cluster}: {why}", cluster=look.cluster, why=gaps[0].says)
        return Answer(headline, Tone.FAILED, why, data=as_data(look))
    if not causes:
        if blind(look):
            return tell_clean(look, Said("{place}: I could not tell: {why}", place=place, why=blind(look)[0].says))
        checks, open_ = len(look.diagnosis.judged), len(look.diagnosis.unclear)
        if open_:
            headline = Said("{place}: nothing wrong found by {n:|check|checks}; {open:|check|checks} could not tell.",
                            place=place, n=checks, open=open_)  # fmt: skip
            return tell_clean(look, headline, sure=False)
        return tell_clean(look, Said("{place}: nothing wrong found by {n:|check|checks}.", place=place, n=checks))
    if len(causes) == 1:
        return tell_cause(look)
    headline = Said("{place}: {n:|finding|findings}", place=place, n=len(causes))
    return tell_list(look, headline)
