import torch

from visreason.render.maps import Maps

ALL = slice(None)


def test_values_agree_with_grid_sample_for_every_scene() -> None:
    grids = torch.randn(3, 2, 5, 7)
    maps = Maps.of(grids)
    scene = torch.arange(3).repeat_interleave(40)
    place = torch.rand(2, 120, generator=torch.Generator().manual_seed(0))
    found = maps.at(scene, place[0] * 6, place[1] * 4, ALL)
    for b in range(3):
        at = place[:, scene == b].T * 2 - 1
        expected = torch.nn.functional.grid_sample(grids[b][None], at[None, None], align_corners=True)[
            0, :, 0
        ]
        torch.testing.assert_close(found[:, scene == b], expected, atol=1e-3, rtol=0)


def test_beyond_the_border_is_as_on_it() -> None:
    maps = Maps.of(torch.arange(12.0).reshape(1, 1, 3, 4))
    zero = torch.zeros(2, dtype=torch.long)
    found = maps.at(zero, torch.tensor([-5.0, 99.0]), torch.tensor([-1.0, 99.0]), ALL)
    torch.testing.assert_close(found, torch.tensor([[0.0, 11.0]]), atol=0.01, rtol=0)


def test_channels_are_chosen() -> None:
    maps = Maps.of(torch.stack((torch.zeros(2, 2), torch.ones(2, 2)))[None])
    one = maps.at(torch.tensor([0]), torch.tensor([0.3]), torch.tensor([0.3]), slice(1, 2))
    assert one.tolist() == [[1.0]]
