// Reading whole files and folders, with errors as sentences that name the path.
#ifndef NNCC_DATA_INPUTFILE_H
#define NNCC_DATA_INPUTFILE_H

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace nncc::data {

// An open file for reading at any place, from any thread.
class InputFile {
 public:
  // Throws UserError if it can't be opened or is no regular file.
  explicit InputFile(const std::filesystem::path &path);
  ~InputFile();
  InputFile(InputFile &&other) noexcept;
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;
  InputFile &operator=(InputFile &&) = delete;

  int64_t size() const { return bytes; }
  // Fills `to` from `offset` on; UserError if the file ends before or can't be read.
  void read(int64_t offset, std::span<std::byte> to) const;

 private:
  std::string path;
  int file;
  int64_t bytes;
};

struct FolderEntry {
  std::string name;
  enum Kind { File, Folder, Other } kind;  // of what a link points to
};

// What a folder holds, sorted by name in byte order; names that start with a dot are left
// out. Throws UserError if it isn't there, is no folder or can't be read.
std::vector<FolderEntry> listFolder(const std::filesystem::path &path);

}  // namespace nncc::data

#endif  // NNCC_DATA_INPUTFILE_H
