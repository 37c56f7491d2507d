// Compares the gradients that the compiled program computes with central differences of its
// loss, in double precision.
//
// The loss is the mean over a batch. For an element p the difference quotient
// (L(p + h) - L(p - h)) / 2h is taken with h and h / 2: where both agree the loss is smooth
// there and the gradient must agree too. Where they don't (a relu or a max-pool switches
// within h) smaller steps are tried; an element for which none agree is *kinked*: it proves
// nothing and is counted apart.
#ifndef NNCC_TRAIN_GRADIENTCHECK_H
#define NNCC_TRAIN_GRADIENTCHECK_H

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "abi.h"

namespace nncc::train {

struct GradientCheckOptions {
  std::filesystem::path dataDir = ".";
  bool requireData = false;  // random inputs will not do if the data set can't be read
  int threads = 1;
  int32_t samples = 12;          // of the batch; at most the compiled one
  int64_t elementsPerTensor = 40;  // chosen by counter; all where there are no more
  uint64_t seed = 1;
  // Empty: the initializers with small random numbers on top, for a relu whose inputs are all
  // zero sits exactly on its kink while its bias is zero, and no step size shows that.
  std::filesystem::path weightsIn;
};

struct CheckedTensor {
  std::string name;
  int64_t elements = 0;  // of the tensor
  int64_t checked = 0;   // of these, kinked ones included
  int64_t kinked = 0;
  int64_t wrong = 0;
  double norm = 0;  // of the whole gradient
  double maxAbsoluteError = 0, maxRelativeError = 0;  // over the smooth elements
  int64_t worstElement = -1;
  double worstGradient = 0, worstDifference = 0;

  bool allZero() const { return norm == 0; }
  bool tooKinked() const { return kinked * 10 > checked; }
  bool passed() const { return wrong == 0 && !allZero() && !tooKinked(); }
};

// `inputs` as for the program's GRADIENTS entry, `samples` of them; of the options, seed,
// threads, elementsPerTensor and weightsIn count. Throws UserError where the program isn't one
// in double precision with gradients.
std::vector<CheckedTensor> checkGradients(const NnccProgram &program,
                                          const std::vector<const void *> &inputs,
                                          int32_t samples, const GradientCheckOptions &options);

// The command: real data where they can be read, a table on standard output, exit status.
int checkGradientsCommand(const NnccProgram &program, GradientCheckOptions options);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_GRADIENTCHECK_H
