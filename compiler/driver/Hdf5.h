//===- Hdf5.h - the weights in a Keras file --------------------------------===//
//
// HDF5's C library ends here. No LLVM: this is part of the tool nncc-convert, a program of its
// own, so that the compiler need not load HDF5 and what that brings along.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_DRIVER_HDF5_H
#define NNCC_DRIVER_HDF5_H

#include <cstdint>
#include <string>
#include <vector>

namespace nncc::driver {

struct Weight {
  std::string name; // "conv2d.kernel": layer and weight, as nncc calls them
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// The weights of a `.weights.h5` of Keras 3, a `.h5` of older versions, or a `.keras` archive that
// holds the first; optimizer state is left out. Throws std::runtime_error with a sentence that
// names the file.
std::vector<Weight> readKerasWeights(const std::string &path);

} // namespace nncc::driver

#endif // NNCC_DRIVER_HDF5_H
