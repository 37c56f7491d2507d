// The reference of an op: what its results must be, by loops as naive as they can be.
// `run` finds the results allocated, zero, with their shapes set; it throws
// std::invalid_argument where shapes disagree.
#ifndef NNCC_TESTS_OPS_REFERENCE_OP_H
#define NNCC_TESTS_OPS_REFERENCE_OP_H

#include <string>
#include <vector>

#include "Tensor.h"

namespace nncc::ops {

using schedule::Attributes;

struct Op {
  std::string name;
  // In ops with an optional last operand it may be absent. The names decide which random
  // numbers an argument gets (see Fill.h).
  std::vector<std::string> operands;
  std::vector<std::string> results;
  void (*run)(const Attributes &attributes, const Tensors &operands, Tensors &results);
  // Small integers give exact results in any order of evaluation.
  bool exactOnIntegers = false;
  // Of an op whose operands depend on its attributes: their names.
  std::vector<std::string> (*names)(const Attributes &attributes) = nullptr;

  std::string operand(const Attributes &attributes, size_t index) const {
    return names ? names(attributes).at(index) : operands.at(index);
  }
};

// One list a family; each is defined in the file of that name.
std::vector<Op> activationOps();
std::vector<Op> convolutionOps();
std::vector<Op> criteriaOps();
std::vector<Op> denseOps();
std::vector<Op> embeddingOps();
std::vector<Op> gradientOps();
std::vector<Op> layoutOps();
std::vector<Op> lossOps();
std::vector<Op> metricOps();
std::vector<Op> normalizationOps();
std::vector<Op> optimizerOps();
std::vector<Op> partOps();
std::vector<Op> pointwiseOps();
std::vector<Op> poolingOps();
std::vector<Op> recurrentOps();
std::vector<Op> sequenceOps();

const std::vector<Op> &allOps();
// Throws std::invalid_argument for an op without a reference.
const Op &opNamed(const std::string &name);

// An attribute that must be there.
const std::vector<double> &listOf(const Attributes &attributes, const std::string &name);
double numberOf(const Attributes &attributes, const std::string &name);
// Optional ones: what stands for an absent one, and no numbers.
double numberOr(const Attributes &attributes, const std::string &name, double otherwise);
std::vector<double> listOr(const Attributes &attributes, const std::string &name);

// Throws std::invalid_argument with `what` unless `holds`.
void require(bool holds, const char *what);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_REFERENCE_OP_H
