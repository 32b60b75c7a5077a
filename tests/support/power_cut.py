"""What a power cut leaves of a folder: only what its programs had synced.

A small library, preloaded into the program under test, keeps a second copy of each file as it was at its last fsync,
and the folder's names as they were at its own last fsync (POSIX promises no more than that). Whatever the program had
written since is not in it. It needs a C compiler and no rights: no mount, no loop device.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_LIBRARY = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy_names(const char *folder, FILE *to) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_type == DT_REG) fprintf(to, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
    if (dir) closedir(dir);
}

/* Through the program's own descriptor: closing another one of the same file would drop SQLite's locks. */
static void copy_bytes(int fd, FILE *to) {
    char bytes[65536];
    off_t at = 0;
    ssize_t got;
    while ((got = pread(fd, bytes, sizeof bytes, at)) > 0) {
        fwrite(bytes, 1, got, to);
        at += got;
    }
}

static int synced(int fd, const char *call) {
    int (*sync)(int) = dlsym(RTLD_NEXT, call);
    const char *disk = getenv("POWER_CUT_DISK"), *platter = getenv("POWER_CUT_PLATTER");
    char link[64], path[PATH_MAX] = "", kept[PATH_MAX], growing[PATH_MAX];
    struct stat what;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (!disk || !platter || fstat(fd, &what) || readlink(link, path, sizeof path - 1) < 0) return sync(fd);
    int folder = !strcmp(path, disk);
    char *slash = strrchr(path, '/');
    if (!folder && (!slash || (size_t)(slash - path) != strlen(disk) || strncmp(path, disk, slash - path)))
        return sync(fd);
    if (folder) snprintf(kept, sizeof kept, "%s/names", platter);
    else snprintf(kept, sizeof kept, "%s/%lu", platter, (unsigned long)what.st_ino);
    snprintf(growing, sizeof growing, "%s/.%d-%d", platter, getpid(), fd);
    FILE *to = fopen(growing, "w");
    if (!to) return sync(fd);
    if (folder) copy_names(path, to);
    else copy_bytes(fd, to);
    fclose(to);
    int result = sync(fd);
    if (!result) rename(growing, kept);
    return result;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }
"""


class PowerCut:
    """Watches one folder. Give `environ` to the program; files in folders below `disk` are not followed."""

    def __init__(self, disk: Path, work: Path) -> None:
        self.disk = disk
        self.platter = work / "platter"
        self.platter.mkdir()
        self._library = work / "power_cut.so"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-o", str(self._library), "-x", "c", "-", "-ldl"],
            input=_LIBRARY,
            text=True,
            check=True,
        )

    @property
    def environ(self) -> dict[str, str]:
        """The environment that makes a program's syncs count."""
        return {
            "LD_PRELOAD": str(self._library),
            "POWER_CUT_DISK": str(self.disk.resolve()),
            "POWER_CUT_PLATTER": str(self.platter),
        }

    def remains(self, folder: Path) -> None:
        """Make `folder`: what is found after a cut at this moment. The program must stand still or be dead."""
        folder.mkdir(mode=0o700, parents=True)
        names = self.platter / "names"
        for line in names.read_text().splitlines() if names.exists() else ():
            inode, _, name = line.partition(" ")
            if (self.platter / inode).exists():
                shutil.copyfile(self.platter / inode, folder / name)
            else:
                (folder / name).touch()
            os.chmod(folder / name, 0o600)


def missing() -> str:
    """Why a power cut cannot be made here; empty where it can."""
    if not shutil.which("gcc"):
        return "no gcc to compile what keeps the synced state (Debian: gcc libc6-dev)"
    return "" if Path("/proc/self/fd").exists() else "no /proc"
