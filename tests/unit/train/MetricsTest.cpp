// Metrics over all samples against numbers worked out by hand (and, where named, by the
// definitions that scikit-learn's documentation gives).
#include "train/Metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "TinyProgram.h"
#include "error.h"
#include "train/ConfusionTables.h"
#include "train/ForecastPlots.h"
#include "train/Program.h"

namespace {

using namespace nncc;
using namespace nncc::train;
using Row = std::vector<double>;

// The metric of single units: outputs and targets of one value a sample.
double ofUnits(const char *kind, const Row &outputs, const Row &targets, double threshold = 0.5) {
  auto metric = makeOverallMetric(kind, 1, threshold);
  for (size_t i = 0; i < outputs.size(); ++i)
    metric->add({{&outputs[i], 1}, {&targets[i], 1}});
  return metric->value();
}

// One false positive, one false negative, two and two right.
const Row kOutputs = {0.9, 0.2, 0.6, 0.4, 0.7, 0.1};
const Row kTargets = {1, 0, 0, 1, 1, 0};

TEST(Metrics, PrecisionRecallAndF1) {
  EXPECT_DOUBLE_EQ(ofUnits("precision", kOutputs, kTargets), 2. / 3);
  EXPECT_DOUBLE_EQ(ofUnits("recall", kOutputs, kTargets), 2. / 3);
  EXPECT_DOUBLE_EQ(ofUnits("precision", kOutputs, kTargets, 0.65), 1);
  EXPECT_DOUBLE_EQ(ofUnits("recall", kOutputs, kTargets, 0.3), 1);
  EXPECT_DOUBLE_EQ(ofUnits("precision", kOutputs, kTargets, 0.3), 3. / 4);
  EXPECT_DOUBLE_EQ(ofUnits("f1_score", kOutputs, kTargets, 0.3), 6. / 7);  // 2 * 3/4 * 1 / (7/4)
}

TEST(Metrics, NothingOfNothingIsZeroAsInKeras) {
  EXPECT_EQ(ofUnits("precision", {0.1, 0.2}, {1, 0}), 0);
  EXPECT_EQ(ofUnits("recall", {0.1, 0.9}, {0, 0}), 0);
  EXPECT_EQ(ofUnits("f1_score", {0.1, 0.2}, {0, 0}), 0);
}

TEST(Metrics, AreaUnderCurveByPairs) {
  // scikit-learn's own example: roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) is 0.75.
  EXPECT_DOUBLE_EQ(ofUnits("auc", {0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}), 0.75);
  EXPECT_DOUBLE_EQ(ofUnits("auc", {0.1, 0.2, 0.3, 0.4}, {0, 0, 1, 1}), 1);
  EXPECT_DOUBLE_EQ(ofUnits("auc", {0.1, 0.2, 0.3, 0.4}, {1, 1, 0, 0}), 0);
}

TEST(Metrics, EqualScoresCountHalf) {
  EXPECT_DOUBLE_EQ(ofUnits("auc", {0.5, 0.5, 0.5, 0.5}, {0, 0, 1, 1}), 0.5);
  // Pairs of the positives 0.5 and 0.7 with the negatives 0.5, 0.5, 0.2: 1/2, 1/2, 1, 1, 1, 1.
  EXPECT_DOUBLE_EQ(ofUnits("auc", {0.5, 0.5, 0.5, 0.2, 0.7}, {1, 0, 0, 0, 1}), 5. / 6);
}

TEST(Metrics, AreaUnderCurveIsTheTrapezoidRule) {
  // Every threshold's rates, as one would draw the curve; scores have many ties.
  Row outputs, targets;
  uint32_t state = 7;
  for (int i = 0; i < 500; ++i) {
    state = state * 1664525u + 1013904223u;
    double score = static_cast<double>((state >> 20) % 17) / 16;
    outputs.push_back(score);
    targets.push_back((state >> 8) % 100 < 20 + 50 * score);
  }
  double positives = std::accumulate(targets.begin(), targets.end(), 0.0);
  double negatives = static_cast<double>(targets.size()) - positives;
  double area = 0, lastTrue = 0, lastFalse = 0;
  for (int threshold = 16; threshold >= 0; --threshold) {
    double trues = 0, falses = 0;
    for (size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i] * 16 >= threshold - 0.5) (targets[i] > 0.5 ? trues : falses) += 1;
    area += (falses - lastFalse) / negatives * (trues + lastTrue) / 2 / positives;
    lastTrue = trues;
    lastFalse = falses;
  }
  EXPECT_GT(area, 0.55);
  EXPECT_NEAR(ofUnits("auc", outputs, targets), area, 1e-12);
}

