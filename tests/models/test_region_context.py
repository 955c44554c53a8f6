"""What only the neighbours can tell: every model that reasons learns it, and the baseline cannot."""

import pytest
import torch

from visreason.models import build_model
from visreason.nn.region_batch import RegionBatch

TRUNK = {"channels": [8, 16, 16], "head": [16]}
MEMORY = {"size": 16, "hidden": 32, "start": 4}
GRAPH = {"size": 16, "layers": 2, "reach": 30.0}
SETTINGS = {
    "region-baseline": {},
    "region-local": {"memory": MEMORY, "compat": "paper"},
    "region-global": {"graph": GRAPH},
    "region-full": {"memory": MEMORY, "graph": GRAPH, "compat": "paper"},
}


def make_batch(images, seed):
    """A red or blue region and, so far from it that its pixels do not tell, a grey one that is named after it."""
    numbers = torch.Generator().manual_seed(seed)
    red = torch.randint(0, 2, (images,), generator=numbers)
    pixels = 0.1 * torch.rand(images, 3, 48, 64, generator=numbers)
    boxes = []
    for image, is_red in zip(pixels, red.tolist(), strict=True):
        y, x = torch.randint(0, 10, (2,), generator=numbers).tolist()
        image[2 * (1 - is_red), y + 6 : y + 22, x + 2 : x + 18] += 0.8
        image[:, y + 14 : y + 30, x + 38 : x + 54] += 0.4
        boxes += [(x + 2, y + 6, x + 18, y + 22), (x + 38, y + 14, x + 54, y + 30)]
    labels = torch.stack([1 + red, 3 + red], dim=1).flatten()
    return RegionBatch(
        images=pixels,
        sizes=torch.tensor([[48, 64]] * images),
        boxes=torch.tensor(boxes).float(),
        image_rows=torch.arange(2 * images) // 2,
        labels=labels,
    )


@pytest.mark.slow
@pytest.mark.parametrize("family", SETTINGS)
def test_a_grey_region_takes_its_name_from_the_coloured_one_next_to_it(family):
    torch.manual_seed(0)
    model = build_model(family, {"class_count": 5, "trunk": TRUNK, **SETTINGS[family]}).train()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(120):
        batch = make_batch(16, step)
        loss = model(batch).loss(batch.labels).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    batch = make_batch(200, 10_000)
    right = (model.eval()(batch).logits.argmax(1) == batch.labels).view(-1, 2).float().mean(0)
    assert right[0] > 0.97
    if family == "region-baseline":
        assert right[1] < 0.65
    else:
        assert right[1] > 0.9
