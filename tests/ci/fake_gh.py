"""Stands in for GitHub's command line: `gh api` on a repository that is one JSON file.

It is as strict as the real one about what driftline uses of it: flags, placeholders, the token,
permissions, pages, numbers shared by issues and pull requests, labels, sizes.
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


class Refused(Exception):
    """A response that is not 2xx."""


def main(words: list[str]) -> int:  # noqa: C901 - one branch a rule
    if words[:1] != ["api"]:
        sys.stderr.write(f'unknown command "{words[0]}" for "gh"' + "\n")
        return 1
    flags, endpoint = {"--method": "GET", "--input": ""}, ""
    rest = iter(words[1:])
    for word in rest:
        if word in flags:
            flags[word] = next(rest)
        elif word.startswith("-"):
            sys.stderr.write(f"unknown flag: {word}" + "\n")
            return 1
        else:
            endpoint = word
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
                raise Refused("Resource not accessible by integration (HTTP 403)")
            sys.stdout.write(json.dumps(ME))
            return 0
        if not endpoint.startswith(prefix):
            raise Refused("Not Found (HTTP 404)")
        answer = handle(state, flags["--method"], endpoint.removeprefix(prefix), data)
    except Refused as refused:
        sys.stdout.write(json.dumps({"message": str(refused)}))
        sys.stderr.write(f"gh: {refused}" + "\n")
        return 1
    finally:
        STATE.write_text(json.dumps(state))
    sys.stdout.write(json.dumps(answer))
    return 0


def handle(state: dict, method: str, endpoint: str, data: dict) -> object:
    url = urlsplit(endpoint)
    path = url.path.split("/")
    if method == "GET":
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return select_page(list(read(state, path, query)), query)
    if state["read_only"]:
        raise Refused("Resource not accessible by integration (HTTP 403)")
    if len(data.get("body", "")) > LONGEST:
        raise Refused("Validation Failed (HTTP 422)")
    return write(state, method, path, data)


def read(state: dict, path: list[str], query: dict[str, str]) -> list[dict]:
    match path:
        case ["issues"]:
            found = [i for i in state["issues"] if i["state"] == query.get("state", "open")]
            wanted = set(filter(None, query.get("labels", "").split(",")))
            return [issue for issue in found if names(issue) >= wanted]
        case ["issues", number, "comments"]:
            find_in(state["issues"], "number", number)
            return [c for c in state["comments"] if c["on"] == int(number)]
        case ["pulls"]:
            owner, _, branch = query["head"].partition(":")
            if owner != "{owner}":  # what the real one replaces
                raise Refused("Validation Failed (HTTP 422)")
            pulls = [i for i in state["issues"] if "pull_request" in i and i.get("head") == branch]
            return [pull for pull in pulls if pull["state"] == query.get("state", "open")]
    raise Refused("Not Found (HTTP 404)")


def write(state: dict, method: str, path: list[str], data: dict) -> dict:
    match (method, *path):
        case ("POST", "issues"):
            return open_issue(state, data)
        case ("PATCH", "issues", number):
            return change(find_in(state["issues"], "number", number), data)
        case ("POST", "issues", number, "comments"):
            find_in(state["issues"], "number", number)
            made = {"id": 9_000 + len(state["comments"]), "on": int(number), "user": ME, **data}
            state["comments"].append(made)
            return made
        case ("POST", "pulls"):
            same = [i for i in state["issues"] if i.get("head") == data["head"]]
            if any(pull["state"] == "open" for pull in same):
                raise Refused("Validation Failed (HTTP 422)")
            number = max((i["number"] for i in state["issues"]), default=0) + 1
            made = {"number": number, "state": "open", "user": ME, "labels": [], **data}
            made["merged_at"] = None
            state["issues"].append({**made, "pull_request": {}})
            return made
        case ("PATCH", "pulls", number):
            return change(find_in(state["issues"], "number", number), data)
        case ("PATCH", "issues", "comments", number):
            return change(find_in(state["comments"], "id", number), data)
        case ("POST", "labels") if data["name"] not in state["labels"]:
            state["labels"].append(data["name"])
            return {"name": data["name"]}
        case ("POST", "labels"):
            raise Refused("Validation Failed (HTTP 422)")
    raise Refused("Not Found (HTTP 404)")


def change(row: dict, data: dict) -> dict:
    row.update(data)
    return row


def open_issue(state: dict, data: dict) -> dict:
    labels = data.pop("labels")
    if not set(labels) <= set(state["labels"]):
        raise Refused("Validation Failed (HTTP 422)")
    number = max((i["number"] for i in state["issues"]), default=0) + 1
    made = {"number": number, "state": "open", "user": ME, **data}
    state["issues"].append({**made, "labels": [{"name": label} for label in labels]})
    return made


def names(issue: dict) -> set[str]:
    return {label["name"] for label in issue["labels"]}


def find_in(rows: list[dict], key: str, value: str) -> dict:
    for row in rows:
        if str(row[key]) == value:
            return row
    raise Refused("Not Found (HTTP 404)")


def select_page(rows: list, query: dict[str, str]) -> list:
    size, page = min(int(query.get("per_page", "30")), 100), int(query.get("page", "1"))
    return rows[size * (page - 1) : size * page]


sys.exit(main(sys.argv[1:]))
