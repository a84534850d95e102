"""Which finding is the headline: one rule after the other, each against a finding that would win without it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from knowledge.catalogue import Plugin
from knowledge.detector import Detector, Layer
from knowledge.diagnosis import Diagnosis, examine, rank
from knowledge.finding import Confidence, Finding, Ref, Severity
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.snapshot import Gap, Snapshot
from tests.seen import NOW

WEB, DB, NODE = Ref("Deployment", "shop", "web"), Ref("Deployment", "shop", "db"), Ref("Node", "", "node-1")
SEEN = Snapshot("shop-prod", NOW, NOW)


def detector(name: str, severity: Severity = Severity.ERROR, layer: Layer = Layer.CAUSE, *hides: str) -> Detector:
    return Detector(name, severity, (Pod,), layer=layer, hides=hides)


def found(
    name: str,
    subject: Ref = WEB,
    confidence: Confidence = Confidence.PROVEN,
    severity: Severity = Severity.ERROR,
    layer: Layer = Layer.CAUSE,
    hides: tuple[str, ...] = (),
    because: tuple[Ref, ...] = (),
    victims: tuple[Ref, ...] = (),
    at: datetime | None = None,
    pods: tuple[Ref, ...] = (),
) -> Finding:
    return Finding(
        detector(name, severity, layer, *hides),
        subject,
        Said("x"),
        confidence,
        (),
        because=because,
        victims=victims,
        at=at,
        pods=pods,
    )


def told(*findings: Finding, about: tuple[Ref, ...] = (), seen: Snapshot = SEEN) -> list[list[str]]:
    """Each cause with what it explains, the headline first."""
    causes, asides = rank(findings, seen, about)
    return [[c.finding.detector.id, *(f.detector.id for f in c.explains)] for c in (*causes, *asides)]


def test_what_explains_others_comes_before_what_it_explains_however_grave_that_is() -> None:
    crash = found("crash", severity=Severity.CRITICAL, because=(DB,))
    assert told(crash, found("down", DB, severity=Severity.WARNING)) == [["down", "crash"]]


def test_a_chain_is_told_whole_under_the_cause_at_its_end() -> None:
    chain = (
        found("crash", because=(DB,)),
        found("down", DB, because=(NODE,)),
        found("gone", NODE),
    )
    assert told(*chain) == [["gone", "crash", "down"]]


def test_a_cause_explains_the_symptoms_of_its_subject_and_of_its_victims() -> None:
    symptom = found("stuck", layer=Layer.SYMPTOM)
    assert told(symptom, found("crash")) == [["crash", "stuck"]]
    assert told(symptom, found("policy", DB, victims=(WEB,))) == [["policy", "stuck"]]
    assert sorted(told(symptom, found("policy", DB))) == [["policy"], ["stuck"]]


def test_what_a_detector_hides_is_told_under_it_on_its_subject_and_its_victims_only() -> None:
    crash = found("crash")
    assert told(crash, found("oom", hides=("crash",))) == [["oom", "crash"]]
    assert told(crash, found("policy", DB, hides=("crash",), victims=(WEB,))) == [["policy", "crash"]]
    assert sorted(told(crash, found("oom", DB, hides=("crash",)))) == [["crash"], ["oom"]]


def test_two_that_explain_each_other_have_one_root_the_surer_one() -> None:
    one = found("one", because=(DB,), confidence=Confidence.LIKELY)
    other = found("other", DB, because=(WEB,))
    assert told(one, other) == [["other", "one"]]
    assert told(other, one) == [["other", "one"]]


def test_what_is_only_possible_explains_nothing_that_is_proven() -> None:
    crash = found("crash", because=(DB,))
    assert ["crash"] in told(crash, found("perhaps", DB, Confidence.POSSIBLE))


def test_a_habit_explains_nothing_and_is_never_the_headline() -> None:
    habit = found("habit", layer=Layer.HYGIENE, severity=Severity.CRITICAL)
    causes, asides = rank((habit, found("crash", because=(WEB,))), SEEN, ())
    assert [c.finding.detector.id for c in causes] == ["crash"]
    assert [c.finding.detector.id for c in asides] == ["habit"]


def test_a_cause_comes_before_a_symptom_of_another_object() -> None:
    assert told(found("stuck", DB, severity=Severity.CRITICAL, layer=Layer.SYMPTOM), found("crash"))[0] == ["crash"]


def test_what_is_broken_comes_before_what_is_not_yet() -> None:
    assert told(found("soon", DB, severity=Severity.WARNING), found("now", confidence=Confidence.LIKELY))[0] == ["now"]


def test_the_surer_one_comes_first() -> None:
    grave = found("likely", DB, Confidence.LIKELY, Severity.CRITICAL)
    assert told(grave, found("proven"))[0] == ["proven"]


def test_what_happened_near_the_instant_asked_about_comes_first() -> None:
    then = NOW - timedelta(hours=6)
    seen = replace(SEEN, at=then)
    near, far = found("near", at=then), found("far", DB, severity=Severity.CRITICAL, at=NOW)
    assert told(far, near, seen=seen)[0] == ["near"]
    assert told(far, near)[0] == ["far"]


def test_the_graver_one_comes_first_when_both_are_as_sure_and_as_near() -> None:
    assert told(found("error"), found("critical", DB, severity=Severity.CRITICAL))[0] == ["critical"]


def test_the_asked_subject_comes_before_its_surroundings() -> None:
    ours, theirs = found("ours"), found("theirs", DB, pods=(Ref("Pod", "shop", "db-1"),))
    assert told(theirs, ours, about=(WEB,))[0] == ["ours"]


def test_what_concerns_nobody_who_was_asked_for_is_an_aside() -> None:
    causes, asides = rank((found("theirs", DB), found("ours")), SEEN, (WEB,))
    assert [c.finding.detector.id for c in causes] == ["ours"]
    assert [c.finding.detector.id for c in asides] == ["theirs"]


def test_a_cause_elsewhere_concerns_the_subject_whose_symptom_it_explains() -> None:
    causes, _ = rank((found("gone", NODE), found("crash", because=(NODE,))), SEEN, (WEB,))
    assert [c.finding.detector.id for c in causes] == ["gone"]


def test_nothing_is_dropped() -> None:
    findings = tuple(
        found(f"f{n}", subject, confidence, layer=layer, because=because)
        for n, (subject, confidence, layer, because) in enumerate(
            (s, c, layer, b)
            for s in (WEB, DB, NODE)
            for c in Confidence
            for layer in Layer
            for b in ((), (DB,), (NODE, WEB))
        )
    )
    names = {name for group in told(*findings) for name in group}
    assert names == {f.detector.id for f in findings}


def plugin(name: str, *findings: Finding, breaks: bool = False) -> Plugin:
    def detect(seen: Snapshot) -> Iterator[Finding]:
        yield from findings
        if breaks:
            raise ValueError("broken")

    return Plugin(detector(name), detect, "")


def test_a_detector_that_breaks_is_told_and_silences_no_other() -> None:
    diagnosis: Diagnosis = examine([plugin("bad", breaks=True), plugin("good", found("good"))], SEEN)
    assert [u.detector for u in diagnosis.unclear] == ["bad"]
    assert [c.finding.detector.id for c in diagnosis.causes] == ["good"]


def test_a_kind_that_could_not_be_read_is_could_not_tell_and_never_clean() -> None:
    blind = replace(SEEN, gaps=(Gap("Pod", "", Said("I may not read pods."), "denied"),))
    diagnosis = examine([plugin("quiet")], blind)
    assert [u.detector for u in diagnosis.unclear] == ["quiet"]
    assert diagnosis.judged == ()


def test_the_same_claim_is_told_once() -> None:
    assert len(examine([plugin("a", found("a"), found("a"))], SEEN).causes) == 1