TEST(Metrics, NoCurveOfOneClassOrOfNoNumbers) {
  EXPECT_TRUE(std::isnan(ofUnits("auc", {0.1, 0.2}, {1, 1})));
  EXPECT_TRUE(std::isnan(ofUnits("auc", {0.1, NAN}, {0, 1})));
  EXPECT_TRUE(std::isnan(ofUnits("auc", {}, {})));
}

TEST(Metrics, RootMeanSquaredError) {
  EXPECT_DOUBLE_EQ(ofUnits("root_mean_squared_error", {1, 2, 3, 4}, {1, 4, 3, 0}), std::sqrt(5));
  auto metric = makeOverallMetric("root_mean_squared_error", 2, 0.5);
  Row output = {1, 2}, target = {4, 6};
  metric->add({output, target});
  EXPECT_DOUBLE_EQ(metric->value(), std::sqrt(12.5));
}

TEST(Metrics, R2Score) {
  // scikit-learn's own example: r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8]) is 0.948.
  EXPECT_NEAR(ofUnits("r2_score", {2.5, 0, 2, 8}, {3, -0.5, 2, 7}), 1 - 1.5 / 29.1875, 1e-14);
  // The same far from zero, where sums of squares would have no digits left.
  Row outputs, targets;
  for (double value : {2.5, 0., 2., 8.}) outputs.push_back(value + 1e8);
  for (double value : {3., -0.5, 2., 7.}) targets.push_back(value + 1e8);
  EXPECT_NEAR(ofUnits("r2_score", outputs, targets), 1 - 1.5 / 29.1875, 1e-7);
  EXPECT_TRUE(std::isnan(ofUnits("r2_score", {1, 2}, {3, 3})));
}

TEST(Metrics, R2ScoreIsTheMeanOfTheValues) {
  auto metric = makeOverallMetric("r2_score", 2, 0.5);
  // The numbers of scikit-learn's example of two outputs.
  const Row outputs[] = {{0, 2}, {-1, 2}, {8, -5}}, targets[] = {{0.5, 1}, {-1, 1}, {7, -6}};
  for (int i = 0; i < 3; ++i) metric->add({outputs[i], targets[i]});
  double mean0 = 6.5 / 3, mean1 = -4. / 3, variance0 = 0, variance1 = 0;
  for (const Row &target : targets) {
    variance0 += (target[0] - mean0) * (target[0] - mean0);
    variance1 += (target[1] - mean1) * (target[1] - mean1);
  }
  EXPECT_NEAR(metric->value(), (1 - 1.25 / variance0 + 1 - 3 / variance1) / 2, 1e-14);
}

TEST(Metrics, TwoClassesByNumber) {
  auto metric = makeOverallMetric("precision", 2, 0.5);
  const Row outputs[] = {{0.4, 0.6}, {0.3, 0.7}, {0.8, 0.2}};
  const int64_t labels[] = {1, 0, 1};
  for (int i = 0; i < 3; ++i) metric->add({outputs[i], {}, labels[i]});
  EXPECT_DOUBLE_EQ(metric->value(), 0.5);
  auto scores = makeOverallMetric("recall", 2, 0);  // the larger score wins
  const Row logits[] = {{-3, -2}, {5, 2}};
  for (const Row &row : logits) scores->add({row, {}, 1});
  EXPECT_DOUBLE_EQ(scores->value(), 0.5);
}

TEST(Metrics, ConfusionMatrixOfEachKindOfTarget) {
  auto classes = makeOverallMetric("confusion_matrix", 3, 0.5);
  const Row outputs[] = {{1, 5, 2}, {7, 0, 7}, {0, 0, 1}};
  const int64_t labels[] = {1, 2, 2};
  for (int i = 0; i < 3; ++i) classes->add({outputs[i], {}, labels[i]});
  EXPECT_EQ(classes->table()->counts, (std::vector<int64_t>{0, 0, 0, 0, 1, 0, 1, 0, 1}));

  auto oneHot = makeOverallMetric("confusion_matrix", 3, 0.5);
  const Row targets[] = {{0, 1, 0}, {0, 0, 1}, {0, 0, 1}};
  for (int i = 0; i < 3; ++i) oneHot->add({outputs[i], targets[i]});
  EXPECT_EQ(oneHot->table()->counts, classes->table()->counts);

  auto units = makeOverallMetric("confusion_matrix", 1, 0.5);
  for (size_t i = 0; i < kOutputs.size(); ++i) units->add({{&kOutputs[i], 1}, {&kTargets[i], 1}});
  EXPECT_EQ(units->table()->counts, (std::vector<int64_t>{2, 1, 1, 2}));
}

