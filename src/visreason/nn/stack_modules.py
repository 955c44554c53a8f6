"""The nine soft modules of a Stack Neural Module Network, all run at every step and mixed by their weights.

From Hu et al. (ECCV 2018). `visreason.nn.stack_modules_plain` has the same as it is written in the paper, one module
after the other, every map normalised and kept; here it is rearranged so that nothing of the size of all cells is made:

* what does not depend on the stack (every step's Find, the one Scene) is computed for all steps at once;
* every module leaves the stack as `keep * stack + coefficient * map`, so their mixture is one product;
* what the modules read from the stack is one product with four rows of coefficients (`visreason.nn.stack_moves`);
* the gradients of what every step multiplies with are added up once (`visreason.nn.knowledge`).

Shape legend: B questions, P cells, D numbers a cell, T steps, E control size, S places of the stack, M = 9 modules, K
memory size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.nn.knowledge import Knowledge
from visreason.nn.stack import Sharpening, read, sharpen, start, validity
from visreason.nn.stack_moves import DESCRIBE_ONE, DESCRIBE_TWO, NO_OP, POPS, PUSHES, StackMoves


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
    """

    weights_BM: Tensor
    stack_BSP: Tensor
    blurred_BS: Tensor
    pointer_BS: Tensor
    memory_BK: Tensor

    @property
    def top(self) -> Tensor:
        """The map at the pointer, `[B, P]`."""
        return read(self.stack_BSP, self.pointer_BS)


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
        >>> steps[-1].memory_BK.shape, steps[-1].top.shape
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
        self.moves = StackMoves(rules.places, guard=rules.guard, keep=rules.keep)
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
        scene_B1P = self._scene(knowledge)
        stack_BSP, pointer_BS = start(len(cells_BPD), self.rules.places, cells_BPD.shape[1], cells_BPD)
        weights, stacks, blurred, pointers, attended = [], [], [], [], []
        of_steps = (weights_BTM, find_BTP, self.transform.vector(control_BTE))
        for weights_BM, find_BP, transform_BD in zip(*(one.unbind(dim=1) for one in of_steps), strict=True):
            weights_BM = self.valid(weights_BM, pointer_BS)
            rows_BRS = self.moves.rows(pointer_BS)
            found = self.moves.read(rows_BRS, stack_BSP, find_BP)
            top_and_below_B2P = torch.stack([found.here_B2P[:, 0], found.below_B2P[:, 0]], dim=1)
            attended_B2D = knowledge.attend(top_and_below_B2P.softmax(dim=2))
            maps_B6P = torch.cat(
                [
                    find_BP[:, None],
                    self.transform.match(knowledge, transform_BD[:, None] * attended_B2D[:, :1]),
                    torch.minimum(found.here_B2P, found.below_B2P),  # And, Filter
                    torch.maximum(found.here_B2P[:, :1], found.below_B2P[:, :1]),  # Or
                    scene_B1P,
                ],
                dim=1,
            )
            keep_BS, place_B6S, blurred_BS = self.moves.mix(weights_BM, rows_BRS)
            stack_BSP = torch.baddbmm(keep_BS[:, :, None] * stack_BSP, place_B6S.transpose(1, 2), maps_B6P)
            pointer_BS = sharpen(blurred_BS, self.rules.pointer, self.rules.temperature)
            weights.append(weights_BM)
            stacks.append(stack_BSP)
            blurred.append(blurred_BS)
            pointers.append(pointer_BS)
            attended.append(attended_B2D)
        memories = self._memories(control_BTE, weights, torch.stack(attended, dim=1))
        return list(map(StackStep, weights, stacks, blurred, pointers, memories))

    def _memories(
        self, control_BTE: Tensor, weights: Sequence[Tensor], attended_BT2D: Tensor
    ) -> list[Tensor]:
        """The memory after every step, `[B, K]` each, which NoOp keeps and the describing modules make.

        The stack never depends on it, so what they see is multiplied for all steps at once.

        Args:
            control_BTE: what the text says.
            weights: `[B, M]`, how far the modules run at each step.
            attended_BT2D: what the top of the stack, and the map below it, attend to.
        """
        one_BTD, below_BTD = attended_BT2D.unbind(dim=2)
        size, told, of_memory = control_BTE.shape[2], [], []
        for module, seen_BTD in ((self.describe_one, one_BTD), (self.describe_two, one_BTD * below_BTD)):
            seen_BTD = functional.normalize(module.vector(control_BTE) * seen_BTD, dim=2)
            weight = module.describe.weight
            parts_KF = torch.cat([weight[:, :size], weight[:, size + self.memory :]], dim=1)
            told.append(
                functional.linear(torch.cat([control_BTE, seen_BTD], dim=2), parts_KF, module.describe.bias)
            )
            of_memory.append(weight[:, size : size + self.memory])
        weight_of_memory = Knowledge(torch.stack(of_memory))
        memory_BK, done = told[0].new_zeros(len(control_BTE), self.memory), []
        for weights_BM, told_2BK in zip(weights, torch.stack(told).unbind(dim=2), strict=True):
            described_2BK = told_2BK + weight_of_memory.dot(memory_BK.expand(2, -1, -1))
            share_2B1 = weights_BM[:, DESCRIBE_ONE : DESCRIBE_TWO + 1].T[:, :, None]
            memory_BK = (share_2B1 * described_2BK).sum(dim=0) + weights_BM[:, NO_OP, None] * memory_BK
            done.append(memory_BK)
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
        """The map of all things, `[B, 1, P]`."""
        one_B1D = self.scene.weight.new_ones(len(knowledge.cells), 1, self.scene.in_features)
        return knowledge.match(one_B1D, self.scene.weight[0]) + self.scene.bias


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
    """A module that turns what is attended to into a memory, with `W [c | memory | normalise(W' c * seen)]`."""

    def __init__(self, size: int, control: int, memory: int) -> None:
        super().__init__()
        self.vector = nn.Linear(control, size)
        self.describe = nn.Linear(control + memory + size, memory)
