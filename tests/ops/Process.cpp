#include "Process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

extern char **environ;

namespace nncc::ops {
namespace {

struct Pipe {
  int ends[2];
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0)
      throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    closeEnd(0);
    closeEnd(1);
  }
  void closeEnd(int end) {
    if (ends[end] >= 0)
      close(ends[end]);
    ends[end] = -1;
  }
};

}  // namespace

Outcome runProcess(const std::vector<std::string> &command, int secondsAtMost) {
  Pipe output, errors;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, errors.ends[1], 2);
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed)
    throw std::runtime_error(command[0] + ": " + std::strerror(failed));
  output.closeEnd(1);
  errors.closeEnd(1);

  Outcome outcome;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(secondsAtMost);
  bool late = false;
  pollfd ends[2] = {{output.ends[0], POLLIN, 0}, {errors.ends[0], POLLIN, 0}};
  std::string *texts[2] = {&outcome.output, &outcome.errors};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (!late && (left.count() <= 0 || poll(ends, 2, static_cast<int>(left.count())) == 0)) {
      kill(child, SIGKILL);
      late = true;
    }
    if (late)
      break;
    for (int i = 0; i < 2; i++) {
      if (ends[i].fd < 0 || !(ends[i].revents & (POLLIN | POLLHUP | POLLERR)))
        continue;
      char buffer[4096];
      const ssize_t count = read(ends[i].fd, buffer, sizeof buffer);
      if (count > 0)
        texts[i]->append(buffer, count);
      else if (count == 0 || errno != EINTR)
        ends[i].fd = -1;  // poll ignores negative descriptors
    }
  }
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  outcome.status = WIFEXITED(status) && !late ? WEXITSTATUS(status) : -1;
  if (late)
    outcome.errors += "\nkilled after " + std::to_string(secondsAtMost) + " s";
  else if (WIFSIGNALED(status))
    outcome.errors += std::string("\nended by signal: ") + strsignal(WTERMSIG(status));
  return outcome;
}

std::string quoted(const std::vector<std::string> &command) {
  std::string text;
  for (const std::string &word : command) {
    if (!text.empty())
      text += ' ';
    if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-./=,:+") == std::string::npos)
      text += word;
    else
      text += "'" + word + "'";
  }
  return text;
}

}  // namespace nncc::ops
