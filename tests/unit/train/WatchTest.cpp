#include "train/Watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "error.h"
#include "train/Checkpoint.h"

namespace {

using namespace nncc;
using namespace nncc::train;

const std::vector<std::string> kNames{"loss", "accuracy"};

Watch watchOf(const std::vector<NnccOption> &options) {
  return Watch({"early_stopping", options.data(), static_cast<int32_t>(options.size())}, kNames);
}

EpochRecord epochWith(double loss, double accuracy) {
  return {{9, 9}, {loss, accuracy}, 1};
}

TEST(Watch, NothingIsWatchedWithoutAComponent) {
  EXPECT_FALSE(Watch({nullptr, nullptr, 0}, kNames));
}

TEST(Watch, LessLossIsBetter) {
  Watch watch = watchOf({{"monitor", "val_loss", NAN}, {"mode", "min", NAN}, {"patience", "2", 2}});
  WatchState state;
  watch.adopt(state);
  EXPECT_TRUE(watch.improved(epochWith(3, 0), 1, state));
  EXPECT_TRUE(watch.improved(epochWith(2, 0), 2, state));
  EXPECT_FALSE(watch.improved(epochWith(2, 0), 3, state));
  EXPECT_FALSE(watch.exhausted(state));
  EXPECT_FALSE(watch.improved(epochWith(2.5, 0), 4, state));
  EXPECT_TRUE(watch.exhausted(state));
  EXPECT_EQ(state.bestEpoch, 2);
  EXPECT_EQ(state.best, 2);
}

TEST(Watch, MoreAccuracyIsBetterByMinDelta) {
  Watch watch = watchOf({{"monitor", "val_accuracy", NAN}, {"mode", "max", NAN}, {"min_delta", "0.1", 0.1}});
  WatchState state;
  watch.adopt(state);
  EXPECT_TRUE(watch.improved(epochWith(0, 0.5), 1, state));
  EXPECT_FALSE(watch.improved(epochWith(0, 0.55), 2, state));
  // Patience 0: the first epoch without improvement is one too many.
  EXPECT_TRUE(watch.exhausted(state));
  EXPECT_TRUE(watch.improved(epochWith(0, 0.65), 3, state));
}

TEST(Watch, WhatIsNoNumberIsNoImprovement) {
  Watch watch = watchOf({{"monitor", "val_loss", NAN}});
  WatchState state;
  watch.adopt(state);
  EXPECT_TRUE(watch.improved(epochWith(3, 0), 1, state));
  EXPECT_FALSE(watch.improved(epochWith(NAN, 0), 2, state));
  EXPECT_EQ(state.best, 3);
}

// As Keras's ReduceLROnPlateau: after `patience` epochs, then a rest of `cooldown` epochs.
TEST(Watch, ReducesTheRateOnAPlateau) {
  std::vector<NnccOption> options{{"monitor", "loss", NAN},  {"patience", "2", 2}, {"factor", "0.5", 0.5},
                                  {"cooldown", "1", 1}, {"min_lr", "0.3", 0.3}};
  Watch watch = watchOf(options);
  WatchState state;
  watch.adopt(state);
  std::vector<double> rates;
  double rate = 1;
  for (int64_t epoch = 1; epoch <= 9; ++epoch)
    rates.push_back(rate = watch.reduced({{5, 0}, {}, 1}, epoch, state, rate));
  EXPECT_EQ(rates, (std::vector<double>{1, 1, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3}));
}

TEST(Watch, AStateOfAnotherMonitorIsForgotten) {
  Watch watch = watchOf({{"monitor", "val_loss", NAN}});
  WatchState state;
  state.monitor = "val_accuracy";
  state.best = 0.9;
  state.wait = 3;
  watch.adopt(state);
  EXPECT_TRUE(std::isnan(state.best));
  EXPECT_EQ(state.wait, 0);
  state.best = 0.7;
  watch.adopt(state);
  EXPECT_EQ(state.best, 0.7);
}

TEST(Watch, AnUnknownValueIsNamed) { EXPECT_THROW(watchOf({{"monitor", "val_f1", NAN}}), UserError); }

}  // namespace
