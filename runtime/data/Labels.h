// Class numbers in the form that a model's target has.
#ifndef NNCC_DATA_LABELS_H
#define NNCC_DATA_LABELS_H

#include <cstddef>
#include <cstdint>
#include <string>

#include "abi.h"

namespace nncc::data {

// i32 [] takes the class number; floating point [] or [1] takes 0 or 1 of two classes, and [K]
// a one at the place of one of K classes.
class LabelWriter {
 public:
  // Throws UserError, naming the reader or file as `source`, if the target has none of these
  // forms or there are more or fewer classes than it has room for.
  LabelWriter(const NnccTensor &target, int64_t classes, const std::string &source);
  void write(std::byte *to, int64_t label) const;

 private:
  int32_t type;
  int64_t places;
};

// Stores a number as one element of floating point.
void writeNumber(int32_t type, std::byte *to, double value);

}  // namespace nncc::data

#endif  // NNCC_DATA_LABELS_H
