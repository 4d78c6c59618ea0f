"""Exercises are numbered by page: the third one of a page is Exercise 3, wherever the page stands.

sphinx-exercise counts them through the whole book, and gives every one the same id besides its own.
"""

from docutils import nodes
from sphinx_exercise.nodes import is_extension_node

SHARED_IDS = {"exercise-content", "solution-content"}
PROMPT = "the computed solution"


def number_by_page(app, env):
    """Replace the numbers that Sphinx gave, in their order, by 1, 2, 3."""
    for kinds in env.toc_fignumbers.values():
        order = sorted(kinds.get("exercise", {}), key=kinds.get("exercise", {}).get)
        kinds.get("exercise", {}).update({label: (count,) for count, label in enumerate(order, start=1)})
    return []


def name_toggles(app, doctree):
    """Say on the toggle of a solution's cell what it holds."""
    for node in doctree.findall(nodes.container):
        if "tag_solution" in node["classes"]:
            node["prompt_show"], node["prompt_hide"] = f"Show {PROMPT}", f"Hide {PROMPT}"


def drop_shared_ids(app, doctree, docname):
    """Leave every exercise and solution its own id only."""
    for node in doctree.findall(is_extension_node):
        for child in node.children:
            child["ids"] = [name for name in child.get("ids", []) if name not in SHARED_IDS]


def setup(app):
    app.connect("env-get-updated", number_by_page, priority=900)
    app.connect("doctree-read", name_toggles)
    app.connect("doctree-resolved", drop_shared_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
