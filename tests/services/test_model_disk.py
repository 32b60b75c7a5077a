"""What models take on a server's disk, and what was downloaded in part, read in its folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from r1tui.domain.model import Model
from r1tui.services.models.disk import DiskError, Manifest, disk_use, manifests, partials, remove

WEIGHTS, TEMPLATE, OTHER, CONFIG, TWIN = (sign * 64 for sign in "abcde")
NEVER = 1_000_000_000.0
"""A moment long ago: nobody downloads what has not moved since."""


def kept(folder: Path, name: str, layers: Mapping[str, int], config: str = CONFIG) -> Model:
    """A model in a server's folder."""
    told = {
        "config": {"digest": f"sha256:{config}", "size": 10},
        "layers": [{"digest": f"sha256:{digest}", "size": size} for digest, size in layers.items()],
    }
    data = json.dumps(told).encode()
    place = folder / "manifests/registry.ollama.ai/library" / name.replace(":", "/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return Model(name, digest=sha256(data).hexdigest())


def part(folder: Path, digest: str, here: int, whole: int) -> list[Path]:
    """A file of which a part is there, as Ollama keeps it: sparse, with a note of each part."""
    (folder / "blobs").mkdir(parents=True, exist_ok=True)
    data, note = (folder / "blobs" / f"sha256-{digest}-partial{end}" for end in ("", "-0"))
    with data.open("wb") as file:
        file.write(b"x" * here)
        file.truncate(whole)
    note.write_text('{"N":0,"Offset":0,"Size":1,"Completed":1}')
    for path in (data, note):
        os.utime(path, (NEVER, NEVER))
    return [data, note]


def test_what_models_share_counts_once_and_what_removal_frees_is_its_own(tmp_path: Path) -> None:
    models = [
        kept(tmp_path, "r1:8b", {WEIGHTS: 5000, TEMPLATE: 7}),
        kept(tmp_path, "brief:8b", {WEIGHTS: 5000, OTHER: 3}, config=TWIN),
        Model("cloud:1t", remote_host="ollama.com", digest="ff"),
    ]
    use = disk_use(tmp_path, models)
    told = [(each.name, each.size, each.own, each.shares_with) for each in use.models]
    assert told == [("r1:8b", 5017, 17, ("brief:8b",)), ("brief:8b", 5013, 13, ("r1:8b",))]
    assert (use.total, use.partials) == (5030, ())


def test_two_names_of_one_model_free_nothing_alone(tmp_path: Path) -> None:
    models = [kept(tmp_path, name, {WEIGHTS: 5000}) for name in ("r1:8b", "copy:1")]
    assert [(each.own, each.shares_with) for each in disk_use(tmp_path, models).models] == [
        (0, ("copy:1",)),
        (0, ("r1:8b",)),
    ]


def test_a_folder_of_another_server_tells_nothing(tmp_path: Path) -> None:
    mine = kept(tmp_path, "r1:8b", {WEIGHTS: 5000})
    for models in ([mine, Model("other:1", digest="ab")], [Model("r1:8b", digest="ab")], []):
        with pytest.raises(DiskError) as raised:
            disk_use(tmp_path, models)
        assert raised.value.phrase.key == "housekeeping.another_folder"
    assert manifests(tmp_path / "nothing", []) == {}


def test_what_is_no_manifest_is_none(tmp_path: Path) -> None:
    mine = kept(tmp_path, "r1:8b", {WEIGHTS: 5000})
    for number, data in enumerate(
        (b"", b"\xff\xfe", b"[" * 9999, b'{"layers": 3}', b'{"layers": [{"digest": "../../x", "size": 1}]}')
    ):
        (tmp_path / "manifests" / f"{number}").write_bytes(data)
        assert Manifest.read(data) is None
    assert manifests(tmp_path, [mine]).keys() == {"r1:8b"}
    huge = b'{"layers": [{"digest": "sha256:%s", "size": -1e99}]}' % WEIGHTS.encode()
    assert Manifest.read(huge) == Manifest({WEIGHTS: 0})


def test_what_is_there_in_part_is_told_with_its_size_and_removed_whole(tmp_path: Path) -> None:
    files = part(tmp_path, WEIGHTS, 20_000, 5_000_000)
    part(tmp_path, OTHER, 100, 9000)
    (tmp_path / "blobs" / f"sha256-{CONFIG}").write_text("whole")
    (tmp_path / "blobs" / "notes-partial").write_text("of somebody else")
    large, small = partials(tmp_path)
    assert (large.digest, large.whole, small.digest) == (WEIGHTS, 5_000_000, OTHER)
    assert 20_000 <= large.size < 100_000, "a hole takes nothing"
    assert not large.moves(NEVER + 3600)
    assert large.moves(NEVER + 1)
    remove(large)
    assert not any(path.exists() for path in files)
    assert sorted(path.name[:15] for path in (tmp_path / "blobs").iterdir()) == [
        "notes-partial",
        f"sha256-{OTHER[:8]}",
        f"sha256-{OTHER[:8]}",
        f"sha256-{CONFIG[:8]}",
    ]
    remove(large)  # it is gone already


def test_what_is_downloaded_again_meanwhile_stays(tmp_path: Path) -> None:
    files = part(tmp_path, WEIGHTS, 20_000, 5_000_000)
    (seen,) = partials(tmp_path)
    os.utime(files[0])
    with pytest.raises(DiskError) as raised:
        remove(seen)
    assert raised.value.phrase.key == "housekeeping.moves_again"
    assert files[0].exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / f"sha256-{WEIGHTS}-partial").symlink_to(elsewhere)
    assert partials(tmp_path) == ()
    assert partials(tmp_path / "no such folder") == ()
