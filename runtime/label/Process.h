// Runs a program to its end and takes what it prints.
#ifndef NNCC_LABEL_PROCESS_H
#define NNCC_LABEL_PROCESS_H

#include <sys/types.h>

#include <mutex>
#include <string>
#include <vector>

namespace nncc::label {

class Process {
 public:
  struct Outcome {
    int status;  // as of waitpid
    std::string output, errors;
  };
  // One at a time. Throws UserError if the program can't be started.
  Outcome run(const std::vector<std::string> &command);
  // From another thread: ends what runs, and lets nothing more be started.
  void stop();

 private:
  std::mutex mutex;
  pid_t running = 0;
  bool stopped = false;
};

}  // namespace nncc::label

#endif  // NNCC_LABEL_PROCESS_H
