#include "cli/Embedder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "data/Batches.h"
#include "data/Dataset.h"
#include "data/Indices.h"
#include "data/Pairs.h"
#include "data/Reader.h"
#include "error.h"
#include "train/Program.h"

namespace nncc::cli {

namespace {

// Checked before threads and memory are made for it.
const NnccEntry &readable(const NnccProgram &program) {
  const NnccEntry &entry = train::requireEntry(program, NNCC_PREDICT, "predict");
  const NnccTensor &input = entry.inputs[0];
  if (!data::readsTables(program.data.train) &&
      (entry.num_inputs != 1 || input.type != NNCC_U8 || input.rank < 2))
    throw UserError("predict reads images, but the input of model '" + std::string(program.name) +
                    "' is no single image: '" + input.name + "' " + data::shapeText(input));
  return entry;
}

}  // namespace

Predictor::Predictor(const NnccProgram &program, const ChosenWeights &weights, int threads)
    : predict(readable(program)),
      tables(data::readsTables(program.data.train)),
      compiled(program, threads, {NNCC_PREDICT}),
      loaded(fillWeights(program, compiled, weights, false)) {}

void Predictor::run(const std::vector<std::filesystem::path> &files, const Seen &seen) {
  if (tables)
    runTables(files, seen);
  else
    runImages(files, seen);
}

// Files of one image each.
void Predictor::runImages(const std::vector<std::filesystem::path> &files, const Seen &seen) {
  const NnccTensor &input = predict.inputs[0];
  int32_t batch = static_cast<int32_t>(std::min<size_t>(predict.batch, files.size()));
  train::Outputs outputs(predict, batch);
  int64_t sampleBytes = train::bytes(input);
  train::Block images(sampleBytes * batch, train::Block::Fill::None, "a batch of images");
  const void *inputs[] = {images.data()};
  std::span<const int64_t> limits = train::limitsOf(compiled.program(), input);

  for (size_t first = 0; first < files.size(); first += batch) {
    int32_t samples = static_cast<int32_t>(std::min<size_t>(batch, files.size() - first));
    for (int32_t i = 0; i < samples; ++i) {
      std::vector<std::byte> image =
          data::decodeImage(files[first + i], input, imageReader(compiled.program()));
      data::requireIndices(limits, input, image.data(), files[first + i].string());
      std::memcpy(static_cast<std::byte *>(images.data()) + i * sampleBytes, image.data(),
                  image.size());
    }
    compiled.run(predict, samples, inputs, outputs.pointers());
    for (int32_t i = 0; i < samples; ++i) seen(files[first + i].string(), outputs, i);
  }
}

// Files of many samples each: rows of a CSV file, arrays.
void Predictor::runTables(const std::vector<std::filesystem::path> &files, const Seen &seen) {
  train::Outputs outputs(predict, predict.batch);
  std::span<const int64_t> limits = train::limitsOf(compiled.program(), predict.inputs[0]);
  for (const std::filesystem::path &file : files) {
    data::Dataset samples = data::readInputs(compiled.program().data.train, file,
                                             train::inputs(predict),
                                             {{}, loaded.preprocessing, 0, limits});
    for (const std::string &warning : samples.warnings())
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
    data::BatchOptions walk;
    walk.batchSize = predict.batch;
    data::Batches batches(samples, walk);
    for (bool last = false; !last;) {
      const data::Batch &batch = batches.next();
      compiled.run(predict, batch.samples, batch.inputs, outputs.pointers());
      for (int32_t i = 0; i < batch.samples; ++i) {
        int64_t number = batch.sampleIndex[i], line = samples.line(number);
        std::string own = samples.fileName(number);
        seen(own.empty() ? file.string() + ":" + std::to_string(line ? line : number) : own, outputs, i);
      }
      last = batch.lastOfEpoch;
    }
  }
}

namespace {

// One sample's values of the output of a model, as they are stored.
std::vector<float> valuesOf(const train::Outputs &outputs, int32_t output, const NnccTensor &tensor, int32_t sample) {
  int64_t count = train::elements(tensor);
  std::vector<float> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    values[i] = tensor.type == NNCC_F64
                    ? static_cast<float>(static_cast<const double *>(outputs[output])[sample * count + i])
                    : static_cast<const float *>(outputs[output])[sample * count + i];
  return values;
}

// By the embeddings that the model makes.
class NetworkEmbedder : public Embedder {
 public:
  NetworkEmbedder(const NnccProgram &program, const ChosenWeights &weights, int threads)
      : output(static_cast<int32_t>(train::embeddingOutput(program))), predictor(program, weights, threads) {}

