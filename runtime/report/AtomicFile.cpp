#include "report/AtomicFile.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "error.h"

namespace nncc::report {

namespace {

// Beside the file, so that the rename stays on one disk; with the process's number, so that two
// programs that write the same file don't write into one another's.
std::filesystem::path besides(const std::filesystem::path &path) {
  std::filesystem::path aside = path;
  aside += ".tmp" + std::to_string(getpid());
  return aside;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target)
    : path(std::move(target)), aside(besides(path)) {
  file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail("can't create the file");
}

AtomicFile::~AtomicFile() {
  if (file < 0) return;
  ::close(file);
  ::unlink(aside.c_str());
}

void AtomicFile::write(const void *data, size_t bytes) {
  auto *from = static_cast<const char *>(data);
  while (bytes > 0) {
    ssize_t written = ::write(file, from, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("can't write the file");
    from += written;
    bytes -= written;
  }
}

void AtomicFile::commit() {
  if (::fsync(file)) fail("can't write the file to the disk");
  if (::close(std::exchange(file, -1))) fail("can't write the file");
  if (::rename(aside.c_str(), path.c_str())) fail("can't put the new file in its place");

  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail("can't open its folder to write it to the disk");
  int result = ::fsync(directory), error = errno;
  ::close(directory);
  errno = error;
  // EINVAL: a file system that knows no syncing of folders.
  if (result && error != EINVAL) fail("can't write its folder to the disk");
}

void AtomicFile::fail(const char *what) {
  std::string reason = std::generic_category().message(errno);
  if (file >= 0) ::close(std::exchange(file, -1));
  ::unlink(aside.c_str());
  throw UserError(path.string() + ": " + what + ": " + reason);
}

void makeFolder(const std::filesystem::path &path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && !std::filesystem::is_directory(path, error) && !error)
    error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw UserError(path.string() + ": can't make the folder: " + error.message());
}

}  // namespace nncc::report
