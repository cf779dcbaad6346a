"""Each detector against published examples and named traps. All people are invented; numbers are the standards' own."""

from __future__ import annotations

import pytest

from comity.canon import Category as C
from comity.privacy import detect_text, detector_version


def found(text, **how):
    return {(d.category, text[d.start : d.end]) for d in detect_text(text, **how)}


@pytest.mark.parametrize(
    ("text", "category", "said"),
    [
        # ISO 13616 registry example; the textbook Belgian account that a bank-code check would refuse
        ("to GB82 WEST 1234 5698 7654 32 today", C.IBAN, "GB82 WEST 1234 5698 7654 32"),
        ("BE68 5390 0754 7034", C.IBAN, "BE68 5390 0754 7034"),
        ("card 5555 5555 5555 4444", C.PAYMENT_CARD, "5555 5555 5555 4444"),
        ("CVV: 123", C.PAYMENT_CARD, "123"),
        # BIP 173 test vector; the genesis block's address
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", C.CRYPTO_WALLET, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", C.CRYPTO_WALLET, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        # python-stdnum's documented examples
        ("isikukood 36805280109", C.NATIONAL_ID, "36805280109"),
        ("CPF 390.533.447-05", C.NATIONAL_ID, "390.533.447-05"),
        ("PESEL 44051401359", C.NATIONAL_ID, "44051401359"),
        ("DNI 54362315K", C.NATIONAL_ID, "54362315K"),
        ("codice fiscale RCCMNL83S18D969H", C.NATIONAL_ID, "RCCMNL83S18D969H"),
        ("T.C. kimlik no 17291716060", C.NATIONAL_ID, "17291716060"),
        ("SSN 536-90-4399", C.NATIONAL_ID, "536-90-4399"),
        ("National Insurance number QQ 12 34 56 C", C.NATIONAL_ID, None),  # QQ is never issued
        ("passport no. K12345678", C.PASSPORT, "K12345678"),
        ("IMEI 490154203237518", C.DEVICE_ID, "490154203237518"),
        ("VIN 1M8GDM9AXKP042788", C.VEHICLE_ID, "1M8GDM9AXKP042788"),
        ("Kennzeichen B-XY 1234", C.VEHICLE_ID, "B-XY 1234"),
        ("born 4 May 1962 in", C.DATE_OF_BIRTH, "4 May 1962"),
        ("生年月日: 1985年4月2日", C.DATE_OF_BIRTH, "1985年4月2日"),
        ("at 59.4370° N, 24.7536° E", C.GPS_POSITION, "59.4370° N, 24.7536° E"),
        ("call +372 5123 4567 now", C.PHONE_NUMBER, "+372 5123 4567"),
        ("電話 090-1234-5678", C.PHONE_NUMBER, "090-1234-5678"),
        ("00-11-22-33-44-55", C.MAC_ADDRESS, "00-11-22-33-44-55"),
        ("key AKIAIOSFODNN7EXAMPLE", C.API_KEY, "AKIAIOSFODNN7EXAMPLE"),
        ("password: Tr0ub4dor&3", C.PASSWORD, "Tr0ub4dor&3"),
        ("пароль: Вишня2024!", C.PASSWORD, "Вишня2024!"),
        ("C:\\Users\\jdoe\\AppData", C.USERNAME, "jdoe"),
        ("CORP\\jdoe logged on", C.USERNAME, "jdoe"),
        ("sshd[7]: Failed password for jdoe from 192.0.2.7 port 22 ssh2", C.USERNAME, "jdoe"),
        ("https://jdoe:pw0rd@portal.example/", C.PASSWORD, "pw0rd"),
        ("host LAPTOP-JDOE01 isolated", C.HOSTNAME, "LAPTOP-JDOE01"),
        ("follow @jane_doe77 there", C.SOCIAL_HANDLE, "@jane_doe77"),
        ("Dear Mrs Okafor,", C.PERSON_NAME, "Okafor"),
        ("Kind regards,\nMart Tamm\n", C.PERSON_NAME, "Mart Tamm"),
        ('From: "Doe, Jane" <jane.doe@example.org>', C.PERSON_NAME, "Doe, Jane"),
        ("申告者: 佐藤 花子", C.PERSON_NAME, "佐藤 花子"),
        ("Pacjentka: Anna Kowalska", C.PERSON_NAME, "Anna Kowalska"),
        ("Zylo Quarnt wrote from zquarnt@example.org", C.PERSON_NAME, "Zylo Quarnt"),
        ("lives at 12 High Street, Leeds, LS1 4AP", C.POSTAL_ADDRESS, "12 High Street, Leeds, LS1 4AP"),
        ("Hauptstraße 9, 10115 Berlin", C.POSTAL_ADDRESS, "Hauptstraße 9, 10115 Berlin"),
        ("Her diagnosis: multiple sclerosis.", C.HEALTH, "multiple sclerosis"),
        ("sie ist Mitglied der IG Metall", C.TRADE_UNION, "Mitglied der IG Metall"),
        ("attorney-client privileged", C.PRIVILEGED, "attorney-client privileged"),
    ],
)
def test_what_is_personal_is_found(text, category, said):
    spans = {span for kind, span in found(text) if kind is category}
    assert (said in spans) if said else not spans


@pytest.mark.parametrize(
    "text",
    [
        "build 10.0.19045.3803",
        "see section 4.2.1.3",
        "OID 1.3.6.1.4.1.311",
        "DNS 8.8.8.8, loopback 127.0.0.1, netmask 255.255.255.0",
        "SHA-256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        "CVE-2021-44228 on 2021-12-10T12:00:00Z",
        "std::vector<int> and 12:34:56",
        "fingerprint 4c:0a:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22",
        "C:\\Users\\Public\\Documents\\x.exe and /home/user/.ssh",
        "NT AUTHORITY\\SYSTEM and HKLM\\Software\\Microsoft",
        "4111 1111 1111 1112",
        "Lazarus Group used Agent Tesla and Cobalt Strike",
        "The campaign targeted hospitals and cancer clinics in three countries.",
        "@media screen and @Override",
        "Message-ID: <a57d439d82da2fa0@mail.example>",
        "password spraying and password policy",
        "misp-galaxy:threat-actor",
    ],
)
def test_what_only_looks_personal_is_left_alone(text):
    assert found(text) == set()


def test_a_reason_never_holds_the_value():
    for detection in detect_text("Dr Jane Doe, jane.doe@example.org, +372 5123 4567, password: hunter2!"):
        assert detection.value not in detection.why
        assert detection.text not in repr(detection)


def test_names_of_threats_are_not_people():
    text = "Kevin Mitra contacted the server."
    assert found(text, not_people=frozenset({"kevin mitra"})) == set()


def test_the_version_names_program_and_data():
    assert "sha256:" in detector_version()


@pytest.mark.parametrize(
    "text",
    [
        "Author: Poison Ivy",
        "Name: Intrusion Set",
        "name: Antivirus",
        "misp-galaxy GALAXY-NAME",
        "login of ssh",
        "started as python2",
        "https://x.example/get?name=sevd-2017-347-01+triconex+v3.pdf",
        "Agent Tesla and Cobalt Strike, by Ryan Cobalt",
    ],
)
def test_names_of_threats_programs_and_files_are_nobodys(text):
    assert detect_text(text) == ()
