//===- Schedules.cpp - learning rates that change over the training --------===//
//
// Declared here; runtime/train/LearningRate.cpp computes them. A length may be given in steps
// (updates of the parameters) or in epochs.
//
//===----------------------------------------------------------------------===//
#include "nn/Registry.h"

using namespace mlir;

namespace nncc::nn {

static OptionSpec rate(const char *name, const char *doc) {
  return {name, OptionKind::Number, std::nullopt, doc, 1, {}, 0};
}

static OptionSpec steps(const char *name, const char *doc) {
  return {name, OptionKind::Integer, "", doc, 1, {}, 1, 1e15};
}

static OptionSpec epochs(const char *name, const char *doc) {
  return {name, OptionKind::Number, "", doc, 1, {}, 1e-6, 1e9};
}

static std::string notBoth(const Options &options, const std::string &length) {
  if (!options.has(length + "_steps") || !options.has(length + "_epochs")) return "";
  return "has both " + length + "_steps and " + length + "_epochs; leave one of them out";
}

static std::string cosineComplaint(const Options &options) {
  for (const char *length : {"decay", "warmup"})
    if (std::string both = notBoth(options, length); !both.empty()) return both;
  bool warm = options.has("warmup_steps") || options.has("warmup_epochs");
  if (warm && !options.has("warmup_target"))
    return "warms up, but to no warmup_target; give the rate that it rises to";
  if (!warm && options.has("warmup_target"))
    return "has a warmup_target, but no length of the warm-up; give warmup_steps or warmup_epochs";
  return "";
}

static std::string exponentialComplaint(const Options &options) {
  if (!options.has("decay_steps") && !options.has("decay_epochs"))
    return "needs decay_steps or decay_epochs: how long one multiplication with decay_rate takes";
  return notBoth(options, "decay");
}

static std::string piecewiseComplaint(const Options &options) {
  auto &boundaries = options.numbers("boundaries"), &values = options.numbers("values");
  if (values.size() != boundaries.size() + 1)
    return "has " + std::to_string(values.size()) + " values for " + std::to_string(boundaries.size()) +
           " boundaries; expected one value more than boundaries";
  for (size_t i = 1; i < boundaries.size(); ++i)
    if (!(boundaries[i - 1] < boundaries[i])) return "has boundaries that do not rise";
  return "";
}

ArrayRef<ScheduleSpec> schedules() {
  static const std::vector<ScheduleSpec> all = {
      {"cosine_decay",
       "From the first rate down half a cosine wave to `alpha` of it, after a linear rise to "
       "`warmup_target` where there is a warm-up. Without decay_steps and decay_epochs it ends with the "
       "training, by the model's `epochs`.",
       {rate("initial_learning_rate", "the first rate"),
        steps("decay_steps", "steps from the highest rate to the lowest"),
        epochs("decay_epochs", "the same in epochs"),
        {"alpha", OptionKind::Number, "0", "the lowest rate as a part of the highest", 1, {}, 0, 1},
        {"warmup_target", OptionKind::Number, "", "the rate at the end of the warm-up", 1, {}, 0},
        steps("warmup_steps", "length of the warm-up"),
        epochs("warmup_epochs", "the same in epochs")},
       cosineComplaint},
      {"exponential_decay",
       "initial_learning_rate * decay_rate ^ (step / decay_steps).",
       {rate("initial_learning_rate", "the first rate"),
        steps("decay_steps", "steps that one multiplication takes"),
        epochs("decay_epochs", "the same in epochs"),
        {"decay_rate", OptionKind::Number, std::nullopt, "the factor", 1, {}, 0, 1e6},
        {"staircase", OptionKind::Boolean, "false", "multiplies at whole multiples only"}},
       exponentialComplaint},
      {"one_cycle",
       "Up from max_learning_rate / div_factor in `pct_start` of all steps and down to the first rate / "
       "final_div_factor, both on half a cosine wave, as PyTorch's OneCycleLR. Without total_steps and "
       "total_epochs it takes the whole training, by the model's `epochs`.",
       {rate("max_learning_rate", "the highest rate"),
        steps("total_steps", "steps of the whole cycle"),
        epochs("total_epochs", "the same in epochs"),
        {"pct_start", OptionKind::Number, "0.3", "part of the steps in which the rate rises", 1, {}, 0, 1},
        {"div_factor", OptionKind::Number, "25", "the highest rate over the first", 1, {}, 1},
        {"final_div_factor", OptionKind::Number, "1e4", "the first rate over the last", 1, {}, 1}},
       [](const Options &options) { return notBoth(options, "total"); }},
      {"piecewise_constant_decay",
       "The first value up to and including the first boundary, the next one up to the second, ...",
       {{"boundaries", OptionKind::Numbers, std::nullopt, "steps or epochs done", 1, {}, 0},
        {"values", OptionKind::Numbers, std::nullopt, "the rates, one more than boundaries", 1, {}, 0},
        {"unit", OptionKind::Choice, "steps", "of the boundaries", 1, {"steps", "epochs"}}},
       piecewiseComplaint},
  };
  return all;
}

} // namespace nncc::nn
