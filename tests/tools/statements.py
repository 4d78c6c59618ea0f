"""The statements of a page, and what each of them reads and binds."""

import ast
import dataclasses
import hashlib

import pages

__all__ = ["Piece", "digest", "needed", "pieces_of", "reads"]


@dataclasses.dataclass(frozen=True)
class Piece:
    """One statement of a page that stands in no other, without its assertions.

    Attributes
    ----------
    code : code object
    loads, stores, changes : frozenset of str
        Names it reads, names it binds, names of things it may change in place.
    bodies : dict
        For every function defined here, the names its body reads.
    """

    code: object
    loads: frozenset
    stores: frozenset
    changes: frozenset
    bodies: dict


def pieces_of(page):
    """Return the statements of a page in order."""
    trees = (ast.parse(text) for text in _sources(page))
    return [_piece(node, page.name) for tree in trees for node in tree.body]


def digest(page):
    return hashlib.sha256("\0".join(_sources(page)).encode()).hexdigest()


def _sources(page):
    """The code cells, without solutions of exercises and IPython's own commands."""
    code = [cell for cell in pages.read(page).cells if cell.cell_type == "code"]
    cells = [cell.source for cell in code if "solution" not in cell.metadata.get("tags", [])]
    return ["\n".join(line for line in cell.split("\n") if not line.startswith("%")) for cell in cells]


def _piece(node, name):
    node = _WithoutAssertions().visit(node)
    bodies = {}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        bodies[node.name] = _loaded(node)
    elif isinstance(node, ast.Assign) and any(isinstance(n, ast.Lambda) for n in ast.walk(node.value)):
        bodies |= {n.id: _loaded(node.value) for n in ast.walk(node) if _bound(n)}
    tree = ast.fix_missing_locations(ast.Module([node], []))
    code = compile(tree, name, "exec")
    return Piece(code, _loaded(tree), frozenset(_stored(tree)), frozenset(_changed(tree)), bodies)


class _WithoutAssertions(ast.NodeTransformer):
    """A page's own assertions would stop it before the claim that a fault shall reach."""

    def visit_Assert(self, node):  # noqa: N802
        return ast.copy_location(ast.Pass(), node)


def _loaded(tree, bound=frozenset()):
    """Names that a piece of code reads from outside of itself, where `bound` are known to it."""
    return frozenset(_free([tree], set(bound)))


def _free(nodes, bound):
    """Names read before they are bound; what is bound on the way is added to `bound`."""
    for node in nodes:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in bound:
                yield node.id
            elif isinstance(node.ctx, ast.Store):
                bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.Lambda):
            inside = bound | {
                argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)
            }
            yield from _free([node.args, *getattr(node, "decorator_list", ())], bound)
            yield from _free(node.body if isinstance(node.body, list) else [node.body], inside)
            if isinstance(node, ast.FunctionDef):
                bound.add(node.name)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            result = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            yield from _free([*node.generators, *result], set(bound))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.If):
            yield from _free([node.test], bound)
            for branch in (node.body, node.orelse):  # neither is sure to run
                yield from _free(branch, set(bound))
        else:
            yield from _free(_in_order(node), bound)


def _in_order(node):
    """Parts of a node in the order in which they run."""
    if isinstance(node, ast.AugAssign):
        return [ast.Name(n.id, ast.Load()) for n in ast.walk(node.target) if isinstance(n, ast.Name)] + [
            node.value
        ]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [part for part in (node.value, *targets) if part is not None]
    if isinstance(node, ast.For | ast.comprehension):
        rest = node.ifs if isinstance(node, ast.comprehension) else node.body + node.orelse
        return [node.iter, node.target, *rest]
    return list(ast.iter_child_nodes(node))


def _bound(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _stored(tree):
    """Names bound outside of functions and comprehensions."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            continue
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


def reads(piece, pieces):
    """Names a statement reads, also through the functions of the page that it names."""
    bodies = {}
    for one in pieces:
        for name, body in one.bodies.items():
            bodies[name] = bodies.get(name, frozenset()) | body
    found, todo = set(), set(piece.loads)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= bodies.get(name, frozenset()) - found
    return found


def needed(pieces, deciding, fixed):
    """Numbers of the statements that those which decide depend on; `fixed` names never change."""
    wanted, kept = set(), []
    for i in reversed(range(len(pieces))):
        bound = pieces[i].stores | (pieces[i].changes - fixed)
        if i in deciding or bound & wanted:
            kept.append(i)
            wanted -= pieces[i].stores
            wanted |= reads(pieces[i], pieces) | (pieces[i].changes - fixed)
    return kept[::-1]
