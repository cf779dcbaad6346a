"""The OASIS client, unmodified, reads this node: HTTP Basic over TLS with the node's own authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from taxii2client.exceptions import AccessError
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from comity.node.exchange.serving.bodies import MAX_CONTENT_LENGTH
from comity.node.exchange.taxii import MEDIA_TYPE

from .asking import new_tool
from .live import LiveNode
from .partners import Partner, indicator, shelve

OBJECTS = [indicator(modified=f"2026-11-20T08:00:0{n % 2}.000Z") for n in range(7)]


@pytest.fixture
def outsider(
    server: LiveNode, br: Partner, jp: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    for machines in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # they would win over `verify`
        monkeypatch.delenv(machines, raising=False)
    shelve(br.material, OBJECTS, node_live.now)
    shelve(jp.material, [indicator()], node_live.now)
    secret = new_tool(node_live, "cert-br")
    with Server(f"{server.url}/taxii2/", user="siem", password=secret, verify=str(server.trust)) as found:
        yield found


@pytest.fixture
def material(outsider: Server, br: Partner) -> Collection:
    (found,) = (each for each in outsider.default.collections if each.id == str(br.material.pk))
    return found


def test_it_finds_its_way_from_discovery_to_its_collections(outsider: Server, server: LiveNode, br: Partner):
    assert outsider.title == "CERT-EE"
    root: ApiRoot = outsider.default
    assert root.url == f"{server.url}/exchange/"
    assert root.versions == [MEDIA_TYPE]
    assert root.max_content_length == MAX_CONTENT_LENGTH
    assert {each.id for each in root.collections} == {str(br.material.pk), str(br.outbox.pk)}
    assert all(each.can_read and not each.can_write for each in root.collections)


def test_it_reads_everything_at_once_and_in_pages(material: Collection):
    assert material.get_objects()["objects"] == OBJECTS
    pages = list(as_pages(material.get_objects, per_request=3))
    assert [len(page["objects"]) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page["objects"]] == OBJECTS


def test_it_filters_and_goes_on_from_a_date(material: Collection):
    listed = material.get_manifest()["objects"]
    assert [each["id"] for each in listed] == [each["id"] for each in OBJECTS]
    later = material.get_objects(added_after=listed[4]["date_added"])["objects"]
    assert later == OBJECTS[5:]
    assert material.get_objects(id=OBJECTS[2]["id"])["objects"] == [OBJECTS[2]]
    assert material.get_objects(type="malware") == {}


def test_it_reads_one_object_and_its_versions(material: Collection):
    assert material.get_object(OBJECTS[1]["id"])["objects"] == [OBJECTS[1]]
    assert material.object_versions(OBJECTS[1]["id"])["versions"] == [OBJECTS[1]["modified"]]


def test_it_is_told_that_it_may_not_write_nor_see_what_is_anothers(
    material: Collection, outsider: Server, server: LiveNode, jp: Partner
):
    with pytest.raises(AccessError):  # it has read so, and asks no further
        material.delete_object(OBJECTS[1]["id"])
    foreign = Collection(f"{server.url}/exchange/collections/{jp.material.pk}/", conn=outsider._conn)
    with pytest.raises(requests.HTTPError) as hidden:
        foreign.get_objects()
    assert hidden.value.response.status_code == 404
