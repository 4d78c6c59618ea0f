"""How the book is cited, deposited and checked says the same everywhere, and names nobody who is not."""

import json
import re

import yaml

import pages
import twins

ROOT = pages.ROOT
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
DEPOSIT = json.loads((ROOT / ".zenodo.json").read_text("utf8"))


def test_the_deposit_says_what_the_citation_says():
    assert DEPOSIT["title"] == CITATION["title"]
    assert DEPOSIT["creators"] == CITATION["authors"]
    assert DEPOSIT["license"] in CITATION["license"]
    assert DEPOSIT["keywords"] == CITATION["keywords"]
    assert DEPOSIT["description"] == " ".join(CITATION["abstract"].split())


def test_the_deposit_names_the_five_papers():
    references = (ROOT / "book" / "references.bib").read_text("utf8")
    wanted = set()
    for paper in sorted(path.stem for path in (ROOT / "lib/lowdim/ledger/claims").glob("*.yml")):
        entry = re.search(rf"\{{{paper},.*?\n\}}", references, re.DOTALL).group()
        found = re.search(r"doi\s*= \{(.*)\}|(arXiv:[\d.]+)", entry)
        wanted.add(found[1] or "10.48550/" + found[2].replace("arXiv:", "arXiv."))
    assert {item["identifier"] for item in DEPOSIT["related_identifiers"]} == wanted and len(wanted) == 5


def test_the_codecheck_file_follows_its_specification():
    """Explicit document, version, manifest of files with relative paths, paper with an author."""
    text = (ROOT / "codecheck.yml").read_text("utf8")
    assert re.match(r"%YAML 1\.[12]\n---\n", text)
    content = yaml.safe_load(text)
    assert content["version"] == "https://codecheck.org.uk/spec/config/1.0/"
    for item in content["manifest"]:
        assert set(item) <= {"file", "comment"} and not item["file"].startswith(("/", ".."))
    assert content["paper"]["title"] == CITATION["title"]
    assert content["paper"]["authors"] == CITATION["authors"]
    assert content["repository"] == CITATION["repository-code"]


def test_the_manifest_lists_what_is_made_again():
    listed = [item["file"] for item in yaml.safe_load((ROOT / "codecheck.yml").read_text("utf8"))["manifest"]]
    executed = [str(twins.place(page).relative_to(ROOT)) for page in pages.find()]
    assert listed == ["_build/html/claims.json", "_build/html/index.html", *executed]
    assert all((ROOT / name).exists() for name in executed)


def test_addresses_agree():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))
    home = config["html"]["baseurl"]
    assert home == CITATION["url"] == config["sphinx"]["config"]["ogp_site_url"]
    assert f"Sitemap: {home}sitemap.xml" in (ROOT / "book/_extra/robots.txt").read_text("utf8")
    lost = (ROOT / "book/_extra/404.html").read_text("utf8")
    for address in re.findall(r'<(?:a|form)\b[^>]*(?:href|action)="([^"]*)"', lost):
        assert address.startswith(home), address
        page = address.removeprefix(home).replace(".html", ".md")
        assert page == "search.md" or (ROOT / page).exists(), address
