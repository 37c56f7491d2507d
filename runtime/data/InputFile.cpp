#include "data/InputFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "error.h"

namespace nncc::data {

namespace {

std::string systemMessage(int error) { return std::generic_category().message(error); }

}  // namespace

InputFile::InputFile(const std::filesystem::path &path) : path(path.string()) {
  // O_NONBLOCK: opening a named pipe would wait for a writer for ever.
  file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw UserError(this->path + ": can't open the file: " + systemMessage(errno));
  struct stat info;
  if (fstat(file, &info) || !S_ISREG(info.st_mode)) {
    ::close(file);
    throw UserError(this->path + ": not a regular file");
  }
  bytes = info.st_size;
}

InputFile::~InputFile() {
  if (file >= 0) ::close(file);
}

InputFile::InputFile(InputFile &&other) noexcept
    : path(std::move(other.path)), file(std::exchange(other.file, -1)), bytes(other.bytes) {}

void InputFile::read(int64_t offset, std::span<std::byte> to) const {
  while (!to.empty()) {
    ssize_t got = pread(file, to.data(), to.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw UserError(path + ": can't read the file: " + systemMessage(errno));
    if (got == 0)
      throw UserError(path + ": the file became shorter while it was read; run again when "
                             "nothing writes to it");
    to = to.subspan(got);
    offset += got;
  }
}

std::vector<FolderEntry> listFolder(const std::filesystem::path &path) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  if (!fs::exists(status))
    throw UserError(path.string() + ": no such folder; check the path in the model's `data` "
                                    "section and --data DIR, where relative paths start");
  if (!fs::is_directory(status))
    throw UserError(path.string() + ": expected a folder, found a file");

  std::vector<FolderEntry> entries;
  fs::directory_iterator entry(path, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code unknown;  // a dangling link is Other
    fs::file_type type = entry->status(unknown).type();
    entries.push_back({std::move(name), type == fs::file_type::regular     ? FolderEntry::File
                                        : type == fs::file_type::directory ? FolderEntry::Folder
                                                                           : FolderEntry::Other});
  }
  if (error) throw UserError(path.string() + ": can't read the folder: " + error.message());
  // char_traits compares bytes as unsigned: byte order.
  std::sort(entries.begin(), entries.end(),
            [](const FolderEntry &a, const FolderEntry &b) { return a.name < b.name; });
  return entries;
}

}  // namespace nncc::data