TEST(Metrics, ConfusionMatrixAsTextAndCsv) {
  ConfusionMatrix matrix{2, {12, 3, 0, 1500}};
  EXPECT_EQ(confusionCsv(matrix, {"cat", "dog, \"big\""}),
            "class,cat,\"dog, \"\"big\"\"\"\ncat,12,3\n\"dog, \"\"big\"\"\",0,1500\n");
  EXPECT_EQ(confusionCsv(matrix, {}), "class,class 0,class 1\nclass 0,12,3\nclass 1,0,1500\n");
  std::string text = confusionText(matrix, {"cat", "dog"});
  EXPECT_NE(text.find("cat"), text.npos);
  EXPECT_NE(text.find("1,500"), text.npos);
}

TEST(Metrics, PairsAreToldByTheBestLimitOrTheGivenOne) {
  // Distances and "the same": at 0.5 one pair is told wrong, 0.6; nothing is better.
  const Row distances = {0.1, 0.9, 0.4, 0.6, 0.7, 0.8}, same = {1, 0, 1, 1, 0, 0};
  EXPECT_DOUBLE_EQ(ofUnits("pair_accuracy", distances, same), 1);
  const Row mixed = {0, 0, 1, 1, 0, 0};
  auto metric = makeOverallMetric("pair_accuracy", 1, 0.5);
  for (size_t i = 0; i < distances.size(); ++i) metric->add({{&distances[i], 1}, {&mixed[i], 1}});
  // "always different" is right for four of six, 0.65 for five, 0.1 being the one.
  EXPECT_DOUBLE_EQ(metric->value(), 5. / 6);
  EXPECT_DOUBLE_EQ(*metric->distanceLimit(), 0.65);
  metric->setDistanceLimit(0.85);
  EXPECT_DOUBLE_EQ(metric->value(), 3. / 6);
  EXPECT_DOUBLE_EQ(*metric->distanceLimit(), 0.85);
  // Equal distances go together, and where nothing helps the answer is always the same.
  EXPECT_DOUBLE_EQ(ofUnits("pair_accuracy", {1, 1, 1}, {1, 0, 0}), 2. / 3);
  EXPECT_DOUBLE_EQ(ofUnits("pair_accuracy", {1, 1, 1}, {1, 1, 0}), 2. / 3);
  EXPECT_TRUE(std::isnan(ofUnits("pair_accuracy", {NAN, 1}, {1, 0})));
  EXPECT_TRUE(std::isnan(ofUnits("pair_accuracy", {}, {})));
}

TEST(Metrics, RawPairsCompareTheInputs) {
  auto metric = makeOverallMetric("raw_pair_accuracy", 1, 0.5);
  const Row output = {9}, same = {1}, different = {0}, a = {0, 3}, b = {4, 0}, c = {0, 2};
  JudgedSample near{output, same}, far{output, different};
  near.inputs = {a, c};
  far.inputs = {a, b};
  metric->add(near);
  metric->add(far);
  EXPECT_DOUBLE_EQ(metric->value(), 1);
  EXPECT_DOUBLE_EQ(*metric->distanceLimit(), 3);  // between 1 and 5
  JudgedSample alone{output, same};
  alone.inputs = {a};
  EXPECT_THROW(metric->add(alone), UserError);
}

// Embeddings of three classes with four samples each, told apart by their first number; and one sample alone.
void addEmbeddings(OverallMetric &metric, double noise) {
  for (int label = 0; label < 3; ++label)
    for (int i = 0; i < 4; ++i) {
      Row output = {label + noise * i, 0.1 * i};
      metric.add({output, {}, 10 + label});
    }
  Row alone = {100, 100};
  metric.add({alone, {}, 99});
}

