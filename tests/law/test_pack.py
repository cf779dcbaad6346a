"""A pack is loaded strictly: whole, or not at all, with the file and the place of the fault."""

import shutil
import time
from pathlib import Path

import pytest

import comity.law
from comity.law import Law, LawPackError

SHIPPED = Path(comity.law.__file__).parent / "pack"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A small pack: Estonia, the Union and Brazil."""
    shutil.copytree(SHIPPED, tmp_path / "pack")
    for file in (tmp_path / "pack" / "jurisdictions").iterdir():
        if file.stem not in ("ee", "eu", "br"):
            file.unlink()
    adequacy = tmp_path / "pack" / "adequacy.toml"
    head, *rows = adequacy.read_text().split("[[decisions]]")
    kept = [row.split("[[gaps]]")[0] for row in rows if 'by = "EU"' in row or 'by = "BR"' in row]
    adequacy.write_text("[[decisions]]".join([head, *kept]))
    return tmp_path / "pack"


def change(pack: Path, name: str, old: str, new: str) -> None:
    file = pack / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_a_pack_in_a_folder_loads_and_its_digest_follows_its_content(pack):
    law = Law.load(pack)
    assert set(law) == {"BR", "EE", "EU"}
    assert law.version == Law.load().version
    assert law.digest != Law.load().digest
    change(pack, "jurisdictions/ee.toml", "# Legal facts", "# Facts")
    assert Law.load(pack).digest == law.digest  # a comment is no fact
    change(pack, "jurisdictions/ee.toml", 'abbr = "AKI"', 'abbr = "DPI"')
    assert Law.load(pack).digest != law.digest


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "reason"),
    [
        ("jurisdictions/ee.toml", 'kind = "state"', 'kind = "state"\nmood = "calm"', "ee.toml", "unknown field `mood`"),
        (
            "jurisdictions/ee.toml", 'in_force = "yes"', 'in_force = "perhaps"',
            "statutes[ee.ledlaw].in_force", "perhaps",
        ),
        (
            "jurisdictions/ee.toml", 'status = "unknown"', 'status = "dormant"',
            "breach_duties[eu.nis2.art23].status", "dormant",
        ),
        ("jurisdictions/ee.toml", 'inherits = ["EU"]', 'inherits = ["EUU"]', "ee.toml: inherits", "did you mean EU"),
        ("jurisdictions/ee.toml", 'inherits = ["EU"]', "inherits = []", "ee.toml", "missing required field"),
        ("jurisdictions/eu.toml", "inherits = []", 'inherits = ["EE"]', "inherits", "inherits itself"),
        ("jurisdictions/ee.toml", 'code = "EE"', 'code = "EX"', "ee.toml: code", "differs"),
        ("jurisdictions/ee.toml", 'id = "ee.ledlaw"', 'id = "ee.nis2law"', "ee.toml: statutes", "2 times"),
        ("jurisdictions/br.toml", "[exemptions]", "[exempt]", "br.toml", "exempt"),
        (
            "jurisdictions/br.toml", 'deadline = "P3D"', 'deadline = "3 days"',
            "breach_duties[br.lgpd.48.anpd].deadline", "form",
        ),
        ("jurisdictions/br.toml", 'role = "supervisory"', 'role = "sector"', "br.toml: authorities", "no supervisory"),
        ("jurisdictions/br.toml", "as_of = 2026-11-23", "as_of = soon", "br.toml", "line"),
        ("jurisdictions/br.toml", "as_of = 2026-11-23", 'as_of = "soon"', "as_of", "RFC3339"),
        (
            "adequacy.toml", 'regime = "gdpr"', 'regime = "gdpr"\ncovers_forms = ["banks"]',
            "decisions[0].covers_forms", "banks",
        ),
        ("adequacy.toml", 'by = "EU"', 'by = "AU"', "adequacy.toml", "no file for AU"),
        ("vocabulary.toml", 'broader = "https://w3id.org/dpv#EnforceSecurity"\n', "", "vocabulary.toml", "broader"),
        ("vocabulary.toml", 'id = "purpose.fraud"', 'id = "purpose.security"', "vocabulary.toml", "2 times"),
        ("pack.toml", 'EE = "Europe/Tallinn"', 'EE = "Europe/Talinn"', "zones.EE", "no such time zone"),
        ("pack.toml", 'EE = "Europe/Tallinn"', "", "pack.toml: zones", "EE has no time zone"),
        ("pack.toml", 'immediate = "PT1H"', 'immediate = "soon"', "planning", "SCHEMA.md"),
    ],
)  # fmt: skip
def test_a_broken_pack_is_refused_with_file_and_place(pack, name, old, new, place, reason):
    change(pack, name, old, new)
    with pytest.raises(LawPackError) as refused:
        Law.load(pack)
    assert place in str(refused.value)
    assert reason in str(refused.value)


def test_a_folder_that_is_no_pack_is_refused(tmp_path, pack):
    with pytest.raises(LawPackError):
        Law.load(tmp_path)
    (pack / "adequacy.toml").unlink()
    with pytest.raises(LawPackError, match=r"adequacy\.toml"):
        Law.load(pack)


def test_text_that_is_not_utf_8_is_refused(pack):
    (pack / "jurisdictions" / "br.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LawPackError, match=r"br\.toml"):
        Law.load(pack)


def test_the_pack_that_ships_loads_in_half_a_second_of_cpu():
    began = time.process_time()
    Law.load()
    assert time.process_time() - began < 0.5
