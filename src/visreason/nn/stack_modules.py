"""The nine soft modules of a Stack Neural Module Network, all run at every step and mixed by their weights.

From Hu et al. (ECCV 2018). `visreason.nn.stack_modules_plain` has the same as it is written in the paper, one module
after the other, every map normalised and kept; here it is rearranged so that nothing of the size of all cells is made:

* what does not depend on the stack (every step's Find, the one Scene) is computed for all steps at once;
* nor does the pointer: it is walked first, and what every step reads, keeps and writes follows from it for all steps
  (`visreason.nn.stack_moves`): every module leaves the stack as `keep * stack + coefficient * map`;
* only then are the maps walked, with the gradient written out (`visreason.nn.stack_walk`);
* the gradients of what every step multiplies with are added up once (`visreason.nn.knowledge`).

Shape legend: B questions, P cells, D numbers a cell, T steps, E control size, S places of the stack, M = 9 modules, K
memory size.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.nn.dense import Dense, dense
from visreason.nn.knowledge import Knowledge
from visreason.nn.stack import Sharpening, read, sharpen, start, validity
from visreason.nn.stack_moves import DESCRIBE_ONE, DESCRIBE_TWO, NO_OP, POPS, PUSHES, StackMoves
from visreason.nn.stack_walk import walk_stack

_LEAST = 1e-12
"""Where the weights of all modules that may run sum to less than this, none of them is less than this."""


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
        weights_BTM, found_BTS, blurred, pointers = self._walk_pointer(weights_BTM)
        stack_BTSP, attended_BT2D = walk_stack(
            knowledge,
            self.moves.routes(weights_BTM, found_BTS),
            self.find.match(knowledge, self.find.vector(control_BTE)),
            self._scene(knowledge),
            self.transform.vector(control_BTE),
            self.transform.weight.weight[0],
            self.transform.weight.bias,
        )
        memories = self._memories(control_BTE, weights_BTM, attended_BT2D)
        of_steps = (weights_BTM.unbind(dim=1), stack_BTSP.unbind(dim=1), blurred, pointers, memories)
        return list(map(StackStep, *of_steps))

    def _walk_pointer(self, weights_BTM: Tensor) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor]]:
        """The weights as they are used, the pointer that every step finds, and both that each leaves.

        None of them depends on what the modules see.
        """
        _, pointer_BS = start(len(weights_BTM), self.rules.places, 0, weights_BTM)
        weights, blurred, pointers = [], [], [pointer_BS]
        for weights_BM in weights_BTM.unbind(dim=1):
            weights.append(self.valid(weights_BM, pointers[-1]))
            blurred.append(self.moves.leave(weights[-1], pointers[-1]))
            pointers.append(sharpen(blurred[-1], self.rules.pointer, self.rules.temperature))
        return torch.stack(weights, dim=1), torch.stack(pointers[:-1], dim=1), blurred, pointers[1:]

    def _memories(self, control_BTE: Tensor, weights_BTM: Tensor, attended_BT2D: Tensor) -> list[Tensor]:
        """The memory after every step, `[B, K]` each, which NoOp keeps and the describing modules make.

        The stack never depends on it, so what they see is multiplied for all steps at once.

        Args:
            control_BTE: what the text says.
            weights_BTM: how far the modules run at each step.
            attended_BT2D: what the top of the stack, and the map below it, attend to.
        """
        one_BTD, below_BTD = attended_BT2D.unbind(dim=2)
        told, of_memory = [], []
        for module, seen_BTD in ((self.describe_one, one_BTD), (self.describe_two, one_BTD * below_BTD)):
            seen_BTD = functional.normalize(module.vector(control_BTE) * seen_BTD, dim=2)
            sizes = [control_BTE.shape[2], self.memory, seen_BTD.shape[2]]
            of_control_KE, of_memory_KK, of_seen_KD = torch.split(module.describe.weight, sizes, dim=1)
            told_BTK = dense(control_BTE, of_control_KE, module.describe.bias)
            told.append(told_BTK + dense(seen_BTD, of_seen_KD))
            of_memory.append(of_memory_KK)
        weight_of_memory = Knowledge(torch.cat(of_memory)[None])
        memory_BK, done = told[0].new_zeros(len(control_BTE), self.memory), []
        shares_BT12 = weights_BTM[:, :, None, DESCRIBE_ONE : DESCRIBE_TWO + 1]
        of_steps = (torch.stack(told, dim=2), shares_BT12, weights_BTM[:, :, NO_OP, None])
        for told_B2K, share_B12, kept_B1 in zip(*(one.unbind(dim=1) for one in of_steps), strict=True):
            described_B2K = told_B2K + weight_of_memory.dot(memory_BK[None]).view_as(told_B2K)
            memory_BK = torch.bmm(share_B12, described_B2K).squeeze(1) + kept_B1 * memory_BK
            done.append(memory_BK)
        return done

    def valid(self, weights_BM: Tensor, pointer_BS: Tensor) -> Tensor:
        """The weights of the modules that may run at the pointer, summing to 1; NoOp always may.

        ```
        w_m (pointer . V)_m / sum over all modules of the same
        ```

        and where that sum is below 1e-12, with every w_m at least 1e-12: a controller that is sure of a module which
        may not run leaves the others weights that vanish in 32 bits, and a quotient whose gradient is infinite. They
        share the step evenly then.
        """
        if self.rules.validity == "off":
            return weights_BM
        allowed_BM = pointer_BS @ self.allowed_SM.to(pointer_BS.dtype)
        if self.rules.validity == "hard":
            allowed_BM = allowed_BM.round()
        plain_BM = weights_BM * allowed_BM
        vanishing_B1 = plain_BM.sum(dim=1, keepdim=True) < _LEAST
        left_BM = torch.where(vanishing_B1, weights_BM.clamp_min(_LEAST) * allowed_BM, plain_BM)
        return left_BM / left_BM.sum(dim=1, keepdim=True)

    def _scene(self, knowledge: Knowledge) -> Tensor:
        """The map of all things, `[B, P]`."""
        one_B1D = self.scene.weight.new_ones(len(knowledge.cells), 1, self.scene.in_features)
        return knowledge.match(one_B1D, self.scene.weight[0]).squeeze(1) + self.scene.bias


class Matcher(nn.Module):
    """A module that compares cells with what the text says: its vector `W c`, and its weights w and b."""

    def __init__(self, size: int, control: int) -> None:
        super().__init__()
        self.vector = Dense(control, size)
        self.weight = nn.Linear(size, 1)

    def match(self, knowledge: Knowledge, vectors_BKD: Tensor) -> Tensor:
        """`w . normalise(cells * vector) + b`, `[B, K, P]`."""
        return knowledge.match(vectors_BKD, self.weight.weight[0]) + self.weight.bias


class Describer(nn.Module):
    """A module that turns what is attended to into a memory, with `W [c | memory | normalise(W' c * seen)]`."""

    def __init__(self, size: int, control: int, memory: int) -> None:
        super().__init__()
        self.vector = Dense(control, size)
        self.describe = nn.Linear(control + memory + size, memory)
