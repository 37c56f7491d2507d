#include "train/GradientCheck.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <set>

#include "data/Batches.h"
#include "data/Random.h"
#include "error.h"
#include "report/Progress.h"
#include "report/Table.h"
#include "report/Text.h"
#include "train/DataParts.h"
#include "train/Model.h"
#include "train/Penalty.h"
#include "train/Program.h"
#include "train/RandomInputs.h"
#include "train/Weights.h"

namespace nncc::train {

namespace {

// Steps tried, relative to max(1, |p|): truncation errors grow with their square, rounding
// errors with their inverse; smaller ones step over fewer kinks.
constexpr double kSteps[] = {1e-5, 1e-6, 1e-7};
// What gradient and difference may differ by, relative to the larger of the two or a
// hundredth of the tensor's largest gradient.
constexpr double kTolerance = 1e-5;
constexpr double kSmallest = 0.01;

std::vector<uint32_t> numbered(int32_t samples) {
  std::vector<uint32_t> numbers(samples);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

class Checker {
 public:
  Checker(Model &model, const NnccEntry &gradients, const std::vector<const void *> &inputs,
          int32_t samples)
      : model(model),
        entry(gradients),
        inputs(inputs),
        samples(samples),
        sampleIds(numbered(samples)),
        outputs(entry, samples) {}

  // The gradients' own entry: evaluation has another loss where a layer does something else in
  // training.
  double loss() {
    run(outputs);
    const double *losses = static_cast<const double *>(outputs[0]);
    double sum = 0;
    for (int32_t i = 0; i < samples; ++i) sum += losses[i];
    return sum / samples + penalty(model.program(), model.parameters());
  }

  void run(const Outputs &into) {
    StepArguments arguments;
    arguments.sampleIds = sampleIds.data();
    model.run(entry, samples, inputs, into.pointers(), arguments);
  }

  void check(double *parameter, double gradient, double largest, int64_t element,
             CheckedTensor &tensor) {
    ++tensor.checked;
    for (double relativeStep : kSteps) {
      double step = relativeStep * std::max(1.0, std::abs(*parameter));
      Difference wide = difference(parameter, step), narrow = difference(parameter, step / 2);
      double scale =
          std::max({std::abs(gradient), std::abs(narrow.quotient), kSmallest * largest});
      double allowed = kTolerance * scale + wide.rounding + narrow.rounding;
      if (!(std::abs(wide.quotient - narrow.quotient) <= allowed)) continue;

      double error = std::abs(gradient - narrow.quotient);
      bool wrong = !(error <= allowed);
      tensor.wrong += wrong;
      tensor.maxAbsoluteError = std::max(tensor.maxAbsoluteError, error);
      double relative = scale > 0 ? error / scale : 0;
      if (tensor.worstElement < 0 || relative > tensor.maxRelativeError) {
        tensor.maxRelativeError = relative;
        tensor.worstElement = element;
        tensor.worstGradient = gradient;
        tensor.worstDifference = narrow.quotient;
      }
      return;
    }
    ++tensor.kinked;
  }

 private:
  struct Difference {
    double quotient;
    double rounding;  // how far the quotient may be off because losses are rounded
  };

  Difference difference(double *parameter, double step) {
    constexpr double kRoundings = 16;  // units in the last place of a loss
    double kept = *parameter, above = kept + step, below = kept - step;
    *parameter = above;
    double lossAbove = loss();
    *parameter = below;
    double lossBelow = loss();
    *parameter = kept;
    double width = above - below;
    double size = std::max({1.0, std::abs(lossAbove), std::abs(lossBelow)});
    return {(lossAbove - lossBelow) / width,
            kRoundings * std::numeric_limits<double>::epsilon() * size / width};
  }

  Model &model;
  const NnccEntry &entry;
  std::vector<const void *> inputs;
  int32_t samples;
  std::vector<uint32_t> sampleIds;
  Outputs outputs;
};

// All elements, or so many chosen by counter and the one with the largest gradient.
std::set<int64_t> chooseElements(const double *gradient, int64_t count, int64_t wanted,
                                 uint64_t seed, uint64_t tensor) {
  std::set<int64_t> chosen;
  if (count <= wanted) {
    for (int64_t i = 0; i < count; ++i) chosen.insert(i);
    return chosen;
  }
  data::Random random(seed, data::Purpose::Augmentation, tensor);
  for (uint64_t position = 0; static_cast<int64_t>(chosen.size()) < wanted; ++position)
    chosen.insert(static_cast<int64_t>(random.below(position, static_cast<uint64_t>(count))));
  chosen.insert(std::max_element(gradient, gradient + count,
                                 [](double a, double b) { return std::abs(a) < std::abs(b); }) -
                gradient);
  return chosen;
}

// Zero biases put relus exactly on their kink wherever an input is all zero (black parts of
// an image), and no step size shows that. Small random numbers on top move them off it.
void leaveKinks(const NnccProgram &program, Model &model, uint64_t seed) {
  uint64_t tensor = 0;
  for (const NnccParameter &parameter : parameters(program)) {
    double *values = reinterpret_cast<double *>(static_cast<std::byte *>(model.parameters()) +
                                                parameter.offset);
    data::Random random(seed + 1, data::Purpose::Initializer, tensor++);
    for (int64_t i = 0; i < elements(parameter.tensor); ++i)
      values[i] += 0.1 * random.uniform(static_cast<uint64_t>(i)) - 0.05;
  }
}

void requireDouble(const NnccProgram &program, const NnccEntry &entry) {
  for (const NnccParameter &parameter : parameters(program))
    if (parameter.tensor.type != NNCC_F64)
      throw UserError("parameter '" + std::string(parameter.tensor.name) +
                      "' is not in double precision, in which gradients are checked; run 'nncc "
                      "check-grad MODEL.yaml', which compiles it so");
  int trainable = 0;
  for (const NnccParameter &parameter : parameters(program)) trainable += parameter.trainable != 0;
  if (entry.num_outputs != trainable + 1)
    throw UserError("this program computes " + std::to_string(entry.num_outputs - 1) +
                    " gradients for " + std::to_string(trainable) +
                    " trainable parameters; compile the model again");
}

// A batch of the training set, shuffled so that it has several classes.
std::vector<Block> realInputs(const data::Dataset &dataset, const NnccEntry &entry,
                              int32_t samples, uint64_t seed) {
  data::BatchOptions walk;
  walk.batchSize = samples;
  walk.shuffle = true;
  walk.seed = seed;
  data::Batches batches(dataset, walk);
  const data::Batch &batch = batches.next();
  std::vector<Block> blocks;
  for (int i = 0; i < entry.num_inputs; ++i) {
    int64_t size = bytes(entry.inputs[i]) * batch.samples;
    blocks.emplace_back(size, Block::Fill::None, "a batch");
    std::memcpy(blocks.back().data(), batch.inputs[i], static_cast<size_t>(size));
  }
  return blocks;
}

std::string scientific(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", value);
  return text;
}

std::string verdict(const CheckedTensor &tensor) {
  if (tensor.allZero()) return "WRONG: all zero";
  if (tensor.wrong > 0)
    return "WRONG: " + std::to_string(tensor.wrong) + ", worst at [" +
           std::to_string(tensor.worstElement) + "]: " + report::jsonNumber(tensor.worstGradient) +
           ", expected " + report::jsonNumber(tensor.worstDifference);
  if (tensor.tooKinked()) return "WRONG: too many kinks to tell";
  return "ok";
}

}  // namespace

std::vector<CheckedTensor> checkGradients(const NnccProgram &program,
                                          const std::vector<const void *> &inputs,
                                          int32_t samples, const GradientCheckOptions &options) {
  const NnccEntry &entry = requireEntry(program, NNCC_GRADIENTS, "check gradients");
  requireDouble(program, entry);
  Model model(program, options.threads, {NNCC_GRADIENTS});
  if (options.weightsIn.empty()) {
    model.initialize(options.seed);
    leaveKinks(program, model, options.seed);
  } else {
    loadWeights(program, options.weightsIn, model.parameters());
  }

  Outputs gradients(entry, samples);
  Checker checker(model, entry, inputs, samples);
  checker.run(gradients);
  std::vector<CheckedTensor> tensors;
  for (const NnccParameter &parameter : parameters(program)) {
    if (!parameter.trainable) continue;
    size_t number = tensors.size();
    CheckedTensor &tensor = tensors.emplace_back();
    tensor.name = parameter.tensor.name;
    tensor.elements = elements(parameter.tensor);
    const double *gradient = static_cast<const double *>(gradients[static_cast<int>(number) + 1]);
    double squares = 0, largest = 0;
    for (int64_t i = 0; i < tensor.elements; ++i) {
      squares += gradient[i] * gradient[i];
      largest = std::max(largest, std::abs(gradient[i]));
    }
    tensor.norm = std::sqrt(squares);
    double *values = reinterpret_cast<double *>(static_cast<std::byte *>(model.parameters()) +
                                                parameter.offset);
    for (int64_t i : chooseElements(gradient, tensor.elements, options.elementsPerTensor,
                                    options.seed, number))
      checker.check(values + i, gradient[i], largest, i, tensor);
  }
  return tensors;
}

int checkGradientsCommand(const NnccProgram &program, GradientCheckOptions options) {
  const NnccEntry &entry = requireEntry(program, NNCC_GRADIENTS, "check gradients");
  int32_t samples = std::clamp(options.samples, 1, entry.batch);
  report::Progress progress;

  std::string source = "random inputs";
  std::vector<Block> inputs;
  DataParts parts(program, entry, options.dataDir);
  if (parts.has(DataParts::Train)) {
    try {
      parts.open(DataParts::Train, options.threads, progress);
      const data::Dataset &set = parts[DataParts::Train];
      samples = static_cast<int32_t>(std::min<int64_t>(samples, set.size()));
      inputs = realInputs(set, entry, samples, options.seed);
      source = "real samples of " + set.source();
    } catch (const UserError &error) {
      if (options.requireData) throw;
      progress.line(std::string("note: random inputs, since the data cannot be read (") +
                    error.what() + ")");
    }
  }
  if (inputs.empty()) inputs = randomInputs(program, entry, samples, options.seed);

  progress.line("Gradients of model '" + std::string(program.name) + "' for " +
                std::to_string(samples) + " samples (" + source +
                ") against central differences in double precision");
  std::vector<CheckedTensor> tensors =
      checkGradients(program, pointersTo(inputs), samples, options);

  using Align = report::Table::Align;
  report::Table table({{"parameter"},
                       {"elements", Align::Right},
                       {"checked", Align::Right},
                       {"kinked", Align::Right},
                       {"norm", Align::Right},
                       {"max abs error", Align::Right},
                       {"max rel error", Align::Right},
                       {"result"}});
  int failed = 0;
  for (const CheckedTensor &tensor : tensors) {
    failed += !tensor.passed();
    table.row({tensor.name, std::to_string(tensor.elements), std::to_string(tensor.checked),
               std::to_string(tensor.kinked), scientific(tensor.norm),
               scientific(tensor.maxAbsoluteError), scientific(tensor.maxRelativeError),
               verdict(tensor)});
  }
  std::string text = table.text();
  while (text.ends_with('\n')) text.pop_back();
  progress.line(text);
  progress.line(failed ? std::to_string(failed) + " of " + std::to_string(tensors.size()) +
                             " gradients are wrong"
                       : "all " + std::to_string(tensors.size()) + " gradients are right");
  return failed ? 1 : 0;
}

}  // namespace nncc::train
