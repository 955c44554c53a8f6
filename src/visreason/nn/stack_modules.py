"""The nine soft modules of a Stack Neural Module Network, all run at every step and mixed by their weights.

From Hu et al. (ECCV 2018). `visreason.nn.stack_modules_plain` has the same as it is written in the paper, one module
after the other, every map normalised and kept; here it is rearranged so that nothing of the size of all cells is made:

* what does not depend on the stack (every step's Find, the one Scene) is computed for all steps at once;
* every module leaves the stack as `keep * stack + coefficient * map`, so their mixture is one product;
* what the modules read from the stack is one product with four rows of coefficients.

Shape legend: B questions, P cells, D numbers a cell, T steps, E control size, S places of the stack, M = 9 modules, K
memory size.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.nn.knowledge import Knowledge
from visreason.nn.stack import Sharpening, move_down, move_up, sharpen, start, validity

POPS = (0, 0, 1, 1, 2, 2, 0, 1, 2)
PUSHES = (0, 1, 1, 1, 1, 1, 1, 1, 1)
"""Of NoOp, Find, Transform, Filter, And, Or, Scene, DescribeOne, DescribeTwo, in this order everywhere."""
MODULE_COUNT = len(POPS)
NO_OP, FIND, TRANSFORM, FILTER, AND, OR, SCENE, DESCRIBE_ONE, DESCRIBE_TWO = range(MODULE_COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRules:
    """How the stack works.

    Attributes:
        places: S; it holds S - 1 maps, and CLEVR needs 2.
        pointer: after every step, at one place ("hard") or mostly at one ("soft").
        temperature: of a soft pointer.
        guard: a pointer moved beyond an end stays there.
        validity: modules that find too little on the stack, or have no room on it, get no weight ("soft": as far as
            the pointer says so; "hard": rounded); "off" lets them run.
        keep: the describing modules leave the stack as it is, and do not put an empty map there.
    """

    places: int = 4
    pointer: Sharpening = "hard"
    temperature: float = 0.2
    guard: bool = True
    validity: str = "soft"
    keep: bool = True


@dataclass(frozen=True, slots=True)
class StackStep:
    """What one step left.

    Attributes:
        weights_BM: of the modules, as they were used.
        stack_BSP: the stack.
        blurred_BS: the pointer before it was sharpened.
        pointer_BS: the pointer.
        memory_BK: what has been described.
        top_BP: the map at the pointer.
    """

    weights_BM: Tensor
    stack_BSP: Tensor
    blurred_BS: Tensor
    pointer_BS: Tensor
    memory_BK: Tensor
    top_BP: Tensor


class StackModules(nn.Module):
    """Runs a soft program: what the modules' weights and the text's control say, over the cells of an image.

    ```
    match(x, v) = w . normalise(x * v) + b        attended(a) = sum_P softmax(a) cells

    Find            push match(cells, W c)                        And, Or   pop two, push their min, max
    Transform       replace a by match(cells, W c * attended(a))  Filter    Find, then And
    Scene           push match(cells, 1)                          NoOp      nothing
    DescribeOne     memory = W [c | memory | normalise(W' c * attended(a))]
    DescribeTwo     memory = W [c | memory | normalise(W' c * attended(a) * attended(b))]
    ```

    Each has weights of its own, but Filter has Find's. All but NoOp and the describing ones forget the memory.

    Args:
        size: D.
        control: E.
        memory: K.
        rules: of the stack.

    Example:
        >>> modules = StackModules(size=8, control=6, memory=5, rules=StackRules())
        >>> cells, control = torch.randn(2, 9, 8), torch.randn(2, 3, 6)
        >>> steps = modules(cells, control, torch.rand(2, 3, 9).softmax(2))
        >>> steps[-1].memory_BK.shape, steps[-1].top_BP.shape
        (torch.Size([2, 5]), torch.Size([2, 9]))
    """

    allowed_SM: Tensor

    def __init__(self, size: int, control: int, memory: int, rules: StackRules) -> None:
        super().__init__()
        self.rules, self.memory = rules, memory
        self.find = Matcher(size, control)
        self.transform = Matcher(size, control)
        self.scene = nn.Linear(size, 1)
        self.describe_one = Describer(size, control, memory)
        self.describe_two = Describer(size, control, memory)
        self.register_buffer("allowed_SM", validity(POPS, PUSHES, rules.places), persistent=False)

    def forward(self, cells_BPD: Tensor, control_BTE: Tensor, weights_BTM: Tensor) -> list[StackStep]:
        """Every step's stack, pointer and memory.

        Args:
            cells_BPD: of every question's image.
            control_BTE: what the text says at every step.
            weights_BTM: how far every module runs at every step, summing to 1.
        """
        with torch.autocast(cells_BPD.device.type, enabled=False):
            kind = self.scene.weight.dtype
            return self._run(cells_BPD.to(kind), control_BTE.to(kind), weights_BTM.to(kind))

    def _run(self, cells_BPD: Tensor, control_BTE: Tensor, weights_BTM: Tensor) -> list[StackStep]:
        knowledge = Knowledge(cells_BPD)
        find_BTP = self.find.match(knowledge, self.find.vector(control_BTE))
        scene_BP = self._scene(knowledge)
        vectors = [
            part.vector(control_BTE) for part in (self.transform, self.describe_one, self.describe_two)
        ]
        questions, steps = len(cells_BPD), control_BTE.shape[1]
        stack_BSP, pointer_BS = start(questions, self.rules.places, cells_BPD.shape[1], cells_BPD)
        memory_BK, done = cells_BPD.new_zeros(questions, self.memory), []
        for step in range(steps):
            weights_BM = self.valid(weights_BTM[:, step], pointer_BS)
            moves = Moves.of(pointer_BS, guard=self.rules.guard)
            top_BP, below_BP, up_BP, down_BP = moves.read(stack_BSP)
            attended_B2D = knowledge.attend(torch.stack([top_BP, below_BP], dim=1).softmax(dim=2))
            transform_BD, one_BD, two_BD = (vector_BTD[:, step] for vector_BTD in vectors)
            maps_B6P = torch.stack(
                [
                    find_BTP[:, step],
                    self.transform.match(knowledge, (transform_BD * attended_B2D[:, 0])[:, None]).squeeze(1),
                    torch.minimum(
                        up_BP + moves.up_up_B1 * find_BTP[:, step],
                        down_BP + moves.up_back_B1 * find_BTP[:, step],
                    ),
                    torch.minimum(top_BP, below_BP),
                    torch.maximum(top_BP, below_BP),
                    scene_BP,
                ],
                dim=1,
            )
            keep_BS, place_BS6, blurred_BS = moves.mix(weights_BM, keep=self.rules.keep)
            stack_BSP = stack_BSP * keep_BS[:, :, None] + torch.bmm(place_BS6, maps_B6P)
            control_BE = control_BTE[:, step]
            described = (
                self.describe_one(control_BE, memory_BK, one_BD * attended_B2D[:, 0]),
                self.describe_two(control_BE, memory_BK, two_BD * attended_B2D[:, 0] * attended_B2D[:, 1]),
            )
            memory_BK = (
                weights_BM[:, NO_OP, None] * memory_BK
                + weights_BM[:, DESCRIBE_ONE, None] * described[0]
                + weights_BM[:, DESCRIBE_TWO, None] * described[1]
            )
            pointer_BS = sharpen(blurred_BS, self.rules.pointer, self.rules.temperature)
            looks_BP = torch.bmm(pointer_BS[:, None], stack_BSP).squeeze(1)
            done.append(StackStep(weights_BM, stack_BSP, blurred_BS, pointer_BS, memory_BK, looks_BP))
        return done

    def valid(self, weights_BM: Tensor, pointer_BS: Tensor) -> Tensor:
        """The weights of the modules that may run at the pointer, summing to 1; NoOp always may.

        ```
        w_m (pointer . V)_m / sum over all modules of the same
        ```
        """
        if self.rules.validity == "off":
            return weights_BM
        allowed_BM = pointer_BS @ self.allowed_SM.to(pointer_BS.dtype)
        if self.rules.validity == "hard":
            allowed_BM = allowed_BM.round()
        left_BM = weights_BM * allowed_BM
        return left_BM / left_BM.sum(dim=1, keepdim=True)

    def _scene(self, knowledge: Knowledge) -> Tensor:
        """The map of all things, `[B, P]`."""
        one_B1D = self.scene.weight.new_ones(len(knowledge.cells), 1, self.scene.in_features)
        return knowledge.match(one_B1D, self.scene.weight[0]).squeeze(1) + self.scene.bias


class Matcher(nn.Module):
    """A module that compares cells with what the text says: its vector `W c`, and its weights w and b."""

    def __init__(self, size: int, control: int) -> None:
        super().__init__()
        self.vector = nn.Linear(control, size)
        self.weight = nn.Linear(size, 1)

    def match(self, knowledge: Knowledge, vectors_BKD: Tensor) -> Tensor:
        """`w . normalise(cells * vector) + b`, `[B, K, P]`."""
        return knowledge.match(vectors_BKD, self.weight.weight[0]) + self.weight.bias


class Describer(nn.Module):
    """A module that turns what is attended to into a memory."""

    def __init__(self, size: int, control: int, memory: int) -> None:
        super().__init__()
        self.vector = nn.Linear(control, size)
        self.describe = nn.Linear(control + memory + size, memory)

    def forward(self, control_BE: Tensor, memory_BK: Tensor, seen_BD: Tensor) -> Tensor:
        """The new memory, `[B, K]`."""
        seen_BD = functional.normalize(seen_BD, dim=1)
        described_BK: Tensor = self.describe(torch.cat([control_BE, memory_BK, seen_BD], dim=1))
        return described_BK


@dataclass(frozen=True, slots=True)
class Moves:
    """Where a step's modules read and write.

    Attributes:
        here_BS: the pointer.
        up_BS: one place up, where Find and Scene push.
        down_BS: one place down, where And and Or push.
        back_BS: one place up and down again, where Filter pushes.
        up_up_B1: how far a map written at `up` is read there.
        up_back_B1: how far it is read at `back`.
    """

    here_BS: Tensor
    up_BS: Tensor
    down_BS: Tensor
    back_BS: Tensor
    up_up_B1: Tensor
    up_back_B1: Tensor

    @classmethod
    def of(cls, pointer_BS: Tensor, *, guard: bool) -> "Moves":
        """The places around a pointer."""
        up_BS = move_up(pointer_BS, guard=guard)
        back_BS = move_down(up_BS, guard=guard)
        return cls(
            pointer_BS,
            up_BS,
            move_down(pointer_BS, guard=guard),
            back_BS,
            up_BS.square().sum(dim=1, keepdim=True),
            (up_BS * back_BS).sum(dim=1, keepdim=True),
        )

    def read(self, stack_BSP: Tensor) -> tuple[Tensor, ...]:
        """The maps here and below, and what Filter finds of the stack at its two places after its Find has pushed."""
        left_BS = 1 - self.up_BS
        rows_B4S = torch.stack(
            [self.here_BS, self.down_BS, self.up_BS * left_BS, self.back_BS * left_BS], dim=1
        )
        return torch.bmm(rows_B4S, stack_BSP).unbind(dim=1)

    def mix(self, weights_BM: Tensor, *, keep: bool) -> tuple[Tensor, Tensor, Tensor]:
        """How much of the stack stays, `[B, S]`, where the six maps go, `[B, S, 6]`, and the pointer, `[B, S]`.

        The maps are those of Find, Transform, Filter, And, Or and Scene.
        """
        weight = [weights_BM[:, module, None] for module in range(MODULE_COUNT)]
        push_B1, join_B1 = weight[FIND] + weight[SCENE], weight[AND] + weight[OR]
        one_B1, two_B1 = weight[DESCRIBE_ONE], weight[DESCRIBE_TWO]
        free_BS, after_BS = 1 - self.back_BS, 1 - self.up_BS
        still_B1 = weight[NO_OP] + one_B1 + (two_B1 if keep else 0)
        keep_BS = (
            weight[NO_OP]
            + push_B1 * after_BS
            + weight[TRANSFORM] * (1 - self.here_BS)
            + weight[FILTER] * after_BS * free_BS
            + join_B1 * (1 - self.down_BS)
            + one_B1 * (1 if keep else 1 - self.here_BS)
            + two_B1 * (1 if keep else 1 - self.down_BS)
        )
        place_BS6 = torch.stack(
            [
                weight[FIND] * self.up_BS + weight[FILTER] * self.up_BS * free_BS,
                weight[TRANSFORM] * self.here_BS,
                weight[FILTER] * self.back_BS,
                weight[AND] * self.down_BS,
                weight[OR] * self.down_BS,
                weight[SCENE] * self.up_BS,
            ],
            dim=2,
        )
        blurred_BS = (
            (still_B1 + weight[TRANSFORM]) * self.here_BS
            + push_B1 * self.up_BS
            + weight[FILTER] * self.back_BS
            + (join_B1 + (0 if keep else two_B1)) * self.down_BS
        )
        return keep_BS, place_BS6, blurred_BS
