"""The code cells of a page, and what each of them reads and binds."""

import ast
import dataclasses
import hashlib

import pages

__all__ = ["Cell", "cells_of", "digest", "needed"]


@dataclasses.dataclass(frozen=True)
class Cell:
    """One code cell, without IPython's own commands and without its assertions.

    Attributes
    ----------
    source : str
    code : code object
    loads, stores, changes : frozenset of str
        Names it reads, names it binds, names of things it may change in place.
    bodies : dict
        For every function defined here, the names its body reads.
    """

    source: str
    code: object
    loads: frozenset
    stores: frozenset
    changes: frozenset
    bodies: dict


def cells_of(page):
    """Return the code cells of a page in order."""
    return [_cell(text, f"{page.name}[{i}]") for i, text in enumerate(_sources(page))]


def digest(page):
    return hashlib.sha256("\0".join(_sources(page)).encode()).hexdigest()


def _sources(page):
    cells = [cell.source for cell in pages.read(page).cells if cell.cell_type == "code"]
    return ["\n".join(line for line in cell.split("\n") if not line.startswith("%")) for cell in cells]


def _cell(text, name):
    tree = _WithoutAssertions().visit(ast.parse(text))
    ast.fix_missing_locations(tree)
    bodies = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bodies[node.name] = _loaded(node)
        elif isinstance(node, ast.Assign) and any(isinstance(n, ast.Lambda) for n in ast.walk(node.value)):
            bodies |= {n.id: _loaded(node.value) for n in ast.walk(node) if _bound(n)}
    code = compile(tree, name, "exec")
    return Cell(text, code, _loaded(tree), frozenset(_stored(tree)), frozenset(_changed(tree)), bodies)


class _WithoutAssertions(ast.NodeTransformer):
    """A page's own assertions would stop it before the claim that a fault shall reach."""

    def visit_Assert(self, node):  # noqa: N802
        return ast.copy_location(ast.Pass(), node)


def _loaded(tree):
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def _bound(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _stored(tree):
    """Names bound outside of functions."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        if _bound(node):
            yield node.id
        todo += ast.iter_child_nodes(node)


def _changed(tree):
    """Names of things that are changed in place: parts assigned, or a method called for its effect."""
    for node in ast.walk(tree):
        part = None
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            part = node
        elif isinstance(node, ast.AugAssign):
            part = node.target
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            part = node.value.func if isinstance(node.value.func, ast.Attribute) else None
        while isinstance(part, ast.Subscript | ast.Attribute):
            part = part.value
        if isinstance(part, ast.Name):
            yield part.id


def reads(cell, cells):
    """Names a cell reads, also through the functions of the page that it names."""
    bodies = {}
    for one in cells:
        for name, body in one.bodies.items():
            bodies[name] = bodies.get(name, frozenset()) | body
    found, todo = set(), set(cell.loads)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= bodies.get(name, frozenset()) - found
    return found


def needed(cells, deciding, fixed):
    """Numbers of the cells that what the deciding cells read depends on; `fixed` names never change."""
    wanted, kept = set(), []
    for i in reversed(range(len(cells))):
        bound = cells[i].stores | (cells[i].changes - fixed)
        if i in deciding or bound & wanted:
            kept.append(i)
            wanted -= cells[i].stores
            wanted |= reads(cells[i], cells)
    return kept[::-1]
