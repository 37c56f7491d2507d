// A file that is replaced whole or not at all: written beside its place, synced, renamed over
// it, and the folder synced, so that a crash at any moment leaves the old file or the new one.
#ifndef NNCC_REPORT_ATOMICFILE_H
#define NNCC_REPORT_ATOMICFILE_H

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace nncc::report {

// Every method throws UserError naming the path and what the system said ("No space left on
// device"). Without commit() the file in place stays as it was and nothing is left beside it.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);  // the folder must exist
  ~AtomicFile();
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;

  void write(const void *data, size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void commit();  // once, the last call

 private:
  [[noreturn]] void fail(const char *what);

  std::filesystem::path path, aside;
  int file = -1;
};

// Makes a folder and those above it; throws UserError naming the path.
void makeFolder(const std::filesystem::path &path);

}  // namespace nncc::report

#endif  // NNCC_REPORT_ATOMICFILE_H
