#include "train/LearningRate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>

#include "error.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// A list as abi.h writes it.
std::vector<double> listOption(const NnccComponent &component, const char *key) {
  std::vector<double> list;
  const NnccOption *option = findOption(component, key);
  for (const char *rest = option ? option->text : ""; *rest;) {
    char *end;
    list.push_back(std::strtod(rest, &end));
    if (end == rest) return {};
    rest = *end == *NNCC_LIST_SEPARATOR ? end + 1 : end;
  }
  return list;
}

// From `start` to `end` on half a cosine wave.
double halfWave(double start, double end, double part) {
  return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * part));
}

}  // namespace

LearningRate::LearningRate(const NnccProgram &program, int64_t stepsPerEpoch)
    : schedule(program.train.learning_rate),
      updatesPerEpoch(static_cast<double>(std::max<int64_t>(stepsPerEpoch, 1)) /
                      accumulationSteps(program)) {
  auto complain = [&](const std::string &what) {
    throw UserError("model '" + std::string(program.name) + "': " + what +
                    "; compile the model again");
  };
  double whole = program.train.epochs * updatesPerEpoch;
  std::string_view name = schedule.kind ? schedule.kind : "";
  if (name.empty()) {
    rate = numberOption(program.train.optimizer, "learning_rate", kNone);
  } else if (name == "cosine_decay") {
    kind = Kind::Cosine;
    rate = number("initial_learning_rate");
    warmup = length("warmup_steps", "warmup_epochs", 0);
    decay = length("decay_steps", "decay_epochs", std::max(whole - warmup, 1.0));
  } else if (name == "exponential_decay") {
    kind = Kind::Exponential;
    rate = number("initial_learning_rate");
    decay = length("decay_steps", "decay_epochs", whole);
  } else if (name == "one_cycle") {
    kind = Kind::OneCycle;
    rate = number("max_learning_rate");
    decay = length("total_steps", "total_epochs", whole);
  } else if (name == "piecewise_constant_decay") {
    kind = Kind::Piecewise;
    boundaries = listOption(schedule, "boundaries");
    values = listOption(schedule, "values");
    const NnccOption *unit = findOption(schedule, "unit");
    if (unit && std::string_view(unit->text) == "epochs")
      for (double &boundary : boundaries) boundary = std::round(boundary * updatesPerEpoch);
    if (values.size() != boundaries.size() + 1) complain("its learning rates fit no boundaries");
    rate = values[0];
  } else {
    complain("its learning-rate schedule '" + std::string(name) + "' is not known");
  }
  if (!std::isfinite(rate)) complain("its optimizer has no learning_rate");
}

double LearningRate::number(const char *option) const {
  return numberOption(schedule, option, kNone);
}

// In updates, whole ones and at least one.
double LearningRate::length(const char *steps, const char *epochs, double otherwise) const {
  double written = number(steps);
  if (std::isnan(written)) written = number(epochs) * updatesPerEpoch;
  if (!std::isnan(written)) return std::max(1.0, std::round(written));
  return otherwise == 0 ? 0 : std::max(1.0, std::round(otherwise));
}

double LearningRate::at(int64_t updates) const {
  double step = static_cast<double>(updates);
  switch (kind) {
    case Kind::Constant: return rate;
    case Kind::Cosine: return cosine(step);
    case Kind::OneCycle: return oneCycle(step);
    case Kind::Piecewise: return piecewise(step);
    case Kind::Exponential: break;
  }
  double part = step / decay;
  if (number("staircase") == 1) part = std::floor(part);
  return rate * std::pow(number("decay_rate"), part);
}

double LearningRate::cosine(double step) const {
  double top = number("warmup_target");
  if (std::isnan(top)) top = rate;
  if (step < warmup) return rate + (top - rate) * step / warmup;
  double alpha = number("alpha"), part = std::min((step - warmup) / decay, 1.0);
  return top * ((1 - alpha) * halfWave(1, 0, part) + alpha);
}

double LearningRate::oneCycle(double step) const {
  double first = rate / number("div_factor"), last = first / number("final_div_factor");
  double peak = number("pct_start") * decay - 1, end = decay - 1;
  step = std::min(step, end);
  if (step < peak) return halfWave(first, rate, step / peak);
  double from = std::max(peak, 0.0);
  return end > from ? halfWave(rate, last, (step - from) / (end - from)) : last;
}

double LearningRate::piecewise(double step) const {
  size_t place = std::lower_bound(boundaries.begin(), boundaries.end(), step) - boundaries.begin();
  return values[place];
}

}  // namespace nncc::train
