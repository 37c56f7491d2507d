#include "train/Watch.h"

#include <algorithm>
#include <cmath>

#include "error.h"
#include "train/Checkpoint.h"
#include "train/Program.h"

namespace nncc::train {

Watch::Watch(const NnccComponent &component, const std::vector<std::string> &names)
    : active(component.kind != nullptr) {
  if (!active) return;
  const NnccOption *monitor = findOption(component, "monitor"), *mode = findOption(component, "mode");
  name = monitor ? monitor->text : "val_loss";
  validation = name.starts_with("val_");
  auto found = std::find(names.begin(), names.end(), validation ? name.substr(4) : name);
  if (found == names.end())
    throw UserError(std::string(component.kind) + " watches '" + name +
                    "', which this program does not compute; compile the model again");
  value = found - names.begin();
  less = !mode || std::string(mode->text) != "max";
  minDelta = numberOption(component, "min_delta", 0);
  patience = static_cast<int64_t>(numberOption(component, "patience", 0));
  cooldown = static_cast<int64_t>(numberOption(component, "cooldown", 0));
  factor = numberOption(component, "factor", 1);
  lowest = numberOption(component, "min_lr", 0);
}

void Watch::adopt(WatchState &state) const {
  if (state.monitor != name) state = WatchState();
  state.monitor = name;
}

bool Watch::improved(const EpochRecord &record, int64_t epoch, WatchState &state) const {
  const std::vector<double> &values = validation ? record.validation : record.train;
  if (value >= values.size()) return false;
  double current = values[value];
  bool better = std::isnan(state.best) ||
                (less ? current + minDelta < state.best : current - minDelta > state.best);
  ++state.wait;
  if (!better) return false;
  state.best = current;
  state.bestEpoch = epoch;
  state.wait = 0;
  return true;
}

double Watch::reduced(const EpochRecord &record, int64_t epoch, WatchState &state,
                      double rate) const {
  bool cooling = state.cooldown > 0;
  if (cooling) {
    --state.cooldown;
    state.wait = 0;
    cooling = state.cooldown > 0;
  }
  if (improved(record, epoch, state)) return rate;
  if (cooling) state.wait = 0;
  if (!exhausted(state) || !(rate > lowest)) return rate;
  state.cooldown = cooldown;
  state.wait = 0;
  return std::max(rate * factor, lowest);
}

}  // namespace nncc::train
