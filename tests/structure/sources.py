"""Nothing is left out of the build quietly: every C++ file is named in the CMakeLists.txt of
its folder or of one above it, every folder with a CMakeLists.txt is added by one above it,
and every folder of lit tests is run."""

import re

from repository import ROOT, files, report, text


def words(path):
    return set(re.split(r"[\s()]+", re.sub(r"#.*", "", text(path))))


lists = {path.parent: words(path) for path in files() if path.name == "CMakeLists.txt"}


def named(path):
    """Whether a list above `path` names it by its path from there, or adds its folder."""
    return any(path.relative_to(folder).as_posix() in lists[folder]
               for folder in path.parents if folder in lists and folder != path)


problems = []
sources = [path for path in files()
           if path.suffix in (".cpp", ".c") and path.parts[0] in ("compiler", "runtime", "tests", "benchmarks")]
for path in sources:
    if not named(path):
        problems.append(f"{path}: named in no CMakeLists.txt, so nothing builds it")
for folder in lists:
    if folder.parts and not named(folder):
        problems.append(f"{folder}: its CMakeLists.txt is added by none above it")
for folder in sorted({path.parents[len(path.parents) - 4] for path in files()
                      if path.parts[:2] == ("tests", "lit") and len(path.parts) > 3}):
    if not named(folder):
        problems.append(f"{folder}: holds tests that tests/lit/CMakeLists.txt does not run")

if len(sources) < 50:
    problems.append(f"only {len(sources)} sources found: this test looks in the wrong place")
report(problems, f"{len(sources)} sources, {len(lists)} lists")
