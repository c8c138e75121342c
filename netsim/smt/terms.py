"""Z3 terms behind our own names; constants are folded in Python, so that what cannot matter is never built.

A ``Term`` is a Python truth value or a Z3 Boolean: most selectors ask about another namespace, and are false at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import z3

Term = bool | Any
#: A bit-vector, unsigned.
Number = Any


def variable(name: str) -> Term:
    """Return a truth value that the solver may choose."""
    return z3.Bool(name)


def number(name: str, bits: int) -> Number:
    """Return an unsigned number of so many bits that the solver may choose."""
    return z3.BitVec(name, bits)


def constant(value: int, bits: int) -> Number:
    """Return a known number."""
    return z3.BitVecVal(value, bits)


def all_of(terms: Iterable[Term]) -> Term:
    """Return the conjunction."""
    kept = []
    for term in terms:
        if term is False:
            return False
        if term is not True:
            kept.append(term)
    return True if not kept else kept[0] if len(kept) == 1 else _joined(z3.Z3_mk_and, kept)


def any_of(terms: Iterable[Term]) -> Term:
    """Return the disjunction."""
    kept = []
    for term in terms:
        if term is True:
            return True
        if term is not False:
            kept.append(term)
    return False if not kept else kept[0] if len(kept) == 1 else _joined(z3.Z3_mk_or, kept)


def _joined(make: Callable[..., Any], kept: Sequence[Any]) -> Term:
    # z3.And and z3.Or look at the sort of every operand, which takes ten times as long as the term itself.
    context = kept[0].ctx
    operands = (z3.Ast * len(kept))(*(each.ast for each in kept))
    return z3.BoolRef(make(context.ref(), len(kept), operands), context)


def negation(term: Term) -> Term:
    """Return the negation."""
    return (not term) if isinstance(term, bool) else z3.Not(term)


def at_most_one(terms: Iterable[Term]) -> Term:
    """Return that no two of some variables are true."""
    variables = [term for term in terms if term is not False]
    if len(variables) < 2:
        return True
    return _joined(lambda context, count, operands: z3.Z3_mk_atmost(context, count, operands, 1), variables)


def exactly_one(terms: Iterable[Term]) -> Term:
    """Return that one of some variables is true, and no other."""
    variables = list(terms)
    return all_of([any_of(variables), at_most_one(variables)])


def between(value: Number, first: int, last: int) -> Term:
    """Return that a number lies between two others, inclusive."""
    bits = value.size()
    below = True if last >= (1 << bits) - 1 else z3.ULE(value, constant(last, bits))
    above = True if first <= 0 else z3.UGE(value, constant(first, bits))
    return value == constant(first, bits) if first == last else all_of([above, below])


def chosen(condition: Term, one: Number, other: Number) -> Number:
    """Return the one number where a condition holds, and the other where it does not."""
    if isinstance(condition, bool):
        return one if condition else other
    return z3.If(condition, one, other)


def same(left: Number, right: Number) -> Term:
    """Return that two numbers are equal."""
    return cast("Term", left == right)


def differ(left: Term, right: Term) -> Term:
    """Return that exactly one of two terms holds."""
    if isinstance(left, bool):
        return negation(right) if left else right
    return left if right is False else negation(left) if right is True else z3.Xor(left, right)
