// Numbers of an input that are indices: each says which row of a table an embedding of the model
// picks. A kernel touches no memory outside of the table whatever the index is, so that a wrong one
// has to be found where it is read.
#ifndef NNCC_DATA_INDICES_H
#define NNCC_DATA_INDICES_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "abi.h"

namespace nncc::data {

// What is wrong with an index of one of `limit` rows (0: any number will do); empty if nothing is.
// Fractions are cut off, as Keras does.
std::string indexComplaint(double value, int64_t limit);

// `limits` of the elements of a sample of `input`, as NnccLimits has them; empty if there are none.
// Throws UserError that begins with `place`, where the sample is from, if an index is out of range.
void requireIndices(std::span<const int64_t> limits, const NnccTensor &input,
                    const std::byte *sample, const std::string &place);

}  // namespace nncc::data

#endif  // NNCC_DATA_INDICES_H
