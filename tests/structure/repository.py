"""What the tests of this folder share: the repository's files, and how a claim ends."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"


def files():
    """Paths of the files that belong to the repository, relative to ROOT: those that git
    tracks and those that it would add. Without git (an unpacked archive), all but build/."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True)
    if listed.returncode == 0:
        paths = [pathlib.Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        paths = [path for path in paths if path.parts[0] not in ("build", ".git")]
    found = sorted(path for path in set(paths) if (ROOT / path).is_file())
    assert len(found) > 50, f"only {len(found)} files found in {ROOT}"
    return found


def text(path):
    """The file's text, or None if it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def report(problems, checked):
    """Prints what is wrong, or what was checked; ends the program."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} problems")
    print(checked)
    sys.exit(0)
