"""The gallery is the registry's figures, made by the default command."""

from __future__ import annotations

from importlib.resources import files

import pytest
from PIL import Image

from figures import FIGURES
from figures.registry import MEASURED, load

GALLERY = files("figures") / "gallery"


def test_gallery_holds_every_figure_and_no_other():
    assert {entry.name for entry in GALLERY.iterdir()} == {f"{name}.png" for name in [*FIGURES, *MEASURED]}


@pytest.mark.parametrize("name", [*FIGURES, *MEASURED])
def test_gallery_is_stamped_by_the_default_command(name):
    with (GALLERY / f"{name}.png").open("rb") as file, Image.open(file) as image:
        assert image.info["Title"] == load(name).TITLE
        again = f"again: softsample figures {name} --seed 1 --replicates 2000"
        assert image.info["Description"].endswith(again)
