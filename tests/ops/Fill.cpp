#include "Fill.h"

#include <algorithm>
#include <stdexcept>

#include "reference/Classes.h"

namespace nncc::ops {

double roundTo(ElementType element, double value) {
  return element == ElementType::F32 ? static_cast<float>(value) : value;
}

static double draw(ElementType element, Numbers numbers, Random &random) {
  if (element == ElementType::U8)
    return random.integer(0, 255);
  switch (numbers) {
  case Numbers::Real:
    return roundTo(element, random.uniform(-1, 1));
  case Numbers::Integers:
    return random.integer(-2, 2);
  case Numbers::Large:
    return roundTo(element, random.uniform(-200, 200));
  }
  throw std::invalid_argument("unknown kind of random numbers");
}

void randomize(Tensor &tensor, Numbers numbers, Random &random) {
  for (Number &number : tensor.numbers)
    number = draw(tensor.element, numbers, random);
}

// What a max-pool over a random source leaves behind for the pool's gradient `bwd`.
static void fillWorkspace(Tensor &workspace, const schedule::Node &bwd, int64_t extent,
                          Random &random) {
  Tensor src(bwd.results[0], extent);
  randomize(src, Numbers::Real, random);
  Tensors results = {Tensor(src.element, workspace.shape), workspace};
  opNamed("max_pool2d").run(bwd.attributes, {src}, results);
  workspace = results[1];
}

// Every other label becomes the class with the highest score, so that some are right.
static void labelSomeRight(Tensor &labels, const Tensor &scores) {
  for (int64_t n = 0; n < labels.shape[0]; n += 2)
    labels(n) = Number(largestOf(scores, n));
}

// In some of the rows of recurrences that have a step before it, no sample has the step.
static bool skips(uint64_t seed) { return (seed >> 7 & 5) == 4; }

Tensors randomArguments(const schedule::KernelSpec &spec, int64_t extent, Numbers numbers,
                        uint64_t seed) {
  Random random(seed);
  Tensors arguments;
  for (size_t a = 0; a < spec.arguments.size(); a++) {
    Tensor tensor(spec.arguments[a], extent);
    const schedule::Node *user = nullptr;
    size_t operand = 0;
    for (const schedule::Node &node : spec.nodes)
      for (size_t o = 0; o < node.operands.size() && !user; o++)
        if (node.operands[o].argument && node.operands[o].node == static_cast<int>(a))
          user = &node, operand = o;
    if (!user)
      throw std::invalid_argument("argument " + std::to_string(a) + " is not used");
    const std::string role = opNamed(user->op).operand(user->attributes, operand);

    if (role == "labels") {
      const schedule::ValueRef rows = user->operands[0];
      const int64_t classes = spec.typeOf(rows).shape.at(1);
      for (Number &label : tensor.numbers)
        label = random.integer(0, classes - 1);
      if (rows.argument && rows.node < static_cast<int>(a))
        labelSomeRight(tensor, arguments[rows.node]);
    } else if (role == "class_numbers") {
      for (Number &number : tensor.numbers)
        number = random.integer(0, 2);
    } else if (role == "present") {
      // So many of a whole batch's samples.
      int64_t room = 0;
      for (const schedule::ValueRef &other : user->operands)
        if (const TensorType &type = spec.typeOf(other); room == 0 && type.sliced < 0 && !type.shape.empty())
          room = type.shape[0];
      if (user->attributes.count("rows"))
        room /= static_cast<int64_t>(numberOf(user->attributes, "rows"));
      tensor() = random.integer((room + 1) / 2, room);
    } else if (role == "position") {
      tensor() = random.integer(0, spec.typeOf(user->operands[1]).shape[0] - spec.typeOf(user->operands[0]).shape[0]);
    } else if (role == "counts") {
      for (Number &count : tensor.numbers)
        count = random.integer(0, 5);
    } else if (role == "indices") {
      // Of rows that are there and, now and then, of one before and one behind them; every index
      // between two integers.
      const bool forward = user->op == "embedding";
      const double rows = forward ? spec.typeOf(user->operands[1]).shape[0] : numberOf(user->attributes, "rows");
      for (Number &index : tensor.numbers)
        index = random.integer(-1, rows) + 0.25;
    } else if (role == "workspace") {
      fillWorkspace(tensor, *user, extent, random);
    } else if (role == "v" || role == "variance") {
      for (Number &moment : tensor.numbers)
        moment = std::abs(draw(tensor.element, numbers, random));
    } else if (role == "sum_of_squares") {
      // Above what any sum that is drawn makes of it: a variance is positive.
      for (Number &sum : tensor.numbers)
        sum = roundTo(tensor.element, random.uniform(2, 20));
    } else if (role == "lengths" && !user->attributes.count("lengths")) {
      // All steps now and then.
      const auto &first = spec.typeOf(user->operands[0]).shape;
      const double steps = user->attributes.count("steps") ? numberOf(user->attributes, "steps")
                           : first.size() > 1              ? first[1]
                                                           : 12;
      for (Number &length : tensor.numbers)
        length = random.integer(0, 4) ? random.integer(1, steps) : steps;
    } else if (role == "sample_ids") {
      for (Number &id : tensor.numbers)
        id = random.integer(0, 60000);
    } else if (role == "seed") {
      tensor() = double(random.integer(0, 1 << 20)) * 0x1p20;
    } else if (role == "shares") {
      for (Number &share : tensor.numbers)
        share = roundTo(tensor.element, random.uniform(0.1, 0.95));
    } else if (role == "first" || role == "last") {
      // In every other row.
      tensor() = double(seed >> (role == "first" ? 7 : 8) & 1);
    } else if (role == "lengths") {
      // Of a step of a recurrence, number 3, whose kernel is told the longest of them.
      for (Number &length : tensor.numbers)
        length = random.integer(1, skips(seed) ? 3 : 6);
    } else if (role == "step") {
      tensor() = 3;
    } else if (role == "longest") {
      tensor() = skips(seed) ? 3 : 6;
    } else if (role == "diff_loss") {
      // A scalar, or a number for each sample.
      for (Number &gradient : tensor.numbers)
        gradient = roundTo(tensor.element, random.uniform(0.01, 1));
    } else if (role == "learning_rate") {
      tensor() = random.uniform(1e-4, 1e-2);
    } else if (role == "iteration") {
      tensor() = random.integer(1, 1000);
    } else if (role == "samples") {
      tensor() = random.integer(1, 32);
    } else {
      randomize(tensor, numbers, random);
    }
    arguments.push_back(std::move(tensor));
  }
  return arguments;
}

}  // namespace nncc::ops
