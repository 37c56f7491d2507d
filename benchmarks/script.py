"""What the scripts share that train and evaluate a model and write one page of it: video.py, series.py, one_shot.py and
figures.py. Standard library only."""

import datetime
import platform
import subprocess
import sys

from report import RESULTS


def run(command):
    """The standard output of a program that has to end well; else its words end the script."""
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def machine():
    return platform.processor() or platform.machine()


def today():
    return datetime.date.today().isoformat()


def publish(name, page, save):
    """Prints the page and, to `save` it, writes results/DATE-name.md."""
    print(page)
    if save:
        path = RESULTS / f"{today()}-{name}.md"
        path.write_text(page)
        print(f"written to {path.relative_to(RESULTS.parent)}")
