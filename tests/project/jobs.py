"""Runs steps of the workflows as a runner does: environment, working folder, files, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

__all__ = ["ACTION", "ROOT", "WORKFLOWS", "Done", "Runner", "steps_of"]

ROOT = Path(__file__).parents[2]
WORKFLOWS: Mapping[str, Any] = {
    path.stem: YAML(typ="safe").load(path)
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
ACTION: Any = YAML(typ="safe").load(ROOT / "action.yml")
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def steps_of(workflow: str, job: str) -> list[Any]:
    """The steps of a job, without those that other people's actions make."""
    steps = WORKFLOWS[workflow]["jobs"][job]["steps"]
    return [step for step in steps if step.get("uses", "./") == "./"]


@attrs.frozen
class Done:
    """How a step ended."""

    code: int
    log: str
    outputs: Mapping[str, str]


@attrs.frozen
class Runner:
    """A machine that has checked out `workspace`; `context` is what expressions name."""

    workspace: Path
    temp: Path
    context: Mapping[str, str]
    environment: Mapping[str, str] = attrs.field(factory=dict)

    def run(self, step: Mapping[str, Any]) -> Done:
        """A step with `run`, or with `uses: ./`, whose steps are run one after the other."""
        if "run" in step:
            return self._script(step, self.context, {})
        given = {name: self._expand(text) for name, text in step.get("with", {}).items()}
        known = {name: each.get("default", "") for name, each in ACTION["inputs"].items()}
        assert given.keys() <= known.keys()
        inputs = {f"inputs.{name}": text for name, text in (known | given).items()}
        outputs: dict[str, str] = {}
        log = ""
        for inner in ACTION["runs"]["steps"]:
            done = self._script(inner, inputs, step.get("env", {}))
            log += done.log
            outputs |= {f"steps.{inner.get('id')}.outputs.{k}": v for k, v in done.outputs.items()}
            if done.code:
                break
        told = {name: each["value"] for name, each in ACTION["outputs"].items()}
        return Done(done.code, log, {k: self._expand(v, outputs) for k, v in told.items()})

    def _expand(self, text: Any, context: Mapping[str, str] | None = None) -> str:
        known = self.context if context is None else context
        return EXPRESSION.sub(lambda found: known.get(found[1], ""), str(text))

    def _script(
        self, step: Mapping[str, Any], context: Mapping[str, str], outer: Mapping[str, Any]
    ) -> Done:
        script, output = self.temp / "step.sh", self.temp / "output"
        script.write_text(step["run"])
        output.write_text("")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GH_", "GITHUB_"))}
        own = {k: self._expand(v) for k, v in outer.items()}
        own |= {k: self._expand(v, context) for k, v in step.get("env", {}).items()}
        files = {
            "OUTPUT": output,
            "PATH": self.temp / "path",
            "STEP_SUMMARY": self.temp / "page.md",
        }
        runner = {f"GITHUB_{name}": str(path) for name, path in files.items()}
        runner |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.workspace)}
        runner |= {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(self.temp)}
        shell = ["sh", "-e"] if step.get("shell") == "sh" else ["bash", "-e"]
        done = subprocess.run(
            [*shell, str(script)],
            cwd=self.workspace,
            env=kept | runner | dict(self.environment) | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        return Done(done.returncode, done.stdout, {name: text for name, _, text in lines})
