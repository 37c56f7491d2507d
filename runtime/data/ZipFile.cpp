#include "data/ZipFile.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "error.h"

namespace nncc::data {

namespace {

// Zip's numbers are little-endian.
uint32_t number(const std::vector<std::byte> &bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = count; i-- > 0;) value = value << 8 | std::to_integer<uint32_t>(bytes[at + i]);
  return value;
}

constexpr uint32_t endMagic = 0x06054B50, entryMagic = 0x02014B50, localMagic = 0x04034B50;
constexpr size_t endBytes = 22, entryBytes = 46, localBytes = 30;

[[noreturn]] void damaged(const std::filesystem::path &path, const std::string &how) {
  throw UserError(path.string() + ": no intact zip archive (" + how +
                  "); it is cut short or of another format: write it again");
}

}  // namespace

ByteStream openZipMember(const std::filesystem::path &path, const std::string &member) {
  InputFile file(path);
  // The directory's end stands at the file's, before a comment of at most 64 KiB.
  int64_t tailBytes = std::min<int64_t>(file.size(), endBytes + 65535);
  std::vector<std::byte> tail(tailBytes);
  file.read(file.size() - tailBytes, tail);
  size_t end = tail.size();
  for (size_t at = tail.size() < endBytes ? 0 : tail.size() - endBytes + 1; at-- > 0;)
    if (number(tail, at, 4) == endMagic) {
      end = at;
      break;
    }
  if (end == tail.size()) damaged(path, "it has no directory");
  uint32_t entries = number(tail, end + 10, 2), size = number(tail, end + 12, 4),
           offset = number(tail, end + 16, 4);
  if (offset == 0xFFFFFFFF || entries == 0xFFFF)
    throw UserError(path.string() + ": zip archives of 4 GB and more are not read; store the "
                                    "arrays as .npy files");
  if (static_cast<int64_t>(offset) + size > file.size()) damaged(path, "its directory is elsewhere");
  std::vector<std::byte> directory(size);
  file.read(offset, directory);

  std::string names;
  for (size_t at = 0; entries-- > 0;) {
    if (at + entryBytes > directory.size() || number(directory, at, 4) != entryMagic)
      damaged(path, "its directory is broken");
    size_t nameBytes = number(directory, at + 28, 2),
           extra = number(directory, at + 30, 2) + number(directory, at + 32, 2);
    if (at + entryBytes + nameBytes > directory.size()) damaged(path, "its directory is broken");
    std::string name(reinterpret_cast<const char *>(&directory[at + entryBytes]), nameBytes);
    if (name == member) {
      uint32_t method = number(directory, at + 10, 2);
      int64_t bytes = number(directory, at + 20, 4), start = number(directory, at + 42, 4);
      std::vector<std::byte> local(localBytes);
      if (start + static_cast<int64_t>(localBytes) > file.size()) damaged(path, "a member lies outside");
      file.read(start, local);
      if (number(local, 0, 4) != localMagic) damaged(path, "a member's header is broken");
      start += localBytes + number(local, 26, 2) + number(local, 28, 2);
      if (bytes == 0xFFFFFFFF || start + bytes > file.size()) damaged(path, "a member lies outside");
      if (method != 0 && method != 8)
        throw UserError(path.string() + ": member '" + member + "' is packed by method " +
                        std::to_string(method) + "; expected stored or deflated, as NumPy's "
                        "savez and savez_compressed write it");
      return ByteStream(std::move(file), path.string() + "/" + member, start, bytes,
                        method ? ByteStream::Deflate : ByteStream::Plain);
    }
    names += (names.empty() ? "" : ", ") + name;
    at += entryBytes + nameBytes + extra;
  }
  throw UserError(path.string() + ": no array '" + member + "' in it; there are: " + names);
}

}  // namespace nncc::data
