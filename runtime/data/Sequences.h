// Samples that are steps of numbers: how they fill an input [steps, features], shorter ones padded
// with zeros, and its lengths.
#ifndef NNCC_DATA_SEQUENCES_H
#define NNCC_DATA_SEQUENCES_H

#include <cstdint>
#include <span>
#include <string>

#include "abi.h"
#include "data/Dataset.h"
#include "data/ReaderTable.h"

namespace nncc::data {

class SequenceWriter {
 public:
  // The first of `columns` is the input: floating point [steps, features], or [steps] of one
  // feature. Throws UserError, naming the reader or file as `source`, if it has another form.
  SequenceWriter(const std::string &source, std::span<const NnccTensor> columns,
                 const ColumnRoles &roles);

  // What a sample has where it has no lengths, and at most where it has.
  int64_t steps() const { return most; }
  int64_t features() const { return width; }

  // Throws UserError that begins with `place` unless a sample of so many steps fits.
  void requireSteps(int64_t steps, const std::string &place) const;
  // Throws UserError, naming `source`, unless samples have so many features.
  void requireFeatures(int64_t features, const std::string &source) const;
  // `values`: step after step, of so many steps as fit.
  void write(Dataset &dataset, int64_t sample, std::span<const double> values) const;

 private:
  NnccTensor input;
  int lengths;  // the column, or -1
  int64_t most, width;
};

// Of a sample, where the model's input has lengths.
void writeLength(Dataset &dataset, int column, int64_t sample, int64_t length);

// Throws UserError that begins with `place` unless `steps` is 1 to `most`, or `most` where the model's
// `input` has no lengths.
void requireSteps(int64_t steps, int64_t most, bool hasLengths, const NnccTensor &input,
                  const std::string &place);

}  // namespace nncc::data

#endif  // NNCC_DATA_SEQUENCES_H
