"""What the house does not allow, read off the source text (DESIGN section 3): the checker behind `test_architecture`.

Each rule takes one parsed module and yields sentences; `violations` runs them all. Nothing here imports the program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A room and the rooms it may import from. `canon` is the ground; nothing points up.
ARROWS: dict[str, frozenset[str]] = {
    "canon": frozenset(),
    "law": frozenset({"canon"}),
    "agreement": frozenset({"canon", "law"}),
    "material": frozenset({"canon"}),
    "privacy": frozenset({"canon", "material"}),
    "crossing": frozenset({"canon", "law", "agreement", "material", "privacy"}),
    "ledger": frozenset({"canon"}),
    "messages": frozenset({"canon", "material", "agreement", "ledger"}),
    "node": frozenset({"canon", "law", "agreement", "material", "privacy", "crossing", "ledger", "messages"}),
    "demo": frozenset({"canon", "law", "agreement", "material", "privacy", "crossing", "ledger", "messages", "node"}),
    "cli": frozenset({
        "canon", "law", "agreement", "material", "privacy", "crossing", "ledger", "messages", "demo", "node",
    }),
}  # fmt: skip
PURE = frozenset(ARROWS) - {"demo", "cli", "node"}
# The only files that may ask what time it is.
CLOCKS_OF = {"cli": "clock.py", "node": "clock.py", "demo": "nations/stopwatch.py"}
CHANCE_OF = {"node": "chance.py"}
STOREYS = frozenset({"comity.demo.nations"})  # needs more installed than its room does, so it offers names itself

# The node's apps from the ground up: each imports those before it, and of those only what they offer.
APPS = ("due", "people", "journal", "vault", "treaties", "border", "exchange", "desk")
GROUND = frozenset({"config", "keyring", "clock", "chance", "databases"})  # files of the node that every app may import
TABLES = frozenset({"reactions", "work"})  # dotted names of functions, which whoever runs them looks up
OFFERED = frozenset({"models", "actions", "door", "access", "files"})

# Modules that reach the network, other processes, the clock, chance or a database.
OUTSIDE = frozenset({
    "aiohttp", "asyncio", "django", "ftplib", "glob", "http", "httpx", "imaplib", "multiprocessing", "ninja", "os",
    "poplib", "psycopg", "random", "requests", "secrets", "shutil", "smtplib", "socket", "socketserver", "sqlite3",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "urllib3", "webbrowser", "xmlrpc",
})  # fmt: skip
# Slow to import and seldom needed, so a function may import them when it is called.
HEAVY = frozenset({"holidays", "misp_stix_converter", "pymisp"})
READS = frozenset(
    {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob", "unlink", "mkdir"}
)
CLOCKS = frozenset({"now", "today", "utcnow", "time_ns", "monotonic", "perf_counter"})
CHANCE = frozenset(
    {"uuid1", "uuid4", "urandom", "token_bytes", "token_hex", "generate", "generate_key", "SystemRandom"}
)
EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file: the room it belongs to, its path inside the room, and its tree."""

    room: str
    path: str
    tree: ast.Module

    @classmethod
    def parse(cls, room: str, path: str, text: str) -> Module:
        return cls(room=room, path=path, tree=ast.parse(text))

    @property
    def package(self) -> str:
        """The dotted name of the package that it lies in."""
        return ".".join(("comity", self.room, *self.path.split("/")[:-1]))

    @property
    def pure(self) -> bool:
        return self.room in PURE


def modules(package: Path) -> Iterator[Module]:
    """Every module below `package` that lies in a room, by path."""
    for file in sorted(package.rglob("*.py")):
        inside = file.relative_to(package).parts
        if len(inside) > 1 and "migrations" not in inside:  # Django writes these
            yield Module.parse(inside[0], "/".join(inside[1:]), file.read_text(encoding="utf-8"))


def violations(module: Module, exports: dict[str, frozenset[str]] | None = None) -> list[str]:
    """All that the module does against the house's rules, as sentences with room, file and line.

    `exports`: what `__init__` offers, by a room's or storey's full name; other names are private to it.
    """
    found = [*_arrows(module, exports), *_names(module)]
    if CLOCKS_OF.get(module.room) != module.path:
        found += _calls(module, CLOCKS, "asks the clock; time is an argument", but="clock")
    if module.room == "node":
        found += _apps(module)
        if CHANCE_OF["node"] != module.path:
            found += _calls(module, CHANCE, "asks chance; `chance` does", but="chance")
        if module.path.split("/")[0] in APPS:
            found += _late(module)
    if module.pure:
        found += _outside(module)
        found += _calls(module, CHANCE, "asks chance; randomness is an argument")
        found += _salted(module)
        found += _late(module)
        found += _own_path(module)
    return [f"{module.room}/{module.path}:{line}: {what}" for line, what in found]


