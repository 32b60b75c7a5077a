"""Memory bandwidth of common processors and cards: what bounds the speed of an answer.

Figures are the makers' specifications in GB/s (10^9 bytes a second): NVIDIA's, AMD's and Intel's product
pages and data sheets, Apple's technical specifications; for systems with memory modules, channels times
transfer rate times 8 bytes of the memory that such a machine usually holds. Where a name covers several
models the slowest counts.
"""

from __future__ import annotations

import re

GB = 1_000_000_000

_GPUS: dict[str, float] = {
    # NVIDIA GeForce
    "gtx 750": 80, "gtx 750 ti": 86, "gtx 950": 106, "gtx 960": 112, "gtx 970": 196, "gtx 980": 224,
    "gtx 980 ti": 336, "gtx titan x": 336, "gt 1030": 48, "gtx 1050": 112, "gtx 1050 ti": 112,
    "gtx 1060": 192, "gtx 1070": 256, "gtx 1070 ti": 256, "gtx 1080": 320, "gtx 1080 ti": 484,
    "titan xp": 547, "titan v": 653, "titan rtx": 672, "gtx 1630": 96, "gtx 1650": 128,
    "gtx 1650 super": 192, "gtx 1650 ti": 192, "gtx 1660": 192, "gtx 1660 super": 336, "gtx 1660 ti": 288,
    "rtx 2050": 112, "rtx 2060": 336, "rtx 2060 super": 448, "rtx 2070": 448, "rtx 2070 super": 448,
    "rtx 2080": 448, "rtx 2080 super": 496, "rtx 2080 ti": 616, "rtx 3050": 168, "rtx 3050 ti": 192,
    "rtx 3060": 360, "rtx 3060 ti": 448, "rtx 3070": 448, "rtx 3070 ti": 608, "rtx 3080": 760,
    "rtx 3080 ti": 912, "rtx 3090": 936, "rtx 3090 ti": 1008, "rtx 4050": 192, "rtx 4060": 272,
    "rtx 4060 ti": 288, "rtx 4070": 480, "rtx 4070 super": 504, "rtx 4070 ti": 504,
    "rtx 4070 ti super": 672, "rtx 4080": 717, "rtx 4080 super": 736, "rtx 4090": 1008, "rtx 4090 d": 1008,
    "rtx 5050": 320, "rtx 5060": 448, "rtx 5060 ti": 448, "rtx 5070": 672, "rtx 5070 ti": 896,
    "rtx 5080": 960, "rtx 5090": 1792, "rtx 5090 d": 1792,
    # the same names in laptops, where they differ
    "rtx 3050 laptop": 168, "rtx 3060 laptop": 336, "rtx 3080 laptop": 448, "rtx 3080 ti laptop": 512,
    "rtx 3070 ti laptop": 448, "rtx 4060 laptop": 256, "rtx 4070 laptop": 256, "rtx 4080 laptop": 432,
    "rtx 4090 laptop": 576, "rtx 5060 laptop": 384, "rtx 5070 laptop": 384, "rtx 5070 ti laptop": 672,
    "rtx 5080 laptop": 896, "rtx 5090 laptop": 896, "gtx 1650 laptop": 128, "rtx 2060 laptop": 264,
    "rtx 2070 laptop": 384, "rtx 2080 laptop": 384,
    # NVIDIA for workstations and servers
    "quadro p400": 32, "quadro p600": 64, "quadro p620": 80, "quadro p1000": 80, "quadro p2000": 140,
    "quadro p2200": 200, "quadro p4000": 243, "quadro p5000": 288, "quadro p6000": 432, "quadro t400": 80,
    "quadro t600": 160, "quadro t1000": 128, "t400": 80, "t600": 160, "t1000": 160, "quadro rtx 4000": 416,
    "quadro rtx 5000": 448, "quadro rtx 6000": 672, "quadro rtx 8000": 672, "rtx a2000": 288,
    "rtx a4000": 448, "rtx a4500": 640, "rtx a5000": 768, "rtx a6000": 768, "rtx 2000 ada": 224,
    "rtx 4000 ada": 280, "rtx 4000 sff ada": 280, "rtx 4500 ada": 432, "rtx 5000 ada": 576,
    "rtx 6000 ada": 960, "rtx pro 6000": 1597, "rtx pro 4000": 672, "rtx pro 4500": 896,
    "rtx pro 5000": 1344, "tesla m40": 288, "tesla m60": 160, "tesla p4": 192, "tesla p40": 346,
    "tesla p100": 549, "tesla v100": 897, "v100": 897, "tesla t4": 300, "t4": 300, "a2": 200, "a10": 600,
    "a10g": 600, "a16": 200, "a30": 933, "a40": 696, "a100": 1555, "a100 80gb": 1935, "l4": 300, "l40": 864,
    "l40s": 864, "h100": 2039, "h100 80gb hbm3": 3350, "h200": 4800, "b200": 7700, "gh200": 4000,
    "gb10": 273, "orin nano": 68, "orin nx": 102, "agx orin": 204, "orin": 68, "xavier": 51, "thor": 273,
    # AMD
    "rx 6400": 128, "rx 6500 xt": 144, "rx 6600": 224, "rx 6600 xt": 256, "rx 6650 xt": 280, "rx 6700": 320,
    "rx 6700 xt": 384, "rx 6750 xt": 432, "rx 6800": 512, "rx 6800 xt": 512, "rx 6900 xt": 512,
    "rx 6950 xt": 576, "rx 7600": 288, "rx 7600 xt": 288, "rx 7700 xt": 432, "rx 7800 xt": 624,
    "rx 7900 gre": 576, "rx 7900 xt": 800, "rx 7900 xtx": 960, "rx 9060 xt": 320, "rx 9070": 640,
    "rx 9070 xt": 640, "rx 580": 256, "rx 5700 xt": 448, "vega 56": 410, "vega 64": 484, "radeon vii": 1024,
    "radeon pro w6600": 224, "radeon pro w6800": 512, "radeon pro w7800": 576, "radeon pro w7900": 864,
    "instinct mi50": 1024, "instinct mi60": 1024, "instinct mi100": 1229, "instinct mi210": 1638,
    "instinct mi250": 3277, "instinct mi300x": 5300, "radeon 8060s": 256, "radeon 8050s": 256,
    "strix halo": 256, "gfx1151": 256, "ryzen ai max": 256,
    # AMD's consumer cards seldom tell more than their chip: the slowest card with it that has 8 GB or more
    "gfx900": 410, "gfx906": 1024, "gfx908": 1229, "gfx90a": 1638, "gfx942": 5300, "gfx1010": 448,
    "gfx1030": 512, "gfx1031": 320, "gfx1032": 224, "gfx1100": 576, "gfx1101": 432, "gfx1102": 288,
    "gfx1200": 320, "gfx1201": 432,
    # Intel
    "arc a310": 124, "arc a380": 186, "arc a580": 512, "arc a750": 512, "arc a770": 512, "arc b570": 380,
    "arc b580": 456, "arc pro a40": 192, "arc pro a60": 384, "arc pro b50": 224, "arc pro b60": 456,
}  # fmt: skip

