// A training's log as JSON lines. One object a step
//     {"epoch":1,"step":7,"loss":2.2987,"accuracy":0.125}
// and one an epoch, told apart by having no "step"
//     {"epoch":1,"loss":1.09,"val_loss":1.05,"waited_for_data":0.002,"seconds":8.1,
//      "samples_per_second":6172}
// (on one line; waited_for_data is a share of the seconds).
// Numbers are the shortest text that reads back as the same double; NaN and infinities are
// null. The caller numbers epochs and steps; both must grow, steps over the whole run.
#ifndef NNCC_REPORT_LOG_H
#define NNCC_REPORT_LOG_H

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "report/Text.h"

namespace nncc::report {

struct LogRecord {
  int64_t epoch;
  int64_t step;  // -1: the record of an epoch
  std::vector<Value> values;
};

// All methods throw UserError naming the file (and the line) where reading or writing fails.
class Log {
 public:
  // A new log; one that is there is replaced.
  static Log create(const std::filesystem::path &path);
  // Goes on with a log (or creates it): drops a torn last line, and all from the first record
  // on that will be written again: a step numbered `step` or more, an epoch `epoch` or more.
  static Log resume(const std::filesystem::path &path, int64_t epoch, int64_t step);

  Log(Log &&other) noexcept;
  Log &operator=(Log &&other) noexcept;
  ~Log();  // writes what is left, ignoring errors: call flush() to see them

  void step(int64_t epoch, int64_t step, std::span<const Value> values);
  void epoch(int64_t epoch, std::span<const Value> values, double seconds,
             double samplesPerSecond);
  // Writes out what is buffered. Done by itself after each epoch and about once a second; do it
  // before saving a checkpoint, or a resume from it would miss steps.
  void flush();

 private:
  Log(std::filesystem::path path, int file);

  std::filesystem::path path;
  int file;
  std::string buffer;
  double lastWrite;
};

// The records of the epochs in a log, a torn last line left out. Null reads as NaN.
std::vector<LogRecord> readEpochs(const std::filesystem::path &path);

}  // namespace nncc::report

#endif  // NNCC_REPORT_LOG_H
