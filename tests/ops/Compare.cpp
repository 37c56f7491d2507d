#include "Compare.h"

#include <limits>
#include <sstream>

#include "reference/Window.h"

namespace nncc::ops {

double epsilonOf(ElementType element) {
  switch (element) {
  case ElementType::F32:
    return std::numeric_limits<float>::epsilon();
  case ElementType::F64:
    return std::numeric_limits<double>::epsilon();
  default:
    return 0;
  }
}

static std::string indexOf(const Shape &shape, int64_t element) {
  std::string text = "]";
  for (size_t d = shape.size(); d-- > 0;) {
    text = (d ? ", " : "") + std::to_string(element % shape[d]) + text;
    element /= shape[d];
  }
  return "[" + text;
}

namespace {

// What a result is computed by, where numbers that differ may both be right.
struct Origin {
  const schedule::Node *node = nullptr;
  const Tensor *src = nullptr;     // operand 0
  const Tensor *labels = nullptr;  // operand 1
};

bool nearMaximum(Number candidate, Number maximum, double bound) {
  return candidate.value + bound * (candidate.magnitude + maximum.magnitude) >= maximum.value;
}

// Whether `position` of the window at element `e` holds a number near the maximum.
bool isNearMaximumOfWindow(const Origin &origin, const Tensor &workspace, int64_t e,
                           double position, double bound) {
  const Window window(origin.node->attributes);
  const int64_t kh = listOf(origin.node->attributes, "pool_size").at(0);
  const int64_t kw = listOf(origin.node->attributes, "pool_size").at(1);
  const int64_t c = e % workspace.shape[3], x = e / workspace.shape[3] % workspace.shape[2];
  const int64_t y = e / (workspace.shape[3] * workspace.shape[2]) % workspace.shape[1];
  const int64_t n = e / (workspace.shape[3] * workspace.shape[2] * workspace.shape[1]);
  if (position < 0 || position >= kh * kw)
    return false;
  auto at = [&](int64_t p, Number &number) {
    const int64_t row = window.row(y, p / kw), column = window.column(x, p % kw);
    if (!Window::inside(*origin.src, row, column))
      return false;
    number = (*origin.src)(n, row, column, c);
    return true;
  };
  Number candidate, other;
  if (!at(static_cast<int64_t>(position), candidate))
    return false;
  for (int64_t p = 0; p < kh * kw; p++)
    if (at(p, other) && !nearMaximum(candidate, other, bound))
      return false;
  return true;
}

// Whether the label of row `n` is near enough to the maximum to be right or wrong.
bool isUndecided(const Origin &origin, int64_t n, double found, double bound) {
  if (found != 0 && found != 1)
    return false;
  const int64_t label = (*origin.labels)(n).value;
  const Number score = (*origin.src)(n, label);
  bool mayWin = true, mayLose = false;
  for (int64_t k = 0; k < origin.src->shape[1]; k++) {
    const Number other = (*origin.src)(n, k);
    mayWin = mayWin && nearMaximum(score, other, bound);
    mayLose = mayLose || (k != label && nearMaximum(other, score, bound));
  }
  return mayWin && mayLose;
}

}  // namespace

std::string differences(const schedule::KernelSpec &spec, const Tensors &arguments,
                        const Evaluation &expected, size_t index, const Tensor &found,
                        double tolerance) {
  const Tensor &right = expected.results[index];
  const schedule::ValueRef value = spec.results[index].value;
  Origin origin;
  if (!value.argument) {
    origin.node = &spec.nodes[value.node];
    auto operand = [&](size_t o) -> const Tensor * {
      if (o >= origin.node->operands.size())
        return nullptr;
      const schedule::ValueRef ref = origin.node->operands[o];
      return ref.argument ? &arguments[ref.node] : &expected.values[ref.node][ref.result];
    };
    origin.src = operand(0);
    origin.labels = operand(1);
  }
  const bool isWorkspace = origin.node && origin.node->op == "max_pool2d" && value.result == 1;
  const bool isAccuracy = origin.node && origin.node->op == "sparse_categorical_accuracy";
  double real = epsilonOf(right.element);
  if (isWorkspace || isAccuracy)
    real = epsilonOf(origin.src->element);

  const double smallest = right.element == ElementType::F64 ? std::numeric_limits<double>::min()
                                                            : std::numeric_limits<float>::min();
  int64_t wrong = 0, worst = -1;
  double worstExcess = 0;
  for (int64_t e = 0; e < right.size(); e++) {
    const double difference = std::abs(found.numbers[e].value - right.numbers[e].value);
    // Below the smallest normal number there are no more relative digits.
    const double bound = tolerance * (real * right.numbers[e].magnitude + smallest);
    if (difference == 0)
      continue;
    if (isWorkspace && tolerance > 0 &&
        isNearMaximumOfWindow(origin, right, e, found.numbers[e].value, tolerance * real))
      continue;
    if (isAccuracy && tolerance > 0 && isUndecided(origin, e, found.numbers[e].value, tolerance * real))
      continue;
    if (!isWorkspace && !isAccuracy && difference <= bound)
      continue;
    const double excess = std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                                 : difference / (real * right.numbers[e].magnitude);
    if (!wrong++ || excess > worstExcess) {
      worst = e;
      worstExcess = excess;
    }
  }
  if (!wrong)
    return "";
  std::ostringstream text;
  text.precision(9);
  text << wrong << " of " << right.size() << " elements of result " << index << " ("
       << textOf(right.shape) << ") are wrong; at " << indexOf(right.shape, worst) << ": found "
       << found.numbers[worst].value << ", expected " << right.numbers[worst].value
       << ", off by " << worstExcess << " epsilons of its magnitude "
       << right.numbers[worst].magnitude << ", allowed " << tolerance;
  return text.str();
}

}  // namespace nncc::ops
