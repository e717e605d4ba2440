"""Files that people hand in: thirty hostile ones are refused in one line each (J3, A3)."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from helpspace.core.errors import HelpspaceError, Invalid, NotFound, StoreFault
from helpspace.core.files import content
from helpspace.core.files.box import Box
from helpspace.core.vault import Vault
from tests.core.applicants import PDF, picture


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, data: bytes | None = None, extra: bytes = b"") -> bytes:
    """A PNG of a size that its header says; its pixels are black, packed small."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    if data is None:
        packer = zlib.compressobj(1)
        row = b"\0" * (1 + width * 3)
        data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + extra + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def animated(frames: int) -> bytes:
    out = io.BytesIO()
    first = Image.new("RGB", (8, 8))
    rest = [Image.new("RGB", (8, 8), (n, 0, 0)) for n in range(1, frames)]
    first.save(out, "GIF", save_all=True, append_images=rest)
    return out.getvalue()


JPEG, PNG = picture(), picture(form="PNG")

BAD_CONTENT: dict[str, Callable[[], bytes]] = {
    "0 bytes": lambda: b"",
    "11 MiB": lambda: b"%PDF-1.4" + b"x" * (11 * 1024 * 1024) + b"startxref\n%%EOF",
    "text": lambda: b"hello",
    "a script": lambda: b"#!/bin/sh\nrm -rf /\n",
    "an executable": lambda: b"\x7fELF" + bytes(200),
    "a zip": lambda: b"PK\x03\x04" + bytes(200),
    "html": lambda: b"<html><script>alert(1)</script></html>",
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
    "gif": lambda: animated(3),
    "a gif of 2,000 frames": lambda: animated(2000),
    "webp": lambda: b"RIFF\x10\0\0\0WEBPVP8 " + bytes(50),
    "bmp": lambda: b"BM" + bytes(100),
    "postscript": lambda: b"%!PS-Adobe-3.0\n(x) run\n",
    "pdf head only": lambda: b"%PDF-1.7\n",
    "pdf cut off": lambda: PDF[:-20],
    "pdf with a zip behind": lambda: PDF + b"PK\x03\x04" + bytes(300),
    "pdf with html in front": lambda: b"%PDF-1.4\n<html><script>x</script>" + PDF[9:],
    "pdf after text": lambda: b"MZ\n" + PDF,
    "pdf with a password": lambda: PDF.replace(b"trailer<<", b"trailer<</Encrypt 2 0 R"),
    "png head only": lambda: PNG[:8],
    "png cut off": lambda: PNG[: len(PNG) // 2],
    "png of 13,000² pixels": lambda: png(13_000, 13_000),
    "png of 2³¹ pixels a side": lambda: png(2**31 - 1, 2**31 - 1, data=b""),
    "png of no pixels": lambda: png(0, 10, data=b""),
    "png of rubbish": lambda: png(100, 100, data=b"rubbish"),
    "png with a bomb of text": lambda: png(
        9, 9, extra=chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(200_000_000), 1))
    ),
    "jpeg head only": lambda: JPEG[:3],
    "jpeg cut off": lambda: JPEG[: len(JPEG) // 2],
    "jpeg of rubbish": lambda: b"\xff\xd8\xff\xe0" + os.urandom(500),
}


@pytest.mark.parametrize("name", BAD_CONTENT)
def test_j3_bad_content_is_refused_in_one_line(name: str) -> None:
    raw = BAD_CONTENT[name]()
    for portrait in (False, True):
        with pytest.raises(Invalid) as told:
            content.check(raw, portrait=portrait)
        assert "\n" not in str(told.value)


def test_j3_a_portrait_is_no_pdf_and_no_stamp() -> None:
    for raw in (PDF, picture(side=20)):
        with pytest.raises(Invalid):
            content.check(raw, portrait=True)


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Paths that are no plain file of one's own."""
    (tmp_path / "good.pdf").write_bytes(PDF)
    (tmp_path / "link.pdf").symlink_to(tmp_path / "good.pdf")
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (tmp_path / "folder.pdf").mkdir()
    return {
        "a link": tmp_path / "link.pdf",
        "a pipe": tmp_path / "pipe.pdf",
        "a folder": tmp_path / "folder.pdf",
        "a device": Path("/dev/zero"),
        "not there": tmp_path / "nowhere.pdf",
        "NUL in the name": Path(f"{tmp_path}/good\0.pdf"),
        "too long a name": tmp_path / ("x" * 5000),
        "a file as a folder": tmp_path / "good.pdf" / "more",
    }


