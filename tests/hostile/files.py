"""Hostile configurations, archives and answers on the wire."""

from __future__ import annotations

import lzma
import tarfile

from hostile.inputs import (
    MB,
    Hostile,
    gzipped,
    joined,
    long_name,
    member,
    one_large,
    packed_zeros,
    sparse_tar,
    tar,
    warc,
    warc_of_zeros,
    xz_of_a_large_dictionary,
    yaml_laughs,
)

_YAML = "256 kB, depth 12, no aliases, anchors or tags"
_TAR = "files only, within the folder, 100 MB each, 50,000 of them; headers of 1 MB"
_WARC = "100 MB a page, 1 MB of headers a record"
_WIRE = "a piece at a time, stopped at a ratio of 100 or the limit of bytes"

CONFIGURATION = (
    Hostile("YAML", "billion laughs", "yaml", yaml_laughs, _YAML),
    Hostile("YAML", "a megabyte", "yaml", lambda: b"a: " + b"x" * MB, _YAML),
    Hostile("YAML", "nested brackets", "yaml", lambda: b"a: " + b"[" * 200_000, _YAML),
    Hostile(
        "YAML",
        "nested blocks",
        "yaml",
        lambda: b"".join(b" " * n + b"a:\n" for n in range(700)),
        _YAML,
    ),
    Hostile("YAML", "nested sequences", "yaml", lambda: b"- " * 130_000, _YAML),
    Hostile("YAML", "130,000 items", "yaml", lambda: b"a:\n" + b"-\n" * 130_000, _YAML),
    Hostile("YAML", "80,000 keys", "yaml", lambda: b"? a\n" * 60_000, _YAML),
    Hostile(
        "YAML", "a Python object", "yaml", lambda: b"a: !!python/object/apply:os.system [id]", _YAML
    ),
    Hostile("YAML", "quotes without an end", "yaml", lambda: b"a: '" + b"''" * 130_000, _YAML),
    Hostile("YAML", "flow entries", "yaml", lambda: b"a: [" + b"b: c," * 50_000 + b"]", _YAML),
)
ARCHIVES = (
    Hostile(
        "tar",
        "above its folder",
        "tar",
        lambda: tar((member("../../2024-01-01_evil.html"), b"x")),
        _TAR,
        suffix=".tar.gz",
    ),
    Hostile(
        "tar",
        "an absolute name",
        "tar",
        lambda: tar((member("/etc/2024-01-01_evil.html"), b"x")),
        _TAR,
        suffix=".tar.gz",
    ),
    Hostile(
        "tar",
        "through a link",
        "tar",
        lambda: tar(
            (member("a", tarfile.SYMTYPE, "/etc"), b""), (member("a/2024-01-01_evil.html"), b"x")
        ),
        _TAR,
        suffix=".tar.gz",
    ),
    Hostile(
        "tar",
        "links and devices",
        "tar",
        lambda: tar(
            *(
                (member(f"2024-01-01_{kind!r}.html", kind, "/etc/passwd"), b"")
                for kind in (
                    tarfile.SYMTYPE,
                    tarfile.LNKTYPE,
                    tarfile.CHRTYPE,
                    tarfile.BLKTYPE,
                    tarfile.FIFOTYPE,
                )
            )
        ),
        _TAR,
        suffix=".tar.gz",
    ),
    Hostile("tar", "a name of 2 GB", "tar", lambda: long_name(2_000 * MB), _TAR, 30, ".tar.gz"),
    Hostile("tar", "a file of 1 GB", "tar", one_large, _TAR, 30, ".tar.gz"),
    Hostile(
        "tar",
        "60,000 files",
        "tar",
        lambda: tar(*((member(f"d/2024-01-01_{n}.x"), b"") for n in range(60_000)), mode="w:gz"),
        _TAR,
        60,
        ".tar.gz",
    ),
    Hostile(
        "tar", "xz that wants a gigabyte", "tar", xz_of_a_large_dictionary, _TAR, suffix=".tar.xz"
    ),
    Hostile(
        "tar",
        "99 MB of zeros in xz",
        "tar",
        lambda: lzma.compress(sparse_tar(), preset=0),
        _TAR,
        30,
        ".tar.xz",
    ),
    Hostile(
        "WARC", "a length that lies", "warc", lambda: warc(10**12, b"<html>"), _WARC, suffix=".warc"
    ),
    Hostile(
        "WARC", "a negative length", "warc", lambda: warc(-1, b"<html>"), _WARC, suffix=".warc"
    ),
    Hostile(
        "WARC",
        "a length that is none",
        "warc",
        lambda: warc("many", b"<html>" * 1000),
        _WARC,
        suffix=".warc",
    ),
    Hostile(
        "WARC",
        "a header line of 1 GB",
        "warc",
        lambda: joined(warc(10**10, b"", b"HTTP/1.1 200 OK\r\nA: ").rstrip(), 1_000 * MB),
        _WARC,
        suffix=".warc.gz",
    ),
    Hostile(
        "WARC",
        "a first line of 1 GB",
        "warc",
        lambda: packed_zeros(1_000 * MB),
        _WARC,
        suffix=".warc.gz",
    ),
    Hostile(
        "WARC",
        "ten million headers",
        "warc",
        lambda: gzipped(b"WARC/1.0\r\n" + b"a: b\r\n" * 10 * MB),
        _WARC,
        suffix=".warc.gz",
    ),
    Hostile(
        "WARC", "a page of 1 GB", "warc", lambda: warc_of_zeros(1_000 * MB), _WARC, 30, ".warc.gz"
    ),
)
WIRE = (
    Hostile("Wire", "gzip bomb, 400 MB", "gzip", lambda: packed_zeros(400 * MB), _WIRE),
    Hostile("Wire", "gzip in gzip", "gzip", lambda: gzipped(packed_zeros(400 * MB)), _WIRE),
    Hostile("Wire", "a million members", "gzip", lambda: gzipped(b"") * MB, _WIRE),
    Hostile("Wire", "brotli nobody asked for", "br", lambda: bytes(607), _WIRE),
    Hostile("Wire", "zstd nobody asked for", "zstd", lambda: bytes(12_000), _WIRE),
    Hostile("Wire", "a body without an end", "endless", lambda: b"", _WIRE),
    Hostile("Wire", "headers without an end", "endless headers", lambda: b"", _WIRE),
    Hostile("Wire", "a byte now and then", "drip", lambda: b"", "the time of the request"),
)


FILES = (*CONFIGURATION, *ARCHIVES, *WIRE)
"""All of them."""
