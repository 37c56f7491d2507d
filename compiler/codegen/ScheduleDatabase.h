//===- ScheduleDatabase.h - schedules that were measured, as a YAML file ---===//
//
// What `nncc tune` found out, for people to read and to be committed beside a model:
//
//     - level: x86-64-v4
//       cpu: znver4
//       l2_kib: 1024
//       kernels:
//         - key: 1a39808794aaaadd        # hash of the kernel's specification
//           kernel: conv2d+relu (conv2d)
//           schedule: direct(tile=2x2x6,rows=30)
//           ratio: 0.91                  # its time to that of the cost model's choice
//           candidates:                  # all that were measured, the cost model's choice first
//             - {schedule: ..., cycles: 51200, ratio: 1}
//
// A target is found by level, CPU and L2: on another machine the cost model chooses.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_CODEGEN_SCHEDULEDATABASE_H
#define NNCC_CODEGEN_SCHEDULEDATABASE_H

#include "schedule/KernelSpec.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace nncc::codegen {

// Schedules by the keys of kernels.
using ScheduleChoices = llvm::StringMap<std::string>;

struct MeasuredCandidate {
  std::string schedule;
  double cycles = 0;  // what the cost model expects for a sample
  double ratio = 0;   // measured time to that of the cost model's choice; 0: it crashed or computed wrongly
};

struct TunedKernel {
  std::string key, kernel, schedule;
  double ratio = 1;
  std::vector<MeasuredCandidate> candidates;

  const MeasuredCandidate *find(llvm::StringRef schedule) const;
};

struct TunedTarget {
  std::string level, cpu;
  int64_t l2Kib = 0;
  std::vector<TunedKernel> kernels;
};

class ScheduleDatabase {
public:
  // A file that is not there is an empty database. Errors name the file and the line.
  static llvm::Expected<ScheduleDatabase> read(llvm::StringRef path);
  // Aside, then renamed.
  llvm::Error write(llvm::StringRef path) const;

  const TunedTarget *find(const schedule::Target &target) const;
  TunedTarget &of(const schedule::Target &target);

  std::vector<TunedTarget> targets;
};

// Where a model's database stands by default: beside it, MODEL.schedules.yaml.
std::string scheduleDatabasePath(llvm::StringRef model);

// The kernels whose schedule is not the cost model's choice.
ScheduleChoices choicesOf(const TunedTarget &target);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_SCHEDULEDATABASE_H
