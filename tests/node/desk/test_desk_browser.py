"""The desk in a real browser: Debian's chromium against the node's own web server, TLS and headers in force."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from tests.node.desk.conftest import Officer
from tests.node.desk.test_desk_pages import XSS, of
from tests.node.exchange.serving.live import LiveNode
from tests.node.world import HOSPITAL, World, incident, indicator, sdo

from comity.node.border import actions as border
from comity.node.border.models import Approval, Question

pytestmark = pytest.mark.browser
AXE = "4.14.1"  # of the npm registry; Deque's rules for WCAG
AXE_SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"


@pytest.fixture
def officer(served: World, page: Any) -> Officer:
    served.submitted(HOSPITAL.read_bytes())
    officer = Officer(page, served.officer)
    officer.sign_in()
    return officer


def clean(page: Any) -> bool:
    """Nothing ran, nothing was refused, nothing was asked."""
    wrong = [text for text in page.said if "Content Security Policy" in text or "Refused" in text or "Error" in text]
    assert wrong == [] and page.dialogs == []
    return True


def test_from_sign_in_to_an_approval(served: World, officer: Officer):
    """Password, code, queue, reason, before and after, yes, second factor again, yes: and it is on its way."""
    page = officer.page
    page.get_by_role("link", name="May this incident go to CERT.br?").click()
    page.get_by_role("button", name="Look").click()
    assert page.get_by_role("heading", level=1).inner_text() == "May this incident go to CERT.br?"
    described = page.get_by_role("row").filter(has_text="description").first
    assert any("29912319996" in text for text in described.locator("del").all_inner_texts())
    assert "29912319996" not in described.locator("td").nth(1).inner_text()
    page.get_by_label("the receiver needs it for the purpose").check()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("heading", name="Is it still you?").wait_for()
    assert not Approval.objects.exists()
    officer.confirm()
    assert page.get_by_label("the receiver needs it for the purpose").is_checked()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved. It goes to the partner as you were shown it.").wait_for()
    served.publish()
    assert "incident" in {one["type"] for one in served.read()}
    assert "29912319996" not in json.dumps(served.read())
    assert clean(page)


@pytest.mark.slow
def test_a_double_click_answers_once(served: World, officer: Officer):
    """Attack A48."""
    page = officer.page
    page.get_by_role("link", name="May this sighting").click()
    page.get_by_role("button", name="Look").click()
    page.get_by_label("the purpose does not need it", exact=True).check()
    page.get_by_role("button", name="Reject").click()
    officer.confirm()
    page.get_by_role("button", name="Reject").dblclick()
    page.get_by_text("No: the purpose does not need it").wait_for()
    assert Approval.objects.count() == 1
    assert clean(page)


@pytest.mark.slow
def test_going_back_and_sending_again_answers_once(served: World, officer: Officer):
    page = officer.page
    page.get_by_role("link", name="May this sighting").click()
    page.get_by_role("button", name="Look").click()
    page.get_by_label("the purpose does not need it", exact=True).check()
    page.get_by_role("button", name="Reject").click()
    officer.confirm()
    page.get_by_role("button", name="Reject").click()
    page.get_by_text("No: the purpose does not need it").wait_for()
    page.go_back()
    assert page.get_by_role("button", name="Reject").count() == 0, "a page with an answer to give came from a cache"
    assert Approval.objects.count() == 1


def test_stored_scripts_are_text(served: World, page: Any):
    """Attack A23: the published strings in every free text of an object; no script runs, and nothing is fetched."""
    texts = [case["text"] for case in XSS]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for start in range(0, len(texts), 8):
        some = texts[start : start + 8]
        references = [{"source_name": text, "description": text, "url": "javascript:alert(1)"} for text in some]
        hostile = incident(f"evil {start}", name=some[0], description="\n".join(some), external_references=references)
        served.submitted([hostile])
    officer = Officer(page, served.officer)
    officer.sign_in()
    for question in served.questions():
        page.goto(of(question))
        if page.get_by_role("button", name="Look").count():
            page.get_by_role("button", name="Look").click()
        shown = page.locator("main").inner_text()
        for line in question_text(question, served).split("\n"):
            assert " ".join(line.split()) in " ".join(shown.split()), line
        assert page.evaluate("document.querySelectorAll('main script, main img, main iframe, main svg').length") == 0
        assert page.evaluate("[...document.querySelectorAll('main a')].every(a => a.protocol === 'https:')")
    assert len(served.questions()) >= len(texts) // 8
    assert all(url.startswith(("https://localhost:", "data:,")) for url in asked), asked
    assert clean(page)


def question_text(question: Question, world: World) -> str:
    """The hostile description, as far as the border let it in: characters that cannot be seen are written out."""
    from comity.node.desk.comparing import visible

    seen = border.before_and_after(question, by=world.officer, now=world.now)
    return visible(str(seen.before["description"]))


@pytest.mark.slow
def test_a_frame_of_another_site_shows_nothing(server: LiveNode, officer: Officer):
    """Attack A48: clickjacking."""
    page = officer.page
    page.goto(f"data:text/html,<h1>Win a prize</h1><iframe src='{server.url}/desk/'></iframe>")
    page.wait_for_timeout(500)
    (inner,) = [frame for frame in page.frames if frame != page.main_frame]
    assert inner.evaluate("location.href").startswith("chrome-error:")
    assert "Sign in" not in inner.content() and "What waits" not in inner.content()


def test_by_keyboard_alone(served: World, officer: Officer):
    page = officer.page
    page.get_by_role("link", name="May this incident go to CERT.br?").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Look").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your answer").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("it would lead to a source").focus()
    page.keyboard.press("Space")
    style = page.evaluate("(s => [s.outlineStyle, s.boxShadow])(getComputedStyle(document.activeElement))")
    assert style != ["none", "none"], "one cannot see where one is"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").endswith("Reject"):
            break
    page.keyboard.press("Enter")
    officer.confirm()
    page.get_by_role("button", name="Reject").focus()
    page.keyboard.press("Enter")
    page.get_by_text("No: it would lead to a source or a method").wait_for()
    assert Approval.objects.get().ground == "source-at-risk"


def test_without_scripts(served: World, browser: Any, server: LiveNode):
    served.submitted([incident("a")])
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    try:
        officer = Officer(context.new_page(), served.officer)
        officer.sign_in()
        officer.page.get_by_role("link", name="May this incident").click()
        officer.page.get_by_role("button", name="Look").click()
        officer.page.get_by_label("the receiver needs it for the purpose").check()
        officer.page.get_by_role("button", name="Approve").click()
        officer.confirm()
        officer.page.get_by_role("button", name="Approve").click()
        assert officer.page.get_by_text("Approved.").count() == 1
    finally:
        context.close()
    assert Approval.objects.get().yes


@pytest.mark.parametrize("width", [360, 1360])
@pytest.mark.slow
def test_nothing_is_wider_than_the_window(served: World, officer: Officer, width: int):
    page = officer.page
    page.set_viewport_size({"width": width, "height": 800})
    (question, *_) = [one for one in served.questions() if one.object_id.startswith("incident")]
    for path in ("/", "/desk/", of(question)):
        page.goto(path)
        if page.get_by_role("button", name="Look").count():
            page.get_by_role("button", name="Look").click()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


@pytest.mark.slow
class TestForEverybody:
    """WCAG 2.2 A and AA, as far as axe-core can tell, in light and in dark."""

    @pytest.fixture(scope="class")
    def axe(self, tmp_path_factory: pytest.TempPathFactory) -> str:
        """Its script, from the npm registry."""
        folder = tmp_path_factory.mktemp("axe")
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm on PATH: nothing was checked for people who see or hear little")
        command = [npm, "pack", f"axe-core@{AXE}", "--silent"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
        found = list(folder.glob("*.tgz"))
        if done.returncode or not found:
            pytest.skip("axe-core could not be had from the npm registry: accessibility was not checked")
        assert hashlib.sha256(found[0].read_bytes()).hexdigest() == AXE_SHA256
        with tarfile.open(found[0]) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            return member.read().decode()

    @pytest.fixture(params=["light", "dark"])
    def seat(self, request: pytest.FixtureRequest, browser: Any, server: LiveNode, served: World) -> Iterator[Officer]:
        context = browser.new_context(base_url=server.url, bypass_csp=True, color_scheme=request.param)
        yield Officer(context.new_page(), served.officer)
        context.close()

    def test_every_page_of_the_desk(self, served: World, seat: Officer, axe: str):
        tied = [indicator("a")["id"]]
        note = sdo("note", "n", content="told of 10.4.0.11 by Oskar, o@haigla.example", object_refs=tied)
        served.submitted(HOSPITAL.read_bytes())
        served.submitted([indicator("a"), note])
        page = seat.page
        page.goto("/desk/")
        check(page, axe)
        seat.sign_in()
        check(page, axe)
        page.goto("/")
        check(page, axe)
        for question in served.questions():
            if not question.object_id.startswith(("incident", "note")):
                continue
            page.goto(of(question))
            check(page, axe)
            if page.get_by_role("button", name="Look").count():
                page.get_by_role("button", name="Look").click()
                check(page, axe)
            for one in page.locator("summary").all():
                one.click()
            check(page, axe)
        border.reject(served.questions()[0], ground="not-necessary", by=served.privacy, now=served.now)
        page.goto(of(question))
        check(page, axe)


def check(page: Any, axe: str) -> None:
    page.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    said = [
        f"{page.url}: {one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
    assert said == []
