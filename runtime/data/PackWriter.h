// What a model's readers gave, as the bytes of a pack (Pack.h).
#ifndef NNCC_DATA_PACKWRITER_H
#define NNCC_DATA_PACKWRITER_H

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "abi.h"
#include "data/Reader.h"

namespace nncc::data {

// One reading that is to be packed.
struct Reading {
  const NnccComponent *reader;
  std::span<const NnccTensor> columns;
  std::vector<Split> splits;
  const PartedDataset *samples;
};

// The bytes of a pack of these, handed out in order.
void writePack(std::span<const Reading> readings, const std::function<void(const void *, size_t)> &write);

}  // namespace nncc::data

#endif  // NNCC_DATA_PACKWRITER_H
