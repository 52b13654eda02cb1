"""Small changes of a text in Python, made in its syntax tree."""

import ast
from collections.abc import Iterator
from typing import Any

from syntactic_mutant import SWAPPED, Change

_SIGNS: dict[type[ast.AST], str] = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    **{ast.Eq: "==", ast.NotEq: "!=", ast.And: "and", ast.Or: "or"},
    **{ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"},
    **{ast.Add: "+", ast.Sub: "-", ast.BitAnd: "&", ast.BitOr: "|"},
    **{ast.LShift: "<<", ast.RShift: ">>"},
}
_NODES = {sign: kind for kind, sign in _SIGNS.items()}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LEAVES = {ast.Return: "return", ast.Break: "break", ast.Continue: "continue"} | {
    ast.Raise: "raise"
}
_CONDITIONS: dict[type[ast.AST], str] = {
    **{ast.If: "if", ast.While: "while", ast.IfExp: "if else"}
}

_Other = tuple[str, ast.AST, str, Any]
"""A key, a node, the name of one of its fields, and another value for that."""


def normal(text: str) -> str:
    """The program in the form that the sources of its changes have."""
    return ast.unparse(ast.parse(text))


def changes(text: str) -> Iterator[Change]:
    """All small changes, in the order of the text."""
    tree = ast.parse(text)
    for node, context in list(_walk(tree, "top")):
        for key, owner, name, other in _others(node, context):
            before = getattr(owner, name)
            setattr(owner, name, other)
            yield Change(context, key, ast.unparse(ast.fix_missing_locations(tree)))
            setattr(owner, name, before)


def _walk(node: ast.AST, context: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node with the function around it; annotations and strings are left."""
    inner = context
    if isinstance(node, _FUNCTIONS):
        inner = node.name if context == "top" else f"{context}.{node.name}"
    yield node, inner
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns") or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, inner)


def _others(node: ast.AST, context: str) -> Iterator[_Other]:
    yield from _operators(node)
    yield from _constants(node)
    yield from _negations(node)
    if context != "top":
        yield from _drops(node)


def _swapped(sign: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if type(sign) in _SIGNS:
        key = _SIGNS[type(sign)]
        yield key, _NODES[SWAPPED[key]]()


def _operators(node: ast.AST) -> Iterator[_Other]:
    if isinstance(node, ast.Compare):
        for at, sign in enumerate(node.ops):
            for key, new in _swapped(sign):
                yield key, node, "ops", [*node.ops[:at], new, *node.ops[at + 1 :]]
    elif isinstance(node, ast.BoolOp | ast.BinOp):
        for key, new in _swapped(node.op):
            yield key, node, "op", new
    elif isinstance(node, ast.AugAssign):
        for key, new in _swapped(node.op):
            yield f"{key}=", node, "op", new


def _constants(node: ast.AST) -> Iterator[_Other]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield str(node.value), node, "value", not node.value
    elif isinstance(node.value, int):
        yield f"{node.value}+1", node, "value", node.value + 1
        yield f"{node.value}-1", node, "value", node.value - 1


def _not(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), node)


def _negations(node: ast.AST) -> Iterator[_Other]:
    """A `not` more or less; a twofold one is none, and keeps its place in the tree."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", node, "operand", _not(operand)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if not _has_other_negation(test):
                yield _CONDITIONS[type(node)], node, "test", _not(test)
        case ast.comprehension(ifs=ifs):
            for at, test in enumerate(ifs):
                tests = [*ifs[:at], _not(test), *ifs[at + 1 :]]
                yield "if in loop", node, "ifs", tests


def _has_other_negation(test: ast.expr) -> bool:
    """Whether another change of the condition is the same as its negation."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return not isinstance(test.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _drops(node: ast.AST) -> Iterator[_Other]:
    for name in ("body", "orelse", "finalbody"):
        found = getattr(node, name, None)
        block: list[ast.stmt] = found if isinstance(found, list) else []
        for at, statement in enumerate(block):
            for key in _keys_of_statement(statement):
                others = [*block[:at], ast.Pass(), *block[at + 1 :]]
                yield f"drop {key}", node, name, others


def _keys_of_statement(node: ast.stmt) -> Iterator[str]:
    if type(node) in _LEAVES:
        yield _LEAVES[type(node)]
    elif isinstance(node, ast.Assign):
        yield f"{ast.unparse(node.targets[0])} ="
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        yield f"{ast.unparse(node.target)} ="
    elif isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call):
            yield f"{ast.unparse(call.func)}("
