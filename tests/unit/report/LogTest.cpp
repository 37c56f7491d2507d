#include "report/Log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "../data/TemporaryFolder.h"
#include "error.h"

using namespace nncc::report;

namespace {

class LogFile : public testing::Test {
 protected:
  std::string text() { return folder.read(path); }

  template <typename Action>
  std::string errorOf(Action action) {
    try {
      action();
    } catch (const nncc::UserError &error) {
      return error.what();
    }
    return "no error";
  }

  // Two epochs of two steps.
  void writeFour() {
    Log log = Log::create(path);
    for (int64_t step = 1; step <= 4; ++step) {
      int64_t epoch = (step + 1) / 2;
      log.step(epoch, step, {{Value{"loss", 1.0 / step}}});
      if (step % 2 == 0) log.epoch(epoch, {{Value{"loss", 0.5}}}, 2, 100);
    }
  }

  TemporaryFolder folder;
  std::filesystem::path path = folder / "log.jsonl";
  const std::string lines[6] = {
      "{\"epoch\":1,\"step\":1,\"loss\":1}\n",
      "{\"epoch\":1,\"step\":2,\"loss\":0.5}\n",
      "{\"epoch\":1,\"loss\":0.5,\"seconds\":2,\"samples_per_second\":100}\n",
      "{\"epoch\":2,\"step\":3,\"loss\":0.3333333333333333}\n",
      "{\"epoch\":2,\"step\":4,\"loss\":0.25}\n",
      "{\"epoch\":2,\"loss\":0.5,\"seconds\":2,\"samples_per_second\":100}\n",
  };
  std::string first(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += lines[i];
    return text;
  }
};

TEST_F(LogFile, OneObjectALine) {
  writeFour();
  EXPECT_EQ(text(), first(6));
}

TEST_F(LogFile, NumbersThatJsonHasNot) {
  {
    Log log = Log::create(path);
    log.step(1, 1, {{Value{"loss", std::nan("")}, Value{"a \"b\"", HUGE_VAL}}});
  }
  EXPECT_EQ(text(), "{\"epoch\":1,\"step\":1,\"loss\":null,\"a \\\"b\\\"\":null}\n");
}

TEST_F(LogFile, CreateReplaces) {
  writeFour();
  { Log log = Log::create(path); }
  EXPECT_EQ(text(), "");
}

TEST_F(LogFile, FlushAndEpochWriteAtOnce) {
  Log log = Log::create(path);
  log.step(1, 1, {{Value{"loss", 1}}});
  log.flush();
  EXPECT_EQ(text(), lines[0]);
  log.step(1, 2, {{Value{"loss", 0.5}}});
  log.epoch(1, {{Value{"loss", 0.5}}}, 2, 100);
  EXPECT_EQ(text(), first(3));
}

TEST_F(LogFile, MovesKeepWhatIsBuffered) {
  Log log = Log::create(folder / "other");
  {
    Log inner = Log::create(path);
    inner.step(1, 1, {{Value{"loss", 1}}});
    log = std::move(inner);
  }
  log.step(1, 2, {{Value{"loss", 0.5}}});
  log.flush();
  EXPECT_EQ(text(), first(2));
}

TEST_F(LogFile, ResumeDropsWhatComesAgain) {
  struct Case {
    int64_t epoch, step;
    int kept;
  };
  for (Case c : {Case{3, 5, 6}, {2, 5, 5}, {2, 4, 4}, {2, 3, 3}, {1, 2, 1}, {1, 1, 0}}) {
    writeFour();
    { Log log = Log::resume(path, c.epoch, c.step); }
    EXPECT_EQ(text(), first(c.kept)) << c.epoch << " " << c.step;
  }
}

TEST_F(LogFile, ResumeGoesOn) {
  writeFour();
  {
    Log log = Log::resume(path, 2, 3);
    log.step(2, 3, {{Value{"loss", 1.0 / 3}}});
    log.step(2, 4, {{Value{"loss", 0.25}}});
    log.epoch(2, {{Value{"loss", 0.5}}}, 2, 100);
  }
  EXPECT_EQ(text(), first(6));
}

TEST_F(LogFile, ResumeDropsATornLastLineOfAnyLength) {
  for (size_t length = 0; length <= lines[3].size(); ++length) {
    folder.write("log.jsonl", first(3) + lines[3].substr(0, length));
    { Log log = Log::resume(path, 3, 5); }
    EXPECT_EQ(text(), first(length == lines[3].size() ? 4 : 3)) << length;
  }
}

TEST_F(LogFile, ResumeWithoutALogStartsOne) {
  { Log log = Log::resume(path, 2, 3); }
  EXPECT_EQ(text(), "");
}

TEST_F(LogFile, ForeignFilesStayWhole) {
  for (std::string bad : {"hello", "{}", "{\"step\":3}", "{\"epoch\":1,\"loss\":inf}",
                          "{\"epoch\":1} ", "{\"epoch\":\"x\"}", "{\"epoch\":1,}", "",
                          "{\"epoch\":1e300}", "{\"epoch\":null}", "{\"ep\\u0zz\":1}", "{\"a\\"}) {
    std::string content = first(2) + bad + "\n" + lines[3];
    folder.write("log.jsonl", content);
    EXPECT_EQ(errorOf([&] { Log::resume(path, 3, 5); }),
              path.string() + ":3: not a line of a training log; expected an object of numbers "
                              "with an \"epoch\": move the file away or name another one")
        << bad;
    EXPECT_EQ(text(), content);
  }
}

TEST_F(LogFile, MissingFolderIsNamed) {
  auto bad = folder / "no/log";
  EXPECT_EQ(errorOf([&] { Log::create(bad); }),
            bad.string() + ": can't create the log: No such file or directory");
  EXPECT_EQ(errorOf([&] { Log::resume(bad, 1, 1); }),
            bad.string() + ": can't open the log: No such file or directory");
  EXPECT_EQ(errorOf([&] { readEpochs(bad); }),
            bad.string() + ": can't open the log: No such file or directory");
}

TEST_F(LogFile, FullDiskIsNamed) {
  Log log = Log::create("/dev/full");
  log.step(1, 1, {{Value{"loss", 1}}});
  EXPECT_EQ(errorOf([&] { log.flush(); }),
            "/dev/full: can't write the log: No space left on device");
}

TEST_F(LogFile, EpochsReadBack) {
  {
    Log log = Log::create(path);
    log.step(1, 1, {{Value{"loss", 3}}});
    log.epoch(1, {{Value{"loss", 0.1}, Value{"a \"b\"\n", std::nan("")}}}, 1.5, 1e6);
    log.epoch(2, {}, 2, 3);
    log.step(3, 2, {});
  }
  folder.write("log.jsonl", text() + "{\"epoch\":3,\"lo");
  std::vector<LogRecord> epochs = readEpochs(path);
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].epoch, 1);
  EXPECT_EQ(epochs[0].step, -1);
  ASSERT_EQ(epochs[0].values.size(), 4u);
  EXPECT_EQ(epochs[0].values[0].name, "loss");
  EXPECT_EQ(epochs[0].values[0].value, 0.1);
  EXPECT_EQ(epochs[0].values[1].name, "a \"b\"\n");
  EXPECT_TRUE(std::isnan(epochs[0].values[1].value));
  EXPECT_EQ(epochs[0].values[2].name, "seconds");
  EXPECT_EQ(epochs[0].values[3].value, 1e6);
  EXPECT_EQ(epochs[1].epoch, 2);
}

}  // namespace
