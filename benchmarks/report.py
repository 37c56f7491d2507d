"""What bench.py, kernels.py and all.py print and save: markdown, made of their results. Standard
library only."""

import pathlib

RESULTS = pathlib.Path(__file__).resolve().parent / "results"


def number(value):
    """Steps of tables take a microsecond or two, their kernels far less."""
    if value < 0.1:
        return f"{value:.2g}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def least(rows, what):
    return min(rows, key=lambda entry: entry[what])


def headline(result):
    return (f"{result['model']}: batch {result['batch']}, {result['threads']} threads, "
            f"{result['level']}, {result['cpu']}")


def disturbed(result):
    if result["others_cpus"] <= 0.05:
        return []
    return [f"Disturbed: other processes kept {result['others_cpus']:.2f} CPUs busy meanwhile."]


def table(result):
    """The result as a markdown table."""
    rows = result["rows"]
    base = rows[0]
    lines = [headline(result),
             "",
             f"| | training us/sample | x {base['name']} | evaluation us/sample | "
             f"x {base['name']} | peak memory MB | start-up s | on disk MB |",
             "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for entry in rows:
        lines.append(f"| {entry['name']} | {number(entry['train_us'])} | "
                     f"{entry['train_us'] / base['train_us']:.2f} | {number(entry['evaluate_us'])} | "
                     f"{entry['evaluate_us'] / base['evaluate_us']:.2f} | "
                     f"{entry['peak_bytes'] / 1e6:.1f} | {entry['startup_seconds']:.2f} | "
                     f"{entry['disk_bytes'] / 1e6:.1f} |")
    roof = result["roofline"]
    if roof:
        lines.append(f"| direct roofline | {number(roof['train_us'])} | "
                     f"{roof['train_us'] / base['train_us']:.2f} | {number(roof['evaluate_us'])} | "
                     f"{roof['evaluate_us'] / base['evaluate_us']:.2f} | | | |")
        lines += ["", f"Direct roofline: {roof['train_flops'] / 1e6:.3g} MFLOP a sample in "
                  f"training, {roof['evaluate_flops'] / 1e6:.3g} in evaluation, at "
                  f"{roof['gflops']:.0f} GFLOP/s of measured {roof['isa']} multiply-adds."]
    if ratio := result["scaling"]:
        lines.append(f"{result['threads']} threads train {ratio['training']:.2f}x as fast as one; multiply-adds alone run "
                     f"{ratio['peak']:.2f}x as fast: {ratio['training'] / ratio['peak']:.2f} of that.")
    lines += disturbed(result) + result["notes"]
    if base["name"] == "nncc" and len(rows) > 1:
        for what, word in (("train_us", "Training"), ("evaluate_us", "Evaluation")):
            fastest = least(rows[1:], what)
            text = f"{word}: {fastest[what] / base[what]:.2f}x as fast as {fastest['name']}"
            if roof:
                text += f", {roof[what] / base[what]:.0%} of the direct roofline"
            lines.append(text + ".")
    return "\n".join(lines)


def markdown(header, aligned, rows):
    """A table; `aligned`: how its columns are, "l" or "r" each."""
    rule = "|".join({"l": "---", "r": "--:"}[column] for column in aligned)
    return [f"| {' | '.join(header)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]


def kernel_cells(row, result):
    cells = [row["name"], row["schedule"], number(row["us"]), f"{row['us'] / result['step_us']:.1%}",
             f"{row['flops'] / row['us'] * 1e-3:.0f}" if row["flops"] and row["us"] else ""]
    if result["peak"]:
        cells.append(f"{row['roofline_us'] / row['us']:.0%} {row['bound']}" if row["us"] else "")
    if result["onednn"]:
        us = row["onednn_us"]
        cells += [number(us), f"{us / row['us']:.2f}"] if us and row["us"] else ["", ""]
    return cells


def kernels(result):
    """The kernels of a step (kernels.py) as a markdown table."""
    rows, peak = result["rows"], result["peak"]
    header = ["kernel", "schedule", "us/sample", "of the step", "GFLOP/s"]
    header += ["of its roofline"] * bool(peak) + ["oneDNN us/sample", "ratio"] * result["onednn"]
    lines = [headline(result), "", *markdown(header, "ll" + "r" * (len(header) - 2),
                                             [kernel_cells(row, result) for row in rows]), ""]
    total = sum(row["us"] for row in rows)
    step = {"train": "training step", "evaluate": "evaluation"}[result["entry"]]
    text = f"Kernels: {number(total)} us a sample of the {step}'s {number(result['step_us'])}"
    lines.append(text + (f"; peak {peak['gflops']:.0f} GFLOP/s, caches {peak['cache_gbs']:.0f} GB/s." if peak else "."))
    return "\n".join(lines + onednn_lines(result) + disturbed(result) + result["notes"])


def onednn_lines(result):
    """What its column says, and of which kernels it says nothing."""
    compared = [row for row in result["rows"] if row["onednn_us"]]
    lines = [f"oneDNN has no time for {row['name']}: {row['onednn_error']}."
             for row in result["rows"] if row["onednn_error"]]
    if compared:
        own, other = (sum(row[what] for row in compared) for what in ("us", "onednn_us"))
        lines.insert(0, f"oneDNN: the primitive of a kernel's convolution, product or pool alone, without what "
                     f"nncc's kernel does with it. Those {len(compared)} take nncc {number(own)} us a sample, "
                     f"oneDNN {number(other)} ({other / own:.2f}x).")
    return lines


def comparison(results, what, unit, scale=1.0):
    """One row a model: nncc's number, the best peer's and the others'."""
    lines = [f"| | nncc {unit} | best peer | its {unit} | ratio | the others |",
             "|---|--:|---|--:|--:|---|"]
    for result in results:
        own, *peers = result["rows"]
        if not peers:
            lines.append(f"| {result['model']} | {number(own[what] * scale)} | | | | |")
            continue
        best = least(peers, what)
        others = ", ".join(f"{entry['name']} {number(entry[what] * scale)}"
                           for entry in peers if entry is not best)
        lines.append(f"| {result['model']} | {number(own[what] * scale)} | {best['name']} | "
                     f"{number(best[what] * scale)} | {best[what] / own[what]:.2f} | {others} |")
    return "\n".join(lines)


def tables(results, left_out):
    """The results of several models; `left_out`: why others have none, a line each."""
    disturbed = [f"{result['model']} {result['others_cpus']:.2f}" for result in results
                 if result["others_cpus"] > 0.05]
    parts = ["Training, us a sample:", comparison(results, "train_us", "us"),
             "Evaluation, us a sample:", comparison(results, "evaluate_us", "us"),
             "Peak memory of a training process:", comparison(results, "peak_bytes", "MB", 1e-6)]
    parts += [f"{result['model']}: {note}" for result in results for note in result["notes"]]
    parts += left_out
    if disturbed:
        parts.append(f"Disturbed: CPUs that other processes kept busy meanwhile: {', '.join(disturbed)}.")
    return "\n\n".join(parts)


def facts(results, command):
    """What is needed to run it again."""
    first, versions = results[0], {}
    for result in results:
        for entry in [result, *result["rows"]]:
            versions.update(entry.get("versions", {}))
    return [f"- command: `{command}`",
            f"- {first['threads']} threads, {first['level']}, {first['cpu']}",
            f"- system: {first['system']}, Python {first['python']}",
            *(["- versions: " + ", ".join(f"{name} {text}" for name, text in versions.items())] if versions else []),
            f"- medians of {first['rounds']} interleaved rounds"]


def ranges(result):
    return "- ranges in us a sample: " + "; ".join(
        f"{entry['name']} {low:.3g}-{high:.3g}" for entry in result["rows"]
        for low, high in [entry["range_us"]["train"]])


def write_page(name, result, lines):
    """results/DATE-name.md, by the date of a result."""
    path = RESULTS / f"{result['date'][:10]}-{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([f"# nncc bench, {result['date']}", "", *lines, ""]),
                    encoding="utf-8")
    return path


def save(result, command):
    """A page of one model."""
    return write_page(f"{result['model']}-{result['level']}", result,
                      [table(result), "", *facts([result], command), ranges(result)])


def save_kernels(result, command):
    """A page of one model's kernels."""
    entry = "" if result["entry"] == "train" else f"-{result['entry']}"
    return write_page(f"{result['model']}-kernels{entry}-{result['level']}", result,
                      [kernels(result), "", *facts([result], command)])


def save_all(results, left_out, command):
    """A page of several models."""
    return write_page("models", results[0],
                      [tables(results, left_out), "", *facts(results, command)])