TEST(Metrics, OneShotAccuracyByEpisodes) {
  const NnccOption options[] = {{"ways", "3", 3}, {"shots", "1", 1}, {"episodes", "200", 200}};
  const NnccComponent component = {"one_shot_accuracy", options, 3};
  auto of = [&](double noise) {
    auto metric = makeOverallMetric("one_shot_accuracy", 2, 0.5, component);
    addEmbeddings(*metric, noise);
    return std::pair(metric->value(), metric->distanceLimit());
  };
  auto [right, limit] = of(0.01);
  EXPECT_EQ(right, 1);
  EXPECT_GT(*limit, std::hypot(0.03, 0.3));  // the largest distance within a class
  EXPECT_LT(*limit, 0.97);                   // the least between classes
  double noisy = of(0.5).first;
  EXPECT_GT(noisy, 0.34);
  EXPECT_LT(noisy, 0.95);
  EXPECT_EQ(noisy, of(0.5).first);
  // More ways than there are classes with two samples.
  const NnccOption many[] = {{"ways", "4", 4}, {"shots", "1", 1}, {"episodes", "200", 200}};
  auto metric = makeOverallMetric("one_shot_accuracy", 2, 0.5, {"one_shot_accuracy", many, 3});
  addEmbeddings(*metric, 0.01);
  EXPECT_TRUE(std::isnan(metric->value()));
}

TEST(Metrics, EpisodesNeedEnoughClasses) {
  const NnccOption options[] = {{"ways", "2", 2}, {"shots", "2", 2}};
  const NnccOverallMetric metric = {"val", {"one_shot_accuracy", options, 2}, 0, 1};
  const std::vector<int32_t> enough = {1, 1, 1, 5, 5, 5}, few = {1, 1, 1, 5, 5};
  EXPECT_NO_THROW(requireSuitable(metric, enough, "set"));
  try {
    requireSuitable(metric, few, "set");
    FAIL();
  } catch (const UserError &error) {
    EXPECT_STREQ(error.what(), "metric 'val' wants 2 classes of at least 3 samples, but data set 'set' has 1; "
                               "choose fewer ways or shots");
  }
}

TEST(Metrics, BoxesShareWhatTheyCoverTogether) {
  auto metric = makeOverallMetric("iou", 8, 0.5);
  // Two boxes a sample: x, y, width, height. The same one; a quarter of 1 over 1 + 1 - 1/4.
  Row output{0.1, 0.2, 0.5, 0.25, 0.5, 0.5, 1, 1}, target{0.1, 0.2, 0.5, 0.25, 0, 0, 1, 1};
  metric->add({output, target});
  EXPECT_DOUBLE_EQ(metric->value(), (1 + 0.25 / 1.75) / 2);
  // Beside each other, and of a size below 0: nothing in common.
  Row apart{0.75, 0, 0.25, 1, 0.5, 0.5, -1, 1};
  metric->add({apart, target});
  EXPECT_DOUBLE_EQ(metric->value(), (1 + 0.25 / 1.75) / 4);
  EXPECT_TRUE(std::isnan(makeOverallMetric("iou", 4, 0.5)->value()));
  Row broken{NAN, 0, 1, 1, 0, 0, 1, 1};
  metric->add({broken, target});
  EXPECT_TRUE(std::isnan(metric->value()));
  // Against a count of points: which of a grid's are in one, in both.
  auto counted = makeOverallMetric("iou", 4, 0.5);
  Row a{0.12, 0.3, 0.41, 0.52}, b{0.2, 0.11, 0.5, 0.6};
  counted->add({a, b});
  constexpr int kGrid = 2000;
  int64_t both = 0, either = 0;
  auto inside = [](const Row &box, double x, double y) {
    return x > box[0] && x < box[0] + box[2] && y > box[1] && y < box[1] + box[3];
  };
  for (int i = 0; i < kGrid; ++i)
    for (int j = 0; j < kGrid; ++j) {
      double x = (i + 0.5) / kGrid, y = (j + 0.5) / kGrid;
      both += inside(a, x, y) && inside(b, x, y);
      either += inside(a, x, y) || inside(b, x, y);
    }
  EXPECT_NEAR(counted->value(), static_cast<double>(both) / static_cast<double>(either), 2e-3);
}

TEST(Metrics, MedianOfRelativeErrors) {
  // Errors of 1/2, 1/4, 2 and 0; the target of 0 does not count.
  EXPECT_DOUBLE_EQ(ofUnits("median_relative_error", {3, -3, -1, 5, 7}, {2, -4, 1, 5, 0}), 0.375);
  EXPECT_DOUBLE_EQ(ofUnits("median_relative_error", {3, -3, -1}, {2, -4, 1}), 0.5);
  EXPECT_TRUE(std::isnan(ofUnits("median_relative_error", {1}, {0})));
  EXPECT_TRUE(std::isnan(ofUnits("median_relative_error", {NAN, 1}, {1, 1})));
}

