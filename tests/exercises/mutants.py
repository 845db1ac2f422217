"""Mutants of a solution: the same code with one operator, number or call changed.

A check that lets one pass has no case that tells it from the solution.
"""

import ast
import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

_COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
_OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_NAMES = {
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "idxmax": "idxmin",
    "maximum": "minimum",
    "minimum": "maximum",
    "mean": "sum",
    "median": "mean",
    "any": "all",
    "all": "any",
}
_WRAPPERS = {"abs", "round", "rint", "clip", "copy", "sorted", "sort", "unique", "dropna", "std"}


def mutants_of(solution: str) -> Iterator[tuple[str, str]]:
    """Yield what is changed, as "before -> after", and the code with that one change."""
    tree = ast.parse(solution)
    for place, node in enumerate(ast.walk(tree)):
        for number, _ in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            target = next(other for i, other in enumerate(ast.walk(changed)) if i == place)
            before = ast.unparse(target)
            after = _changes(target)[number]()
            if isinstance(after, ast.AST):
                changed = _Replace(target, after).visit(changed)
                shown = ast.unparse(after)
            else:
                shown = ast.unparse(target)
            yield f"{before} -> {shown}", ast.unparse(ast.fix_missing_locations(changed))


def run(code: str, name: str) -> Any:
    """Return what code defines under a name; `np` is imported."""
    names: dict[str, Any] = {"np": np}
    exec(compile(code, f"<mutant of {name}>", "exec"), names)
    return names[name]


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _changes(node: ast.AST) -> list[Any]:
    """Return functions that change a node in place, or return what takes its place."""
    changes: list[Any] = []
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        changes.append(lambda: node.ops.__setitem__(0, _COMPARISONS[type(node.ops[0])]()))
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in _OPERATORS:
        changes.append(lambda: setattr(node, "op", _OPERATORS[type(node.op)]()))
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        changes.append(lambda: setattr(node, "value", node.value + 1))
        if node.value > 1:
            changes.append(lambda: setattr(node, "value", node.value - 1))
    if isinstance(node, ast.UnaryOp):
        changes.append(lambda: node.operand)
    if isinstance(node, ast.Attribute) and node.attr in _NAMES:
        changes.append(lambda: setattr(node, "attr", _NAMES[node.attr]))
    if isinstance(node, ast.Name) and node.id in _NAMES:
        changes.append(lambda: setattr(node, "id", _NAMES[node.id]))
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in _WRAPPERS and node.args:
            changes.append(lambda: node.args[0])
        elif name in _WRAPPERS and isinstance(node.func, ast.Attribute):
            changes.append(lambda: node.func.value)
        changes += [lambda i=i: node.keywords.pop(i) and None for i in range(len(node.keywords))]
    if isinstance(node, ast.IfExp):
        changes += [lambda: node.body, lambda: node.orelse]
    return changes
