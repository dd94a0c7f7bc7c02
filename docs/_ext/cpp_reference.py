"""C++'s reference pages: Doxygen reads the installed headers, and breathe puts them into the pages.

Without Doxygen the pages say that they are left out, and the rest of the site is built.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
HEADERS = ROOT / "cpp/sessionvitals"
#: As cpp/CMakeLists.txt leaves them out of what it installs.
PRIVATE_FOLDERS = {"engine", "reading", "eliza_calls", "values"}
PRIVATE = {"ping_wire.h", "bulk_calls.h", "bulk_thread.h", "client_core.h"}
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
    return [
        header
        for header in sorted(HEADERS.rglob("*.h"))
        if header.name not in PRIVATE and not PRIVATE_FOLDERS & {*header.relative_to(HEADERS).parts}
    ]


def run_doxygen(app: Sphinx, config: Config) -> None:
    output = Path(app.doctreedir).parent / "doxygen"
    output.mkdir(parents=True, exist_ok=True)
    headers = " ".join(f'"{header}"' for header in public_headers())
    settings = SETTINGS.format(headers=headers, output=output, root=ROOT)
    subprocess.run(["doxygen", "-"], input=settings, text=True, check=True)
    for file in (output / "xml").glob("*.xml"):
        # Where a class is declared: breathe would refer to a page of the header.
        file.write_text(re.sub(r"^ *<includes .*\n", "", file.read_text(), flags=re.MULTILINE))
    config.breathe_projects = {"sessionvitals": str(output / "xml")}
    config.breathe_default_project = "sessionvitals"


class LeftOut(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = None  # type: ignore[assignment]

    def run(self) -> list[nodes.Node]:
        words = f"{self.arguments[0]} is left out: this site was built without Doxygen."
        return [nodes.note("", nodes.paragraph("", words))]


def setup(app: Sphinx) -> dict[str, bool]:
    if shutil.which("doxygen"):
        app.setup_extension("breathe")
        app.connect("config-inited", run_doxygen, priority=100)
    else:
        logger.info("doxygen is not installed: the C++ reference is left out")
        app.add_directive("doxygenfile", LeftOut)
    return {"parallel_read_safe": True}
