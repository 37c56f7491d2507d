#include "label/Process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "error.h"

extern char **environ;

namespace nncc::label {

namespace {

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC)) throw UserError("can't make a pipe: " + std::generic_category().message(errno));
  }
  ~Pipe() {
    for (int i : {0, 1}) close(i);
  }
  void close(int end) {
    if (ends[end] >= 0) ::close(std::exchange(ends[end], -1));
  }
};

// False at the end.
bool readSome(int file, std::string &to) {
  char buffer[1 << 16];
  ssize_t got = ::read(file, buffer, sizeof buffer);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  to.append(buffer, got);
  return got > 0;
}

}  // namespace

Process::Outcome Process::run(const std::vector<std::string> &command) {
  Pipe output, errors;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, errors.ends[1], STDERR_FILENO);
  // Signals that this program waits for with sigwait are blocked here, and not to be there.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char *> arguments;
  for (const std::string &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);

  pid_t pid = 0;
  int error = ECANCELED;
  {
    std::lock_guard lock(mutex);
    if (!stopped) error = ::posix_spawn(&pid, arguments[0], &files, &attributes, arguments.data(), environ);
    if (!error) running = pid;
  }
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error) throw UserError(command[0] + ": can't run the program: " + std::generic_category().message(error));
  output.close(1);
  errors.close(1);

  Outcome outcome{};
  pollfd waiting[] = {{output.ends[0], POLLIN, 0}, {errors.ends[0], POLLIN, 0}};
  std::string *texts[] = {&outcome.output, &outcome.errors};
  for (int open = 2; open > 0;) {
    if (::poll(waiting, 2, -1) < 0) continue;
    for (int i : {0, 1})
      if (waiting[i].fd >= 0 && waiting[i].revents && !readSome(waiting[i].fd, *texts[i])) {
        waiting[i].fd = -1;
        --open;
      }
  }
  // The number of a process that nobody waited for is not given to another.
  siginfo_t info;
  while (::waitid(P_PID, pid, &info, WEXITED | WNOWAIT) && errno == EINTR) {
  }
  std::lock_guard lock(mutex);
  running = 0;
  while (::waitpid(pid, &outcome.status, 0) < 0 && errno == EINTR) {
  }
  return outcome;
}

void Process::stop() {
  std::lock_guard lock(mutex);
  stopped = true;
  if (running) ::kill(running, SIGKILL);
}

}  // namespace nncc::label
