"""What may not be in the repository: paths of one machine, hosts of package registries,
what a build makes, large files, and top-level entries that the layout does not name."""

import re

from repository import ROOT, files, report, text

LARGEST = 4 << 20  # bytes
TOP = {"CMakeLists.txt", "README.md", "compiler", "runtime", "models", "tests", "benchmarks"}
# Put together from pieces, so that this file holds none of them.
MACHINE = re.compile(r"(?<![\w./}~-])/(?:" + "|".join(["work", "home", "root", "Users", "mnt"]) + r")/\w")
HOSTS = re.compile("|".join(re.escape(name + end) for name, end in [
    ("pypi.", "org"), ("pythonhosted.", "org"), ("deb.debian.", "org"), ("snapshot.debian.", "org"),
    ("security.debian.", "org"), ("apt.llvm.", "org"), ("crates.", "io"), ("registry.npmjs.", "org"),
    ("proxy.golang.", "org"), ("conda.", "anaconda.org"), ("download.", "pytorch.org"),
]))
BUILT = re.compile(r"(^|/)(CMakeCache\.txt|CMakeFiles|__pycache__|build\.ninja|compile_commands\.json)(/|$)"
                   r"|\.(o|a|so|obj|pyc|exe|dll|whl|log|ninja_deps)$|\.h\.inc$|\.cpp\.inc$")
CONFLICT = re.compile(r"^(<<<<<<< |>>>>>>> )", re.MULTILINE)

problems = []
paths = files()
for path in paths:
    if path.parts[0] not in TOP and not path.parts[0].startswith("."):
        problems.append(f"{path}: the top level holds only {', '.join(sorted(TOP))} and dot files")
    if BUILT.search(path.as_posix()):
        problems.append(f"{path}: made by a build")
    size = (ROOT / path).stat().st_size
    if size > LARGEST:
        problems.append(f"{path}: {size} bytes, at most {LARGEST} are allowed")
    content = text(path)
    if content is None:
        if (ROOT / path).read_bytes()[:4] == b"\x7fELF":
            problems.append(f"{path}: a program or library")
        continue
    for line, words in enumerate(content.splitlines(), 1):
        for name, pattern in (("a path of one machine", MACHINE), ("the host of a registry", HOSTS)):
            if match := pattern.search(words):
                problems.append(f"{path}:{line}: {name}: {match[0]}")
    if CONFLICT.search(content):
        problems.append(f"{path}: an unfinished merge")
    if path.suffix in (".cpp", ".h", ".py", ".md", ".td") and content and not content.endswith("\n"):
        problems.append(f"{path}: no newline at its end")

report(problems, f"{len(paths)} files")
