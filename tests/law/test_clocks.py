"""Clocks: when each report is due, from its own start, on its own calendar."""

import datetime as dt

import pytest

from comity.canon import NaiveTime
from comity.law import Certainty, Due, DutyStanding, Law, UnknownClock, UnknownTerm

MONDAY = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


def lines(law: Law, code: str, duty: str, aware: dt.datetime = MONDAY, **clocks: dt.datetime) -> tuple[Due, ...]:
    event = next(row.regime for row in law[code].facts.breach_duties if row.id == duty).replace("_", "-")
    owed = [one for one in law.duties([code], event, aware.date()) if one.row.id == duty]
    return law.schedule(owed, {"awareness": aware, **clocks})


def test_seventy_two_hours_run_through_the_weekend(law):
    """GDPR art 33(1)."""
    assert lines(law, "EE", "eu.gdpr.art33")[0].at == utc(2026, 11, 26, 10)
    assert lines(law, "EE", "eu.gdpr.art33", utc(2026, 11, 27, 10))[0].at == utc(2026, 11, 30, 10)


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        (MONDAY, utc(2026, 11, 27, 2, 59, 59)),  # Tue, Wed, Thu; the day ends at 03:00Z
        (utc(2026, 11, 24, 1), utc(2026, 11, 27, 2, 59, 59)),  # 22:00 on Monday in Brasilia
        (utc(2026, 12, 24, 12), utc(2026, 12, 31, 2, 59, 59)),  # Christmas and a weekend: Mon, Tue, Wed
        (utc(2027, 2, 5, 12), utc(2027, 2, 11, 2, 59, 59)),  # carnival is optional, no nation-wide holiday
        (utc(2026, 11, 19, 12), utc(2026, 11, 26, 2, 59, 59)),  # 20 November is one since 2024
    ],
)
def test_three_business_days_in_brazil(law, aware, due):
    """Resolução CD/ANPD 15/2024 arts 5-6 and 9."""
    for duty in ("br.lgpd.48.anpd", "br.lgpd.48.ds"):
        assert lines(law, "BR", duty, aware)[0].at == due


def test_calendar_days_in_japan_end_at_midnight_in_tokyo(law):
    """APPI art 26(1) with the guideline of 3 to 5 days, and 30 or 60 days for the final report."""
    early, final = lines(law, "JP", "jp.appi.26.prelim")
    assert early.at == utc(2026, 11, 28, 14, 59, 59)
    assert final.at == utc(2026, 12, 23, 14, 59, 59)
    late_evening = utc(2026, 11, 23, 16)  # already the 24th in Tokyo
    assert lines(law, "JP", "jp.appi.26.prelim", late_evening)[0].at == utc(2026, 11, 29, 14, 59, 59)


def test_a_local_day_ends_by_the_clock_of_its_season(law):
    """Summer time ended in the Union on 2026-10-25 at 01:00Z."""
    before = lines(law, "EE", "eu.reg611", utc(2026, 10, 20, 10))[1]
    after = lines(law, "EE", "eu.reg611", utc(2026, 10, 21, 10))[1]
    assert before.at == utc(2026, 10, 24, 20, 59, 59)
    assert after.at == utc(2026, 10, 25, 21, 59, 59)


def test_elapsed_hours_do_not_shift_with_summer_time(law):
    assert lines(law, "EE", "eu.gdpr.art33", utc(2026, 10, 24, 10))[0].at == utc(2026, 10, 27, 10)


def test_a_stage_after_the_previous_report_is_bounded_by_its_deadline(law):
    """NIS2 art 23(4): one month after the 72-hour notification, not after the intermediate report on request."""
    warning, notice, intermediate, final = lines(law, "HR", "eu.nis2.art23")
    assert (warning.at, warning.certainty) == (utc(2026, 11, 24, 10), Certainty.LAW)
    assert (notice.at, notice.certainty) == (utc(2026, 11, 26, 10), Certainty.LAW)
    assert (intermediate.at, intermediate.certainty) == (None, Certainty.WAITING)
    assert (final.at, final.certainty) == (utc(2026, 12, 26, 10), Certainty.BOUND)


def test_the_filing_of_the_report_before_fixes_it(law):
    filed = utc(2026, 11, 25, 8)
    for clocks in ({"previous_report": filed}, {"notification": filed}):
        final = lines(law, "HR", "eu.nis2.art23", **clocks)[-1]
        assert (final.at, final.certainty) == (utc(2026, 12, 25, 8), Certainty.LAW)


def test_a_stage_whose_event_has_not_happened_has_no_instant(law):
    """DORA art 19(4): four hours after classification; CRA art 14: fourteen days after a remedy is available."""
    first, outer, *_ = lines(law, "EE", "eu.dora.art19")
    assert (first.at, first.detail) == (None, "after classification")
    assert outer.at == utc(2026, 11, 24, 10)
    classified = lines(law, "EE", "eu.dora.art19", classification=utc(2026, 11, 23, 12))[0]
    assert (classified.at, classified.strictest) == (utc(2026, 11, 23, 16), True)
    assert lines(law, "EE", "eu.cra.art14.vuln")[-1].at is None
    remedied = lines(law, "EE", "eu.cra.art14.vuln", remedy_available=utc(2026, 12, 1, 9))[-1]
    assert remedied.at == utc(2026, 12, 15, 21, 59, 59)


