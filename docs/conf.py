"""How Sphinx builds the pages of docs/. Nothing is fetched: neither at build time nor by a reader."""

from __future__ import annotations

import os
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, where Sphinx 9 does not run either
    import tomli as tomllib  # type: ignore[no-redef]

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs/_ext"))

_package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

project = "sessionvitals"
author = "The sessionvitals authors"
project_copyright = "the sessionvitals authors, MIT licence"
version = release = _package["version"]
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_llm.txt",
    "python_reference",
    "command_reference",
    "admin_reference",
    "cpp_reference",
    "skipped_blocks",
]
exclude_patterns = ["_ext"]
nitpicky = True
nitpick_ignore_regex = [
    # Python's own and click's: there is no network at build time to look their pages up.
    (r"py:.*", r"(collections|datetime|typing|typing_extensions|os|pathlib|enum|uuid)\..*"),
    (
        r"py:.*",
        r"(str|int|float|bool|bytes|dict|list|tuple|set|type|object|None|Any|Self|ClassVar)",
    ),
    (r"py:.*", r"(Value|Timeout|OS)Error|Exception|KeyError|PathLike|Ellipsis|\.\.\."),
    (r"py:.*", r"(Callable|Iterable|Iterator|AsyncIterator|Awaitable|Mapping|Sequence|Generator)"),
    (r"py:.*", r"(datetime|timedelta|Path|UUID)"),
    # Ours that are only names for a type, and what is left of one where Sphinx cuts it at a comma.
    (r"py:.*", r"ClientFactory|OnProgress|dict\[(str|int)"),
    # C++: what the standard library or cpp-httplib has, and what headers only declare.
    (r"cpp:identifier", r"u?int\d+_t|Clock(::.*)?|httplib(::.*)?"),
    (
        r"cpp:identifier",
        r"State|Batch|ClientCore|CallPlan|CallAnswer|BulkThread|BulkPlan|WatchThread",
    ),
    (r"cpp:identifier", r"WatchState|KeeperState"),
    # Type variables, aliases and private bases, and what frameworks have.
    (r"py:.*", r"(sessionvitals\..*\.)?(AnyClient|View|Source|Answer|App|Application)"),
    (r"py:.*", r"Until|(Async)?WatchingClient|AsyncClient"),
    (r"py:.*", r"TracerProvider|MeterProvider"),
    (r"py:.*", r"(.*\.)?(FastAPI|HttpRequest)|(Scope|Receive|Send|Environ|StartResponse)"),
]

# Every header opens the namespaces anew, and breathe declares them each time.
suppress_warnings = ["duplicate_declaration.cpp"]

# Signatures are those of the sources and of the compiled module's stub.
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": True}
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
cpp_maximum_signature_line_length = 88

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "pydata_sphinx_theme"
html_title = f"sessionvitals {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_sidebars = {page: [] for page in ("index", "tutorial")}  # which have no section
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_start": ["navbar-logo"],
    "navbar_center": ["navbar-nav"],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button-field"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "navigation_with_keys": False,
    "logo": {"text": "sessionvitals"},
}
# Where the pages are published, if they are: a folder a minor version, and `stable`, to which every
# version's canonical links point. switcher.json lists the versions.
if _published := os.environ.get("SESSIONVITALS_DOCS_URL", "").rstrip("/"):
    html_baseurl = f"{_published}/stable/"
    html_theme_options["switcher"] = {
        "json_url": f"{_published}/switcher.json",
        "version_match": ".".join(version.split(".")[:2]),
    }
    html_theme_options["check_switcher"] = False
    html_theme_options["navbar_end"] = ["version-switcher", "theme-switcher"]

llms_txt_description = _package["description"]
llms_txt_suffix_mode = "replace"  # page.html has the twin page.md
# The "/" and "*" of a signature, and names of files that the text has as well.
llms_txt_suppress_unknown_node_warnings = ["abbreviation", "caption"]
