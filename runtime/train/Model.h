// A program with its memory: parameters, optimizer slots, the arena and the threads. Runs
// entry functions.
#ifndef NNCC_TRAIN_MODEL_H
#define NNCC_TRAIN_MODEL_H

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "abi.h"
#include "train/Block.h"
#include "train/Pool.h"

namespace nncc::train {

// What an entry function is told about the step beside its data.
struct StepArguments {
  double learningRate = 0;
  int64_t iteration = 1;
  uint64_t seed = 0;
  const uint32_t *sampleIds = nullptr;  // of each sample its number in the data set
  int64_t update = 0;  // 0: every step is one
};

class Model {
 public:
  // Parameters are zero, slots as an optimizer starts with them; the arena is large enough for each of the entries of
  // `kinds` that the program has (they share it). Throws UserError where memory or threads
  // are not to be had.
  Model(const NnccProgram &program, int threads, std::initializer_list<NnccEntryKind> kinds);

  const NnccProgram &program() const { return *compiled; }
  int threads() const { return pool.threads(); }
  void *parameters() const { return parameterBlock.data(); }
  void *state() const { return stateBlock.data(); }

  // The parameters that EVALUATE and PREDICT see: the model's own unless others are given. Those
  // must outlive their use.
  const void *evaluated() const { return others ? others : parameters(); }
  void evaluate(const void *parameters) { others = parameters; }

  // Fills all parameters by their initializers.
  void initialize(uint64_t seed);

  // Runs an entry for which the arena was made. `inputs` and `outputs` are as in NnccCall.
  void run(const NnccEntry &entry, int32_t samples, std::span<const void *const> inputs,
           std::span<void *const> outputs, const StepArguments &arguments = {});

  // What each of NnccProgram.kernels took since the last call, in ticks of the time-stamp counter and
  // added up over the threads. Empty for a program that does not count.
  std::vector<uint64_t> takeTicks();

  // Bytes of the arena for these entries on so many threads.
  static int64_t arenaBytes(const NnccProgram &program, int threads,
                            std::initializer_list<NnccEntryKind> kinds);

 private:
  const NnccProgram *compiled;
  const void *others = nullptr;
  Block parameterBlock, stateBlock, arena, ticks;
  NnccPool pool;
};

// Memory for the outputs of an entry: `samples` times the tensor for outputs that have a
// dimension of samples. Gradients have none.
class Outputs {
 public:
  Outputs(const NnccEntry &entry, int32_t samples);

  std::span<void *const> pointers() const { return addresses; }
  void *operator[](int output) const { return addresses[output]; }
  int64_t bytes() const;

 private:
  std::vector<Block> blocks;
  std::vector<void *> addresses;
};

// Sums of the losses and metrics of many samples, one number a sample and output (those of rank
// 0, which stand first), added up in double and in the order of the samples: the same bits however they come in batches.
// Where samples may lack targets, a loss or metric is the mean over those that have the target, NaN without one, and
// the loss is made of the losses of the outputs.
class Sums {
 public:
  Sums(const NnccProgram &program, const NnccEntry &entry);

  // `inputs` and `outputs` are those of a call of the entry.
  void add(std::span<const void *const> inputs, const Outputs &outputs, int32_t samples);
  // A penalty that each sample's loss bears, beside what the entry computed.
  void addToLoss(double penalty, int32_t samples);
  void restore(std::vector<double> sums, int64_t samples);
  void clear() { restore(std::vector<double>(totals.size(), 0.0), 0); }

  // Those of the outputs, and behind them how many samples count in each that not all count in.
  const std::vector<double> &sums() const { return totals; }
  int64_t samples() const { return count; }
  std::vector<double> means() const;

 private:
  const NnccEntry *entry;
  std::vector<double> weights;  // of the losses of the outputs; empty where the entry's loss is taken
  size_t outputs = 0;
  std::vector<size_t> counts;  // of each output the place of its number of samples in `totals`; 0: `count`
  std::vector<double> totals;
  int64_t count = 0;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_MODEL_H
