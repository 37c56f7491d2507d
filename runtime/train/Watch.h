// A loss or metric that is watched after each epoch: for a lower learning rate on a plateau,
// for stopping early, for keeping the best weights. Rules and defaults are Keras's.
#ifndef NNCC_TRAIN_WATCH_H
#define NNCC_TRAIN_WATCH_H

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "abi.h"

namespace nncc::train {

struct EpochRecord;

// What a watch remembers; checkpoints carry it.
struct WatchState {
  std::string monitor;  // "" before the first epoch
  double best = std::numeric_limits<double>::quiet_NaN();
  int64_t bestEpoch = 0;  // from 1; 0: none yet
  int64_t wait = 0;       // epochs since
  int64_t cooldown = 0;   // epochs that don't count, still to come
};

class Watch {
 public:
  // Null kind: nothing is watched. `names` are those of an evaluation's values. Throws
  // UserError where there is no such value.
  Watch(const NnccComponent &component, const std::vector<std::string> &names);

  explicit operator bool() const { return active; }
  const std::string &monitor() const { return name; }
  bool ofValidation() const { return validation; }
  // A state of another monitor is forgotten.
  void adopt(WatchState &state) const;

  // Takes notice of an epoch (from 1): true if it is the best so far.
  bool improved(const EpochRecord &record, int64_t epoch, WatchState &state) const;
  // After improved(): has there been no improvement for `patience` epochs?
  bool exhausted(const WatchState &state) const { return state.wait > 0 && state.wait >= patience; }
  // The learning rate after this epoch, from what it was in it (reduce_lr_on_plateau).
  double reduced(const EpochRecord &record, int64_t epoch, WatchState &state, double rate) const;

 private:
  bool active = false, validation = false, less = true;
  std::string name;
  size_t value = 0;
  double minDelta = 0;
  int64_t patience = 0, cooldown = 0;
  double factor = 1, lowest = 0;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_WATCH_H
