"""`scripts/shape`: sizes, names and imports of the source, for two trees side by side; no gate."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

PACKAGE = "driftline"
# Verbs that function names of the field begin with. A name that begins with none of them may still
# be a good one (`from_dict`, a decorator): the share is to be compared, not to reach 100 %.
_VERBS_TEXT = """
    accept acquire act activate adapt add address adjust adopt advance aggregate allocate allow
    annotate announce answer append apply ask assemble assert assign assume attach attempt
    attribute await begin bind bound break build bump bundle bytes cache calculate call cancel
    canonicalize carry change check choose claim clamp classify clean clear close coerce
    collapse collect combine come commit compare compile complain complete compose compress
    compute conclude configure confirm confuse connect consume contain convert copy correct
    count cover create cut decide declare decode decompress deduplicate define degrade delay
    delete deliver demand deny derive descend describe detach detect determine diff digest
    disable discard discover dispatch display distribute divide do document downgrade download
    drain draw drill drive drop dump echo edit emit empty encode end ensure enter enumerate
    escape estimate evaluate examine exchange exclude execute exercise exit expand expect
    explain export express extend extract fail fake fall feed fetch fill filter find finish fit
    fix flatten flush fold follow forbid force forget format freeze gather generate get give go
    group guard guess handle hash hide hoist hold identify ignore import include increase
    increment index infer inflate inject inline insert inspect install interleave interpret
    interrupt intersect invoke isolate iterate join judge keep kill label lay lead learn leave
    lengthen limit lint list listen load localize locate lock log look loop lower make map mark
    mask match measure meet merge migrate mock modernize modify monitor move multiply mutate
    name narrow need negotiate nest neutralise neutralize normalise normalize note notify number
    observe obtain omit open order overlap override pack pad page pair parametrize parse pass
    patch pause percent perform pick place plan plant play pluralize poll pop post prefer
    prepare present preserve press prevent print process produce propose prove prune publish
    pull push put quote raise rank rate reach read rebuild recall receive recheck reconnect
    record recover redact reduce refer refresh regenerate register reject relativize release
    reload relocate remember remove rename render renew repair repeat replace replay report
    reposition represent request require reserve reset resize resolve respond rest restart
    restore restrict resume retry return reuse reverse rewrite round route run sample save scan
    schedule score scrub search see seek select send separate serialise serialize serve set
    settle shape share sharpen shift shorten show shrink sign silence simplify skip sleep slim
    snapshot sort spawn spell splice split spoil stage start state stay step stop store stream
    strip submit substitute suggest sum summarise summarize suppress swap switch take tally tell
    terminate test throw tick toggle touch trace track translate traverse trim truncate try tune
    turn undo unify unindex unpack unquote unwrap update upgrade upload use validate vary verify
    view visit wait walk want warn watch weigh widen withdraw wrap write yield
