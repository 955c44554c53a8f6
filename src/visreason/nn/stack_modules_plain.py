"""The nine modules of a Stack Neural Module Network as they are written down: one after the other, map by map.

What `visreason.nn.stack_modules` must equal, in outputs and gradients; tests and `visreason bench snmn-step` compare.
Hu et al. (ECCV 2018), table 1.

Shape legend: as in `visreason.nn.stack_modules`.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from visreason.nn.stack import move_down, move_up, read, sharpen, start, write
from visreason.nn.stack_modules import Describer, Matcher, StackModules, StackStep
from visreason.nn.stack_moves import MODULE_COUNT

State = tuple[Tensor, Tensor, Tensor]
"""Stack `[B, S, P]`, pointer `[B, S]` and memory `[B, K]`."""


class PlainStackModules(StackModules):
    """`StackModules` by the book."""

    def _run(self, cells_BPD: Tensor, control_BTE: Tensor, weights_BTM: Tensor) -> list[StackStep]:
        stack_BSP, pointer_BS = start(len(cells_BPD), self.rules.places, cells_BPD.shape[1], cells_BPD)
        memory_BK, done = cells_BPD.new_zeros(len(cells_BPD), self.memory), []
        for step in range(control_BTE.shape[1]):
            weights_BM = self.valid(weights_BTM[:, step], pointer_BS)
            results = self.every_module(cells_BPD, control_BTE[:, step], (stack_BSP, pointer_BS, memory_BK))
            stacks, pointers, memories = (torch.stack(part, dim=1) for part in zip(*results, strict=True))
            stack_BSP = (weights_BM[:, :, None, None] * stacks).sum(dim=1)
            blurred_BS = (weights_BM[:, :, None] * pointers).sum(dim=1)
            memory_BK = (weights_BM[:, :, None] * memories).sum(dim=1)
            pointer_BS = sharpen(blurred_BS, self.rules.pointer, self.rules.temperature)
            done.append(StackStep(weights_BM, stack_BSP, blurred_BS, pointer_BS, memory_BK))
        return done

    def every_module(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> list[State]:
        """What each of the nine modules makes of a state."""
        modules: tuple[Callable[[Tensor, Tensor, State], State], ...] = (
            self._no_op,
            self._find,
            self._transform,
            self._filter,
            self._and,
            self._or,
            self._scene_module,
            self._describe_one,
            self._describe_two,
        )
        assert len(modules) == MODULE_COUNT
        return [module(cells_BPD, control_BE, state) for module in modules]

    def _no_op(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        return state

    def _find(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        return self._push(state, _match(cells_BPD, self.find.vector(control_BE), self.find))

    def _scene_module(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        return self._push(state, self.scene(functional.normalize(cells_BPD, dim=2)).squeeze(2))

    def _transform(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        stack_BSP, pointer_BS, memory_BK = state
        vector_BD = self.transform.vector(control_BE) * _attended(cells_BPD, read(stack_BSP, pointer_BS))
        map_BP = _match(cells_BPD, vector_BD, self.transform)
        return write(stack_BSP, pointer_BS, map_BP), pointer_BS, torch.zeros_like(memory_BK)

    def _filter(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        return self._and(cells_BPD, control_BE, self._find(cells_BPD, control_BE, state))

    def _and(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        return self._join(state, torch.minimum)

    def _or(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        return self._join(state, torch.maximum)

    def _describe_one(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        stack_BSP, pointer_BS, memory_BK = state
        seen_BD = _attended(cells_BPD, read(stack_BSP, pointer_BS))
        memory_BK = _describe(self.describe_one, control_BE, memory_BK, seen_BD)
        if self.rules.keep:
            return stack_BSP, pointer_BS, memory_BK
        return write(stack_BSP, pointer_BS, torch.zeros_like(stack_BSP[:, 0])), pointer_BS, memory_BK

    def _describe_two(self, cells_BPD: Tensor, control_BE: Tensor, state: State) -> State:
        stack_BSP, pointer_BS, memory_BK = state
        below_BS = move_down(pointer_BS, guard=self.rules.guard)
        one_BD = _attended(cells_BPD, read(stack_BSP, below_BS))
        two_BD = _attended(cells_BPD, read(stack_BSP, pointer_BS))
        memory_BK = _describe(self.describe_two, control_BE, memory_BK, one_BD * two_BD)
        if self.rules.keep:
            return stack_BSP, pointer_BS, memory_BK
        return write(stack_BSP, below_BS, torch.zeros_like(stack_BSP[:, 0])), below_BS, memory_BK

    def _push(self, state: State, map_BP: Tensor) -> State:
        stack_BSP, pointer_BS, memory_BK = state
        up_BS = move_up(pointer_BS, guard=self.rules.guard)
        return write(stack_BSP, up_BS, map_BP), up_BS, torch.zeros_like(memory_BK)

    def _join(self, state: State, join: Callable[[Tensor, Tensor], Tensor]) -> State:
        stack_BSP, pointer_BS, memory_BK = state
        below_BS = move_down(pointer_BS, guard=self.rules.guard)
        map_BP = join(read(stack_BSP, below_BS), read(stack_BSP, pointer_BS))
        return write(stack_BSP, below_BS, map_BP), below_BS, torch.zeros_like(memory_BK)


def _attended(cells_BPD: Tensor, map_BP: Tensor) -> Tensor:
    """`sum_P softmax(map) cells`, `[B, D]`."""
    return (map_BP.softmax(dim=1)[:, :, None] * cells_BPD).sum(dim=1)


def _match(cells_BPD: Tensor, vector_BD: Tensor, matcher: Matcher) -> Tensor:
    """`w . normalise(cells * vector) + b`, `[B, P]`."""
    map_BP: Tensor = matcher.weight(functional.normalize(cells_BPD * vector_BD[:, None], dim=2)).squeeze(2)
    return map_BP


def _describe(describer: Describer, control_BE: Tensor, memory_BK: Tensor, seen_BD: Tensor) -> Tensor:
    seen_BD = functional.normalize(describer.vector(control_BE) * seen_BD, dim=1)
    described_BK: Tensor = describer.describe(torch.cat([control_BE, memory_BK, seen_BD], dim=1))
    return described_BK
