"""The workflows and the action are valid and secure, and their steps work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from driftline.generate import generate
from driftline.mock import HttpResponse, Mock, run_server
from driftline.openapi import find, load
from driftline.project import Project
from driftline.suite.http.target import list_needed

from .jobs import ACTION, ROOT, WORKFLOWS, Runner, list_own_steps

FOLDER = ROOT / ".github" / "workflows"
FILES = [*sorted(FOLDER.glob("*.yml")), ROOT / "action.yml"]
TOOLS = Path(sys.executable).parent
JOBS = {
    f"{name}.{job}": body
    for name, workflow in WORKFLOWS.items()
    for job, body in workflow["jobs"].items()
}
STEPS = [step for body in (*JOBS.values(), ACTION["runs"]) for step in body["steps"]]
# Who else's code runs in the workflows.
OTHER_ACTIONS = {
    "actions/attest",
    "actions/checkout",
    "actions/download-artifact",
    "actions/setup-python",
    "actions/upload-artifact",
    "github/codeql-action/upload-sarif",
    "pypa/gh-action-pypi-publish",
}
SPEC = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example", x-env: SHOP_BASE_URL}]
security: [{key: []}]
paths:
  /ping:
    get:
      operationId: shop.ping
      summary: Is it there?
      responses:
        "200":
          description: It is.
          content:
            application/json:
              schema: {type: object, required: [ok], properties: {ok: {enum: [1, 2]}}}
        default: {description: Something is wrong.}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, x-env: ZUDU_API_KEY}
"""