"""
_VERBS = frozenset(re.findall(r"\w+", _VERBS_TEXT))
_PREDICATES = ("is_", "has_", "can_", "needs_", "are_", "do_", "does_", "may_", "should_", "have_")
# Verbs in the third person, which predicates of two things are named by: `rule.matches(request)`.
_THIRD_PERSON = frozenset(
    {
        "accepts",
        "admits",
        "allows",
        "breaks",
        "changes",
        "covers",
        "creates",
        "deletes",
        "documents",
        "exists",
        "fails",
    }
    | {"fits", "follows", "has", "lacks", "leaves", "matches", "meets", "overrides", "requires"}
    | {"updates"}
)
# Conversions, constructors and hooks, which the field names so.
_CUSTOMS = ("to_", "from_", "as_", "with_", "iter_", "async_", "pytest_", "aclose", "main", "on_")
_PARTICIPLE = re.compile(
    r"(made|told|given|found|asked|shown|taken|seen|said|kept|held|left|built|chosen|drawn|known"
    r"|sent|met|put_out|written|worn|spoken|heard|hidden|broken|gone|done|lost|meant|thrown|[a-z]{3,}(?<!e)ed)(_|$)"
)
_NOUN_DECORATORS = ("property", ".setter", "overload", ".fixture", ".command", ".group")
_NOT_PARTICIPLES = frozenset({"embed", "feed", "need", "seed", "speed", "proceed", "succeed"})


@attrs.frozen
class Shape:
    """What can be counted of a source tree."""

    modules: int
    lines: int
    module_lines: list[int]
    function_lines: list[int]
    verb_first: float
    participle_first: float
    classes_twice: int
    bypasses: int
    largest_folder: int

    def list_rows(self) -> Iterator[tuple[str, str]]:
        """Yield each measure with its value, as strings."""
        yield "modules", str(self.modules)
        yield "lines", str(self.lines)
        yield "module size, median / 90 % / most", format_spread(self.module_lines)
        yield "function size, median / 90 % / most", format_spread(self.function_lines)
        yield "functions that begin with a verb", f"{self.verb_first:.0%}"
        yield "functions that begin with a participle", f"{self.participle_first:.1%}"
        yield "class names in two or more modules", str(self.classes_twice)
        yield "imports past another package's face", str(self.bypasses)
        yield "files in the largest folder", str(self.largest_folder)


def format_spread(values: list[int]) -> str:
    """Return median, 90th percentile and maximum."""
    tenths = statistics.quantiles(values, n=10)
    return f"{statistics.median(values):.0f} / {tenths[-1]:.0f} / {max(values)}"


def measure(root: Path) -> Shape:
    """Measure src/driftline of a checkout."""
    source = root / "src" / PACKAGE
    paths = sorted(source.rglob("*.py"))
    trees = {path: ast.parse(path.read_text("utf-8")) for path in paths}
    functions = [node for tree in trees.values() for node in find_functions(tree)]
    names = [node.name.strip("_") for node in functions if not is_exempt(node)]
    classes: dict[str, int] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name] = classes.get(node.name, 0) + 1
    sizes = [len(path.read_text("utf-8").splitlines()) for path in paths]
    return Shape(
        modules=len(paths),
        lines=sum(sizes),
        module_lines=[size for size in sizes if size > 1],
        function_lines=[(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions],
        verb_first=sum(map(is_verb_first, names)) / len(names),
        participle_first=sum(map(is_participle_first, names)) / len(names),
        classes_twice=sum(count > 1 for count in classes.values()),
        bypasses=sum(len(list(find_bypasses(source, path, tree))) for path, tree in trees.items()),
        largest_folder=max(len(list(path.parent.glob("*.py"))) for path in paths),
    )


def find_functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_exempt(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a name need not be a verb: properties, fixtures, hooks, conversions."""
    if node.name.startswith("__") or node.name.strip("_").startswith(_CUSTOMS):
        return True
    decorators = [ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list]
    return any(name.endswith(_NOUN_DECORATORS) for name in decorators)


def is_verb_first(name: str) -> bool:
    """Return whether a function's name begins with a verb, or is a predicate."""
    return name.partition("_")[0] in _VERBS | _THIRD_PERSON or name.startswith(_PREDICATES)


def is_participle_first(name: str) -> bool:
    """Return whether a function's name begins with a bare participle."""
    return name.partition("_")[0] not in _NOT_PARTICIPLES and bool(_PARTICIPLE.match(name))


def find_bypasses(source: Path, path: Path, tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports from inside another package of the first level."""
    own = path.relative_to(source).parts[0].removesuffix(".py")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
            parts = (node.module or "").split(".")
            if parts[1] != own and len(parts) > 2:
                yield node.module or ""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("trees", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(trees: tuple[Path, ...]) -> None:
    """Print the shape of each checkout in TREES (this one, if none is given), side by side."""
    shapes = [list(measure(tree).list_rows()) for tree in trees or (Path(__file__).parents[1],)]
    for rows in zip(*shapes, strict=True):
        click.echo(f"{rows[0][0]:40}" + "".join(f"{value:>18}" for _, value in rows))


if __name__ == "__main__":
    main()
