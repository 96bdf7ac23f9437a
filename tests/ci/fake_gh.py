"""A fake of GitHub's command line: `gh api` on a repository that is one JSON file.

It is as strict as the real one about flags, placeholders, the token, permissions, pages, shared
numbers, labels and sizes.
"""

import json
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

STATE = Path(os.environ["FAKE_GH"])
IS_ACTIONS = os.environ.get("GITHUB_ACTIONS") == "true"
ME = {"login": "github-actions[bot]" if IS_ACTIONS else "shop-bot", "type": "Bot"}
LONGEST = 65_536


class RejectedRequest(Exception):
    """A response whose status is not 2xx."""


def main(arguments: list[str]) -> int:  # noqa: C901 - one branch a rule
    if arguments[:1] != ["api"]:
        sys.stderr.write(f'unknown command "{arguments[0]}" for "gh"' + "\n")
        return 1
    flags, endpoint = {"--method": "GET", "--input": ""}, ""
    remaining = iter(arguments[1:])
    for argument in remaining:
        if argument in flags:
            flags[argument] = next(remaining)
        elif argument.startswith("-"):
            sys.stderr.write(f"unknown flag: {argument}" + "\n")
            return 1
        else:
            endpoint = argument
    if not os.environ.get("GH_TOKEN"):
        sys.stderr.write("To get started with GitHub CLI, please run:  gh auth login" + "\n")
        return 4
    if os.environ.get("GH_REPO") != "acme/shop":
        sys.stderr.write("unable to expand placeholder in path: no git remotes found" + "\n")
        return 1
    data = json.loads(sys.stdin.read()) if flags["--input"] == "-" else {}
    prefix = "repos/{owner}/{repo}/"
    state = json.loads(STATE.read_text())
    state["calls"].append(f"{flags['--method']} {endpoint.removeprefix(prefix)}")
    try:
        if endpoint == "user":  # which the token of an app may not read
            if os.environ["GH_TOKEN"].startswith("ghs_"):
                raise RejectedRequest("Resource not accessible by integration (HTTP 403)")
            sys.stdout.write(json.dumps(ME))
            return 0
        if not endpoint.startswith(prefix):
            raise RejectedRequest("Not Found (HTTP 404)")
        result = handle(state, flags["--method"], endpoint.removeprefix(prefix), data)
    except RejectedRequest as error:
        message, *errors = error.args
        sys.stdout.write(json.dumps({"message": message, "errors": errors}))
        sys.stderr.write(f"gh: {message}" + "\n")
        return 1
    finally:
        STATE.write_text(json.dumps(state))
    sys.stdout.write(json.dumps(result))
    return 0


def handle(state: dict, method: str, endpoint: str, data: dict) -> object:
    url = urlsplit(endpoint)
    path = url.path.split("/")
    if method == "GET":
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return select_page(list(read_rows(state, path, query)), query)
    if state["read_only"]:
        raise RejectedRequest("Resource not accessible by integration (HTTP 403)")
    if len(data.get("body", "")) > LONGEST:
        raise RejectedRequest("Validation Failed (HTTP 422)")
    return write_row(state, method, path, data)


def read_rows(state: dict, path: list[str], query: dict[str, str]) -> list[dict]:
    match path:
        case ["issues"]:
            issues = [i for i in state["issues"] if i["state"] == query.get("state", "open")]
            label_names = set(filter(None, query.get("labels", "").split(",")))
            return [issue for issue in issues if list_label_names(issue) >= label_names]
        case ["issues", number, "comments"]:
            find_in(state["issues"], "number", number)
            return [c for c in state["comments"] if c["on"] == int(number)]
        case ["pulls"]:
            owner, _, branch = query["head"].partition(":")
            if owner != "{owner}":  # what the real one replaces
                raise RejectedRequest("Validation Failed (HTTP 422)")
            pulls = [i for i in state["issues"] if "pull_request" in i and i.get("head") == branch]
            return [pull for pull in pulls if pull["state"] == query.get("state", "open")]
    raise RejectedRequest("Not Found (HTTP 404)")


def write_row(  # noqa: C901 - one branch a rule
    state: dict, method: str, path: list[str], data: dict
) -> dict:
    match (method, *path):
        case ("POST", "issues"):
            return open_issue(state, data)
        case ("PATCH", "issues", number):
            return change(find_in(state["issues"], "number", number), data)
        case ("POST", "issues", number, "comments"):
            find_in(state["issues"], "number", number)
            row = {"id": 9_000 + len(state["comments"]), "on": int(number), "user": ME, **data}
            state["comments"].append(row)
            return row
        case ("POST", "pulls") if data["base"] != "main":
            error = {"resource": "PullRequest", "field": "base", "code": "invalid"}
            raise RejectedRequest("Validation Failed (HTTP 422)", error)
        case ("POST", "pulls"):
            pulls_of_branch = [i for i in state["issues"] if i.get("head") == data["head"]]
            if any(pull["state"] == "open" for pull in pulls_of_branch):
                raise RejectedRequest("Validation Failed (HTTP 422)")
            number = max((i["number"] for i in state["issues"]), default=0) + 1
            row = {"number": number, "state": "open", "user": ME, "labels": [], **data}
            row["merged_at"] = None
            state["issues"].append({**row, "pull_request": {}})
            return row
        case ("PATCH", "pulls", number):
            return change(find_in(state["issues"], "number", number), data)
        case ("PATCH", "issues", "comments", number):
            return change(find_in(state["comments"], "id", number), data)
        case ("POST", "labels") if data["name"] not in state["labels"]:
            state["labels"].append(data["name"])
            return {"name": data["name"]}
        case ("POST", "labels"):
            raise RejectedRequest("Validation Failed (HTTP 422)")
    raise RejectedRequest("Not Found (HTTP 404)")


def change(row: dict, data: dict) -> dict:
    row.update(data)
    return row


def open_issue(state: dict, data: dict) -> dict:
    labels = data.pop("labels")
    if not set(labels) <= set(state["labels"]):
        raise RejectedRequest("Validation Failed (HTTP 422)")
    number = max((i["number"] for i in state["issues"]), default=0) + 1
    issue = {"number": number, "state": "open", "user": ME, **data}
    state["issues"].append({**issue, "labels": [{"name": label} for label in labels]})
    return issue


def list_label_names(issue: dict) -> set[str]:
    return {label["name"] for label in issue["labels"]}


def find_in(rows: list[dict], key: str, value: str) -> dict:
    for row in rows:
        if str(row[key]) == value:
            return row
    raise RejectedRequest("Not Found (HTTP 404)")


def select_page(rows: list, query: dict[str, str]) -> list:
    size, page = min(int(query.get("per_page", "30")), 100), int(query.get("page", "1"))
    return rows[size * (page - 1) : size * page]


sys.exit(main(sys.argv[1:]))