def run_tool(*arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run a program that is installed with [test]."""
    command = [str(TOOLS / arguments[0]), *map(str, arguments[1:])]
    environment = {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "HOME": "/nowhere"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )


def test_actionlint_has_no_findings(tmp_path: Path) -> None:
    """actionlint finds nothing in the workflows, and finds the mistakes in a broken one."""
    process = run_tool("actionlint", *FILES[:-1])
    assert (process.returncode, process.stdout) == (0, "")
    bad_workflow = (
        (FOLDER / "nightly.yml").read_text().replace("run: scripts/action", "run: echo $A >x$B")
    )
    (tmp_path / "bad.yml").write_text(bad_workflow.replace("needs.live.", "needs.life."))
    output = run_tool("actionlint", tmp_path / "bad.yml").stdout
    assert "SC2086" in output
    assert '"life" is not defined' in output


def test_zizmor_has_no_findings(tmp_path: Path) -> None:
    """zizmor finds nothing in pedantic mode, and finds the mistakes in a broken workflow."""
    arguments = ("zizmor", "--quiet", "--offline", "--persona", "pedantic", "--strict-collection")
    process = run_tool(*arguments, ".")
    assert (process.returncode, process.stdout) == (0, "No findings to report. Good job!\n"), (
        process.stderr
    )
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    bad_workflow = (
        (FOLDER / "nightly.yml")
        .read_text()
        .replace("        with:\n          persist-credentials: false\n", "")
    )
    bad_workflow = bad_workflow.replace("run: scripts/action", 'run: echo "${{ github.head_ref }}"')
    (tmp_path / ".github" / "workflows" / "nightly.yml").write_text(bad_workflow)
    process = run_tool(*arguments, "--no-config", tmp_path)
    output = process.stdout + process.stderr
    assert {"artipacked", "template-injection"} <= set(re.findall(r"\[([a-z-]+)\]", output))


def test_shellcheck_has_no_findings(tmp_path: Path) -> None:
    """shellcheck finds nothing in the scripts and in the action."""
    scripts = [path for path in (ROOT / "scripts").iterdir() if not path.suffix]
    for number, step in enumerate(ACTION["runs"]["steps"]):
        scripts.append(tmp_path / str(number))
        scripts[-1].write_text(f"#!/bin/{step['shell']}\n{step['run']}\n")
    process = run_tool("shellcheck", *scripts, ROOT / ".ci" / "run")
    assert (process.returncode, process.stdout) == (0, "")


def test_third_party_actions_are_pinned() -> None:
    """Third-party actions are pinned by a full SHA with a version, the same one everywhere."""
    pins: dict[str, set[str]] = {}
    for path in FILES:
        for line in re.findall(r"uses: (.*)", path.read_text()):
            if line != "./":
                name, pin = line.split("@")
                assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin), line
                pins.setdefault(name, set()).add(pin)
    assert pins.keys() == OTHER_ACTIONS
    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_permissions_are_requested_per_job(workflow: str) -> None:
    """A workflow has no permissions, and a job has at most one write permission and a timeout."""
    body = WORKFLOWS[workflow]
    assert body["permissions"] == {}
    assert body["concurrency"]["group"]
    assert not {"pull_request_target", "workflow_run"} & body["on"].keys()
    for job in body["jobs"].values():
        writes = {name for name, level in job["permissions"].items() if level == "write"}
        assert len(writes) <= 1 or writes == {"id-token", "attestations"}
        assert 0 < job["timeout-minutes"] <= 60


def test_no_script_has_an_expression_and_no_checkout_a_token() -> None:
    """No script contains an expression, and no checkout keeps its token."""
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) > 5
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_only_one_step_has_the_credentials() -> None:
    """Only one step has credentials, those that the specs name, and no pull request triggers it."""
    secret_names = {
        spec.security_schemes[name].env
        for spec in map(load, find(ROOT / "specs"))
        for name in list_needed(spec)
    }
    using = [step for step in STEPS if "secrets." in str(step)]
    (step,) = using
    assert step in WORKFLOWS["nightly"]["jobs"]["live"]["steps"]
    secret_variables = {
        name: expression for name, expression in step["env"].items() if "secrets." in expression
    }
    assert secret_variables == {name: f"${{{{ secrets.{name} }}}}" for name in secret_names}


def test_a_job_with_write_permission_runs_no_code_of_a_change() -> None:
    """The comment job checks out the base, and forks and bots get no job with write permission."""
    jobs = WORKFLOWS["pull-request"]["jobs"]
    checkout = jobs["comment"]["steps"][0]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    for name in ("alerts", "comment"):
        assert "!github.event.pull_request.head.repo.fork" in jobs[name]["if"]
        assert "user.login != 'dependabot[bot]'" in jobs[name]["if"]
    assert not any("run" in step or step["uses"] == "./" for step in jobs["alerts"]["steps"])


def test_the_workflow_runs_the_scripts_of_ci() -> None:
    """The workflow runs the same scripts as .ci/run, with the drift check as a separate job."""
    runs = [step["run"] for step in list_own_steps("pull-request", "test")]
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in script if line.startswith("scripts/")] == [
        runs[0],
        "scripts/drift",
        runs[1],
    ]
    (change,) = (step for step in list_own_steps("pull-request", "change") if "uses" in step)
    assert change["with"]["command"] == "ci change"


def test_the_page_lists_every_input_output_and_hook() -> None:
    """docs/ci.md lists every input, output and hook, and its example equals this repository's
    workflow.
    """
    page = (ROOT / "docs" / "ci.md").read_text()
    table = re.findall(r"^\| `(\w+)` \|", page.partition("| input |")[2], re.MULTILINE)
    assert table[: len(ACTION["inputs"])] == list(ACTION["inputs"])
    assert all(f"`{name}`" in page for name in ACTION["outputs"])
    example, *_, hooks = (
        YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    )
    steps = WORKFLOWS["pull-request"]["jobs"]["change"]["steps"]
    assert example[0] == steps[0]
    assert example[1]["with"]["args"] == steps[1]["with"]["args"]
    assert ACTION["inputs"]["command"]["default"] == steps[1]["with"]["command"]
    hook_ids = {hook["id"] for hook in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}
    shown_ids = {hook["id"] for hook in hooks["repos"][0]["hooks"]}
    assert shown_ids < hook_ids
    assert all(f"`{name}`" in page for name in hook_ids - shown_ids)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Return a runner with a repository of one API and two commits, a fake `gh`, and driftline on
    the PATH.
    """
    workspace = tmp_path / "shop"
    (workspace / "specs").mkdir(parents=True)
    (workspace / "specs" / "shop.yaml").write_text(SPEC.replace("[1, 2]", "[1]"))
    (workspace / "scripts").symlink_to(ROOT / "scripts")
    (workspace / ".gitignore").write_text("report/\nscripts\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for number in (1, 2):
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", str(number)]):
            subprocess.run([*git, *arguments], cwd=workspace, check=True)
        (workspace / "specs" / "shop.yaml").write_text(SPEC)
        generate(Project(workspace), [load(workspace / "specs" / "shop.yaml")])
    temp, tools = tmp_path / "temp", tmp_path / "bin"
    temp.mkdir()
    tools.mkdir()
    (tools / "driftline").symlink_to(TOOLS / "driftline")
    program = ROOT / "tests" / "ci" / "fake_gh.py"
    (tools / "gh").write_text(f'#!/bin/sh\nexec "{sys.executable}" -ISE "{program}" "$@"\n')
    (tools / "python3").write_text(PYTHON)
    for path in (tools / "gh", tools / "python3"):
        path.chmod(0o755)
    pull = {"number": 1, "state": "open", "user": {"login": "a"}, "labels": [], "pull_request": {}}
    start = {"issues": [pull], "comments": [], "labels": [], "calls": [], "read_only": False}
    (temp / "gh.json").write_text(json.dumps(start))
    context = {
        "github.token": "ghs_secret",
        "github.repository": "acme/shop",
        "github.event.pull_request.number": "1",
        "secrets.ZUDU_API_KEY": Mock(load(workspace / "specs" / "shop.yaml")).credentials["key"],
    }
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "FAKE_GH": str(temp / "gh.json"), "NOTES": str(temp / "notes")}
    return Runner(workspace, temp, context, environment)


PYTHON = """#!/bin/sh
# Stands in for a Python: notes what it was asked, makes what `venv` makes.
echo "$@" >> "$NOTES"
case "$*" in *"-m venv"*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;; esac
"""


def test_the_steps_of_a_pull_request_write_a_comment(runner: Runner) -> None:
    """The steps of a pull request install driftline, run the action and write a comment."""
    (runner.workspace / "specs" / "shop.yaml").write_text(SPEC)
    step = next(step for step in list_own_steps("pull-request", "change") if "uses" in step)
    result = runner.run(step)
    assert result.code == 0, result.log
    assert result.outputs == {"exit-code": "0", "report": "report"}
    assert "the value 2 may now be returned" in result.log
    assert {path.name for path in (runner.workspace / "report").iterdir()} >= {
        "comment.md",
        "report.sarif",
    }
    assert "**Changes: 1 breaking. Client code breaks.**" in (runner.temp / "page.md").read_text()
    (comment,) = list_own_steps("pull-request", "comment")
    result = runner.run(comment)
    assert (result.code, result.log.splitlines()[-1]) == (0, "Commented on 1.")
    notes = (runner.temp / "notes").read_text()
    pins = f"--require-hashes --no-deps --only-binary :all: -r {ROOT}/constraints-contract.txt"
    assert f"pip install --quiet {pins}" in notes
    assert f"pip install --quiet --no-deps --no-build-isolation {ROOT}\n" in notes
    assert (runner.temp / "path").read_text().splitlines()[0] == f"{runner.temp}/driftline/bin"


def test_the_nightly_job_opens_one_issue_for_drift(runner: Runner) -> None:
    """The nightly job does nothing without credentials; with them, drift fails it and opens one
    issue.
    """
    _, live = list_own_steps("nightly", "live")
    bare = Runner(runner.workspace, runner.temp, {}, runner.environment)
    result = bare.run(live)
    assert (result.code, result.outputs) == (0, {"exit-code": "0", "report": ""})
    assert "No live server was checked" in (runner.temp / "page.md").read_text()

    mock = Mock(load(runner.workspace / "specs" / "shop.yaml"))

    def handle(request: Any) -> HttpResponse:
        response = mock.handle(request)
        return (
            HttpResponse(200, response.headers, b'{"ok": 3}')
            if response.status == 200
            else response
        )

    with run_server({"shop": handle}) as url:
        environment = {**runner.environment, "SHOP_BASE_URL": f"{url}/shop"}
        result = Runner(runner.workspace, runner.temp, runner.context, environment).run(live)
    assert result.outputs == {"exit-code": "1", "report": "report"}
    assert result.code == 1
    assert "(limits: 500 requests, 5 per second)" in result.log
    assert runner.context["secrets.ZUDU_API_KEY"] not in result.log
    assert "::error file=specs/shop.yaml,line=15," in result.log
    (issue,) = list_own_steps("nightly", "issue")
    result = runner.run(issue)
    assert (result.code, result.log.splitlines()[-1]) == (0, "Opened issue 2.")


def test_the_action_passes_every_input(runner: Runner) -> None:
    """The action passes every input as separate arguments without expanding globs."""
    (runner.workspace / "bin").mkdir()
    program = runner.workspace / "bin" / "driftline"
    program.write_text('#!/bin/sh\nprintf "<%s>" "$@"\nexit 2\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{runner.environment['PATH']}"
    action_runner = Runner(runner.workspace, runner.temp, {}, {**runner.environment, "PATH": path})
    inputs = {
        "command": "check",
        "apis": "shop bank",
        "specs": "my specs",
        "urls": "shop=http://a bank=http://b",
        "args": "--rate 5 *",
        "report": "out",
    }
    assert inputs.keys() == ACTION["inputs"].keys()
    result = action_runner.run({"uses": "./", "with": inputs})
    assert (result.code, result.outputs) == (2, {"exit-code": "2", "report": ""})
    assert result.log.endswith(
        "<check><shop><bank><--url><bank=http://b><--url><shop=http://a><--rate><5><*>"
        "<--specs><my specs><--report><out>"
    )
    assert "constraints-contract.txt" in (runner.temp / "notes").read_text()
    assert action_runner.run({"uses": "./", "with": {"command": "lint"}}).log == "<lint>"


def test_a_release_is_built_and_tried_alone(tmp_path: Path) -> None:
    """A release is built only for a tag that equals the version, and its wheel works alone."""
    copy = tmp_path / "driftline"
    copied_folders = ("src", "generated", "specs", "contract_tests", "scripts")
    ignored_patterns = shutil.ignore_patterns("__pycache__")
    for name in copied_folders:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored_patterns)
    for name in ("pyproject.toml", "README.md", "LICENSE", "constraints-contract.txt"):
        shutil.copy(ROOT / name, copy)
    (copy / "scripts" / "environment").write_text("#!/bin/sh\n")
    (copy / ".venv").symlink_to(TOOLS.parent)
    (build,) = list_own_steps("release", "build")
    (trial,) = list_own_steps("release", "try")
    # The packages that driftline needs are those of this environment; nothing is fetched.
    packages = str(Path(pytest.__file__).parents[1])
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PYTHONPATH": packages}
    offline["PATH"] = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    runner = Runner(copy, tmp_path, {}, offline)
    assert runner.environment is offline
    wrong_result = Runner(copy, tmp_path, {}, {**offline, "GITHUB_REF_NAME": "v9"}).run(build)
    assert (wrong_result.code, "the tag is v9, the version" in wrong_result.log) == (2, True)
    assert not (copy / "dist").exists()
    version = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    tagged_environment = {**offline, "GITHUB_REF_NAME": f"v{version[0]}"}
    result = Runner(copy, tmp_path, {}, tagged_environment).run(build)
    assert result.code == 0, result.log
    assert {path.suffix for path in (copy / "dist").iterdir()} == {".gz", ".whl"}
    shutil.rmtree(copy / "src")
    result = runner.run(trial)
    assert result.code == 0, result.log
    assert "No drift" in result.log


def test_the_pre_commit_hooks_are_valid(tmp_path: Path) -> None:
    """The pre-commit files are valid, and each hook passes or finds the change that it is for."""
    assert (
        run_tool("pre-commit", "validate-config", ROOT / ".pre-commit-config.yaml").returncode == 0
    )
    manifest = ROOT / ".pre-commit-hooks.yaml"
    assert run_tool("pre-commit", "validate-manifest", manifest).returncode == 0
    hooks = YAML(typ="safe").load(manifest)
    assert {hook["language"] for hook in hooks} == {"python"}
    # The same hooks, run by what is installed here: pre-commit would fetch packages for each.
    local = [
        {k: v for k, v in hook.items() if k != "additional_dependencies"}
        | {"language": "unsupported"}
        for hook in hooks
    ]
    (tmp_path / "specs").mkdir()
    spec = tmp_path / "specs" / "shop.yaml"
    spec.write_text(SPEC)
    generate(Project(tmp_path), [load(spec)])
    config = {"repos": [{"repo": "local", "hooks": local}]}
    YAML().dump(config, tmp_path / ".pre-commit-config.yaml")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "1"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    # One value more in an answer: sound, to be generated, then fresh, and breaking callers.
    spec.write_text(SPEC.replace("[1, 2]", "[1, 2, 3]"))
    assert find_failing_hooks(tmp_path) == ["driftline-generate", "driftline-diff"]


def find_failing_hooks(folder: Path) -> list[str]:
    """Return the ids of the hooks that fail in `pre-commit run --all-files`, in order."""
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PRE_COMMIT_HOME": str(folder / ".git" / "cache")}
    process = subprocess.run(
        [str(TOOLS / "pre-commit"), "run", "--all-files", "--color", "never"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return re.findall(r"Failed\n- hook id: ([\w-]+)", process.stdout)
