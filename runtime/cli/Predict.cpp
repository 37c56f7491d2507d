#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <string_view>

#include "cli/Commands.h"
#include "cli/Embedder.h"
#include "data/Reader.h"
#include "error.h"
#include "report/Text.h"
#include "train/Model.h"
#include "train/Program.h"

namespace nncc::cli {

namespace {

constexpr size_t kClassesShown = 5;

// One sample's values of an output.
std::vector<double> valuesOf(const train::Outputs &outputs, int output, const NnccTensor &tensor,
                             int32_t sample) {
  int64_t count = train::elements(tensor);
  std::vector<double> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    values[i] = tensor.type == NNCC_F64
                    ? static_cast<const double *>(outputs[output])[sample * count + i]
                    : static_cast<const float *>(outputs[output])[sample * count + i];
  return values;
}

// What a softmax gives: at least two numbers between 0 and 1 that add up to 1.
bool areProbabilities(const std::vector<double> &values) {
  double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return values.size() > 1 && std::abs(sum - 1) < 1e-3 &&
         std::ranges::all_of(values, [](double value) { return value >= 0 && value <= 1.001; });
}

bool scores(const NnccComponent &loss) { return train::numberOption(loss, "from_logits", 0) != 0; }

// The probabilities of classes that an output stands for by its loss: of a single unit those of
// two classes, of scores those that a softmax makes of them, of several units without a softmax those
// that each has by itself, if there are as many names of classes (`named`). Empty where it stands for none.
std::vector<double> probabilitiesOf(const NnccProgram &program, const NnccTensor &output,
                                    const std::vector<double> &values, size_t named) {
  for (const NnccJudged &judged : train::judged(program)) {
    if (std::string_view(judged.output.name) != output.name) continue;
    std::string_view loss = judged.loss.kind;
    if (!loss.ends_with("crossentropy") && loss != "kl_divergence") return {};
    if (loss == "binary_crossentropy" && values.size() == 1) {
      double second = scores(judged.loss) ? 1 / (1 + std::exp(-values[0])) : values[0];
      return {1 - second, second};
    }
    if (loss == "binary_crossentropy" && values.size() == named) {
      std::vector<double> probabilities = values;
      if (scores(judged.loss))
        for (double &value : probabilities) value = 1 / (1 + std::exp(-value));
      return probabilities;
    }
    if (loss.ends_with("categorical_crossentropy") && scores(judged.loss)) {
      double most = *std::max_element(values.begin(), values.end()), sum = 0;
      std::vector<double> probabilities;
      for (double value : values) probabilities.push_back(std::exp(value - most));
      for (double value : probabilities) sum += value;
      for (double &value : probabilities) value /= sum;
      return probabilities;
    }
  }
  return areProbabilities(values) ? values : std::vector<double>();
}

std::string className(size_t number, size_t classes, const std::vector<std::string> &classNames) {
  return classNames.size() == classes ? classNames[number] : "class " + std::to_string(number);
}

void printClasses(const std::vector<double> &probabilities,
                  const std::vector<std::string> &classNames) {
  std::vector<size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return probabilities[a] > probabilities[b]; });
  for (size_t i = 0; i < std::min(kClassesShown, order.size()); ++i)
    std::printf("  %7s  %s\n", report::percent(probabilities[order[i]]).c_str(),
                className(order[i], order.size(), classNames).c_str());
}

// In one line, or of rows (a box for each frame) in one for each.
void printValues(const NnccTensor &output, const std::vector<double> &values) {
  std::printf("  %s:", output.name);
  const size_t row = output.rank > 1 ? static_cast<size_t>(output.shape[output.rank - 1]) : values.size();
  for (size_t i = 0; i < values.size(); ++i) {
    if (row < values.size() && i % row == 0) std::printf("\n   ");
    std::printf(" %s", report::jsonNumber(static_cast<float>(values[i])).c_str());
  }
  std::printf("\n");
}

// What is printed of a sample.
class Printer {
 public:
  // `units`: of targets that the training's reader scaled.
  Printer(const NnccProgram &program, const NnccEntry &entry,
          const std::vector<std::string> &classNames, data::Dataset::Units units)
      : program(program), entry(entry), classNames(classNames), units(std::move(units)) {}

  void print(const std::string &title, const train::Outputs &outputs, int32_t sample) const {
    std::printf("%s\n", title.c_str());
    for (int output = 0; output < entry.num_outputs; ++output) {
      Meaning meaning = meaningOf(outputs, output, sample);
      if (meaning.probabilities.empty()) {
        printValues(entry.outputs[output], meaning.values);
        continue;
      }
      // A yes or no without names.
      if (entry.num_outputs > 1 && meaning.values.size() == 1 && classNames.size() != 2) {
        std::printf("  %s: %s\n", entry.outputs[output].name, report::percent(meaning.probabilities[1]).c_str());
        continue;
      }
      if (entry.num_outputs > 1) std::printf("  %s:\n", entry.outputs[output].name);
      printClasses(meaning.probabilities, classNames);
    }
  }

