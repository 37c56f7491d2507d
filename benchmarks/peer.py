"""One framework in a process of its own, driven by bench.py.

    python peer.py FRAMEWORK VARIANT MODEL.json WEIGHTS.safetensors BATCHES.safetensors EPOCH THREADS

BATCHES holds whole batches as nncc's trainer wrote them: the columns of its training step, inputs and
targets by their names. EPOCH: how many batches an epoch has, of learning-rate schedules. After the first training step one JSON line
{"loss": ...} is printed, then for each line {"do": "train" | "evaluate", "steps": N} on standard
input one with "seconds" and "loss"; {"do": "status"} answers with "peak_bytes" and "versions". It
ends with its input.
Errors of the user are one line {"error": ...} and exit status 1.
"""

import importlib
import json
import os
import sys


def main():
    framework, variant, model, weights, data, epoch, threads = sys.argv[1:]
    # What frameworks print goes to standard error; answers have a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**values):
        print(json.dumps(values), file=answers, flush=True)

    threads = int(threads)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

    from builders import description as descriptions

    try:
        description = descriptions.Description.load(model)
        builder = importlib.import_module(f"builders.{framework}_builder")
        builder.set_threads(threads)
        from builders import tensors

        trainer = builder.Trainer(description, tensors.read_numpy(weights), tensors.read_numpy(data), int(epoch), variant)
        _, loss = trainer.train(1)
    except descriptions.Unsupported as error:
        answer(error=str(error))
        return 1
    answer(loss=loss)
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "status":
            answer(peak_bytes=peak_bytes(), versions=builder.versions())
        else:
            seconds, loss = getattr(trainer, command["do"])(command["steps"])
            answer(seconds=seconds, loss=loss)
    return 0


def peak_bytes():
    """VmHWM: the most memory this process ever had resident."""
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM")


if __name__ == "__main__":
    sys.exit(main())
