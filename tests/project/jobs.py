"""Runs steps of the workflows as a runner does, with its environment, working folder and files."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

__all__ = ["ACTION", "ROOT", "WORKFLOWS", "Runner", "StepResult", "list_own_steps"]

ROOT = Path(__file__).parents[2]
WORKFLOWS: Mapping[str, Any] = {
    path.stem: YAML(typ="safe").load(path)
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
ACTION: Any = YAML(typ="safe").load(ROOT / "action.yml")
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def list_own_steps(workflow: str, job: str) -> list[Any]:
    """Return the steps of a job, without those of third-party actions."""
    steps = WORKFLOWS[workflow]["jobs"][job]["steps"]
    return [step for step in steps if step.get("uses", "./") == "./"]


@attrs.frozen
class StepResult:
    """The exit code, log and outputs of a step."""

    code: int
    log: str
    outputs: Mapping[str, str]


@attrs.frozen
class Runner:
    """A machine that has checked out `workspace`; `context` has the values of expressions."""

    workspace: Path
    temp: Path
    context: Mapping[str, str]
    environment: Mapping[str, str] = attrs.field(factory=dict)

    def run(self, step: Mapping[str, Any]) -> StepResult:
        """Run a step with `run`, or with `uses: ./`, whose steps run one after the other."""
        if "run" in step:
            return self._script(step, self.context, {})
        given_inputs = {
            name: self._expand(expression) for name, expression in step.get("with", {}).items()
        }
        defaults = {
            name: action_input.get("default", "") for name, action_input in ACTION["inputs"].items()
        }
        assert given_inputs.keys() <= defaults.keys()
        inputs = {f"inputs.{name}": value for name, value in (defaults | given_inputs).items()}
        outputs: dict[str, str] = {}
        log = ""
        for inner in ACTION["runs"]["steps"]:
            result = self._script(inner, inputs, step.get("env", {}))
            log += result.log
            outputs |= {
                f"steps.{inner.get('id')}.outputs.{k}": v for k, v in result.outputs.items()
            }
            if result.code:
                break
        output_expressions = {
            name: action_output["value"] for name, action_output in ACTION["outputs"].items()
        }
        return StepResult(
            result.code, log, {k: self._expand(v, outputs) for k, v in output_expressions.items()}
        )

    def _expand(self, template: Any, context: Mapping[str, str] | None = None) -> str:
        values = self.context if context is None else context
        return EXPRESSION.sub(lambda match: values.get(match[1], ""), str(template))

    def _script(
        self, step: Mapping[str, Any], context: Mapping[str, str], outer: Mapping[str, Any]
    ) -> StepResult:
        script, output = self.temp / "step.sh", self.temp / "output"
        script.write_text(step["run"])
        output.write_text("")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("GH_", "GITHUB_"))}
        step_environment = {k: self._expand(v) for k, v in outer.items()}
        step_environment |= {k: self._expand(v, context) for k, v in step.get("env", {}).items()}
        files = {
            "OUTPUT": output,
            "PATH": self.temp / "path",
            "STEP_SUMMARY": self.temp / "page.md",
        }
        runner = {f"GITHUB_{name}": str(path) for name, path in files.items()}
        runner |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.workspace)}
        runner |= {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(self.temp)}
        shell = ["sh", "-e"] if step.get("shell") == "sh" else ["bash", "-e"]
        process = subprocess.run(
            [*shell, str(script)],
            cwd=self.workspace,
            env=inherited | runner | dict(self.environment) | step_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        return StepResult(
            process.returncode, process.stdout, {name: value for name, _, value in lines}
        )
