// Dropout with counter-based random numbers.
#include <cmath>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;

// A bijection of 32-bit words in which each bit of the input changes half of the output's: the
// finalizer of MurmurHash3 (Appleby).
static Expr mixed(Expr word) {
  word = (word ^ (word >> 16)) * Expr(0x85ebca6bu);
  word = (word ^ (word >> 13)) * Expr(0xc2b2ae35u);
  return word ^ (word >> 16);
}

static Expr low(const Expr &word) { return cast<uint32_t>(word); }
static Expr high(const Expr &word) { return cast<uint32_t>(word >> 32); }

namespace {

// Which elements of [N,...] are dropped, and what the others are multiplied by. One word for each
// sample of a step, from everything that tells draws apart; a second mixing with the element's place
// makes its number. Two rounds of 32 bits are ample for a coin toss.
struct Draw {
  std::function<Expr(const Coordinates &)> drops;
  Expr keep;

  Draw(const Node &node, const Value &ids, const Value &seed, const Value &iteration) {
    const std::vector<int64_t> shape = node.results[0].shape;
    if (shape.empty() || ids.type.shape != std::vector<int64_t>{shape[0]})
      throw std::runtime_error(node.op + ": expected a result [N,...] and sample_ids [N]");
    double rate = number(node, "rate");
    Expr stream = Expr(static_cast<uint32_t>(number(node, "stream")));
    keep = Halide::Internal::make_const(halideType(node.results[0].element), 1 / (1 - rate));
    // Numbers below it are dropped.
    Expr threshold = Expr(static_cast<uint32_t>(std::min(std::round(rate * 0x1p32), 0x1p32 - 1)));
    drops = [=](const Coordinates &at) {
      Expr step = mixed(mixed(mixed(mixed(mixed(low(seed.at({}))) ^ high(seed.at({}))) ^
                                    low(iteration.at({}))) ^ high(iteration.at({}))) ^ stream);
      Expr key = mixed(step ^ cast<uint32_t>(ids.at({at[0]})));
      Expr place = cast<uint32_t>(0);
      for (size_t i = 1; i < at.size(); ++i)
        place = place * Expr(static_cast<uint32_t>(shape[i])) + cast<uint32_t>(at[i]);
      return mixed(mixed(place + key) ^ key) < threshold;
    };
  }
};

}  // namespace

std::vector<Value> buildRandomDropout(Graph &graph, const Node &node) {
  expectCounts(node, 4, 4, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], result;
  expectSameShape(node, src);
  Draw draw(node, operands[1], operands[2], operands[3]);
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr element = src.at(at);
    return select(draw.drops(at), Halide::Internal::make_zero(element.type()), element * draw.keep);
  };
  return {result};
}

std::vector<Value> buildRandomMask(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Draw draw(node, operands[0], operands[1], operands[2]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return select(draw.drops(at), Halide::Internal::make_zero(draw.keep.type()), draw.keep);
  };
  return {result};
}

}  // namespace nncc::schedule
