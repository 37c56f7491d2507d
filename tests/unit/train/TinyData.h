// The data set of the tiny program: patterns that differ by class, with noise, in the files
// that its readers look for.
#ifndef NNCC_TESTS_TINYDATA_H
#define NNCC_TESTS_TINYDATA_H

#include <cstdint>
#include <string>

#include "../data/TemporaryFolder.h"

namespace nncc::tests {

constexpr int kTinyTrainSamples = 52;  // the last of seven batches has four
constexpr int kTinyStepsPerEpoch = 7;
constexpr int kTinyTestSamples = 20;

// CIFAR-10 records of so many samples; classes take turns.
inline std::string tinyRecords(int samples, uint32_t seed) {
  std::string bytes;
  uint32_t state = seed;
  for (int i = 0; i < samples; ++i) {
    int label = i % 10;
    bytes += static_cast<char>(label);
    for (int pixel = 0; pixel < 3 * 32 * 32; ++pixel) {
      state = state * 1664525u + 1013904223u;
      int bright = (pixel / 97 + label * 7) % 10 < 3 ? 200 : 0;
      bytes += static_cast<char>(bright + (state >> 24) % 40);
    }
  }
  return bytes;
}

inline void writeTinyData(const TemporaryFolder &folder) {
  folder.write("tiny/train.bin", tinyRecords(kTinyTrainSamples, 1));
  folder.write("tiny/test.bin", tinyRecords(kTinyTestSamples, 2));
  folder.write("tiny/batches.meta.txt",
               "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n");
}

}  // namespace nncc::tests

#endif  // NNCC_TESTS_TINYDATA_H
