"""C++'s reference pages: Doxygen reads the installed headers, and breathe puts them into the pages.

    ```{header} client/client.h
    ```

is a header's own first comment, and all that it declares. Without Doxygen the pages say that they are left out, and the rest of the site is built.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
HEADERS = ROOT / "cpp/sessionvitals"
#: How Doxygen reads them. What has no comment is shown with its declaration.
SETTINGS = """
INPUT = {headers}
OUTPUT_DIRECTORY = {output}
STRIP_FROM_INC_PATH = {root}/cpp
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
XML_PROGRAMLISTING = NO
EXTRACT_ALL = YES
EXTRACT_STATIC = YES
MARKDOWN_SUPPORT = YES
AUTOLINK_SUPPORT = NO
ENABLE_PREPROCESSING = YES
MACRO_EXPANSION = NO
SHOW_INCLUDE_FILES = NO
QUIET = YES
WARNINGS = NO
HIDE_FRIEND_COMPOUNDS = YES
"""

logger = logging.getLogger(__name__)


def public_headers() -> list[Path]:
    """Return the headers that cpp/CMakeLists.txt installs."""
    cmake = (ROOT / "cpp/CMakeLists.txt").read_text()
    private = set(re.findall(r'PATTERN "([\w.]+)" EXCLUDE', cmake))
    headers = sorted(HEADERS.rglob("*.h"))
    return [each for each in headers if not private & {*each.relative_to(HEADERS).parts}]


def run_doxygen(app: Sphinx, config: Config) -> None:
    output = Path(app.doctreedir).parent / "doxygen"
    output.mkdir(parents=True, exist_ok=True)
    headers = " ".join(f'"{header}"' for header in public_headers())
    settings = SETTINGS.format(headers=headers, output=output, root=ROOT)
    subprocess.run(["doxygen", "-"], input=settings, text=True, check=True)
    prepare(output / "xml")
    config.breathe_projects = {"sessionvitals": str(output / "xml")}
    config.breathe_default_project = "sessionvitals"


def prepare(xml: Path) -> None:
    """Change what Doxygen wrote where breathe would show something else than we want."""
    for file in xml.glob("*.xml"):
        tree = ET.parse(file)
        for compound in tree.getroot().findall("compounddef"):
            # Where a class is declared: breathe would refer to a page of the header.
            for included in compound.findall("includes"):
                compound.remove(included)
            # Each header's first comment, which Doxygen takes for one of the namespace.
            if compound.get("kind") == "namespace":
                for kind in ("briefdescription", "detaileddescription"):
                    for description in compound.findall(kind):
                        description.clear()
        tree.write(file)
    # Files by their paths: two folders may have headers of the same name.
    index = ET.parse(xml / "index.xml")
    for compound in index.getroot():
        if compound.get("kind") == "file":
            file = xml / f"{compound.get('refid')}.xml"
            location = ET.parse(file).find("compounddef/location")
            name = compound.find("name")
            assert location is not None
            assert name is not None
            name.text = location.get("file")
    index.write(xml / "index.xml")


def first_comment(header: Path) -> str:
    """Return the comment that says what the header is for, as Markdown."""
    found = re.search(r"^((?:///.*\n)+)namespace", header.read_text(), re.MULTILINE)
    return re.sub(r"^/// ?", "", found[1], flags=re.MULTILINE) if found else ""


class HeaderDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if HEADERS / name not in public_headers():
            raise self.error(f"no header {name} is installed")
        self.env.note_dependency(str(HEADERS / name))
        text = first_comment(HEADERS / name)
        if shutil.which("doxygen"):
            text += f"\n```{{doxygenfile}} sessionvitals/{name}\n```\n"
        else:
            text += "\nIts declarations are left out: this site was built without Doxygen.\n"
        return self.parse_text_to_nodes(text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("header", HeaderDirective)
    if shutil.which("doxygen"):
        app.setup_extension("breathe")
        app.connect("config-inited", run_doxygen, priority=100)
    else:
        logger.info("doxygen is not installed: the C++ reference is left out")
    return {"parallel_read_safe": True}
