"""Photographs that no method should take without a word, and some that it should: simulated ones.

Each kind is the bytes of a file and the verdicts that are right for it.
"""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from assay.simulation import camera
from assay.simulation.laboratory import Laboratory
from assay.simulation.scene import Scene, light
from pictures import display_p3, save, to_display_p3

SIZE = 250
OK, WARN, REFUSE = {"OK"}, {"WARN"}, {"REFUSE"}
LABORATORY = Laboratory("instrument", 99, 80.0, 350.0, 0, 20, True, True)


def shot(scene: Scene, size: int = SIZE) -> np.ndarray:
    """A photograph of a scene, (size, size, 3) uint8."""
    return camera.photograph(light(scene, size), np.random.default_rng(5))


def usual(concentration: float = 210.0, **changes: float) -> Scene:
    """A scene of the laboratory whose photographs are suitable."""
    return replace(LABORATORY.scene(0, 0), concentration=concentration, **changes)


def face() -> np.ndarray:
    """A pink oval with eyes and a mouth before a dim room."""
    picture = Image.new("RGB", (SIZE, SIZE), (96, 104, 88))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((55, 25, 195, 235), fill=(224, 172, 140))
    for x in (95, 150):
        draw.ellipse((x - 10, 100, x + 10, 112), fill=(50, 35, 30))
    draw.arc((95, 150, 155, 200), 10, 170, fill=(150, 60, 60), width=5)
    return noisy(np.asarray(picture.filter(ImageFilter.GaussianBlur(1))))


def noisy(pixels: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(6).normal(0, 2, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def white_card() -> np.ndarray:
    return shot(usual(radius=1e-3))


def covered() -> np.ndarray:
    """A finger over a third of the well."""
    picture = Image.fromarray(shot(usual()))
    ImageDraw.Draw(picture).rounded_rectangle((-60, 120, 130, 190), 35, fill=(205, 150, 125))
    return noisy(np.asarray(picture))


def screenshot() -> np.ndarray:
    """The photograph as shown by a viewer: smaller, framed, with a bar of buttons."""
    screen = Image.new("RGB", (SIZE, SIZE), (24, 24, 26))
    screen.paste(
        Image.fromarray(shot(usual())).resize((170, 170), Image.Resampling.LANCZOS), (40, 45)
    )
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, SIZE, 22), fill=(235, 235, 238))
    for x in (12, 30, 48):
        draw.ellipse((x, 7, x + 8, 15), fill=(120, 120, 125))
    return np.asarray(screen)


def blurred(radius: float) -> np.ndarray:
    return np.asarray(Image.fromarray(shot(usual())).filter(ImageFilter.GaussianBlur(radius)))


def shaken(pixels: int) -> np.ndarray:
    """Blurred by a movement along a row."""
    photo = shot(usual()).astype(np.float64)
    return np.mean([np.roll(photo, step, axis=1) for step in range(pixels)], axis=0).astype(
        np.uint8
    )


def phone(size: int = SIZE) -> bytes:
    """What a phone writes: pixels lie on their side, EXIF says so, the profile is Display P3."""
    turned = np.rot90(to_display_p3(shot(usual(), size)))
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(turned).save(file, "PNG", icc_profile=display_p3(), exif=exif)
    return file.getvalue()


def panorama() -> np.ndarray:
    photo = shot(usual())
    return np.concatenate([photo[::-1], photo, photo[::-1]], axis=1)


def animated() -> bytes:
    frames = [Image.fromarray(shot(usual(c))) for c in (100.0, 200.0)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def transparent() -> bytes:
    alpha = np.full((SIZE, SIZE, 1), 128, np.uint8)
    return save(np.concatenate([shot(usual()), alpha], axis=2), "PNG")


def kinds() -> dict[str, tuple[bytes, set[str]]]:
    """File name -> content and right verdicts, for a method at 64 px on 250 px PNG photographs."""
    photo = shot(usual())
    noise = np.random.default_rng(7).integers(0, 256, photo.shape).astype(np.uint8)
    png = {
        "face": (face(), REFUSE),
        "white_card": (white_card(), REFUSE),
        "other_assay": (photo[..., ::-1].copy(), REFUSE),
        "three_stops_under": (shot(usual(exposure=1 / 8)), REFUSE),
        "clipped": (shot(usual(exposure=2.5)), REFUSE),
        "blurred": (blurred(6), REFUSE),
        "shaken": (shaken(40), REFUSE),
        "grey": (np.asarray(Image.fromarray(photo).convert("L")), REFUSE),
        "grey_as_colour": (np.asarray(Image.fromarray(photo).convert("L").convert("RGB")), REFUSE),
        "negative": (255 - photo, REFUSE),
        "screenshot": (screenshot(), REFUSE),
        "finger": (covered(), REFUSE),
        "candle": (shot(usual(temperature=1900.0)), REFUSE),
        "noise": (noise, REFUSE),
        "black": (np.zeros_like(photo), REFUSE),
        "magnified": (photo[75:175, 75:175].copy(), REFUSE),
        "panorama": (panorama(), REFUSE),
        "thumbnail": (photo[::8, ::8].copy(), REFUSE),
        "half_size": (shot(usual(), SIZE // 2), WARN),
        "far_above_range": (shot(usual(1200.0)), REFUSE),
        "far_below_range": (shot(usual(5.0)), REFUSE),
        "usual": (photo, OK),
        "upside_down": (photo[::-1, ::-1].copy(), OK),
    }
    files = {f"{name}.png": (save(pixels, "PNG"), right) for name, (pixels, right) in png.items()}
    jpeg = save(photo, "JPEG", quality=97, subsampling=0)
    return files | {
        "turned_phone.png": (phone(), OK),
        "compressed.jpg": (jpeg, WARN),
        "cut_short.jpg": (jpeg[: len(jpeg) // 2], REFUSE),
        "press.jpg": (save(photo, "JPEG", "CMYK"), REFUSE),
        "film.gif": (animated(), REFUSE),
        "transparent.png": (transparent(), REFUSE),
        "login.png": (b"<!doctype html><title>Please log in</title>", REFUSE),
        "empty.png": (b"", REFUSE),
    }
