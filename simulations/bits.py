"""Bit arithmetic on 64-bit words that Numba has no name for, as single machine instructions."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD = ir.IntType(64)
_DOUBLE_WORD = ir.IntType(128)
_FALSE = ir.Constant(ir.IntType(1), 0)


@intrinsic
def high_product(typing_context: Any, x: Any, y: Any) -> Any:
    """Return floor(x y / 2**64) of two uint64 words."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        wide = builder.mul(*(builder.zext(argument, _DOUBLE_WORD) for argument in arguments))
        return builder.trunc(builder.lshr(wide, ir.Constant(_DOUBLE_WORD, 64)), _WORD)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def bit_count(typing_context: Any, x: Any) -> Any:
    """Return how many bits of a uint64 word are set, as int64."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def leading_zeros(typing_context: Any, x: Any) -> Any:
    """Return the number of zero bits above the highest set bit of a uint64 word (64 for 0), as uint64."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        return builder.ctlz(arguments[0], _FALSE)

    return types.uint64(types.uint64), generate


@intrinsic
def trailing_zeros(typing_context: Any, x: Any) -> Any:
    """Return the number of zero bits below the lowest set bit of a uint64 word (64 for 0), as uint64."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        return builder.cttz(arguments[0], _FALSE)

    return types.uint64(types.uint64), generate
