#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <string_view>

#include "cli/Commands.h"
#include "data/Batches.h"
#include "data/Dataset.h"
#include "data/Indices.h"
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
// two classes, of scores those that a softmax makes of them. Empty where it stands for none.
std::vector<double> probabilitiesOf(const NnccProgram &program, const NnccTensor &output,
                                    const std::vector<double> &values) {
  for (const NnccJudged &judged : train::judged(program)) {
    if (std::string_view(judged.output.name) != output.name) continue;
    std::string_view loss = judged.loss.kind;
    if (!loss.ends_with("crossentropy") && loss != "kl_divergence") return {};
    if (loss == "binary_crossentropy" && values.size() == 1) {
      double second = scores(judged.loss) ? 1 / (1 + std::exp(-values[0])) : values[0];
      return {1 - second, second};
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

void printClasses(const std::vector<double> &probabilities,
                  const std::vector<std::string> &classNames) {
  std::vector<size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return probabilities[a] > probabilities[b]; });
  for (size_t i = 0; i < std::min(kClassesShown, order.size()); ++i) {
    std::string name = classNames.size() == probabilities.size()
                           ? classNames[order[i]]
                           : "class " + std::to_string(order[i]);
    std::printf("  %7s  %s\n", report::percent(probabilities[order[i]]).c_str(), name.c_str());
  }
}

void printValues(const char *output, const std::vector<double> &values) {
  std::printf("  %s:", output);
  for (double value : values)
    std::printf(" %s", report::jsonNumber(static_cast<float>(value)).c_str());
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
      std::vector<double> values = valuesOf(outputs, output, entry.outputs[output], sample);
      std::vector<double> probabilities = probabilitiesOf(program, entry.outputs[output], values);
      if (probabilities.empty()) {
        if (isJudged(entry.outputs[output]))
          for (double &value : values) value = value * units.scale + units.offset;
        printValues(entry.outputs[output].name, values);
        continue;
      }
      if (entry.num_outputs > 1) std::printf("  %s:\n", entry.outputs[output].name);
      printClasses(probabilities, classNames);
    }
  }

 private:
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

// Files of one image each.
void predictImages(train::Model &model, const NnccEntry &entry, const PredictOptions &options,
                   const Printer &printer) {
  const NnccTensor &input = entry.inputs[0];
  int32_t batch = static_cast<int32_t>(std::min<size_t>(entry.batch, options.files.size()));
  train::Outputs outputs(entry, batch);
  int64_t sampleBytes = train::bytes(input);
  train::Block images(sampleBytes * batch, train::Block::Fill::None, "a batch of images");
  const void *inputs[] = {images.data()};
  std::span<const int64_t> limits = train::limitsOf(model.program(), input);

  for (size_t first = 0; first < options.files.size(); first += batch) {
    int32_t samples =
        static_cast<int32_t>(std::min<size_t>(batch, options.files.size() - first));
    for (int32_t i = 0; i < samples; ++i) {
      std::vector<std::byte> image =
          data::decodeImage(options.files[first + i], input, imageReader(model.program()));
      data::requireIndices(limits, input, image.data(), options.files[first + i].string());
      std::memcpy(static_cast<std::byte *>(images.data()) + i * sampleBytes, image.data(),
                  image.size());
    }
    model.run(entry, samples, inputs, outputs.pointers());
    for (int32_t i = 0; i < samples; ++i)
      printer.print(options.files[first + i].string(), outputs, i);
  }
}

// Files of many samples each: rows of a CSV file, arrays.
void predictTables(train::Model &model, const NnccEntry &entry, const PredictOptions &options,
                   const std::string &preprocessing, const Printer &printer) {
  train::Outputs outputs(entry, entry.batch);
  std::span<const int64_t> limits = train::limitsOf(model.program(), entry.inputs[0]);
  for (const std::filesystem::path &file : options.files) {
    data::Dataset samples = data::readInputs(model.program().data.train, file,
                                             train::inputs(entry),
                                             {{}, preprocessing, 0, limits});
    for (const std::string &warning : samples.warnings())
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
    data::BatchOptions walk;
    walk.batchSize = entry.batch;
    data::Batches batches(samples, walk);
    for (bool last = false; !last;) {
      const data::Batch &batch = batches.next();
      model.run(entry, batch.samples, batch.inputs, outputs.pointers());
      for (int32_t i = 0; i < batch.samples; ++i) {
        int64_t number = batch.sampleIndex[i], line = samples.line(number);
        std::string own = samples.fileName(number);
        printer.print(own.empty() ? file.string() + ":" + std::to_string(line ? line : number) : own, outputs, i);
      }
      last = batch.lastOfEpoch;
    }
  }
}

}  // namespace

void predict(const NnccProgram &program, const PredictOptions &options) {
  const NnccEntry &entry = train::requireEntry(program, NNCC_PREDICT, "predict");
  const NnccTensor &input = entry.inputs[0];
  bool tables = data::readsTables(program.data.train);
  if (!tables && (entry.num_inputs != 1 || input.type != NNCC_U8 || input.rank < 2))
    throw UserError("predict reads images, but the input of model '" + std::string(program.name) +
                    "' is no single image: '" + input.name + "' " + data::shapeText(input));

  train::Model model(program, options.threads, {NNCC_PREDICT});
  train::LoadedWeights weights = fillWeights(program, model, options.weights, false);

  Printer printer(program, entry, weights.classNames,
                  data::targetUnits(program.data.train, weights.preprocessing));
  if (tables)
    predictTables(model, entry, options, weights.preprocessing, printer);
  else
    predictImages(model, entry, options, printer);
}

}  // namespace nncc::cli