_APPLE: dict[str, float] = {
    "m1": 68, "m1 pro": 200, "m1 max": 400, "m1 ultra": 800, "m2": 100, "m2 pro": 200, "m2 max": 400,
    "m2 ultra": 800, "m3": 100, "m3 pro": 150, "m3 max": 300, "m3 ultra": 819, "m4": 120, "m4 pro": 273,
    "m4 max": 410, "m5": 153,
}  # fmt: skip

_CPUS: tuple[tuple[str, float], ...] = (
    (r"raspberry pi 5|bcm2712|cortex-a76", 17),
    (r"raspberry pi 4|bcm2711|cortex-a72", 6),
    (r"raspberry pi 3|bcm2837|cortex-a53", 3),
    (r"\bn(95|97|100|150|200|305|355)\b|i3-n30\d", 30),
    (r"celeron.*\bn[345]\d{3}\b|pentium.*\bn[56]\d{3}\b|celeron.*\bj[346]\d{3}\b|atom", 15),
    (r"ryzen ai max", 256),
    (r"ryzen ai \d", 90),
    (r"ryzen threadripper pro", 100),
    (r"ryzen threadripper", 80),
    (r"ryzen \d 9\d{3}|ryzen \d 7\d{3}x|ryzen \d 8\d{3}|ryzen \d (pro )?7\d{3}", 64),
    (r"ryzen \d (pro )?[345]\d{3}", 45),
    (r"ryzen \d (pro )?[12]\d{3}", 38),
    (r"core.*ultra", 83),
    (r"core.*i[3579]-1[34]\d{2,3}", 51),
    (r"core.*i[3579]-1[012]\d{2,3}", 45),
    (r"core.*i[3579]-[6789]\d{3}", 34),
    (r"core.*i[3579]-[2345]\d{3}", 21),
)
"""Pattern of a processor's name → GB/s with the memory its machines usually hold, in both channels where it
has two.
"""

_GPU_CLASS = {"nvidia": 160.0, "amd": 160.0, "intel": 120.0, "apple": 68.0}
_UNIFIED_CLASS = 68.0
_CPU_CLASS = 15.0
"""For a processor that the table does not know: one slow channel of DDR4, or a share of a virtual server's
host.
"""

_NOISE = re.compile(
    r"\b(nvidia|geforce|amd|intel\(r\)|intel|graphics|gpu|pcie|sxm\d?|with max q design|mobile)\b"
    r"|\(tm\)|\(r\)|[()]"
)


def _normal(name: str) -> str:
    name = _NOISE.sub(
        " ", name.lower().replace("®", " ").replace("™", " ").replace("_", " ").replace("-", " ")
    )
    return " ".join(name.split())


def _longest(table: dict[str, float], name: str) -> float | None:
    """The figure of the longest known name that stands in `name` as whole words."""
    padded = f" {name} "
    found = max((known for known in table if f" {known} " in padded), key=len, default=None)
    if found is None:
        return None
    if "laptop" in padded and f"{found} laptop" in table:
        return table[f"{found} laptop"]
    return table[found]


def gpu_bandwidth(vendor: str, name: str, unified: bool = False) -> tuple[float, bool]:
    """Bytes a second of a GPU's memory, and whether its name is known (else a cautious figure of its
    class).
    """
    plain = _normal(name)
    known = _longest(_APPLE if vendor == "apple" else _GPUS, plain)
    if known is not None:
        return known * GB, True
    return (_UNIFIED_CLASS if unified else _GPU_CLASS.get(vendor, _UNIFIED_CLASS)) * GB, False


def cpu_bandwidth(name: str) -> tuple[float, bool]:
    """Bytes a second of a processor's memory, and whether its name is known (else a cautious figure)."""
    lower = name.lower().replace("(r)", "").replace("(tm)", "")
    if "apple" in lower:
        known = _longest(_APPLE, _normal(lower.replace("apple", "")))
        if known is not None:
            return known * GB, True
    for pattern, figure in _CPUS:
        if re.search(pattern, lower):
            return figure * GB, True
    return _CPU_CLASS * GB, False
