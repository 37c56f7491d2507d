// Child processes with a time limit.
#ifndef NNCC_TESTS_OPS_PROCESS_H
#define NNCC_TESTS_OPS_PROCESS_H

#include <string>
#include <vector>

namespace nncc::ops {

struct Outcome {
  int status = 0;       // exit status; -1 where a signal or the time limit ended it
  std::string output;   // stdout
  std::string errors;   // stderr, and what ended the process if that was not an exit

  bool ok() const { return status == 0; }
};

// Runs command[0] with the others as arguments.
Outcome runProcess(const std::vector<std::string> &command, int secondsAtMost = 120);

// The command as one would type it.
std::string quoted(const std::vector<std::string> &command);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_PROCESS_H
