"""`comity node status` and `comity node person`: what an owner sees and does at the node's own machine."""

from __future__ import annotations

import json

import pytest
from node.running.places import Place

from comity.node.config import read_config
from comity.node.keyring import read_keyring

pytestmark = pytest.mark.slow  # processes of their own

ADMINISTRATOR = ("--name", "Ada Min", "--role", "administrator")


def test_a_new_node_is_well_and_says_who_it_is(place: Place):
    said = place.comity("status", "--json")
    assert said.status == 0, said.err
    state = json.loads(said.out)
    assert (state["party"], state["url"], state["well"], state["exercise"]) == ("cert-ee", place.url, True, True)
    assert state["pinned"] == read_keyring(read_config(place.folder)).pinned
    assert state["now"].startswith("2026-11-23T10:")
    assert {check["name"]: check["why_not"] for check in state["checks"]} == dict.fromkeys(
        ("address", "certificate", "clock", "databases"), ""
    )
    assert all(size > 0 for size in state["bytes"].values())
    assert sorted(state["bytes"]) == ["default", "keys"]


def due(place: Place, kind: str, key: str, **columns: str) -> None:
    row = {
        "kind": f"'{kind}'",
        "key": f"'{key}'",
        "facts": "'{}'",
        "due_at": "'2026-11-23 09:00:00Z'",
        "attempts": "0",
        "holder": "''",
        "last_error": "''",
        **columns,
    }
    place.sql(f"INSERT INTO due_due ({', '.join(row)}) VALUES ({', '.join(row.values())})")  # noqa: S608


def test_due_work_is_counted_by_state(place: Place):
    due(place, "deliver", "a")
    due(place, "deliver", "b", due_at="'2026-11-24 09:00:00Z'")
    due(place, "deliver", "c", attempts="3", last_error="'PartnerDown'", due_at="'2026-11-23 12:00:00Z'")
    due(place, "deliver", "d", done_at="'2026-11-23 09:30:00Z'")
    said = place.comity("status", "--json")
    assert said.status == 0
    [row] = json.loads(said.out)["work"]
    assert row == {
        "kind": "deliver",
        "waiting": 2,
        "due": 1,
        "failing": 1,
        "given_up": 0,
        "last_error": "PartnerDown",
        "earliest": "2026-11-23T09:00:00.000Z",
    }


def test_what_was_given_up_is_somebodys_to_look_at(place: Place):
    due(place, "deliver", "a", attempts="12", last_error="'PartnerDown'", given_up_at="'2026-11-23 09:30:00Z'")
    said = place.comity("status")
    assert said.status == 1
    assert "PartnerDown" in said.out


def test_an_alarm_is_shown_until_it_is_cleared(place: Place):
    place.sql(
        "INSERT INTO journal_alarm (code, log, witness, raised_at, evidence, stops_signing) "
        "VALUES ('forked', 'br.example/log', '', '2026-11-23 09:00:00Z', '', false)"
    )
    said = place.comity("status")
    assert said.status == 1
    assert "alarm: forked in br.example/log, since 2026-11-23T09:00:00.000Z" in said.out
    place.sql("UPDATE journal_alarm SET cleared_at = '2026-11-23 09:30:00Z'")
    assert place.comity("status").status == 0


def test_without_a_clock_all_else_is_still_shown(place: Place):
    place.clock.write_text("soon\n", encoding="ascii")
    said = place.comity("status", "--json")
    assert said.status == 1
    state = json.loads(said.out)
    assert (state["now"], state["work"]) == ("", [])
    assert state["bytes"]
    [broken] = [check for check in state["checks"] if check["why_not"]]
    assert (broken["name"], broken["remedy"] != "") == ("clock", True)


def test_somebody_is_enrolled_with_a_password_that_is_shown_once(place: Place):
    said = place.comity("person", "ada", *ADMINISTRATOR, "--json")
    assert said.status == 0, said.err
    enrolled = json.loads(said.out)
    assert (enrolled["username"], enrolled["totp"]) == ("ada", "")
    assert len(enrolled["password"]) == 24
    [(stored,)] = place.sql("SELECT password FROM people_person WHERE username = 'ada'")
    assert stored.startswith("scrypt$")
    assert enrolled["password"] not in stored
    [(role, ends)] = place.sql("SELECT role_id, ends FROM people_assignment")
    assert (role, str(ends)[:10]) == ("administrator", "2027-11-23")


def test_each_password_is_another(place: Place):
    words = [json.loads(place.comity("person", who, *ADMINISTRATOR, "--json").out)["password"] for who in ("a", "b")]
    assert len(set(words)) == 2


def test_codes_are_set_up_for_a_demonstration_where_asked(place: Place):
    enrolled = json.loads(place.comity("person", "ada", *ADMINISTRATOR, "--totp", "--json").out)
    assert len(enrolled["totp"]) == 32
    assert place.sql("SELECT type FROM mfa_authenticator") == [("totp",)]


NOT_ENROLLED = {
    "a role that is none": (("--role", "emperor"), "there is no role `emperor`"),
    "two roles that exclude each other": (("--role", "analyst"), "nobody may have both"),
    "a name somebody has": ((), "somebody has this name already"),
}


@pytest.mark.parametrize("case", NOT_ENROLLED)
def test_who_cannot_be_enrolled_is_not_half_enrolled(place: Place, case: str):
    options, why = NOT_ENROLLED[case]
    username = "bob" if options else "ada"
    if not options:
        assert place.comity("person", "ada", *ADMINISTRATOR).status == 0
    before = place.sql("SELECT count(*) FROM people_person"), place.sql("SELECT count(*) FROM people_assignment")
    said = place.comity("person", username, *ADMINISTRATOR, *options)
    assert (said.status, why in " ".join(said.err.split())) == (2, True), said.err
    after = place.sql("SELECT count(*) FROM people_person"), place.sql("SELECT count(*) FROM people_assignment")
    assert after == before


def test_in_production_nobody_gets_codes_without_their_knowledge(place: Place):
    file = place.folder / "comity.toml"
    text = file.read_text("utf-8").replace("development = true\n", "").replace('clock_file = "clock"\n', "")
    file.write_text(text.replace(place.url, "https://node.example"), encoding="utf-8")
    said = place.comity("person", "ada", *ADMINISTRATOR, "--totp")
    assert (said.status, "not a development node" in said.err) == (2, True)
    assert place.sql("SELECT count(*) FROM people_person") == [(0,)]