def test_j3_what_is_no_plain_file_is_refused(places: dict[str, Path]) -> None:
    for name, path in places.items():
        with pytest.raises(Invalid) as told:
            content.read_upload(path)
        assert "\n" not in str(told.value), name


def test_j3_never_more_than_the_limit_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.truncate(4 * 1024**3)
    with pytest.raises(Invalid, match="larger than 10 MB"):
        content.read_upload(huge)


# --- good ones


def test_j3_a_pdf_is_kept_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(PDF)
    raw = content.read_upload(tmp_path / "x.txt")
    assert content.check(raw) == ("pdf", PDF)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_j3_nothing_of_the_camera_is_left(form: str) -> None:
    taken = Image.new("RGB", (400, 300), (10, 200, 90))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "CANARY-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    taken.save(out, form, exif=exif)
    raw = out.getvalue() if form == "PNG" else out.getvalue() + b"CANARY-BEHIND"
    checked = content.check(raw, portrait=True)
    assert checked.type == form.lower()
    assert b"CANARY" not in checked.content
    with Image.open(io.BytesIO(checked.content)) as seen:
        assert seen.size == (300, 400)
        assert not seen.getexif()


def test_j3_pictures_are_made_smaller() -> None:
    with Image.open(io.BytesIO(content.check(picture(4000), portrait=True).content)) as seen:
        assert seen.size == (1024, 1024)
    with Image.open(io.BytesIO(content.check(picture(4000)).content)) as seen:
        assert seen.size == (2400, 2400)


def test_j3_transparent_and_odd_pictures_come_through() -> None:
    for mode in ("RGBA", "P", "L", "LA", "I;16", "1"):
        out = io.BytesIO()
        Image.new(mode, (300, 300)).save(out, "PNG")
        assert content.check(out.getvalue(), portrait=True).type == "png"
    out = io.BytesIO()
    Image.new("CMYK", (300, 300)).save(out, "JPEG")
    assert content.check(out.getvalue(), portrait=True).type == "jpeg"


MEASURE = """
import sys
from pathlib import Path
from helpspace.core.errors import HelpspaceError
from helpspace.core.files import content
for path in Path(sys.argv[1]).iterdir():
    for portrait in (False, True):
        try:
            content.check(content.read_upload(path), portrait=portrait)
        except HelpspaceError:
            pass
# The largest of this program alone: what getrusage tells begins with that of who started it.
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def test_j3_memory_stays_below_200_mib(tmp_path: Path) -> None:
    for number, make in enumerate(BAD_CONTENT.values()):
        (tmp_path / f"{number}").write_bytes(make())
    (tmp_path / "largest.png").write_bytes(png(5000, 5000))
    (tmp_path / "largest.jpeg").write_bytes(picture(5000))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 200


# --- the box


def box(folder: Path, key: bytes = bytes(32)) -> Box:
    return Box(folder, Vault(key))


def test_d7_a_file_opens_only_under_its_own_id_and_key(tmp_path: Path) -> None:
    box(tmp_path / "files").put("one", PDF)
    (tmp_path / "files" / "two").write_bytes((tmp_path / "files" / "one").read_bytes())
    assert box(tmp_path / "files").get("one") == PDF
    with pytest.raises(StoreFault):
        box(tmp_path / "files").get("two")
    with pytest.raises(StoreFault):
        box(tmp_path / "files", b"x" * 32).get("one")
    with pytest.raises(NotFound):
        box(tmp_path / "files").get("three")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(HelpspaceError, match="could not be kept"):
        box(tmp_path / "files").put("one", PDF)


def test_what_nobody_names_is_swept_after_a_day(tmp_path: Path) -> None:
    kept = box(tmp_path / "files")
    for name in ("one", "two"):
        kept.put(name, PDF)
    (tmp_path / "files" / "three.part").write_bytes(b"cut off")
    made = (tmp_path / "files" / "two").stat().st_mtime
    assert kept.sweep(["one"], made + 3600) == 0
    assert kept.sweep(["one"], made + 25 * 3600) == 2
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["one"]
