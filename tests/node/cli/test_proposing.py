"""import, submit and tell: a file goes to the node, and what is certain of it on to partners."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.node.cli.conftest import Prompt
from tests.node.world import BR, HOSPITAL, JP, RED, World, bundle, incident, indicator

from comity.node.border.models import Release, Submission

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
FOR = ("--purpose", "incident-response")


def a_file(folder: Path, *objects: dict[str, object]) -> Path:
    path = folder / "proposed.json"
    path.write_bytes(bundle(objects))
    return path


@pytest.mark.slow
class TestImport:
    def test_the_incident_is_kept_and_nothing_crosses(self, served: World, analyst: Prompt):
        said = analyst("import", HOSPITAL)
        assert said.status == 0, said.err
        kept = Submission.objects.get()
        assert str(kept.pk) in said.out
        assert kept.submitter == served.analyst
        assert not Release.objects.exists()
        assert f"comity submit {kept.pk}" in " ".join(said.out.split())

    def test_for_programs_it_is_json(self, served: World, analyst: Prompt):
        said = analyst("import", HOSPITAL, "--json")
        assert said.json["id"] == str(Submission.objects.get().pk)
        assert said.json["objects"] == len(json.loads(HOSPITAL.read_bytes())["objects"])

    def test_a_misp_event_is_converted(self, served: World, analyst: Prompt):
        pytest.importorskip("pymisp")
        event = next(iter(sorted(CORPUS.glob("*misp*/*.json"), key=lambda path: path.stat().st_size)))
        said = analyst("import", event, "--json")
        assert said.status == 0, said.err
        assert said.json["format"] == "misp"
        assert said.json["objects"] > 0

    def test_its_name_is_not_sent(self, served: World, analyst: Prompt, tmp_path: Path):
        """A file's name can be anybody's data (attack A26)."""
        path = tmp_path / "patient Maarika Tuulepuu.json"
        path.write_bytes(HOSPITAL.read_bytes())
        assert analyst("import", path).status == 0
        assert "Maarika" not in Submission.objects.get().name

    def test_what_cannot_be_read_is_refused_in_the_words_of_the_reader(self, served: World, analyst: Prompt, tmp_path):
        path = tmp_path / "broken.json"
        path.write_text('{"type": "bundle", "objects": [', encoding="utf-8")
        said = analyst("import", path)
        assert said.status == 2
        assert said.err.startswith("error: ") and "what to do:" in said.err
        assert not Submission.objects.exists()

    def test_a_file_that_is_not_there_is_refused_before_the_node_is_asked(self, analyst: Prompt, tmp_path: Path):
        said = analyst("import", tmp_path / "none.json")
        assert said.status == 2 and "cannot be read" in said.err


class TestSubmit:
    def test_a_file_at_once(self, served: World, analyst: Prompt):
        said = analyst("submit", HOSPITAL, "--to", BR, *FOR)
        assert said.status == 0, said.err
        assert BR in said.out and "stay home" in said.out
        assert "questions wait for an officer" in said.out
        assert Release.objects.filter(flow__partner=BR).exists()
        assert not Release.objects.filter(flow__partner=JP).exists()

    def test_by_the_id_of_what_was_imported_for_two_partners(self, served: World, analyst: Prompt):
        submission = analyst("import", HOSPITAL, "--json").json["id"]
        said = analyst("submit", submission, "--to", BR, "--to", JP, *FOR, "--json")
        assert said.status == 0, said.err
        assert [one["partner"] for one in said.json["crossings"]] == [BR, JP]

    def test_nothing_may_go(self, served: World, analyst: Prompt, tmp_path: Path):
        said = analyst("submit", a_file(tmp_path, indicator("a", object_marking_refs=[RED])), "--to", BR, *FOR)
        assert said.status == 3, said.out + said.err
        assert "it bears a marking that never crosses" in " ".join(said.out.split())

    def test_only_a_person_is_missing(self, served: World, analyst: Prompt, tmp_path: Path):
        said = analyst("submit", a_file(tmp_path, incident("a")), "--to", BR, *FOR)
        assert said.status == 4, said.out + said.err

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            (("--to", "cert-xx", *FOR), "nothing can be sent to"),
            (("--to", BR, "--purpose", "curiosity"), "curiosity"),
        ],
    )
    def test_what_the_node_refuses_is_told_as_if_local(self, analyst: Prompt, served: World, more, expected: str):
        said = analyst("submit", HOSPITAL, *more)
        assert said.status == 2
        assert expected in said.err and "what to do:" in said.err
        assert not Release.objects.exists()

    def test_neither_file_nor_id(self, analyst: Prompt):
        said = analyst("submit", "no-such-thing", "--to", BR, *FOR)
        assert said.status == 2 and "is not an id" in said.err


@pytest.mark.slow
class TestTell:
    def test_one_person_tells_everybody_at_once(self, served: World, analyst: Prompt):
        """The analyst of this world is on duty too."""
        said = analyst("tell", HOSPITAL, *FOR, "--reason", "incident")
        assert said.status == 0, said.err
        assert BR in said.out and JP in said.out
        assert {one.flow.partner_id for one in Release.objects.select_related("flow")} == {BR, JP}

    def test_the_reason_is_a_code(self, served: World, analyst: Prompt):
        said = analyst("tell", HOSPITAL, *FOR, "--reason", "because")
        assert said.status == 2 and "is no reason to tell" in said.err
        assert not Submission.objects.exists()

    def test_on_files_it_works_without_a_node(self, tmp_path: Path):
        path = a_file(tmp_path, indicator("a"))
        folder = Path(__file__).resolve().parents[3] / "examples" / "agreements"
        more = ("--agreements", folder, "--from", "cert-ee", "--on", "2026-11-23")
        said = Prompt(home=tmp_path / "nobody")("tell", path, *more)
        assert said.status == 0, said.err
        assert (tmp_path / "proposed.json.told" / "cert-br.json").exists()

    @pytest.mark.parametrize("option", ["--from", "--key-file", "--out", "--law"])
    def test_what_is_for_files_is_not_taken_for_a_node(self, analyst: Prompt, option: str, tmp_path: Path):
        """Nobody shall think that the node told in another name, or with another key."""
        said = analyst("tell", HOSPITAL, option, tmp_path / "x")
        assert said.status == 2 and "is for files alone" in said.err
