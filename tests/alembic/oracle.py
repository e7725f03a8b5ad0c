"""Asks the installed Alembic what it makes of a set of revisions.

Reads one JSON document a line and answers with one. A question is either a graph
given as values, with upgrade and downgrade queries, the path of a directory, or the
bytes of one file.
"""

import contextlib
import importlib.abc
import importlib.util
import io
import ast
import json
import os
import signal
import sys
import traceback
import types
import warnings
from unittest import mock

from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script import revision as rev
from alembic.util import to_tuple


class DeclaredOrder(rev.RevisionMap):
    """Alembic keeps dependencies in a set, so their order changes with the hash
    seed of the process. This keeps the order of the file, one of those orders."""

    def _normalize_depends_on(self, revisions, map_):
        super()._normalize_depends_on(revisions, map_)
        for revision in revisions:
            kept = set(revision._normalized_resolved_dependencies)
            order = dict.fromkeys(revision._resolved_dependencies)
            revision._normalized_resolved_dependencies = tuple(d for d in order if d in kept)


def build_error(error):
    text = str(error)
    if isinstance(error, UserWarning):
        return "duplicate_id" if "more than once" in text else "missing_parent"
    if isinstance(error, KeyError):
        frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        return "missing_dependency" if "_add_depends_on" in frames else "missing_parent"
    if isinstance(error, rev.DependencyCycleDetected):
        return "dependency_cycle"
    if isinstance(error, rev.CycleDetected):
        return "cycle"
    if "not allowed in revision identifier" in text:
        return "forbidden_character"
    if "broken map" in text:  # a label in the place of a parent
        return "missing_parent"
    if "already used by revision" in text:
        return "label_taken"
    return "crash"


def query_error(error):
    text = str(error)
    if isinstance(error, rev.MultipleHeads):
        return "several_heads"
    if isinstance(error, rev.RangeNotAncestorError):
        return "unreachable"
    if isinstance(error, rev.ResolutionError):
        cause = str(error.__cause__ or error)
        return "ambiguous_id" if "Multiple revisions start" in cause else "unknown_revision"
    if isinstance(error, rev.RevisionError):
        if "Ambiguous" in text:
            return "ambiguous_step"
        if "overlaps" in text:
            return "overlap"
        return "unreachable"
    return "crash"


def circle(map_, edges):
    """Whether edges go round in a circle; Alembic misses some, and then never ends."""
    state = {}
    for start in map_.values():
        todo = [(start, False)]
        while todo:
            revision, leaving = todo.pop()
            if revision is None or (state.get(revision.revision) == "done" and not leaving):
                continue
            if leaving:
                state[revision.revision] = "done"
                continue
            if state.get(revision.revision) == "open":
                return True
            state[revision.revision] = "open"
            todo.append((revision, True))
            todo.extend((map_[name], False) for name in edges(revision))
    return False


def missed_circle(map_):
    if circle(map_, lambda r: r._versioned_down_revisions):
        return "cycle"
    if circle(map_, lambda r: r._all_down_revisions):
        return "dependency_cycle"
    return None


