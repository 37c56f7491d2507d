// nncc-onednn-primitives: how long oneDNN's primitive takes for each of the given shapes.
//
//     nncc-onednn-primitives [--threads N] [--seconds S] < SHAPES > TIMES
//
// One JSON object a line in, one a line out, in the same order. In:
//
//   {"operation": "convolution", "direction": "forward" | "backward_data" | "backward_weights",
//    "batch": 32, "height": 30, "width": 30, "in": 32, "out": 32, "kernel": [3, 3],
//    "strides": [1, 1], "padding": [top, left, bottom, right] or "same", "dilation": [1, 1],
//    "groups": 1, "bias": true, "activation": "relu"}
//   {"operation": "dense", "direction": as above, "batch": 32, "in": 64, "out": 10,
//    "bias": true, "activation": "linear"}; with "height" and "width" it reads an image
//   {"operation": "max_pool" | "avg_pool", "direction": "forward" | "backward", "batch": 32,
//    "height": 28, "width": 28, "in": 32, "kernel": [2, 2], "strides": as the kernel,
//    "padding": as above}
//   {"operation": "batch_normalization", "direction": "forward" | "backward", "batch", "height",
//    "width", "in", "activation": "relu" or none}
//   {"operation": "activation", "direction": "forward" | "backward", "batch", "height", "width",
//    "in", "activation": "relu"}
//
// "height" and "width" are the input's. What is left out is as if there were none of it: padding
// 0, strides, dilation, groups, height and width 1, bias true, activation "linear".
//
// Out: {"us": median of the rounds, "min_us": the shortest, "implementation": oneDNN's name for
// it, "version": oneDNN's}, and for convolutions and dense layers "gflops", of the direct product's
// multiplications and additions; or {"error": one line}.
//
// Layouts are those that oneDNN chooses where it may (convolutions and dense layers), and a
// convolution's for the others; no reorder is counted. Of a convolution's direct and Winograd
// algorithms the faster one counts. Forward is that of training. After a warm-up come 11 rounds
// of at least S / 11 seconds each.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <unordered_map>
#include <vector>

#include "Shapes.h"
#include "Timing.h"

using namespace onednn;
using dnnl::prop_kind;
using nlohmann::json;

