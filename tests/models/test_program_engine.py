"""What executes programs: equal to one program after the other on real questions, images once, errors."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from visreason.benchmarks.engine_step import one_by_one
from visreason.clevr.questions_file import read_questions
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import ModelError
from visreason.models import ModuleMemory, ModuleMemoryConfig, ModuleNetwork, ModuleNetworkConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig

CLEVR = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
TINY = {
    "image": ImageEncoderConfig(kind="features", shape=(3, 4, 4)),
    "answer_count": 28,
    "dim": 4,
    "stem_layers": 1,
    "classifier_projection": 4,
    "classifier_widths": (6,),
}
ENGINES = {
    "module-network": lambda: ModuleNetwork(ModuleNetworkConfig(**CLEVR, **TINY)),
    "module-memory": lambda: ModuleMemory(ModuleMemoryConfig(**CLEVR, **TINY)),
    "module-memory, overlapping": lambda: ModuleMemory(
        ModuleMemoryConfig(**CLEVR, **TINY, layout="overlapping")
    ),
}
WITH_CONTEXT = {
    "module-network, context": lambda: with_context(
        ModuleNetwork(ModuleNetworkConfig(**CLEVR, **TINY, referents=True, context=True))
    ),
    "module-memory, context": lambda: with_context(
        ModuleMemory(ModuleMemoryConfig(**CLEVR, **TINY, referents=True, context=True))
    ),
}
PROGRAMS = (("count", "scene"), ("count", "union", "scene", "scene"), ("exist", "scene"))
FILES = {
    "clevr_real": "clevr_real/questions/CLEVR_train_questions.json",
    "clevr_real_val_questions": "clevr_real_val_questions/questions/CLEVR_val_questions.json",
}


def with_context(engine):
    """The engine, its contexts no longer zeros."""
    for name, weight in engine.named_parameters():
        if ".context" in name:
            torch.nn.init.uniform_(weight, 0, 0.1)
    return engine


@pytest.fixture(params=ENGINES)
def engine(request):
    torch.manual_seed(0)
    return ENGINES[request.param]()


@pytest.fixture(params=ENGINES | WITH_CONTEXT)
def any_engine(request):
    torch.manual_seed(0)
    return (ENGINES | WITH_CONTEXT)[request.param]()


def batch_of(rows, image_rows, images, dtype=torch.float32):
    numbers = torch.Generator().manual_seed(1)
    longest = max(map(len, rows))
    return Batch(
        tokens=torch.ones(len(rows), 1),
        lengths=torch.ones(len(rows)),
        features=torch.rand(images, 3, 4, 4, generator=numbers, dtype=torch.float64).to(dtype),
        image_rows=torch.tensor(image_rows),
        programs=torch.tensor([row + [0] * (longest - len(row)) for row in rows]),
        answers=torch.randint(0, 28, (len(rows),), generator=numbers),
    )


@pytest.fixture(params=FILES)
def real(request, shared):
    """All questions of a file of real ones, several about each image."""
    asked = read_questions(shared / "data" / FILES[request.param])
    number_of = {index: row for row, index in enumerate(sorted({one.image_index for one in asked}))}
    rows = [CLEVR_VOCABULARY.encode_program(one.program) for one in asked]
    return batch_of(rows, [number_of[one.image_index] for one in asked], len(number_of))


def with_gradients(model, logits, answers):
    model.zero_grad()
    functional.cross_entropy(logits, answers).backward()
    slopes = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
    return logits.detach(), slopes


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_real_programs_give_what_they_give_one_by_one_and_so_do_their_gradients(
    any_engine, real, dtype, tolerance
):
    engine, batch = any_engine.to(dtype), real.map(lambda one: one.to(dtype) if one.dim() == 4 else one)
    fast, our_slopes = with_gradients(engine, engine(batch).logits, batch.answers)
    literal = one_by_one(engine, batch, engine.modules_for_a_step())
    literal, slopes = with_gradients(engine, literal, batch.answers)
    assert (fast - literal).abs().max() <= tolerance * literal.abs().max()
    assert our_slopes.keys() == slopes.keys()
    largest = max(slope.abs().max() for slope in slopes.values())
    for name, slope in slopes.items():
        assert (our_slopes[name] - slope).abs().max() <= tolerance * largest, name


def test_modules_that_no_program_calls_get_no_gradient():
    model = ENGINES["module-network"]()
    batch = batch_of([[10, 41]], [0], 1)  # exist, scene
    _, slopes = with_gradients(model, model(batch).logits, batch.answers)
    called = {name.split(".")[1] for name in slopes if name.startswith("by_number.")}
    assert called == {"10", "41"}


@pytest.mark.parametrize("context", [False, True])
@pytest.mark.parametrize("name", ["module-network", "module-memory"])
def test_context_tells_of_what_is_far(name, context):
    """`same_color` of the object in one corner, seen in the other, nine cells away."""
    torch.manual_seed(0)
    model = WITH_CONTEXT[f"{name}, context"]() if context else ENGINES[name]()
    x = torch.rand(1, 4, 10, 10)
    moved = x.clone()
    moved[0, :, 0, 0] += 1
    apply = model.modules_for_a_step()
    same = model.functions.number("same_color")
    heard = (apply(same, (moved,)) - apply(same, (x,)))[0, :, 9, 9].abs().max() > 0
    assert bool(heard) is context


def test_images_are_seen_once_each(engine, monkeypatch):
    batch, seen = batch_of([[10, 41], [4, 41], [10, 11, 41]], [1, 0, 1], 2), []
    forward = engine.stem.forward
    monkeypatch.setattr(engine.stem, "forward", lambda cells: seen.append(len(cells)) or forward(cells))
    shared = engine(batch).logits
    apart = engine(replace(batch, features=batch.features[batch.image_rows], image_rows=None)).logits
    assert seen == [2, 3]
    torch.testing.assert_close(shared, apart)


def test_run_executes_whatever_a_row_holds(engine):
    batch = batch_of([[10, 41]] * 4, [0] * 4, 1)
    written = torch.tensor([[10, 0, 0], [10, 41, 4], [1, 10, 41], [0, 0, 0]])  # exist, of what is there
    logits = engine.run(batch, written).logits
    torch.testing.assert_close(logits[:3], engine(batch).logits[:3])
    assert not torch.allclose(logits[3], logits[0])  # an empty program is the scene


def test_true_programs_must_be_whole_programs(engine):
    batch = batch_of([[10, 41], [10, 4]], [0, 0], 1)
    with pytest.raises(ModelError, match="program 1 closes no tree"):
        engine(batch)
    with pytest.raises(ModelError, match="program 0 is empty"):
        engine(replace(batch, programs=torch.zeros(2, 3, dtype=torch.long)))
    with pytest.raises(ModelError, match="the batch has none"):
        engine(replace(batch, programs=None))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"answer_count": 1}, "answer_count is 1"),
        ({"stem_layers": 0}, "stem_layers is 0"),
        ({"context": True}, "context is true and referents false"),
        ({"arities": (0,)}, "give one for each"),
        ({"gives_objects": (True,)}, "gives_objects tells of 1 functions, and there are"),
        (
            {"classifier_pooling": "max4", "image": ImageEncoderConfig(kind="features", shape=(3, 2, 2))},
            "pooled",
        ),
    ],
)
def test_impossible_settings_are_errors(wrong, message):
    for family, config in ((ModuleNetwork, ModuleNetworkConfig), (ModuleMemory, ModuleMemoryConfig)):
        with pytest.raises(ModelError, match=message):
            family(config(**{**CLEVR, **TINY, **wrong}))


def test_a_trace_shows_the_cells_that_hold_what_a_function_gives(engine):
    config = replace(engine.config, referents=True, gives_objects=CLEVR_VOCABULARY.gives_objects)
    torch.manual_seed(0)
    telling = type(engine)(config).eval()
    torch.nn.init.normal_(telling.referents.weight)
    batch = batch_of([[4, 11, 41]], [0], 1)  # count(filter_color[blue](scene))
    (trace,) = telling(batch, trace=True).trace
    told_PHW = telling.train()(batch).referents[0]
    read = [torch.tensor(step.grid) for step in trace.steps]
    torch.testing.assert_close(read[1], told_PHW[1].sigmoid())
    torch.testing.assert_close(read[0], told_PHW[2].sigmoid())
    assert read[2].max() == 1.0  # a number is in no cell: how active the map is
    unknown = type(engine)(replace(config, gives_objects=()))
    unknown.load_state_dict(telling.state_dict())
    (other,) = unknown.eval()(batch, trace=True).trace
    assert all(max(map(max, step.grid)) == 1.0 for step in other.steps)


def test_a_trace_has_the_programs_functions_in_the_order_of_execution(engine):
    rows = [[42, 11, 41, 10, 41], [4, 41]]  # union(filter_color[blue](scene), exist(scene)); count(scene)
    first, second = engine(batch_of(rows, [0, 0], 1), trace=True).trace
    assert [step.name for step in first.steps] == ["scene", "filter_color[blue]", "scene", "exist", "union"]
    assert [step.reads for step in first.steps] == [(), (0,), (), (2,), (1, 3)]
    assert [step.name for step in second.steps] == ["scene", "count"]
    assert first.steps[0].grid == second.steps[0].grid
    assert all(len(step.grid) == 4 and len(step.grid[0]) == 4 for step in first.steps)
    assert first.family == engine.family


def test_in_training_every_function_tells_what_it_stands_for(engine):
    config = replace(engine.config, referents=True)
    torch.manual_seed(0)
    telling = type(engine)(config)
    rows = [[CLEVR_VOCABULARY.functions.index(name) + 4 for name in names] for names in PROGRAMS]
    batch = batch_of(rows, [0, 0, 1], 2)
    told = telling(batch).referents
    assert told.shape == (3, 4, 4, 4)
    cells_IDHW, _ = telling.look(batch)
    scene = telling.modules_for_a_step()(rows[0][-1], (cells_IDHW,))
    expected_IHW = telling.referents(scene).squeeze(1)
    torch.testing.assert_close(told[torch.arange(3), [1, 3, 1]], expected_IHW[batch.image_rows])
    assert not told[[0, 2], 2:].any()  # padding
    assert telling.eval()(batch).referents is None
    assert engine(batch).referents is None