def load(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = make()
        found._revision_map
    return found


def steps(map_, query):
    current = tuple(query["from"])
    if query["verb"] == "upgrade":
        found = list(map_.iterate_revisions(query["to"], current, implicit_base=True))
        found.reverse()
    else:
        found = list(map_.iterate_revisions(current, query["to"], select_for_downgrade=True))
    return [revision.revision for revision in found]


def ask(map_, query):
    signal.alarm(20)
    try:
        return {"ok": steps(map_, query)}
    except Exception as error:  # every failure is an answer here
        return {"error": query_error(error), "text": f"{type(error).__name__}: {error}"}
    finally:
        signal.alarm(0)


def describe(map_):
    revisions = [r for key, r in map_._revision_map.items() if r is not None and key == r.revision]
    return {
        "heads": list(map_.heads),
        "effective_heads": list(map_._real_heads),
        "bases": list(map_.bases),
        "labels": {r.revision: sorted(r.branch_labels) for r in revisions},
        "messages": {r.revision: getattr(r, "doc", "") for r in revisions},
        "order": [r.revision for r in revisions],
    }


def graph(question):
    def make():
        return DeclaredOrder(
            lambda: (
                rev.Revision(
                    r["id"],
                    tuple(r["down"]) or None,
                    dependencies=tuple(r["depends_on"]),
                    branch_labels=tuple(r["branch_labels"]),
                )
                for r in question["revisions"]
            )
        )

    try:
        map_ = load(make)
    except Exception as error:
        return {"refused": build_error(error), "text": f"{type(error).__name__}: {error}"}
    missed = missed_circle(map_._revision_map)
    if missed:
        return {"refused": missed, "text": "Alembic takes it, and then never comes to an end"}
    return {**describe(map_), "answers": [ask(map_, q) for q in question["queries"]]}


def directory(question):
    os.chdir(question["folder"])
    config = Config(question.get("ini"), toml_file=question.get("toml"))
    if "script_location" in question:
        config.set_main_option("script_location", question["script_location"])
    try:
        script = ScriptDirectory.from_config(config)
        script.revision_map.__class__ = DeclaredOrder
        map_ = load(lambda: script.revision_map)
    except Exception as error:
        return {"refused": build_error(error), "text": f"{type(error).__name__}: {error}"}
    missed = missed_circle(map_._revision_map)
    if missed:
        return {"refused": missed, "text": "Alembic takes it, and then never comes to an end"}
    answers = [ask(map_, q) for q in question.get("queries", [])]
    return {**describe(map_), **histories(config), "answers": answers}


class Output(io.StringIO):
    encoding = "utf-8"  # as in an image that sets a UTF-8 locale


def histories(config):
    """What `alembic history` prints, verbose and not."""
    texts = {}
    for name, verbose in [("history", False), ("history_verbose", True)]:
        config.stdout = Output()
        command.history(config, verbose=verbose)
        texts[name] = config.stdout.getvalue()
    return texts


def names(value):
    """A variable as Alembic takes it; sets have no order."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    many = to_tuple(value, default=())
    if not all(isinstance(name, str) for name in many) and many != (None,):
        raise TypeError("no id")
    return [] if many == (None,) else list(many)


def file(question):
    """What a revision file sets when it is run, or what stops it."""
    source = bytes.fromhex(question["file"])
    signal.alarm(20)
    try:
        ast.parse(source, "damaged.py")
    except (SyntaxError, ValueError) as error:
        return {"error": "syntax", "text": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"error": "syntax", "text": type(error).__name__}
    finally:
        signal.alarm(0)
    try:
        code = compile(source, "damaged.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return {"error": "compile", "text": str(error)}
    module = {"__name__": "damaged", "op": None, "sa": None}
    signal.alarm(20)
    try:
        exec(code, module)
    except Exception as error:
        return {"error": "run", "text": f"{type(error).__name__}: {error}"}
    finally:
        signal.alarm(0)
    try:
        if not isinstance(module["revision"], str):
            raise TypeError("no id")
        found = {"revision": module["revision"], "down_revision": names(module["down_revision"])}
        for name in ("depends_on", "branch_labels"):
            found[name] = names(module.get(name))
        return found
    except (KeyError, TypeError) as error:
        return {"error": "value", "text": str(error)}


class Recorder:
    """A connection that writes what it is told to execute, and answers with nothing known."""

    def __init__(self, context, mock_connection):
        self.context, self.mock_connection = context, mock_connection

    def __getattr__(self, name):
        return getattr(self.mock_connection, name)

    def execute(self, statement, parameters=None, **_):
        rows = parameters if isinstance(parameters, (list, tuple)) else [parameters]
        for row in rows:
            bound = statement
            if row and hasattr(statement, "bindparams"):
                bound = statement.bindparams(**row)
            elif row:
                bound = statement.values(**row)
            self.context.impl._exec(bound)
        return mock.MagicMock()

    scalar = scalars = execute

    def exec_driver_sql(self, text, *_):
        self.context.impl.static_output(text + ";")
        return mock.MagicMock()

    def execution_options(self, **_):
        return self

    def commit(self):
        self.context.impl.static_output("COMMIT;")

    def begin_nested(self):
        return mock.MagicMock()


class Anything(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for modules of an application that is not installed."""

    def find_spec(self, name, *_):
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        module = mock.MagicMock(name=spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module):
        pass


def statements(question):
    """What a function of a revision file sends, as `upgrade --sql` writes it."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        dialect_opts={"paramstyle": "named"},
        opts={"as_sql": True, "literal_binds": True, "output_buffer": written},
    )
    # As on a server with its default of standard_conforming_strings.
    context.dialect._backslash_escapes = False
    recorder = Recorder(context, context.connection)
    context.connection = context.impl.connection = recorder
    module = types.ModuleType("revision_file")
    sys.modules["revision_file"] = module
    marks = []
    write = context.impl.static_output

    def marked(text):
        marks.append(text)
        write(text)

    context.impl.static_output = marked
    if question.get("stands_in") and not any(isinstance(f, Anything) for f in sys.meta_path):
        sys.meta_path.append(Anything())
    try:
        with Operations.context(context), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(question["script"], "revision.py", "exec"), module.__dict__)
            signal.alarm(20)
            getattr(module, question.get("function", "upgrade"))()
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}", "statements": marks}
    finally:
        signal.alarm(0)
    return {"statements": marks}


def give_up(_signal, _frame):
    raise TimeoutError("Alembic does not come to an end")


signal.signal(signal.SIGALRM, give_up)
warnings.simplefilter("ignore")
for line in sys.stdin:
    question = json.loads(line)
    kinds = {"script": statements, "file": file, "revisions": graph}
    answer = next((kinds[key] for key in kinds if key in question), directory)(question)
    print(json.dumps(answer), flush=True)
