"""A running control plane as tests see it: its kubeconfig, a kubectl of the same version, down and up again."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LIMIT_S = 240
BUILD_LIMIT_S = 3600


def program_folder() -> Path:
    return Path(_run([str(HERE / "build.sh"), "--print"]).strip())


def build() -> None:
    _run([str(HERE / "build.sh")], limit_s=BUILD_LIMIT_S)


@dataclass(frozen=True)
class ControlPlane:
    folder: Path
    bare: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    nodes: int = 2

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def server(self) -> str:
        ports = dict(line.split("=") for line in (self.folder / "ports").read_text().split())
        return f"https://127.0.0.1:{ports['api']}"

    def up(self) -> "ControlPlane":
        kind = ["--bare"] if self.bare else ["--nodes", str(self.nodes)]
        _run([str(HERE / "up.sh"), *kind, str(self.folder)], environment=dict(self.environment))
        return self

    def down(self, *, wipe: bool = False) -> None:
        _run([str(HERE / "down.sh"), *(["--wipe"] if wipe else []), str(self.folder)])

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        home = {"HOME": str(self.folder / "home")}
        command = [str(program_folder() / "kubectl"), "--kubeconfig", str(self.kubeconfig), *words]
        return _run(command, stdin=stdin, environment=home)


def _run(
    command: list[str],
    *,
    stdin: str | None = None,
    environment: dict[str, str] | None = None,
    limit_s: float = LIMIT_S,
) -> str:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout
