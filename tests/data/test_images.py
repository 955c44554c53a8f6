import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from visreason.data.images import Augmentation, load_image, load_mask, resize_image
from visreason.errors import DataError, UsageError

Save = Callable[[Image.Image, str], Path]
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (5, 7, 3), np.uint8)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save(image: Image.Image, name: str) -> Path:
        image.save(tmp_path / name)
        return tmp_path / name

    return save


def test_rgb_comes_through_unchanged(save: Save) -> None:
    np.testing.assert_array_equal(load_image(save(Image.fromarray(PIXELS), "x.png")), PIXELS)


def test_opaque_rgba_is_rgb(save: Save) -> None:
    image = Image.fromarray(PIXELS)
    image.putalpha(255)
    np.testing.assert_array_equal(load_image(save(image, "x.png")), PIXELS)


def test_what_is_transparent_shows_white(save: Save) -> None:
    image = Image.new("RGBA", (4, 2), (200, 0, 0, 255))
    image.putpixel((0, 0), (200, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    found = load_image(save(image, "x.png"))
    assert found[0, 0].tolist() == [255, 255, 255]
    assert found[0, 1].tolist() == pytest.approx([127] * 3, abs=1)
    assert found[1, 2].tolist() == [200, 0, 0]


def test_grey_black_and_white_and_grey_with_alpha(save: Save) -> None:
    grey = PIXELS[..., 0]
    found = load_image(save(Image.fromarray(grey), "grey.png"))
    np.testing.assert_array_equal(found, np.repeat(grey[..., None], 3, 2))
    found = load_image(save(Image.fromarray(grey > 99), "bits.png"))
    assert set(found.ravel().tolist()) == {0, 255}
    faint = Image.fromarray(grey).convert("LA")
    faint.putalpha(0)
    assert (load_image(save(faint, "faint.png")) == 255).all()


def test_a_palette(save: Save) -> None:
    image = Image.fromarray(PIXELS).convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
    np.testing.assert_array_equal(load_image(save(image, "x.png")), np.asarray(image.convert("RGB")))


def test_a_palette_with_a_transparent_colour(save: Save) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    image.info["transparency"] = 1
    assert load_image(save(image, "x.gif"))[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_sixteen_bits_keep_the_upper_eight(save: Save) -> None:
    levels = np.array([[0, 0x12FF, 0xFFFF]], np.uint16)
    assert load_image(save(Image.fromarray(levels), "x.png"))[0, :, 1].tolist() == [0, 0x12, 0xFF]


def test_cmyk(save: Save) -> None:
    image = Image.new("CMYK", (3, 2), (0, 0, 0, 0))
    assert (load_image(save(image, "x.tif")) == 255).all()


def test_a_turned_photo_is_turned_upright(save: Save, tmp_path: Path) -> None:
    image = Image.fromarray(PIXELS)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(load_image(tmp_path / "x.png"), np.rot90(PIXELS, -1))


def test_one_pixel(save: Save) -> None:
    found = resize_image(load_image(save(Image.new("RGB", (1, 1), (1, 2, 3)), "x.png")), (4, 6))
    assert found.shape == (4, 6, 3)
    assert (found == [1, 2, 3]).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"", "is not an image"),
        (b"\x80\x04\x95 this is a pickle", "is not an image"),
        (b"GIF89a", "cannot be read|is not an image"),
    ],
)
def test_no_image(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=rf"question 8: .*x\.png.*({message})"):
        load_image(path, "question 8")


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.gif", "x.bmp", "x.webp", "x.tif"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_image(tmp_path: Path, name: str, share: float) -> None:
    Image.fromarray(RNG.integers(0, 256, (60, 80, 3), np.uint8)).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match=name):
        load_image(tmp_path / name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.gif", "x.webp", "x.tif", "x.avif"])
def test_flipped_bytes_are_read_or_refused(tmp_path: Path, name: str) -> None:
    if name.endswith("avif") and not features.check("avif"):
        pytest.skip("this Pillow reads no AVIF")
    Image.fromarray(RNG.integers(0, 256, (12, 16, 3), np.uint8)).save(tmp_path / name)
    whole, rng, refused = (tmp_path / name).read_bytes(), np.random.default_rng(1), 0
    for _ in range(60):
        spoilt = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 200), 4):
            spoilt[place] = rng.integers(256)
        (tmp_path / name).write_bytes(spoilt)
        try:
            assert load_image(tmp_path / name).shape[2] == 3
        except DataError:
            refused += 1
    assert refused > 0


def test_a_folder_and_floating_point_pixels(tmp_path: Path, save: Save) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_image(tmp_path)
    with pytest.raises(DataError, match="floating-point"):
        load_image(save(Image.fromarray(np.ones((2, 2), np.float32)), "x.tif"))
    with pytest.raises(DataError, match=r"grey levels 0 \.\. 70000"):
        load_image(save(Image.fromarray(np.array([[0, 70_000]], np.int32)), "deep.tif"))


def test_resizing_is_pils(save: Save) -> None:
    image = Image.fromarray(RNG.integers(0, 256, (320, 480, 3), np.uint8))
    expected = np.asarray(image.resize((128, 96), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(resize_image(np.asarray(image), (96, 128)), expected)
    same = np.asarray(image)
    assert resize_image(same, (320, 480)) is same


def test_real_images(shared: Path) -> None:
    paths = sorted((shared / "data" / "clevr_real" / "images" / "train").glob("*.png"))[:3]
    for path in paths:
        image = load_image(path)
        assert image.shape == (320, 480, 3)
        np.testing.assert_array_equal(image, np.asarray(Image.open(path).convert("RGB")))


def test_augmentation_shifts_within_the_padding_and_turns_little() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[32, 32] = 255
    places = np.array(
        [np.argwhere(Augmentation()(image, np.random.default_rng(i)).any(2))[0] for i in range(300)]
    )
    assert places.min() == 32 - 8
    assert places.max() == 32 + 8
    assert abs(places.mean(0) - 32).max() < 1


def test_augmentation_pads_with_black_and_loses_nothing_inside() -> None:
    image = np.full((64, 64, 3), 200, np.uint8)
    found = [Augmentation()(image, np.random.default_rng(seed)) for seed in range(40)]
    assert all(set(np.unique(each).tolist()) <= {0, 200} for each in found)
    assert all((each[14:50, 14:50] == 200).all() for each in found)
    assert any((each[:6] == 0).all() or (each[-6:] == 0).all() for each in found)


def test_augmentation_repeats_with_the_seed() -> None:
    image = RNG.integers(0, 256, (32, 32, 3), np.uint8)
    once, again, other = (Augmentation()(image, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def test_no_augmentation_changes_nothing() -> None:
    plain = Augmentation(padding=0, degrees=0)
    np.testing.assert_array_equal(plain(PIXELS, np.random.default_rng(0)), PIXELS)
    with pytest.raises(UsageError, match="at least 0"):
        Augmentation(padding=-1)


def test_masks_are_read_as_they_are(tmp_path: Path) -> None:
    codes = np.array([[0, 128, 255], [1, 2, 3]], np.uint8)
    Image.fromarray(codes).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(load_mask(tmp_path / "mask.png"), codes)
    Image.fromarray(codes).convert("RGB").save(tmp_path / "colour.png")
    with pytest.raises(
        DataError, match=r"object 3: .*colour\.png is a mask and should be grey; its mode is RGB"
    ):
        load_mask(tmp_path / "colour.png", "object 3")
    with pytest.raises(DataError, match="does not exist"):
        load_mask(tmp_path / "none.png")


def test_a_photo_can_be_left_as_it_lies_in_the_file(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4, 2)).save(tmp_path / "turned.png", exif=exif)
    assert load_image(tmp_path / "turned.png").shape == (4, 2, 3)
    assert load_image(tmp_path / "turned.png", upright=False).shape == (2, 4, 3)


def test_open_contents_are_read_like_a_file_and_only_in_the_formats_allowed() -> None:
    contents = io.BytesIO()
    Image.fromarray(PIXELS).save(contents, "PNG")
    assert (load_image(contents, formats=("PNG",)) == PIXELS).all()
    contents.seek(0)
    with pytest.raises(DataError, match="that was given is not an image"):
        load_image(contents, formats=("JPEG",))
