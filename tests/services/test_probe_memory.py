"""Memory as recorded machines tell it: limits of control groups, LXC, ZFS, swap."""

from __future__ import annotations

from pathlib import Path

import pytest

from r1tui.domain.hardware import GIB, Memory
from r1tui.services.machine.probe.memory import probe_memory, read_memory
from tests.support.machines import recorded

MEMINFO = """MemTotal:       16252928 kB
MemFree:         1048576 kB
MemAvailable:   11534336 kB
Cached:          8388608 kB
SwapTotal:       2097152 kB
SwapFree:        1048576 kB
HugePages_Total:       0
"""
TOTAL, AVAILABLE = 16252928 << 10, 11 << 30


def memory(root: Path, files: dict[str, str]) -> Memory:
    found = read_memory(recorded(root, {"/proc/meminfo": MEMINFO} | files))
    assert found is not None
    return found[0]


def v2(folder: str, limit: str, used: int, inactive: int = 0) -> dict[str, str]:
    """Files of a version 2 group."""
    base = f"/sys/fs/cgroup{folder}"
    statistics = f"anon 1\ninactive_file {inactive}\nactive_file 0\nslab_reclaimable 0\n"
    return {
        f"{base}/memory.max": f"{limit}\n",
        f"{base}/memory.current": f"{used}\n",
        f"{base}/memory.stat": statistics,
    }


def test_the_kernels_figures_and_where_they_stand(tmp_path: Path) -> None:
    found = read_memory(recorded(tmp_path, {"/proc/meminfo": MEMINFO}))
    assert found is not None
    assert (found[0].total, found[0].available, found[0].limit) == (TOTAL, AVAILABLE, None)
    assert found[0].source.params["path"] == "/proc/meminfo"
    assert found[1] == 1 << 30  # free swap


def test_unreadable_memory_is_unknown_and_not_zero(tmp_path: Path) -> None:
    assert read_memory(recorded(tmp_path, {})) is None
    assert read_memory(recorded(tmp_path, {"/proc/meminfo": "garbage\n\0\xff"})) is None


def test_a_version_2_limit_counts_the_page_cache_as_free(tmp_path: Path) -> None:
    group = v2("/app", str(4 * GIB), 3 * GIB, inactive=2 * GIB)
    found = memory(tmp_path, {"/proc/self/cgroup": "0::/app\n"} | group)
    assert (found.limit, found.available) == (4 * GIB, 3 * GIB)
    assert found.limit_source is not None
    assert found.limit_source.params["path"] == "/sys/fs/cgroup/app/memory.max"


def test_the_limit_of_any_parent_counts(tmp_path: Path) -> None:
    files = (
        {"/proc/self/cgroup": "0::/machine.slice/box.scope/app\n"}
        | v2("/machine.slice", str(8 * GIB), 7 * GIB)
        | v2("/machine.slice/box.scope", str(3 * GIB), GIB)
        | v2("/machine.slice/box.scope/app", "max", GIB)
    )
    found = memory(tmp_path, files)
    # the least is left in the outermost group, the smallest limit is the middle one's
    assert (found.limit, found.available) == (3 * GIB, 1 * GIB)


def test_max_is_no_limit(tmp_path: Path) -> None:
    found = memory(tmp_path, {"/proc/self/cgroup": "0::/user.slice\n"} | v2("/user.slice", "max", GIB))
    assert (found.limit, found.available) == (None, AVAILABLE)


def test_a_limit_above_the_machines_memory_is_none(tmp_path: Path) -> None:
    found = memory(tmp_path, {"/proc/self/cgroup": "0::/a\n"} | v2("/a", str(64 * GIB), GIB))
    assert found.limit is None


@pytest.mark.parametrize("path", ["/", "/../../docker/abc", "/kubepods/pod1/abc"])
def test_inside_a_container_the_mount_itself_is_the_group(tmp_path: Path, path: str) -> None:
    found = memory(tmp_path, {"/proc/self/cgroup": f"0::{path}\n"} | v2("", str(2 * GIB), GIB))
    assert (found.limit, found.available) == (2 * GIB, GIB)


def v1(folder: str, limit: int, used: int, inactive: int = 0) -> dict[str, str]:
    """Files of a version 1 group."""
    base = f"/sys/fs/cgroup/memory{folder}"
    return {
        f"{base}/memory.limit_in_bytes": f"{limit}\n",
        f"{base}/memory.usage_in_bytes": f"{used}\n",
        f"{base}/memory.stat": f"total_inactive_file {inactive}\ntotal_active_file 0\n",
    }


V1_NONE = 9223372036854771712


def test_a_version_1_limit_is_found_by_the_processs_group(tmp_path: Path) -> None:
    files = {"/proc/self/cgroup": "9:name=systemd:/\n4:memory:/docker/abc\n0::/\n"}
    files |= (
        v1("/docker/abc", 4 * GIB, 2 * GIB, inactive=GIB) | v1("/docker", V1_NONE, 9) | v1("", V1_NONE, 9)
    )
    found = memory(tmp_path, files)
    assert (found.limit, found.available) == (4 * GIB, 3 * GIB)


def test_a_version_1_group_without_a_limit_says_a_huge_number(tmp_path: Path) -> None:
    found = memory(tmp_path, {"/proc/self/cgroup": "4:cpu,memory:/\n"} | v1("", V1_NONE, 9))
    assert found.limit is None


def test_the_smaller_of_lxcs_meminfo_and_a_limit_inside_it_counts(tmp_path: Path) -> None:
    files = {"/proc/self/cgroup": "0::/inner\n"} | v2("/inner", str(20 * GIB), GIB)
    assert memory(tmp_path / "a", files).bound == TOTAL  # lxcfs has rewritten meminfo to less than that
    files |= v2("/inner", str(2 * GIB), GIB)
    assert memory(tmp_path / "b", files).bound == 2 * GIB


def test_zfs_has_a_cache_that_available_does_not_count(tmp_path: Path) -> None:
    rows = "13 1 0x01 123 33456 1 2\nname type data\nc_min 4 1073741824\nsize 4 16106127360\n"
    found = memory(tmp_path, {"/proc/spl/kstat/zfs/arcstats": rows})
    assert found.reclaimable == 14 * GIB
    assert found.available == AVAILABLE


def test_a_loaded_models_memory_is_counted_apart(tmp_path: Path) -> None:
    files = {
        "/proc/meminfo": MEMINFO,
        "/proc/41/comm": "ollama\n",
        "/proc/41/status": "Name:\tollama\nVmRSS:\t 9999 kB\nRssAnon:\t 1048576 kB\n",
        "/proc/42/comm": "bash\n",
        "/proc/42/status": "Name:\tbash\nRssAnon:\t 99 kB\n",
    }
    found = probe_memory(recorded(tmp_path, files))
    assert found is not None
    assert found[0].held == GIB
    assert found[0].free == 12 * GIB
