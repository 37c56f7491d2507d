// Arrays of numbers in files (IDX, NumPy): sample after sample, each of one shape, read one by
// one into the columns of a data set.
#ifndef NNCC_DATA_NUMBERARRAY_H
#define NNCC_DATA_NUMBERARRAY_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi.h"
#include "data/ByteStream.h"
#include "data/Labels.h"
#include "data/Reader.h"
#include "data/ReaderTable.h"

namespace nncc::data {

enum class NumberType { U8, I8, U16, I16, U32, I32, I64, F32, F64 };

int64_t numberBytes(NumberType type);
const char *numberName(NumberType type);

// An array at its first sample.
struct NumberArray {
  ByteStream stream;
  NumberType type;
  bool bigEndian;
  std::vector<int64_t> shape;  // the first is the number of samples

  const std::string &name() const { return stream.name(); }
  int64_t samples() const { return shape[0]; }
  int64_t sampleElements() const;
  std::string shapeText() const;
  // Throws UserError if the array has no dimension, no sample, sizes beyond reason or, where it
  // isn't compressed, fewer bytes than its shape says: before memory is asked for.
  void check() const;
  [[noreturn]] void refuseEnd(int64_t sample) const;  // the file ends in it
};

// Reads both arrays (targets may be null) into the columns; `kind` is the reader's. Where its options
// name a table of labels (LabelTable.h), targets come from there.
PartedDataset readArrays(const char *kind, NumberArray inputs, std::optional<NumberArray> targets,
                         const ReaderInput &reader, std::span<const NnccTensor> columns,
                         const ReadProgress &progress);

// Reads one array for each column, also of lengths.
PartedDataset readNamedArrays(std::vector<NumberArray> arrays, const ReaderInput &reader,
                              std::span<const NnccTensor> columns, const ReadProgress &progress);

// The samples of a file for prediction: all of them, whatever the options say of labels.
Dataset readArrayInputs(const char *kind, NumberArray inputs, const ReaderInput &reader,
                        std::span<const NnccTensor> columns);

// Reads the inputs, if there are splits, and counts.
std::vector<int64_t> countArrays(const char *kind, NumberArray inputs, const ReaderInput &reader);

}  // namespace nncc::data

#endif  // NNCC_DATA_NUMBERARRAY_H
