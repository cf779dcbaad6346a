"""`comity node init`: a node is made whole or not at all, and nothing that was there is changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from node.running.places import COMITY, SERVER, clean, databases, full_disk, init
from prompt import prompt

from comity.ledger import VerifierKey, read_public_key
from comity.node.config import BadConfig, read_config
from comity.node.keyring import read_keyring

DEVELOPMENT = ("--development",)


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def test_it_says_what_partners_need_to_know(tmp_path: Path):
    with databases() as urls:
        named = ("--database", urls[0], "--keys-database", urls[1]) if urls else ()
        said = init(tmp_path / "node", "--authority", tmp_path / "authority", "--json", *DEVELOPMENT, *named, port=9441)
    assert said.status == 0, said.err
    made, keys = json.loads(said.out), read_keyring(read_config(tmp_path / "node"))
    assert read_public_key(made["pinned"]).public_bytes_raw() == keys.signing.public_key().public_bytes_raw()
    assert VerifierKey.parse(made["log"]) == keys.log.verifier
    assert VerifierKey.parse(made["witness"]) == keys.witness.verifier
    assert made["log"].startswith("127.0.0.1:9441/cert-ee/development+")


def test_what_to_do_next_is_said_and_the_folder_says_the_rest(place):
    config = read_config(place.folder)
    assert (config.party, config.name, config.url, config.port) == ("cert-ee", "CERT-EE", place.url, place.port)
    assert config.development
    assert config.clock_file == place.clock


def test_nobody_else_can_read_it(place):
    modes = {path.stat().st_mode & 0o077 for path in (place.folder / "keys").rglob("*")}
    assert modes == {0}
    for private in ("", "keys", "tls/key.pem", "comity.toml"):
        assert (place.folder / private).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("there", ["a file of this name", "a folder with something in it", "another node"])
def test_nothing_is_ever_overwritten(place, tmp_path: Path, there: str):
    folder = place.folder if there == "another node" else tmp_path / "taken"
    if there == "a file of this name":
        folder.write_text("mine")
    elif there == "a folder with something in it":
        folder.mkdir()
        (folder / "letter").write_text("mine")
    before = snapshot(tmp_path)
    said = init(folder, *DEVELOPMENT)
    assert (said.status, "nothing is overwritten" in said.err) == (2, True)
    assert snapshot(tmp_path) == before


REFUSED = {
    "production on loopback": (("--url", "https://127.0.0.1:8443"), "is this machine alone"),
    "production on localhost": (("--url", "https://localhost:8443"), "is this machine alone"),
    "production without TLS": (("--url", "http://node.example"), "only a development node may be reached without TLS"),
    "production by a clock file": (
        ("--url", "https://node.example", "--clock-file", "clock"),
        "only a development node may take its time from a file",
    ),
    "production with a throw-away authority": (
        ("--url", "https://node.example", "--authority", "authority"),
        "throw-away authority",
    ),
    "a url with a path": (("--url", "https://node.example/comity", "--development"), "scheme, host and port"),
    "a url with no port that is one": (("--url", "https://node.example:many", "--development"), "no port"),
    "a certificate without its key": (
        ("--url", "https://node.example", "--tls-certificate", "c.pem"),
        "only one is named",
    ),
    "one database for both": (
        ("--url", "https://node.example", "--database", "postgresql://c@d/x", "--keys-database", "postgresql://c@d/x"),
        "both databases are the same one",
    ),
    "a name that cannot be printed": (("--url", "https://node.example", "--name", "CERT\u202eEE"), "cannot be printed"),
    "a name with a line in it": (
        ("--url", "http://node.example", "--name", 'x"\ndevelopment = true #'),
        "cannot be printed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str):
    options, why = REFUSED[case]
    monkeypatch.chdir(tmp_path)
    said = prompt("node", "init", "node", "--party", "cert-ee", "--name", "CERT-EE", *options)
    assert said.status == 2
    assert why in " ".join(said.err.split())
    assert "what to do:" in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "why"),
    [("mysql://x/y", "a database is sqlite, or postgresql"), ("postgresql://c@127.0.0.1:1/x", "Operational")],
)
def test_a_database_that_cannot_be_used_is_refused_and_leaves_nothing(tmp_path: Path, url: str, why: str):
    said = init(tmp_path / "node", "--database", url, *DEVELOPMENT)
    assert said.status == 2
    assert why in " ".join(said.err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(SERVER == "sqlite", reason="asks for a server")
def test_a_database_with_tables_in_it_is_left_alone(place, tmp_path: Path):
    config = read_config(place.folder)
    options = ("--database", config.database, "--keys-database", config.keys_database, *DEVELOPMENT)
    said = init(tmp_path / "other", *options)
    assert (said.status, "there are tables in the database" in said.err) == (2, True)
    assert place.comity("status", "--json").status == 0


@pytest.mark.skipif(SERVER != "sqlite", reason="the disk is the server's")
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path):
    arguments = ["node", "init", str(tmp_path / "node"), "--party", "a", "--name", "A", "--url", "https://127.0.0.1:1"]
    command = full_disk(200_000, [*COMITY, *arguments, "--development"])
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean({}))
    assert done.returncode == 2
    assert "it could not be written" in done.stderr
    assert "look at the space left" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_the_nodes_libraries_the_command_names_them():
    program = "import sys; sys.modules['django'] = None; from comity.cli import main; main()"
    command = [sys.executable, "-c", program, "node", "status"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean({"COLUMNS": "200"}))
    assert done.returncode == 2
    assert "pip install 'comity[node]'" in done.stderr


def test_help_needs_no_django():
    program = "import sys; from comity.cli import application; application(); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=clean({}))
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("verb", ["serve", "work", "status", "migrate"])
def test_a_folder_must_be_named_and_be_a_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str):
    monkeypatch.delenv("COMITY_NODE")
    said = prompt("node", verb)
    assert (said.status, "no node was named" in said.err) == (2, True)
    said = prompt("node", verb, "--folder", tmp_path)
    assert (said.status, "there is no node here" in said.err) == (2, True)


@pytest.mark.parametrize(
    "line",
    ['development = "false"', "development = 1", 'pull_every = "60"', "pull_every = true", "name = 7", "tls = 'x'"],
)
def test_a_line_of_another_kind_is_refused_and_means_nothing(tmp_path: Path, line: str):
    """A word in quotes is true to a program: `development = "false"` would have made a development node."""
    name = line.partition(" ")[0]
    said = {
        "party": 'party = "cert-ee"',
        "name": 'name = "CERT-EE"',
        "url": 'url = "http://localhost:8443"',
        "listen": 'listen = "127.0.0.1:8443"',
        "clock_file": 'clock_file = "clock"',
        "development": "development = true",
    } | {name: line}
    (tmp_path / "comity.toml").write_text("\n".join(said.values()), encoding="utf-8")
    with pytest.raises(BadConfig, match=f"of another kind than it is to be: {name}$|tls is a table"):
        read_config(tmp_path)
