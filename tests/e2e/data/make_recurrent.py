"""Makes recurrent-pytorch.json: weights of convolutions on frames and recurrent layers over them as PyTorch names
and lays them out, and what PyTorch makes of some clips.

    python make_recurrent.py FILE     with torch

The network is that of foreign.py's test of recurrent layers.
"""

import json
import pathlib
import sys

CLIPS, FRAMES, SIDE = 3, 5, 6


def main():
    import torch
    torch.manual_seed(3)
    modules = torch.nn.ModuleDict({
        "conv": torch.nn.Conv2d(1, 3, 3), "both": torch.nn.LSTM(3 * 4 * 4, 4, batch_first=True, bidirectional=True),
        "gru": torch.nn.GRU(8, 5, num_layers=2, batch_first=True), "rnn": torch.nn.RNN(5, 3, batch_first=True),
        "head": torch.nn.Linear(3, 2)})
    clips = torch.randn(CLIPS, FRAMES, SIDE, SIDE)
    with torch.no_grad():
        x = torch.relu(modules["conv"](clips.reshape(-1, 1, SIDE, SIDE)))
        x = x.permute(0, 2, 3, 1).reshape(CLIPS, FRAMES, -1)  # channels last, as the LSTM's weights here expect
        for name in ("both", "gru", "rnn"):
            x = modules[name](x)[0]
        outputs = modules["head"](x[:, -1])
    weights = {name: [list(value.shape), value.flatten().tolist()] for name, value in modules.state_dict().items()}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(
        {"clips": clips.flatten().tolist(), "outputs": outputs.tolist(), "weights": weights}) + "\n")


if __name__ == "__main__":
    main()
