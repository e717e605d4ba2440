"""The public pages of a sample practice on loopback, for `check.mjs` to look at.

    python tools/accessibility/site.py PORT

One sample therapist has a drawn picture, the others have none. A client's pages of two appointments
(K1a) have addresses that nobody can guess, so the first line of its output says them, as JSON. It
serves until it is ended, from a store in a temporary folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from helpspace import serve
from helpspace.core import appointments, booking, links, own_pages
from helpspace.core.actors import Actor
from helpspace.core.files import content
from helpspace.core.joining.documents import box_of
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Document, Verdict
from helpspace.sandbox import sample
from helpspace.settings import settings_from
from helpspace.wiring import open_practice


def portrait() -> bytes:
    """Draw somebody by a window, since no real person is in this repository."""
    size = 1000
    image = Image.linear_gradient("L").resize((size, size))
    image = Image.composite(
        Image.new("RGB", (size, size), "#7fa39a"), Image.new("RGB", (size, size), "#f0d9b8"), image
    )
    draw = ImageDraw.Draw(image)
    draw.ellipse((120, 700, 880, 1500), fill="#2f5d62")
    draw.rounded_rectangle((430, 560, 570, 760), 60, fill="#c98f6b")
    draw.ellipse((290, 190, 710, 640), fill="#4a2c21")
    draw.ellipse((335, 240, 665, 650), fill="#d9a27c")
    draw.pieslice((320, 190, 680, 520), 180, 360, fill="#4a2c21")
    draw.arc((430, 480, 570, 580), 20, 160, fill="#8a4b3a", width=9)
    for eye in (420, 560):
        draw.ellipse((eye, 420, eye + 24, 448), fill="#33211a")
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(2)).save(out, "JPEG", quality=95)
    return out.getvalue()


def give_picture(practice: Practice, therapist_id: str) -> None:
    """Put a picture on record as if handed in and accepted."""
    checked = content.check(portrait(), portrait=True)
    file_id = practice.ids.token()
    box_of(practice).put(file_id, checked.content)
    with practice.change() as tx:
        tx.insert(
            Document,
            id=file_id,
            therapist_id=therapist_id,
            kind="picture",
            name_sealed=tx.seal("portrait.jpg", "document.name"),
            type=checked.type,
            size=len(checked.content),
            digest=hashlib.sha256(checked.content).hexdigest(),
            created_at=tx.now,
        )
        tx.insert(
            Verdict,
            therapist_id=therapist_id,
            part=f"document:{file_id}",
            accepted=1,
            by_whom="sample",
            at=tx.now,
        )


def pages_of_a_client(practice: Practice) -> dict[str, str]:
    """Return the paths of a client's pages: of an appointment ahead, and of a cancelled one."""
    team = Actor.team("sample")
    with practice.change() as tx:
        tx.run(Client.update(email_confirmed_at=tx.now).where(Client.email_sealed.is_null(False)))
    found = appointments.appointments(practice, team)
    ahead, gone, *_ = [one for one in found if one.state == "booked" and one.start > practice.now()]
    booking.cancel(practice, Actor.client(gone.client_id), gone.id)
    pages = {"own": ahead.id, "own-cancelled": gone.id}
    public = str(practice.settings.public_url)
    return {
        name: str(own_pages.address(practice, named)).removeprefix(public)
        for name, named in pages.items()
    }


def main(port: int) -> int:
    """Make the sample practice and serve its pages."""
    with tempfile.TemporaryDirectory(prefix="helpspace-pages-") as name:
        folder = Path(name)
        values = {
            "HELPSPACE_DATABASE": f"sqlite:///{folder / 'helpspace.db'}",
            "HELPSPACE_KEY_FILE": str(folder / "key"),
            "HELPSPACE_FILES": str(folder / "files"),
            "HELPSPACE_BIND": f"127.0.0.1:{port}",
            "HELPSPACE_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "HELPSPACE_VIDEO": "https://video.example.org",
        }
        settings = settings_from(values, folder / "helpspace.env")
        practice = open_practice(settings, make=True)
        made = sample.build(practice, Actor.team("sample"))
        give_picture(practice, made.therapists[0])
        links.remember_bot(practice, "HelpspaceSampleBot")
        print(json.dumps(pages_of_a_client(practice)), flush=True)  # noqa: T201 - for check.mjs
        practice.store.close()
        return serve.serve(settings, bot=False, jobs=False)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
