#include "report/Progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

namespace nncc::report {

namespace {

constexpr double redrawSeconds = 0.1;
constexpr size_t widestBar = 30, narrowestBar = 6;

double steadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool isTerminal(int file) {
  const char *terminal = std::getenv("TERM");
  return isatty(file) && terminal && std::string_view(terminal) != "dumb";
}

std::string padded(const std::string &text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string valueText(const Value &value) { return value.name + " " + fixed(value.value, 4); }

// At most `bytes` of it, no character cut in two, nothing that moves the cursor.
std::string shown(std::string text, size_t bytes) {
  if (text.size() > bytes) {
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    text.resize(bytes);
  }
  for (char &c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

std::string bar(size_t width, int64_t done, int64_t total) {
  size_t inside = width - 2;
  double fraction = total > 0 ? std::clamp(double(done) / double(total), 0.0, 1.0) : 1;
  size_t filled = static_cast<size_t>(fraction * static_cast<double>(inside));
  std::string text(filled, '=');
  if (filled < inside) text += '>';
  text.resize(inside, ' ');
  return "[" + text + "]";
}

}  // namespace

Progress::Progress(int file, Mode mode, Clock given)
    : file(file),
      isLive(mode == Mode::Live || (mode == Mode::Automatic && isTerminal(file))),
      clock(given ? std::move(given) : Clock(steadySeconds)) {}

Progress::~Progress() { erase(); }

void Progress::put(std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // nobody looks any more: no reason to end a training
    text.remove_prefix(written);
  }
}

size_t Progress::width() const {
  winsize size{};
  if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool Progress::due() {
  if (!isLive) return false;
  double now = clock();
  if (now - lastDraw < redrawSeconds) return false;
  lastDraw = now;
  return true;
}

void Progress::erase() {
  if (!drawn) return;
  put("\r\x1b[K");
  drawn = false;
  lastDraw = -1e9;
}

void Progress::line(std::string_view text) {
  erase();
  put(std::string(text) + "\n");
}

void Progress::draw(std::string_view label, int64_t done, int64_t total,
                    std::span<const std::string> parts) {
  // The last column stays free: some terminals wrap when it is written.
  size_t space = width() - 1;
  std::string left(label), right = " " + count(done) + "/" + count(total);
  for (const std::string &part : parts) {
    if (left.size() + 1 + right.size() + 2 + part.size() > space) break;
    right += "  " + part;
  }
  size_t used = left.size() + 1 + right.size();
  if (used + narrowestBar <= space)
    left += " " + bar(std::min(space - used, widestBar), done, total);
  put("\r" + shown(left + right, space) + "\x1b[K");
  drawn = true;
}

double Progress::secondsLeft(double start, int64_t before, int64_t done, int64_t total) const {
  if (done <= before) return -1;  // duration() shows it as unknown
  return (clock() - start) * static_cast<double>(total - done) / static_cast<double>(done - before);
}

void Progress::beginTask(std::string_view label, std::string_view unit, int64_t total, bool quiet) {
  taskLabel = label;
  taskUnit = unit;
  taskTotal = total;
  taskQuiet = quiet;
  taskStart = clock();
  if (!isLive && !quiet) line(taskLabel + ": " + count(total) + " " + taskUnit + " ...");
  task(0);
}

void Progress::task(int64_t done) {
  if (!due()) return;
  std::vector<std::string> parts;
  if (done > 0) parts.push_back(duration(secondsLeft(taskStart, 0, done, taskTotal)) + " left");
  draw(taskLabel, done, taskTotal, parts);
}

void Progress::endTask() {
  if (taskQuiet) return;
  line(taskLabel + ": " + count(taskTotal) + " " + taskUnit + " in " +
       duration(clock() - taskStart));
}

void Progress::beginRun(int64_t total) {
  epochs = total;
  fullEpochs = 0;
  secondsOfFullEpochs = 0;
}

void Progress::beginEpoch(int64_t number, int64_t samples, int64_t done) {
  epoch = number;
  epochSamples = samples;
  epochDoneBefore = done;
  epochStart = clock();
  step(done, {});
}

void Progress::step(int64_t done, std::span<const Value> values) {
  if (!due()) return;
  std::vector<std::string> parts;
  for (const Value &value : values) parts.push_back(valueText(value));
  double left = secondsLeft(epochStart, epochDoneBefore, done, epochSamples);
  if (left >= 0) {
    double anEpoch = fullEpochs ? secondsOfFullEpochs / static_cast<double>(fullEpochs)
                                : (clock() - epochStart) * static_cast<double>(epochSamples) /
                                      static_cast<double>(done - epochDoneBefore);
    parts.push_back(duration(left) + " left");
    if (epochs > epoch)
      parts.push_back("run " + duration(left + anEpoch * static_cast<double>(epochs - epoch)) +
                      " left");
  }
  draw("Epoch " + std::to_string(epoch) + "/" + std::to_string(epochs), done, epochSamples, parts);
}

void Progress::endEpoch(double seconds, double samplesPerSecond, std::span<const Value> values) {
  if (epochDoneBefore == 0) {
    secondsOfFullEpochs += clock() - epochStart;
    ++fullEpochs;
  }
  std::string last = std::to_string(epochs);
  std::string rate = samplesPerSecond >= 0 && samplesPerSecond < 1e15
                         ? count(std::llround(samplesPerSecond))
                         : "?";
  std::string text = "Epoch " + padded(std::to_string(epoch), last.size()) + "/" + last + "  " +
                     padded(duration(seconds), 6) + "  " +
                     padded(rate, 6) + " samples/s";
  for (const Value &value : values) text += "  " + valueText(value);
  line(text);
}

}  // namespace nncc::report
