"""Breaks the conditions of a module's source, one at a time: what a test of that module has to notice."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_FACTOR = 4
"""How much a threshold is moved, upward and downward."""


@dataclass(frozen=True)
class Mutant:
    """A module with one condition broken. ``says``: what was done to which source text."""

    line: int
    says: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    thresholds, fallbacks = _thresholds(tree), _fallbacks(tree)
    found = [(node, step) for node in nodes if node not in fallbacks for step in _steps(node, node in thresholds)]
    for node, (says, change) in sorted(found, key=lambda pair: _place(pair[0])):
        place = nodes.index(node)
        broken = copy.deepcopy(tree)
        change(list(ast.walk(broken))[place])
        yield Mutant(_place(node)[0], f"{says}: {_short(node)}", ast.fix_missing_locations(broken))


def _place(node: ast.AST) -> tuple[int, int]:
    placed = node.target if isinstance(node, ast.comprehension) else node
    return placed.lineno, placed.col_offset


_Step = tuple[str, Callable[[ast.AST], None]]


def _steps(node: ast.AST, threshold: bool) -> Iterator[_Step]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _OPPOSITE:
            yield "negated", lambda it: setattr(it, "ops", [_OPPOSITE[type(op)]()])
        case ast.Compare():
            yield "negated", _negate
        case ast.BoolOp(op=ast.Or(), values=[*_, ast.Constant() | ast.Call(func=ast.Name(id="Said" | "str"))]):
            return  # a wording for what is empty decides nothing
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield "and for or" if isinstance(op, ast.Or) else "or for and", lambda it: setattr(it, "op", other)
            for n in range(len(values)):
                yield f"without part {n + 1}", lambda it, n=n: _drop(it, n)
        case ast.UnaryOp(op=ast.Not()):
            yield "without not", _become(lambda it: it.operand)
        case ast.If(body=[ast.Continue() | ast.Return(value=None) | ast.Break()]):
            yield from _tested(node)
            yield "never left", lambda it: setattr(it, "body", [ast.Pass()])
        case ast.If() | ast.IfExp() | ast.While():
            yield from _tested(node)
        case ast.comprehension(ifs=conditions):
            for n in range(len(conditions)):
                yield f"without condition {n + 1}", lambda it, n=n: it.ifs.pop(n)
        case ast.Constant(value=int() | float()) if threshold:
            yield f"{_FACTOR} times", lambda it: setattr(it, "value", it.value * _FACTOR or 1)
            yield "a quarter", lambda it: setattr(it, "value", it.value / _FACTOR)


def _tested(node: ast.If | ast.IfExp | ast.While) -> Iterator[_Step]:
    """A test that is a mere name or call; comparisons and the like are broken by themselves."""
    if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield "negated test", lambda it: setattr(it, "test", ast.UnaryOp(ast.Not(), it.test))


def _thresholds(tree: ast.Module) -> set[ast.AST]:
    """Numbers that something is more or less than, by themselves or as a module's constant or ``timedelta``."""
    places: list[ast.AST] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
    ]
    for step in tree.body:
        if isinstance(step, ast.Assign) and isinstance(step.value, ast.Constant | ast.Tuple):
            places.append(step.value)
    places += [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _short(n.func) == "timedelta"]
    return {
        part
        for place in places
        for part in ast.walk(place)
        if isinstance(part, ast.Constant) and type(part.value) in (int, float) and part.value not in (0, 1)
    }


def _fallbacks(tree: ast.Module) -> set[ast.AST]:
    """Each ``or`` that gives a value where another is empty (``made or now``), and decides nothing."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="any" | "all" | "bool")):
                continue
            case ast.Call(args=args, keywords=keywords):
                found.update(args, (keyword.value for keyword in keywords))
            case ast.Attribute(value=value) | ast.FormattedValue(value=value) | ast.Subscript(value=value):
                found.add(value)
            case ast.BinOp(left=left, right=right):
                found.update((left, right))
            case ast.Lambda(body=body):
                found.add(body)
            case ast.For(iter=source) | ast.comprehension(iter=source):
                found.add(source)
    return {node for node in found if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)}


def _negate(it: ast.AST) -> None:
    """``a < b < c``: the whole chain is denied."""
    inner = copy.copy(it)
    it.__class__ = ast.UnaryOp
    it.__dict__.update(op=ast.Not(), operand=inner)


def _become(part: Callable[[ast.AST], ast.AST]) -> Callable[[ast.AST], None]:
    """A node takes the place of its parent."""

    def change(it: ast.AST) -> None:
        other = part(it)
        it.__class__ = other.__class__
        it.__dict__.update(other.__dict__)

    return change


def _drop(it: ast.AST, n: int) -> None:
    values = [value for i, value in enumerate(it.values) if i != n]
    if len(values) > 1:
        it.values = values
    else:
        _become(lambda _: values[0])(it)


def _short(node: ast.AST) -> str:
    text = ast.unparse(node.test if isinstance(node, ast.If | ast.While) else node)
    return " ".join(text.split())[:100]
