#include "data/ByteStream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "error.h"

namespace nncc::data {

struct ByteStream::Unpacker {
  explicit Unpacker(Packing packing) {
    // 16 + 15: a gzip header and a window of 32 KiB; -15: no header.
    int status = inflateInit2(&state, packing == Gzip ? 16 + 15 : -15);
    if (status != Z_OK) throw std::bad_alloc();
  }
  ~Unpacker() { inflateEnd(&state); }

  z_stream state = {};
  std::array<std::byte, 1 << 16> packed;
  bool ended = false;
};

ByteStream::ByteStream(const std::filesystem::path &path)
    : file(path),
      streamName(path.string()),
      offset(0),
      left(file.size()),
      packing(Plain) {
  std::array<std::byte, 2> magic{};
  if (left >= 2) file.read(0, magic);
  if (magic[0] == std::byte{0x1F} && magic[1] == std::byte{0x8B}) packing = Gzip;
  begin();
}

ByteStream::ByteStream(InputFile given, std::string name, int64_t offset, int64_t bytes,
                       Packing packing)
    : file(std::move(given)),
      streamName(std::move(name)),
      offset(offset),
      left(bytes),
      packing(packing) {
  begin();
}

ByteStream::~ByteStream() = default;
ByteStream::ByteStream(ByteStream &&) noexcept = default;

void ByteStream::begin() {
  if (packing != Plain) unpacker = std::make_unique<Unpacker>(packing);
}

size_t ByteStream::read(std::span<std::byte> to) {
  return unpacker ? unpack(to) : readFile(to);
}

size_t ByteStream::readFile(std::span<std::byte> to) {
  size_t count = static_cast<size_t>(std::min<int64_t>(to.size(), left));
  file.read(offset, to.first(count));
  offset += count;
  left -= count;
  return count;
}

size_t ByteStream::unpack(std::span<std::byte> to) {
  z_stream &state = unpacker->state;
  size_t done = 0;
  while (done < to.size() && !unpacker->ended) {
    if (state.avail_in == 0) {
      size_t count = readFile(unpacker->packed);
      if (count == 0)
        throw UserError(streamName + ": the compressed data end too soon; fetch the file again");
      state.next_in = reinterpret_cast<Bytef *>(unpacker->packed.data());
      state.avail_in = static_cast<uInt>(count);
    }
    uInt room = static_cast<uInt>(std::min<size_t>(to.size() - done, 1 << 30));
    state.next_out = reinterpret_cast<Bytef *>(to.data() + done);
    state.avail_out = room;
    int status = inflate(&state, Z_NO_FLUSH);
    done += room - state.avail_out;
    if (status == Z_STREAM_END) {
      // A gzip file may be several, one behind the other.
      bool more = packing == Gzip && (state.avail_in > 0 || left > 0);
      unpacker->ended = !more || inflateReset(&state) != Z_OK;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      throw UserError(streamName + ": the compressed data are damaged" +
                      (state.msg ? " (" + std::string(state.msg) + ")" : "") +
                      "; fetch the file again");
    }
  }
  return done;
}

}  // namespace nncc::data