  // One line, {"sample": TITLE, "outputs": {NAME: {"classes": {CLASS: PROBABILITY}}, NAME: {"values": [NUMBER]}}},
  // with all classes.
  void printJson(const std::string &title, const train::Outputs &outputs, int32_t sample) const {
    std::string line = "{\"sample\":" + report::jsonString(title) + ",\"outputs\":{";
    for (int output = 0; output < entry.num_outputs; ++output) {
      Meaning meaning = meaningOf(outputs, output, sample);
      bool classes = !meaning.probabilities.empty();
      const std::vector<double> &numbers = classes ? meaning.probabilities : meaning.values;
      if (output) line += ',';
      line += report::jsonString(entry.outputs[output].name);
      line += classes ? ":{\"classes\":{" : ":{\"values\":[";
      for (size_t i = 0; i < numbers.size(); ++i) {
        if (i) line += ',';
        if (classes) line += report::jsonString(className(i, numbers.size(), classNames)) + ':';
        line += report::jsonNumber(static_cast<float>(numbers[i]));
      }
      line += classes ? "}}" : "]}";
    }
    std::printf("%s}}\n", line.c_str());
  }

 private:
  // Of an output for one sample: probabilities of classes, or else values in the file's units.
  struct Meaning {
    std::vector<double> probabilities, values;
  };
  Meaning meaningOf(const train::Outputs &outputs, int output, int32_t sample) const {
    std::vector<double> values = valuesOf(outputs, output, entry.outputs[output], sample);
    std::vector<double> probabilities = probabilitiesOf(program, entry.outputs[output], values, classNames.size());
    if (probabilities.empty() && isJudged(entry.outputs[output]))
      for (double &value : values) value = value * units.scale + units.offset;
    return {std::move(probabilities), std::move(values)};
  }

  bool isJudged(const NnccTensor &output) const {
    return std::ranges::any_of(train::judged(program), [&](const NnccJudged &judged) {
      return std::string_view(judged.output.name) == output.name;
    });
  }

  const NnccProgram &program;
  const NnccEntry &entry;
  const std::vector<std::string> &classNames;
  data::Dataset::Units units;
};

// The nearest of the enrolled classes, or that it is none of them.
void printNearest(const std::string &title, const train::References::Nearest &nearest, std::optional<double> limit,
                  bool json) {
  if (json) {
    std::printf("{\"sample\":%s,\"nearest\":%s,\"distance\":%s,\"known\":%s}\n", report::jsonString(title).c_str(),
                report::jsonString(nearest.name).c_str(), report::jsonNumber(nearest.distance).c_str(),
                nearest.known ? "true" : "false");
    return;
  }
  std::printf("%s\n", title.c_str());
  std::string distance = report::fixed(nearest.distance, 4);
  if (nearest.known)
    std::printf("  %7s  %s\n", distance.c_str(), nearest.name.c_str());
  else
    std::printf("  unknown  (the nearest is %s at %s, beyond %s)\n", nearest.name.c_str(), distance.c_str(),
                report::fixed(*limit, 4).c_str());
}

void predictEnrolled(Embedder &embedder, const train::References &references,
                     const PredictOptions &options) {
  embedder.embed(options.files, [&](const std::string &title, std::span<const float> embedding) {
    auto distance = [&](std::span<const float> example) { return embedder.distance(embedding, example); };
    printNearest(title, references.nearest(distance), references.limit, options.json);
  });
  if (!references.limit)
    std::fprintf(stderr, "note: no distance is known beyond which a sample is unknown; 'evaluate' chooses one where "
                         "one_shot_accuracy or pair_accuracy is among the metrics\n");
}

// Files two by two: how far apart, and whether that is near enough to be the same class.
void predictPairs(Embedder &embedder, const train::References &references,
                  const PredictOptions &options) {
  const std::vector<std::filesystem::path> &files = options.files;
  if (files.size() % 2)
    throw UserError("the model compares two files at a time, but " + std::to_string(files.size()) +
                    (files.size() == 1 ? " is" : " are") + " named; name pairs of files, or 'enroll' classes first");
  std::string before;
  std::vector<float> first;
  embedder.embed(files, [&](const std::string &title, std::span<const float> sample) {
    if (first.empty()) {
      before = title;
      first.assign(sample.begin(), sample.end());
      return;
    }
    double distance = embedder.distance(first, sample);
    bool same = references.limit && distance <= *references.limit;
    if (options.json)
      std::printf("{\"samples\":[%s,%s],\"distance\":%s,\"same\":%s}\n", report::jsonString(before).c_str(),
                  report::jsonString(title).c_str(), report::jsonNumber(distance).c_str(),
                  !references.limit ? "null" : same ? "true" : "false");
    else
      std::printf("%s, %s\n  %7s  %s\n", before.c_str(), title.c_str(), report::fixed(distance, 4).c_str(),
                  !references.limit ? "apart" : same ? "same" : "different");
    first.clear();
  });
  if (!references.limit)
    std::fprintf(stderr, "note: no distance is known up to which two samples are the same; 'evaluate' chooses one where "
                         "pair_accuracy is among the metrics\n");
}

}  // namespace

void predict(const NnccProgram &program, const PredictOptions &options) {
  if (comparesPairs(program) || (comparesSamples(program) && std::filesystem::exists(options.references))) {
    std::unique_ptr<Embedder> embedder = makeEmbedder(program, options.weights, options.threads);
    train::References references = embedder->references(options.references);
    if (!references.empty()) return predictEnrolled(*embedder, references, options);
    if (comparesPairs(program)) return predictPairs(*embedder, references, options);
  }
  Predictor predictor(program, options.weights, options.threads);
  Printer printer(program, predictor.entry(), predictor.weights().classNames,
                  data::targetUnits(program.data.train, predictor.weights().preprocessing));
  predictor.run(options.files, [&](const std::string &title, const train::Outputs &outputs, int32_t sample) {
    if (options.json)
      printer.printJson(title, outputs, sample);
    else
      printer.print(title, outputs, sample);
  });
}

}  // namespace nncc::cli
