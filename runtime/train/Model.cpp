#include "train/Model.h"

#include <algorithm>
#include <utility>

#include "train/Initializers.h"
#include "train/Program.h"

namespace nncc::train {

// Of a worker's row of NnccCall.ticks.
static int64_t tickColumns(const NnccProgram &program) {
  return (program.kernels + NNCC_TICKS_ALIGNMENT - 1) / NNCC_TICKS_ALIGNMENT * NNCC_TICKS_ALIGNMENT;
}

Model::Model(const NnccProgram &program, int threads, std::initializer_list<NnccEntryKind> kinds)
    : compiled(&program),
      parameterBlock(program.parameter_bytes, Block::Fill::Zero, "the model's parameters"),
      stateBlock(program.state_bytes, Block::Fill::Zero, "the optimizer's state"),
      arena(arenaBytes(program, threads, kinds), Block::Fill::None, "the model's activations"),
      ticks(threads * tickColumns(program) * int64_t{sizeof(uint64_t)}, Block::Fill::Zero, "the kernels' times"),
      pool(threads) {
  for (const NnccSlot &slot : slots(program)) {
    if (slot.initial == 0) continue;
    std::byte *at = static_cast<std::byte *>(state()) + slot.offset;
    int64_t count = elements(slot.tensor);
    if (slot.tensor.type == NNCC_F64)
      std::fill_n(reinterpret_cast<double *>(at), count, slot.initial);
    else
      std::fill_n(reinterpret_cast<float *>(at), count, static_cast<float>(slot.initial));
  }
}

int64_t Model::arenaBytes(const NnccProgram &program, int threads,
                          std::initializer_list<NnccEntryKind> kinds) {
  int64_t most = 0;
  for (NnccEntryKind kind : kinds)
    if (const NnccEntry *entry = findEntry(program, kind))
      most = std::max(most, entry->arena_bytes + threads * entry->worker_bytes);
  return most;
}

void Model::initialize(uint64_t seed) {
  for (const NnccParameter &parameter : train::parameters(*compiled))
    train::initialize(parameter, seed,
                      static_cast<std::byte *>(parameters()) + parameter.offset);
}

void Model::run(const NnccEntry &entry, int32_t samples, std::span<const void *const> inputs,
                std::span<void *const> outputs, const StepArguments &arguments) {
  NnccCall call{};
  call.samples = samples;
  call.workers = pool.threads();
  call.inputs = inputs.data();
  call.outputs = outputs.data();
  bool evaluates = entry.kind == NNCC_EVALUATE || entry.kind == NNCC_PREDICT;
  bool trains = entry.kind == NNCC_TRAIN_STEP || entry.kind == NNCC_ACCUMULATE;
  // Only training steps write to them.
  call.parameters = evaluates ? const_cast<void *>(evaluated()) : parameters();
  call.state = trains ? state() : nullptr;
  call.arena = arena.data();
  call.learning_rate = arguments.learningRate;
  call.iteration = arguments.iteration;
  call.update = arguments.update ? arguments.update : arguments.iteration;
  call.seed = arguments.seed;
  call.sample_ids = reinterpret_cast<const int32_t *>(arguments.sampleIds);
  call.run_tasks = NnccPool::runTasksOf;
  call.pool = &pool;
  call.ticks = static_cast<uint64_t *>(ticks.data());
  entry.run(&call);
}

std::vector<uint64_t> Model::takeTicks() {
  std::vector<uint64_t> sums(compiled->kernels);
  uint64_t *rows = static_cast<uint64_t *>(ticks.data());
  for (int worker = 0; worker < threads(); ++worker)
    for (size_t kernel = 0; kernel < sums.size(); ++kernel)
      sums[kernel] += std::exchange(rows[worker * tickColumns(*compiled) + static_cast<int64_t>(kernel)], 0);
  return sums;
}

Outputs::Outputs(const NnccEntry &entry, int32_t samples) {
  for (int i = 0; i < entry.num_outputs; ++i) {
    bool perSample = entry.kind != NNCC_GRADIENTS || i == 0;
    blocks.emplace_back(train::bytes(entry.outputs[i]) * (perSample ? samples : 1),
                        Block::Fill::Zero, "the results of a batch");
    addresses.push_back(blocks.back().data());
  }
}

int64_t Outputs::bytes() const {
  int64_t sum = 0;
  for (const Block &block : blocks) sum += block.bytes();
  return sum;
}

Sums::Sums(const NnccProgram &program, const NnccEntry &entry) : entry(&entry) {
  for (const NnccTensor &output : train::outputs(entry)) outputs += output.rank == 0;
  size_t places = outputs;
  for (size_t i = 0; i < outputs; ++i) counts.push_back(presentOf(entry, static_cast<int32_t>(i)) < 0 ? 0 : places++);
  totals.assign(places, 0.0);
  // Behind the loss stand those of the outputs.
  if (places > outputs)
    for (const NnccJudged &judged : train::judged(program)) weights.push_back(judged.weight);
}

void Sums::add(std::span<const void *const> inputs, const Outputs &values, int32_t samples) {
  for (size_t i = weights.empty() ? 0 : 1; i < outputs; ++i) {
    const int32_t output = static_cast<int32_t>(i), present = presentOf(*entry, output);
    for (int32_t sample = 0; sample < samples; ++sample) {
      if (present >= 0) {
        if (!isPresent(entry->inputs[present], inputs[present], sample)) continue;
        ++totals[counts[i]];
      }
      totals[i] += entry->outputs[i].type == NNCC_F64 ? static_cast<const double *>(values[output])[sample]
                                                      : static_cast<const float *>(values[output])[sample];
    }
  }
  count += samples;
}

void Sums::addToLoss(double penalty, int32_t samples) { totals[0] += penalty * samples; }

void Sums::restore(std::vector<double> sums, int64_t samples) {
  totals = std::move(sums);
  count = samples;
}

std::vector<double> Sums::means() const {
  std::vector<double> means;
  for (size_t i = 0; i < outputs; ++i)
    means.push_back(totals[i] / (counts[i] ? totals[counts[i]] : static_cast<double>(std::max<int64_t>(count, 1))));
  for (size_t i = 0; i < weights.size(); ++i)
    if (counts[i + 1] == 0 || totals[counts[i + 1]] > 0) means[0] += weights[i] * means[i + 1];
  return means;
}

}  // namespace nncc::train