TEST(Metrics, ForecastsAreDrawnWhereTheyCame) {
  auto metric = makeOverallMetric("forecast_plot", 3, 0);
  for (double i = 0; i < 5; ++i) {
    std::vector<double> output{i, 9, i + 2}, target{i + 0.5, 9, i + 2.5};
    metric->add({output, target});
  }
  EXPECT_EQ(metric->forecast()->places, 3);
  nncc::report::Plot plot = forecastPlot(*metric->forecast(), {10, 100, "spots"});
  EXPECT_EQ(plot.title, "spots");
  ASSERT_EQ(plot.panels.size(), 2u);
  EXPECT_EQ(plot.panels[0].title, "1 ahead");
  EXPECT_EQ(plot.panels[1].title, "3 ahead");
  for (size_t panel : {0, 1})
    for (size_t curve : {0, 1}) {
      const auto &points = plot.panels[panel].curves[curve].points;
      ASSERT_EQ(points.size(), 5u);
      for (size_t i = 0; i < 5; ++i) {
        double ahead = panel ? 3 : 1, value = static_cast<double>(i) + (panel ? 2 : 0) + (curve ? 0 : 0.5);
        EXPECT_EQ(points[i].x, static_cast<double>(i) + ahead);
        EXPECT_EQ(points[i].y, 10 * value + 100);
      }
    }
  auto single = makeOverallMetric("forecast_plot", 1, 0);
  std::vector<double> one{1};
  single->add({one, one});
  EXPECT_EQ(forecastPlot(*single->forecast(), {}).panels.size(), 1u);
}

TEST(Metrics, UnknownOnesAreRefused) { EXPECT_THROW(makeOverallMetric("kappa", 1, 0.5), UserError); }

// A program whose EVALUATE gives scores of one output behind its loss.
TEST(Metrics, OfAProgramInAnyBatches) {
  static constexpr int64_t kOne[] = {1};
  static constexpr NnccTensor kInputs[] = {{"x", NNCC_F32, 1, kOne}, {"labels", NNCC_F32, 1, kOne}};
  static constexpr NnccTensor kOutputs[] = {{"loss", NNCC_F32, 0, nullptr}, {"unit", NNCC_F32, 1, kOne}};
  static constexpr NnccOption kLogits[] = {{"from_logits", "true", 1}};
  static constexpr NnccJudged kJudged[] = {{{"unit", NNCC_F32, 1, kOne}, {"binary_crossentropy", kLogits, 1}, 1, 1}};
  static constexpr NnccOverallMetric kMetrics[] = {{"auc", {"auc", nullptr, 0}, 0, 1},
                                                   {"confusion_matrix", {"confusion_matrix", nullptr, 0}, 0, 1},
                                                   {"precision", {"precision", nullptr, 0}, 0, 1}};
  static constexpr NnccEntry kEntry = {NNCC_EVALUATE, 4, kInputs, 2, kOutputs, 2, 0, 0, nullptr, nullptr};
  NnccProgram program = tests::tinyProgram;
  program.entries = &kEntry;
  program.num_entries = 1;
  program.train.judged = kJudged;
  program.train.num_judged = 1;
  program.train.overall_metrics = kMetrics;
  program.train.num_overall_metrics = 3;
  EXPECT_EQ(valueNames(program), (std::vector<std::string>{"loss"}));
  EXPECT_EQ(evaluationNames(program), (std::vector<std::string>{"loss", "auc", "precision"}));
  EXPECT_EQ(labelClasses(program, kEntry), 0);
  EXPECT_EQ(OverallMetrics::bytes(program, 1000), 3 * 1000 * 8 + 4 * 8);

  const float scores[] = {-1, 0.5f, 2, -0.25f, 1}, labels[] = {0, 0, 1, 1, 1};
  for (int split : {1, 2, 4}) {
    OverallMetrics metrics(program);
    for (int first : {0, split}) {
      const void *inputs[] = {scores, labels + first};
      float part[5];
      std::copy(scores + first, scores + 5, part);
      void *outputs[] = {nullptr, part};
      metrics.add(inputs, outputs, first ? 5 - split : split);
    }
    EXPECT_EQ(metrics.values(), (std::vector<double>{5. / 6, 2. / 3}));
    ASSERT_EQ(metrics.tables().size(), 1u);
    EXPECT_EQ(metrics.tables()[0].matrix.counts, (std::vector<int64_t>{1, 1, 1, 2}));
  }
}

}  // namespace
