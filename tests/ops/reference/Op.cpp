#include "reference/Op.h"

#include <stdexcept>

namespace nncc::ops {

const std::vector<Op> &allOps() {
  static const std::vector<Op> ops = [] {
    std::vector<Op> all;
    for (auto family : {pointwiseOps, activationOps, layoutOps, partOps, convolutionOps, denseOps,
                        embeddingOps, poolingOps, recurrentOps, lossOps, criteriaOps, metricOps, normalizationOps, optimizerOps, gradientOps,
                        sequenceOps})
      for (Op &op : family())
        all.push_back(std::move(op));
    return all;
  }();
  return ops;
}

const Op &opNamed(const std::string &name) {
  for (const Op &op : allOps())
    if (op.name == name)
      return op;
  throw std::invalid_argument("no reference for the op '" + name +
                              "': add it to its family in tests/ops/reference");
}

const std::vector<double> &listOf(const Attributes &attributes, const std::string &name) {
  auto found = attributes.find(name);
  if (found == attributes.end())
    throw std::invalid_argument("attribute '" + name + "' is missing");
  return found->second;
}

double numberOf(const Attributes &attributes, const std::string &name) {
  const std::vector<double> &list = listOf(attributes, name);
  if (list.size() != 1)
    throw std::invalid_argument("attribute '" + name + "' must be one number");
  return list[0];
}

std::vector<double> listOr(const Attributes &attributes, const std::string &name) {
  auto found = attributes.find(name);
  return found == attributes.end() ? std::vector<double>() : found->second;
}

double numberOr(const Attributes &attributes, const std::string &name, double otherwise) {
  return attributes.count(name) ? numberOf(attributes, name) : otherwise;
}

void require(bool holds, const char *what) {
  if (!holds)
    throw std::invalid_argument(what);
}

}  // namespace nncc::ops
