// The learning rate of every update: a pure function of the updates done, so that a training
// goes on after a resume as if nothing had been. Constant, or a schedule with Keras's formulas.
#ifndef NNCC_TRAIN_LEARNINGRATE_H
#define NNCC_TRAIN_LEARNINGRATE_H

#include <cstdint>
#include <vector>

#include "abi.h"

namespace nncc::train {

class LearningRate {
 public:
  // Lengths in epochs, and schedules as long as the training, need to know how many steps an
  // epoch has. Throws UserError if the program has no rate, or a schedule that is not known.
  LearningRate(const NnccProgram &program, int64_t stepsPerEpoch);

  // For the update before which `updates` have been done.
  double at(int64_t updates) const;
  bool constant() const { return kind == Kind::Constant; }

 private:
  enum class Kind { Constant, Cosine, Exponential, OneCycle, Piecewise };

  double length(const char *steps, const char *epochs, double otherwise) const;
  double number(const char *option) const;
  double cosine(double step) const;
  double oneCycle(double step) const;
  double piecewise(double step) const;

  NnccComponent schedule;
  double updatesPerEpoch;
  Kind kind = Kind::Constant;
  double rate = 0;                // constant, initial or highest
  double decay = 1, warmup = 0;   // lengths in updates
  std::vector<double> boundaries, values;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_LEARNINGRATE_H
