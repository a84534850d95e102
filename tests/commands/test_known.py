"""``gurumi known`` and ``gurumi ticket --read`` as programs: text in, one answer out, no cluster, no door."""

import json
import os
import subprocess
import sys
from pathlib import Path

TICKETS = Path(__file__).parent.parent / "tickets"
ENTRY = (
    "- id: our-own\n  title: The flux capacitor overheats\n  symptoms: [flux capacitor is too hot]\n"
    "  cause: heat\n  fix: wait\n"
)


def gurumi(*words: str, told: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "GURUMI_INVENTORY": str(TICKETS / "inventory.yaml"), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, input=told, env=environment, capture_output=True, text=True, timeout=60)


def test_a_known_issue_is_told_with_its_fix() -> None:
    done = gurumi("known", "exec format error")
    assert done.returncode == 0
    assert "image-architecture-mismatch" in done.stdout.replace("\n  ", " ")


def test_matches_come_as_json_and_are_empty_when_nothing_is_known() -> None:
    found = json.loads(
        gurumi("known", "-", "--format", "json", told="etcdserver: mvcc: database space exceeded").stdout
    )
    assert found["matches"][0]["id"] == "etcd-database-space-exceeded"
    assert 0 < found["matches"][0]["score"] <= 1
    assert json.loads(gurumi("known", "점심 메뉴 추천해 주세요", "--format", "json").stdout)["matches"] == []


def test_another_shelf_is_read_and_what_does_not_fit_is_told(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(f"{ENTRY}- id: odd\n  title: x\n")
    found = json.loads(
        gurumi("known", "the flux capacitor is too hot", "--issues", str(tmp_path), "--format", "json").stdout
    )
    assert [fault["line"] for fault in found["faults"]] == [6]
    linted = gurumi("known", "lint", str(tmp_path))
    assert linted.returncode == 1
    assert "ours.yaml" in linted.stderr


def test_a_shelf_that_is_not_there_is_told_in_a_sentence() -> None:
    done = gurumi("known", "x", "--issues", "/nowhere.yaml")
    assert done.returncode == 1
    assert done.stderr.startswith("gurumi: /nowhere.yaml cannot be read")


def test_our_shelf_passes_its_own_check() -> None:
    assert gurumi("known", "lint").returncode == 0


def test_a_ticket_is_read_from_standard_input() -> None:
    told = "photo-store-01 의 thumb-maker 가 11시 5분부터 OOMKilled 입니다. password=Fixture-Pw1"
    done = gurumi(
        "ticket",
        "--read",
        "-",
        "--format",
        "json",
        "--at",
        "2026-03-05T12:00:00+09:00",
        "--tz",
        "Asia/Seoul",
        told=told,
    )
    answer = json.loads(done.stdout)
    assert answer["clusters"] == ["photo-store-01"]
    assert answer["workloads"] == ["thumb-maker"]
    assert answer["times"][0]["from"].startswith("2026-03-05T11:05:00+09:00")
    assert "Fixture-Pw1" not in done.stdout + done.stderr


def test_a_zone_that_does_not_exist_is_wrong_usage() -> None:
    assert gurumi("ticket", "--read", "-", "--tz", "Mars/Base", told="x").returncode == 2