def reads_files(module: Module) -> list[int]:
    """Lines that open, list or write files or packaged data."""
    lines = [line for line, _ in _calls(module, READS, "")] + [line for line, _ in _builtin(module, "open", "")]
    lines += [line for line, name, _ in _imports(module) if name.startswith("importlib.resources")]
    return sorted(set(lines))


def exported(init: Module) -> frozenset[str]:
    """The names in `__all__` of a room's `__init__`."""
    for node in init.tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


Found = Iterator[tuple[int, str]]


def _imports(module: Module) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """(line, module, names taken from it) of every import, wherever it stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or ""), tuple(alias.name for alias in node.names)


def _arrows(module: Module, exports: dict[str, frozenset[str]] | None) -> Found:
    for line, name, taken in _imports(module):
        if name.startswith("."):
            yield line, f"imports {name} relatively; say where it is from"
        if name.split(".")[0] != "comity":
            continue
        if name == "comity":
            if set(taken) - {"__version__"}:
                yield line, f"takes {', '.join(taken)} from comity itself; import from a room"
            continue
        room = name.split(".")[1]
        if room == module.room:
            continue
        if room not in ARROWS[module.room]:
            yield line, f"imports {room}, which is not below {module.room}"
        elif room == "node":  # what the node offers, its apps say: see `_apps`
            continue
        elif name.count(".") > 1 and name not in STOREYS:
            yield line, f"imports {name}, which is private to {room}"
        elif exports is not None and name in exports:
            for private in sorted(set(taken) - exports[name]):
                yield line, f"takes {private} from {name.removeprefix('comity.')}, which does not offer it"


def _apps(module: Module) -> Found:
    """Inside the node arrows run down from app to app; what is in no app ties them together and may import them all."""
    own = module.path.split("/")[0]
    if own not in APPS:
        return
    for line, name, taken in _imports(module):
        if not name.startswith("comity.node"):
            continue
        parts = name.split(".")[2:]
        for first, *rest in [parts] if parts else [[one] for one in taken if one != "APPS"]:
            if first == own or first in GROUND:
                continue
            if first in TABLES:
                if not rest and not parts:
                    yield line, f"imports {first}; name the function in its table"
            elif first not in APPS or APPS.index(first) > APPS.index(own):
                yield line, f"imports {first}, which is not below {own}"
            elif (rest[0] if rest else next(iter(taken), "")) not in OFFERED or len(rest) > 1:
                yield line, f"imports {name}, which is private to {first}"


def _names(module: Module) -> Found:
    for part in module.path.removesuffix(".py").split("/"):
        if part in EMPTY_NAMES:
            yield 1, f"is named {part}, which says nothing"
    if not ast.get_docstring(module.tree):
        yield 1, "does not say in a docstring what it is"


def _outside(module: Module) -> Found:
    for line, name, taken in _imports(module):
        for candidate in (name, *(f"{name}.{one}" for one in taken)):
            if any(candidate == out or candidate.startswith(out + ".") for out in OUTSIDE):
                yield line, f"imports {candidate}; a pure room takes bytes, dates and keys as arguments"


def _calls(module: Module, names: frozenset[str], what: str, but: str | None = None) -> Found:
    """Uses `x.name` or a bare `name` imported from elsewhere, called or passed on; of the module `but` they may be."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in names and isinstance(node.ctx, ast.Load):
            if isinstance(node.value, ast.Name) and node.value.id == but:
                continue
            called = any(isinstance(n, ast.Call) and n.func is node for n in ast.walk(module.tree))
            if called:
                yield node.lineno, f"calls {node.attr}: {what}"
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("comity"):
            for alias in node.names:
                if alias.name in names:
                    yield node.lineno, f"imports {alias.name}: {what}"


def _builtin(module: Module, name: str, what: str) -> Found:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node.lineno, f"calls {name}(): {what}"


def _salted(module: Module) -> Found:
    """`hash()` of a text differs from process to process; only a `__hash__`, which lives in one process, may ask it."""
    own = {
        inner
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__hash__"
        for inner in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for line, what in _builtin(module, "hash", "it differs from process to process; digests are in canon"):
        if line not in own:
            yield line, what


def _late(module: Module) -> Found:
    for outer in ast.walk(module.tree):
        if not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for node in ast.walk(outer):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                if name.split(".")[0] not in HEAVY:
                    yield node.lineno, f"imports {name} inside a function"


def _own_path(module: Module) -> Found:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id == "__file__":
            yield node.lineno, "asks where it is installed; packaged data comes by importlib.resources"