def test_four_hours_after_classification_can_be_later_than_a_day_after_awareness(law):
    first, outer, *_ = lines(law, "EE", "eu.dora.art19", classification=utc(2026, 11, 25, 12))
    assert outer.at < first.at
    assert (outer.strictest, first.strictest) == (True, False)


def test_the_proof_follows_the_expiry_of_the_deadline_before(law):
    """Resolução 15/2024 art 9: three business days after the deadline for telling individuals."""
    notice, proof = lines(law, "BR", "br.lgpd.48.ds")
    assert (proof.at, proof.certainty) == (utc(2026, 12, 2, 2, 59, 59), Certainty.LAW)
    assert notice.at < proof.at


def test_discovery_cannot_be_later_than_awareness(law):
    assert lines(law, "EE", "eu.reg611")[0].certainty is Certainty.BOUND
    told = lines(law, "EE", "eu.reg611", discovery=utc(2026, 11, 22, 10))[0]
    assert (told.at, told.certainty) == (utc(2026, 11, 23, 10), Certainty.LAW)


def test_an_open_deadline_gets_a_planning_value_that_says_it_is_none_of_the_laws(law):
    (line,) = lines(law, "EE", "eu.gdpr.art34")
    assert (line.at, line.certainty) == (utc(2026, 11, 24, 10), Certainty.PLANNING)
    first, phases = lines(law, "EE", "eu.gdpr.art33")
    assert phases.at == first.at  # what follows a report is not planned before it
    assert (first.strictest, phases.strictest) == (True, False)


def test_only_duties_in_force_start_clocks(law):
    incident = {duty.row.id: duty for duty in law.duties(["EE"], "cyber-incident", MONDAY.date())}
    assert incident["eu.nis2.art23"].standing is DutyStanding.ASSUMED  # unknown: the cautious branch
    pending = {duty.row.id: duty for duty in law.duties(["US"], "cyber-incident", MONDAY.date())}["us.circia.incident"]
    assert pending.standing is DutyStanding.PENDING
    assert all(line.at is None for line in law.due(pending, {"awareness": MONDAY, "reasonable_belief": MONDAY}))
    assert "eu.nis2.art23" not in {duty.row.id for duty in law.duties(["NO"], "cyber-incident", MONDAY.date())}


def test_a_duty_runs_from_the_day_it_applies(law):
    def standing(day: dt.date) -> DutyStanding:
        return {duty.row.id: duty.standing for duty in law.duties(["DE"], "vulnerability", day)}["eu.cra.art14.vuln"]

    assert standing(dt.date(2026, 9, 10)) is DutyStanding.PENDING
    assert standing(dt.date(2026, 9, 11)) is DutyStanding.RUNS


def test_a_pending_duty_whose_day_has_come_is_assumed(law):
    def standing(day: dt.date) -> DutyStanding:
        return {duty.row.id: duty.standing for duty in law.duties(["CL"], "personal-data-breach", day)}[
            "cl.21719.breach"
        ]

    assert standing(dt.date(2026, 11, 30)) is DutyStanding.PENDING
    assert standing(dt.date(2026, 12, 1)) is DutyStanding.ASSUMED


def test_duties_to_different_addressees_all_stand(law):
    owed = law.duties(["EE", "BR"], "personal-data-breach", MONDAY.date(), who="controller")
    marked = {line.duty.addressee for line in law.schedule(owed, {"awareness": MONDAY}) if line.strictest}
    assert marked == {duty.addressee for duty in owed}


def test_the_strictest_of_a_duty_names_the_law_that_set_it(law):
    day = MONDAY.date()
    line = law.strictest("personal-data-breach", ["EE", "BR"], on=day, to="authority", who="controller")
    assert (line.duty.fact, line.at) == ("eu.gdpr.art33", utc(2026, 11, 26))
    assert law.strictest("personal-data-breach", ["EE"], on=day, to="data-subject") is None
    planned = law.strictest("personal-data-breach", ["EE"], on=day, to="data-subject", planning=True)
    assert planned.certainty is Certainty.PLANNING


def test_what_starts_no_clock_is_refused(law):
    with pytest.raises(UnknownClock):
        lines(law, "EE", "eu.gdpr.art33", lunch=MONDAY)
    with pytest.raises(NaiveTime):
        lines(law, "EE", "eu.gdpr.art33", discovery=dt.datetime(2026, 11, 23))
    with pytest.raises(UnknownTerm, match="personal-data-breach"):
        law.duties(["EE"], "personal-data-braech", MONDAY.date())


def test_every_duty_of_every_jurisdiction_can_be_counted(law):
    for event in ("personal-data-breach", "cyber-incident", "vulnerability", "ransom-payment"):
        for line in law.schedule(law.duties(law, event, MONDAY.date()), {"awareness": MONDAY, "payment": MONDAY}):
            assert line.at is None or line.at > MONDAY


def test_a_log_that_must_be_kept_collides_with_an_erasure_and_nobody_picks(law):
    pairs = {(one.keep, one.erase) for one in law.collisions(["EE", "BR"])}
    assert ("br.retention.logs.incident_register", "eu.rights.erasure") in pairs
    assert law.collisions(["EE"]) == ()
    one = law.collisions(["EE", "BR"])[0]
    assert "GDPR" in one.sentence and "Marco Civil" in one.sentence and "a person decides" in one.sentence
