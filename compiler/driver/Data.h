//===- Data.h - nncc data: training data, before there is a trainer --------===//
//
// The model's file becomes the tables that a trainer would have of it (codegen/ProgramTables.h);
// with these the runtime's own readers are called, in this process (runtime/prepare).
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_DRIVER_DATA_H
#define NNCC_DRIVER_DATA_H

#include <cstdint>
#include <string>

namespace nncc::driver {

struct DataOptions {
  std::string model;  // path of the YAML
  std::string folder; // where relative paths of its data section start; "": the YAML's folder
  int threads = 0;    // 0: as many as CPUs
  std::string html;   // of check: the page; "": none
  std::string out;    // of show: the picture; "": NAME-PART.png
  std::string part = "train"; // of show
  bool augmented = false;
  int count = 40;     // of show: samples
  uint64_t seed = 0;
};

// Each is a command's exit status; errors have been printed.
int checkData(const DataOptions &options);
int showData(const DataOptions &options);

} // namespace nncc::driver

#endif // NNCC_DRIVER_DATA_H
