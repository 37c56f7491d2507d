#include "report/Log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "error.h"

namespace nncc::report {

namespace {

[[noreturn]] void fail(const std::filesystem::path &path, const char *what) {
  throw UserError(path.string() + ": " + what + ": " + std::generic_category().message(errno));
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Reads what Log writes: a flat object of numbers and nulls, keys with the escapes of
// jsonString. Nothing else is a record.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest(text) {}

  std::optional<LogRecord> record() {
    LogRecord record{-1, -1, {}};
    if (!take('{')) return {};
    do {
      Value value;
      if (!string(value.name) || !take(':') || !number(value.value)) return {};
      if (value.name == "epoch" || value.name == "step") {
        if (!(std::abs(value.value) < 9e15)) return {};
        (value.name == "epoch" ? record.epoch : record.step) = std::llround(value.value);
      } else {
        record.values.push_back(std::move(value));
      }
    } while (take(','));
    if (!take('}') || !rest.empty() || record.epoch < 0) return {};
    return record;
  }

 private:
  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }

  bool string(std::string &text) {
    if (!take('"')) return false;
    while (!rest.empty() && rest[0] != '"') {
      if (!take('\\')) {
        text += rest[0];
        rest.remove_prefix(1);
      } else if (rest.starts_with("u00") && rest.size() >= 5) {
        unsigned code = 0;
        if (std::from_chars(rest.data() + 3, rest.data() + 5, code, 16).ptr != rest.data() + 5)
          return false;
        text += static_cast<char>(code);
        rest.remove_prefix(5);
      } else if (!rest.empty()) {
        text += rest[0];
        rest.remove_prefix(1);
      }
    }
    return take('"');
  }

  bool number(double &value) {
    if (rest.starts_with("null")) {
      value = std::numeric_limits<double>::quiet_NaN();
      rest.remove_prefix(4);
      return true;
    }
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return false;
    rest.remove_prefix(end - rest.data());
    return true;
  }

  std::string_view rest;
};

// Calls use(record, where its line starts) for each whole line until it returns false. Returns
// where the whole lines end, or behind the line that stopped it.
template <typename Use>
int64_t forEachRecord(const std::filesystem::path &path, Use use) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path, "can't open the log");
  int64_t begin = 0;
  std::string line;
  for (int64_t number = 1; std::getline(file, line) && !file.eof(); ++number) {
    auto record = Parser(line).record();
    if (!record)
      throw UserError(path.string() + ":" + std::to_string(number) +
                      ": not a line of a training log; expected an object of numbers with an "
                      "\"epoch\": move the file away or name another one");
    int64_t end = begin + static_cast<int64_t>(line.size()) + 1;
    if (!use(std::move(*record), begin)) return end;
    begin = end;
  }
  if (file.bad()) fail(path, "can't read the log");
  return begin;
}

std::string objectStart(int64_t epoch) { return "{\"epoch\":" + std::to_string(epoch); }

void add(std::string &line, const std::string &name, double value) {
  line.append(",").append(jsonString(name)).append(":").append(jsonNumber(value));
}

}  // namespace

Log::Log(std::filesystem::path path, int file)
    : path(std::move(path)), file(file), lastWrite(now()) {}

Log Log::create(const std::filesystem::path &path) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) fail(path, "can't create the log");
  return Log(path, file);
}

Log Log::resume(const std::filesystem::path &path, int64_t epoch, int64_t step) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) fail(path, "can't open the log");
  Log log(path, file);
  std::optional<int64_t> again;
  int64_t whole = forEachRecord(path, [&](LogRecord record, int64_t begin) {
    if (record.step >= 0 ? record.step >= step : record.epoch >= epoch) again = begin;
    return !again;
  });
  if (::ftruncate(file, static_cast<off_t>(again.value_or(whole))))
    fail(path, "can't cut the log back to where training goes on");
  return log;
}

Log::Log(Log &&other) noexcept
    : path(std::move(other.path)),
      file(std::exchange(other.file, -1)),
      buffer(std::move(other.buffer)),
      lastWrite(other.lastWrite) {}

Log &Log::operator=(Log &&other) noexcept {
  std::swap(path, other.path);
  std::swap(file, other.file);
  std::swap(buffer, other.buffer);
  std::swap(lastWrite, other.lastWrite);
  return *this;
}

Log::~Log() {
  if (file < 0) return;
  try {
    flush();
  } catch (const UserError &) {
    // Nobody is left to tell.
  }
  ::close(file);
}

void Log::step(int64_t epoch, int64_t step, std::span<const Value> values) {
  std::string line = objectStart(epoch) + ",\"step\":" + std::to_string(step);
  for (const Value &value : values) add(line, value.name, value.value);
  buffer += line + "}\n";
  if (buffer.size() > (1 << 16) || now() - lastWrite > 1) flush();
}

void Log::epoch(int64_t epoch, std::span<const Value> values, double seconds,
                double samplesPerSecond) {
  std::string line = objectStart(epoch);
  for (const Value &value : values) add(line, value.name, value.value);
  add(line, "seconds", seconds);
  add(line, "samples_per_second", samplesPerSecond);
  buffer += line + "}\n";
  flush();
}

void Log::flush() {
  std::string_view rest = buffer;
  while (!rest.empty()) {
    ssize_t written = ::write(file, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      // What is on the disk must not be written twice by a later try.
      buffer.erase(0, buffer.size() - rest.size());
      fail(path, "can't write the log");
    }
    rest.remove_prefix(written);
  }
  buffer.clear();
  lastWrite = now();
}

std::vector<LogRecord> readEpochs(const std::filesystem::path &path) {
  std::vector<LogRecord> epochs;
  forEachRecord(path, [&](LogRecord record, int64_t) {
    if (record.step < 0) epochs.push_back(std::move(record));
    return true;
  });
  return epochs;
}

}  // namespace nncc::report
