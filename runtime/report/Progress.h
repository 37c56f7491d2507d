// What a user sees while the program works. On a terminal: one live line, redrawn at most ten
// times a second, cut to the terminal's width, erased before anything else is printed. On a
// pipe or file: plain lines only, one an epoch.
//
// Epochs count from 1 here, as shown. Not thread-safe: call from one thread. Anything else
// that prints to the same place must go through line().
#ifndef NNCC_REPORT_PROGRESS_H
#define NNCC_REPORT_PROGRESS_H

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "report/Text.h"

namespace nncc::report {

class Progress {
 public:
  enum class Mode { Automatic, Live, Plain };  // Automatic: live if `file` is a terminal
  using Clock = std::function<double()>;       // seconds, never going back

  explicit Progress(int file = 1, Mode mode = Mode::Automatic, Clock clock = {});
  ~Progress();  // erases the live line
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  // Prints a lasting line (without its newline).
  void line(std::string_view text);
  // Erases the live line until the next update: before somebody else prints.
  void erase();

  // A counted task outside of training: reading, testing. "Reading cifar10/train", "images".
  // `quiet`: no plain lines (a validation inside of an epoch).
  void beginTask(std::string_view label, std::string_view unit, int64_t total, bool quiet = false);
  void task(int64_t done);
  void endTask();  // plain and live: "Reading cifar10/train: 50,000 images in 3.2 s"

  // A run that ends with epoch `epochs`. Its time left comes from the whole epochs run so far
  // (with their validation), in the first one from its own speed.
  void beginRun(int64_t epochs);
  // `done` samples of this epoch were there already (a resume).
  void beginEpoch(int64_t epoch, int64_t samples, int64_t done = 0);
  // `values`: running loss and metrics of the epoch.
  void step(int64_t done, std::span<const Value> values);
  // Lasting line: "Epoch  3/20   8.1 s   6,172 samples/s   loss 1.0923   accuracy 0.6142 ...".
  // Seconds cover the training part (validation excluded), as does the rate.
  void endEpoch(double seconds, double samplesPerSecond, std::span<const Value> values);

  bool live() const { return isLive; }

 private:
  bool due();  // is it time to redraw?
  // Parts in the order of their weight: the last are left out where the line is too narrow.
  void draw(std::string_view label, int64_t done, int64_t total,
            std::span<const std::string> parts);
  void put(std::string_view text);
  size_t width() const;
  double secondsLeft(double start, int64_t before, int64_t done, int64_t total) const;

  int file;
  bool isLive;
  Clock clock;
  bool drawn = false;
  double lastDraw = -1e9;

  std::string taskLabel, taskUnit;
  int64_t taskTotal = 0;
  double taskStart = 0;
  bool taskQuiet = false;

  int64_t epochs = 0, epoch = 0, epochSamples = 0, epochDoneBefore = 0;
  double epochStart = 0;
  double secondsOfFullEpochs = 0;
  int64_t fullEpochs = 0;
};

}  // namespace nncc::report

#endif  // NNCC_REPORT_PROGRESS_H