  void embed(const std::vector<std::filesystem::path> &files, const Seen &seen) override {
    predictor.run(files, [&](const std::string &title, const train::Outputs &outputs, int32_t sample) {
      seen(title, valuesOf(outputs, output, predictor.entry().outputs[output], sample));
    });
  }
  double distance(std::span<const float> first, std::span<const float> second) override {
    double sum = 0;
    for (size_t i = 0; i < first.size(); ++i) sum += std::pow(double{first[i]} - second[i], 2);
    return std::sqrt(sum);
  }

 private:
  int64_t size() const override { return train::elements(predictor.entry().outputs[output]); }
  std::string fingerprint() override {
    return train::weightsFingerprint(predictor.model().program(), predictor.model().parameters());
  }

  int32_t output;
  Predictor predictor;
};

// Checked before threads and memory are made for it.
const NnccEntry &pairable(const NnccProgram &program) {
  const NnccEntry &entry = train::requireEntry(program, NNCC_PREDICT, "predict");
  for (const NnccTensor &input : train::inputs(entry))
    if (input.type != NNCC_U8 || input.rank < 2)
      throw UserError("pairs of files are compared where they are images, but the input of model '" +
                      std::string(program.name) + "' is '" + input.name + "' " + data::shapeText(input));
  return entry;
}

// By the distance that the model gives two images, which are kept as they are.
class PairEmbedder : public Embedder {
 public:
  PairEmbedder(const NnccProgram &program, const ChosenWeights &weights, int threads)
      : predict(pairable(program)),
        compiled(program, threads, {NNCC_PREDICT}),
        reader(imageReader(program)),
        outputs(predict, 1) {
    fillWeights(program, compiled, weights, false);
  }

  void embed(const std::vector<std::filesystem::path> &files, const Seen &seen) override {
    for (const std::filesystem::path &file : files) {
      std::vector<std::byte> image = data::decodeImage(file, predict.inputs[0], data::SampleReader(reader));
      std::vector<float> pixels;
      for (std::byte level : image) pixels.push_back(static_cast<float>(std::to_integer<int>(level)));
      seen(file.string(), pixels);
    }
  }
  double distance(std::span<const float> first, std::span<const float> second) override {
    std::vector<uint8_t> images[2];
    const void *inputs[2];
    for (size_t i = 0; i < 2; ++i) {
      for (float level : i ? second : first) images[i].push_back(static_cast<uint8_t>(level));
      inputs[i] = images[i].data();
    }
    compiled.run(predict, 1, inputs, outputs.pointers());
    return valuesOf(outputs, 0, predict.outputs[0], 0).at(0);
  }

 private:
  int64_t size() const override { return train::elements(predict.inputs[0]); }
  std::string fingerprint() override { return train::weightsFingerprint(compiled.program(), compiled.parameters()); }

  const NnccEntry &predict;
  train::Model compiled;
  NnccComponent reader;
  train::Outputs outputs;
};

}  // namespace

bool comparesPairs(const NnccProgram &program) { return data::pairingOf(program.data.train).has_value(); }

bool comparesSamples(const NnccProgram &program) {
  return train::embeddingOutput(program) >= 0 || comparesPairs(program);
}

std::unique_ptr<Embedder> makeEmbedder(const NnccProgram &program, const ChosenWeights &weights, int threads) {
  if (comparesPairs(program)) return std::make_unique<PairEmbedder>(program, weights, threads);
  if (train::embeddingOutput(program) >= 0) return std::make_unique<NetworkEmbedder>(program, weights, threads);
  throw UserError("model '" + std::string(program.name) + "' compares no samples, so that new classes could be told; "
                  "expected a model with the loss triplet, or of pairs");
}

}  // namespace nncc::cli
