#include "report/Progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>

using namespace nncc::report;

namespace {

// The two ends of a pipe or of a terminal of some width; read() takes what has come so far.
class Channel {
 public:
  Channel() {
    int ends[2];
    if (pipe(ends)) throw std::runtime_error("pipe");
    reading = ends[0];
    writing = ends[1];
    fcntl(reading, F_SETFL, O_NONBLOCK);
  }
  explicit Channel(unsigned short columns) {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 24;
    if (openpty(&reading, &writing, nullptr, nullptr, &size)) throw std::runtime_error("openpty");
    fcntl(reading, F_SETFL, O_NONBLOCK);
  }
  ~Channel() {
    close(reading);
    close(writing);
  }
  std::string read() {
    std::string text;
    char block[4096];
    for (ssize_t got; (got = ::read(reading, block, sizeof block)) > 0;) text.append(block, got);
    // The terminal turns a newline into two characters.
    for (size_t i; (i = text.find("\r\n")) != text.npos;) text.erase(i, 1);
    return text;
  }

  int reading = -1, writing = -1;
};

class ProgressTest : public testing::Test {
 protected:
  ProgressTest() { setenv("TERM", "xterm", 1); }
  Progress make(Channel &channel, Progress::Mode mode = Progress::Mode::Automatic) {
    return Progress(channel.writing, mode, [this] { return now; });
  }
  double now = 100;
};

const std::string erased = "\r\x1b[K";

TEST_F(ProgressTest, PipeGetsOneLineAnEpoch) {
  Channel channel;
  Progress progress = make(channel);
  EXPECT_FALSE(progress.live());
  progress.beginRun(20);
  for (int64_t epoch = 1; epoch <= 2; ++epoch) {
    progress.beginEpoch(epoch, 50000);
    for (int64_t done = 32; done < 50000; done += 32) {
      now += 0.005;
      progress.step(done, {{Value{"loss", 1.5}}});
    }
    progress.beginTask("Epoch 1/20 validation", "images", 10000, true);
    progress.task(5000);
    progress.endTask();
    progress.endEpoch(7.81, 6401.6, {{Value{"loss", 1.09234}, Value{"val_accuracy", 0.6142}}});
  }
  EXPECT_EQ(channel.read(),
            "Epoch  1/20   7.8 s   6,402 samples/s  loss 1.0923  val_accuracy 0.6142\n"
            "Epoch  2/20   7.8 s   6,402 samples/s  loss 1.0923  val_accuracy 0.6142\n");
}

TEST_F(ProgressTest, PipeGetsBeginAndEndOfATask) {
  Channel channel;
  Progress progress = make(channel);
  progress.beginTask("Reading cifar10/train", "images", 50000);
  EXPECT_EQ(channel.read(), "Reading cifar10/train: 50,000 images ...\n");
  for (int i = 0; i < 50000; i += 1000) progress.task(i);
  now += 1.25;
  progress.endTask();
  EXPECT_EQ(channel.read(), "Reading cifar10/train: 50,000 images in 1.2 s\n");
}

TEST_F(ProgressTest, TerminalGetsOneLiveLine) {
  Channel channel(120);
  Progress progress = make(channel);
  EXPECT_TRUE(progress.live());
  progress.beginRun(20);
  progress.beginEpoch(3, 50000);
  EXPECT_EQ(channel.read(),
            "\rEpoch 3/20 [>                           ] 0/50,000\x1b[K");
  now += 4;
  progress.step(20000, {{Value{"loss", 1.25}, Value{"accuracy", 0.5}}});
  // 40% in 4 s: 6 s more, and 17 epochs of 10 s.
  EXPECT_EQ(channel.read(), "\rEpoch 3/20 [===========>                ] 20,000/50,000  loss 1.2500"
                            "  accuracy 0.5000  6.0 s left  run 2:56 left\x1b[K");
  now += 6;
  progress.endEpoch(10, 5000, {{Value{"loss", 1.2}}});
  EXPECT_EQ(channel.read(), erased + "Epoch  3/20    10 s   5,000 samples/s  loss 1.2000\n");
}

TEST_F(ProgressTest, TimeLeftOfTheRunCountsWholeEpochs) {
  Channel channel(120);
  Progress progress = make(channel);
  progress.beginRun(4);
  progress.beginEpoch(1, 100);
  now += 10;
  progress.beginTask("Epoch 1/4 validation", "images", 100, true);
  now += 5;
  progress.endTask();
  progress.endEpoch(10, 10, {});
  progress.beginEpoch(2, 100);
  channel.read();
  now += 5;
  progress.step(50, {});
  // Of this epoch 5 s, then two of 15 s with their validation.
  std::string text = channel.read();
  EXPECT_NE(text.find("  5.0 s left  run 35 s left\x1b"), text.npos) << text;
}

TEST_F(ProgressTest, ResumedEpochIsTimedFromWhereItWentOn) {
  Channel channel(120);
  Progress progress = make(channel);
  progress.beginRun(1);
  progress.beginEpoch(1, 100, 80);
  channel.read();
  now += 1;
  progress.step(90, {});
  std::string text = channel.read();
  EXPECT_NE(text.find(" 90/100  1.0 s left\x1b"), text.npos) << text;
}

TEST_F(ProgressTest, RedrawsAtMostTenTimesASecond) {
  Channel channel(80);
  Progress progress = make(channel);
  progress.beginRun(1);
  progress.beginEpoch(1, 10000);
  for (int i = 0; i < 10000; ++i) {
    now += 0.001;
    progress.step(i, {});
  }
  std::string text = channel.read();
  auto draws = std::count(text.begin(), text.end(), '\r');
  EXPECT_GE(draws, 90);
  EXPECT_LE(draws, 101);
}

TEST_F(ProgressTest, NeverWiderThanTheTerminal) {
  for (unsigned short columns : {1, 2, 5, 10, 20, 33, 40, 60, 80, 100, 200}) {
    Channel channel(columns);
    Progress progress = make(channel);
    progress.beginRun(20);
    progress.beginEpoch(7, 50000);
    now += 1;
    progress.step(12345, {{Value{"loss", 1.25}, Value{"accuracy", 0.5}}});
    now += 1;
    progress.beginTask("Reading caf\xC3\xA9/train", "images", 10000);
    now += 1;
    progress.task(5000);
    std::string text = channel.read();
    for (size_t begin = 0; (begin = text.find('\r', begin)) != text.npos; ++begin) {
      size_t end = text.find("\x1b[K", begin);
      ASSERT_NE(end, text.npos);
      EXPECT_LT(end - begin - 1, columns) << text;
    }
    EXPECT_EQ(text.find('\n'), text.npos);
    // What a width has room for.
    std::string part = columns >= 80   ? "] 12,345/50,000  loss 1.2500  accuracy 0.5000"
                       : columns == 60 ? "\rEpoch 7/20 12,345/50,000  loss 1.2500  accuracy"
                       : columns == 33 ? "\rEpoch 7/20 [=>   ] 12,345/50,000\x1b"
                       : columns >= 10 ? "Epoch 7/"
                                       : "";
    EXPECT_NE(text.find(part), text.npos) << text;
  }
}

TEST_F(ProgressTest, LinesEraseTheLiveLineFirst) {
  Channel channel(80);
  {
    Progress progress = make(channel);
    progress.line("hello");
    EXPECT_EQ(channel.read(), "hello\n");
    progress.beginTask("Testing", "images", 10);
    channel.read();
    progress.line("warning");
    EXPECT_EQ(channel.read(), erased + "warning\n");
    progress.task(5);  // drawn again at once
    EXPECT_NE(channel.read().find(" 5/10"), std::string::npos);
    progress.erase();
    EXPECT_EQ(channel.read(), erased);
    progress.erase();
    EXPECT_EQ(channel.read(), "");
    progress.task(6);
    channel.read();
  }
  EXPECT_EQ(channel.read(), erased) << "left a live line behind";
}

TEST_F(ProgressTest, DumbTerminalIsNotLive) {
  Channel channel(80);
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(make(channel).live());
  unsetenv("TERM");
  EXPECT_FALSE(make(channel).live());
  EXPECT_TRUE(make(channel, Progress::Mode::Live).live());
}

TEST_F(ProgressTest, LabelsCannotMoveTheCursor) {
  Channel channel(80);
  Progress progress = make(channel);
  progress.beginTask("a\x1b[2Jb\n", "images", 10);
  EXPECT_EQ(channel.read().substr(0, 9), "\ra?[2Jb? ");
}

TEST_F(ProgressTest, ClosedReaderIsNoError) {
  Progress progress(-1, Progress::Mode::Live, [this] { return now; });
  progress.line("x");
  progress.beginTask("Testing", "images", 10);
  progress.endTask();
}

}  // namespace