namespace {

constexpr int rounds = 11;

struct Timed {
  double medianUs, leastUs;
  std::string implementation;
};

template <typename Description>
Timed measure(const Description &description, double budget) {
  std::vector<double> seconds = sortedSeconds(rounds, budget / rounds, description);
  return {seconds[rounds / 2] * 1e6, seconds[0] * 1e6, description.impl_info_str()};
}

memory::dims pair(const json &shape, const char *key, const memory::dims &otherwise) {
  auto value = shape.value(key, otherwise);
  if (value.size() != otherwise.size())
    throw Unsupported(std::string(key) + " wants " + std::to_string(otherwise.size()) + " numbers");
  return value;
}

Window readWindow(const json &shape, const memory::dims &strides) {
  Window window;
  window.kernel = shape.at("kernel").get<memory::dims>();
  window.strides = pair(shape, "strides", strides);
  window.dilation = pair(shape, "dilation", {1, 1});
  for (Size &dilation : window.dilation)
    --dilation;
  json padding = shape.value("padding", json());
  if (padding == "same") {
    window.padSame(shape.value("height", 1), shape.value("width", 1));
  } else {
    memory::dims sides = pair(shape, "padding", {0, 0, 0, 0});
    window.before = {sides[0], sides[1]};
    window.after = {sides[2], sides[3]};
  }
  return window;
}

std::optional<Activation> readActivation(const json &shape) {
  return Activation::named(shape.value("activation", "linear"));
}

[[noreturn]] void unknownDirection(const std::string &direction) {
  throw Unsupported("unknown direction '" + direction + "'");
}

// Of a convolution or a dense layer.
template <typename Operation>
Timed measureProduct(const Operation &operation, const json &shape, double budget) {
  std::string direction = shape.at("direction");
  auto forward = operation.describe(prop_kind::forward_training, readActivation(shape));
  if (direction == "forward")
    return measure(forward, budget);
  if (direction == "backward_data")
    return measure(operation.describeBackwardData(forward), budget);
  if (direction == "backward_weights")
    return measure(operation.describeBackwardWeights(forward), budget);
  unknownDirection(direction);
}

// Of an operation without weights.
template <typename Describe, typename DescribeBackward>
Timed measureEither(const json &shape, double budget, const Describe &describe,
                    const DescribeBackward &describeBackward) {
  std::string direction = shape.at("direction");
  if (direction == "forward")
    return measure(describe(), budget);
  if (direction == "backward")
    return measure(describeBackward(), budget);
  unknownDirection(direction);
}

// The layout in which a convolution would leave such an image.
memory::desc imageLayout(const json &shape) {
  Size channels = shape.at("in");
  Convolution like{shape.at("batch"), shape.value("height", 1), shape.value("width", 1), channels,
                   channels};
  return like.describe(prop_kind::forward_training, std::nullopt).dst_desc();
}

json timed(const Timed &times) {
  return {{"us", times.medianUs},
          {"min_us", times.leastUs},
          {"implementation", times.implementation},
          {"version", version()}};
}

template <typename Operation>
json product(const Operation &operation, const json &shape, double budget) {
  Timed times = measureProduct(operation, shape, budget);
  json result = timed(times);
  result["gflops"] = operation.flops() / times.medianUs * 1e-3;
  return result;
}

json convolution(const json &shape, double budget) {
  Convolution operation{shape.at("batch"), shape.at("height"), shape.at("width"), shape.at("in"),
                        shape.at("out")};
  operation.groups = shape.value("groups", 1);
  operation.window = readWindow(shape, {1, 1});
  operation.bias = shape.value("bias", true);
  return product(operation, shape, budget);
}

json dense(const json &shape, double budget) {
  Dense operation{shape.at("batch"), shape.at("in"), shape.at("out")};
  operation.image = shape.contains("height");
  operation.height = shape.value("height", 1);
  operation.width = shape.value("width", 1);
  operation.bias = shape.value("bias", true);
  return product(operation, shape, budget);
}

json pool(const json &shape, double budget) {
  Pool operation{shape.at("operation") == "max_pool",
                 readWindow(shape, shape.at("kernel").get<memory::dims>())};
  memory::desc source = imageLayout(shape);
  memory::dims size =
      operation.window.results(shape.value("height", 1), shape.value("width", 1));
  memory::dims result{shape.at("batch"), shape.at("in"), size[0], size[1]};
  auto forward = operation.describe(prop_kind::forward_training, source, result);
  return timed(measureEither(
      shape, budget, [&] { return forward; },
      [&] { return operation.describeBackward(source, forward); }));
}

json normalization(const json &shape, double budget) {
  Normalization operation;
  operation.relu = readActivation(shape).has_value();
  memory::desc layout = imageLayout(shape);
  auto forward = operation.describe(prop_kind::forward_training, layout);
  return timed(measureEither(
      shape, budget, [&] { return forward; },
      [&] { return operation.describeBackward(layout, forward); }));
}

json activation(const json &shape, double budget) {
  std::optional<Activation> function = readActivation(shape);
  if (!function)
    throw Unsupported("an activation wants a name other than linear");
  memory::desc layout = imageLayout(shape);
  return timed(measureEither(
      shape, budget, [&] { return function->describe(layout); },
      [&] { return function->describeBackward(layout); }));
}

json answer(const std::string &line, double budget) {
  using Measure = json (*)(const json &, double);
  static const std::unordered_map<std::string, Measure> operations{
      {"convolution", convolution}, {"dense", dense},
      {"max_pool", pool},           {"avg_pool", pool},
      {"activation", activation},   {"batch_normalization", normalization}};
  try {
    json shape = json::parse(line);
    std::string name = shape.at("operation");
    auto found = operations.find(name);
    if (found == operations.end())
      throw Unsupported("unknown operation '" + name + "'");
    return found->second(shape, budget);
  } catch (const std::exception &error) {  // oneDNN's, JSON's or Unsupported
    return {{"error", error.what()}};
  }
}

[[noreturn]] void usage(const std::string &what) {
  std::fprintf(stderr,
               "nncc-onednn-primitives: %s\n"
               "usage: nncc-onednn-primitives [--threads N] [--seconds S] < SHAPES\n",
               what.c_str());
  std::exit(2);
}

}  // namespace

int main(int argc, char **argv) {
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  double seconds = 0.3;
  for (int i = 1; i < argc; i += 2) {
    std::string name = argv[i];
    if (i + 1 == argc)
      usage("no value for " + name);
    if (name == "--threads")
      threads = std::atoi(argv[i + 1]);
    else if (name == "--seconds")
      seconds = std::atof(argv[i + 1]);
    else
      usage("not known: " + name);
  }
  if (threads < 1 || threads > 1024 || !(seconds > 0))
    usage("--threads wants 1..1024, --seconds more than 0");
  useThreads(threads);
  for (std::string line; std::getline(std::cin, line);)
    if (!line.empty())
      std::cout << answer(line, seconds).dump() << std::endl;
  return 0;
}
