#include "cli/Embedder.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "data/Batches.h"
#include "data/Dataset.h"
#include "data/Indices.h"
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

Embedder::Embedder(const NnccProgram &program, const ChosenWeights &weights, int threads)
    : output(requireEmbedding(program)), predictor(program, weights, threads) {}

train::References Embedder::references(const std::filesystem::path &path) {
  const NnccProgram &program = predictor.model().program();
  return train::References::load(path, train::elements(predictor.entry().outputs[output]),
                                 train::weightsFingerprint(program, predictor.model().parameters()));
}

void Embedder::embed(const std::vector<std::filesystem::path> &files,
                     const std::function<void(const std::string &title, std::span<const float> embedding)> &seen) {
  predictor.run(files, [&](const std::string &title, const train::Outputs &outputs, int32_t sample) {
    seen(title, embeddingOf(outputs, output, predictor.entry().outputs[output], sample));
  });
}

std::vector<float> embeddingOf(const train::Outputs &outputs, int32_t output, const NnccTensor &tensor,
                               int32_t sample) {
  int64_t count = train::elements(tensor);
  std::vector<float> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    values[i] = tensor.type == NNCC_F64
                    ? static_cast<float>(static_cast<const double *>(outputs[output])[sample * count + i])
                    : static_cast<const float *>(outputs[output])[sample * count + i];
  return values;
}

int32_t requireEmbedding(const NnccProgram &program) {
  int64_t output = train::embeddingOutput(program);
  if (output < 0)
    throw UserError("model '" + std::string(program.name) + "' gives no embeddings that new classes could be told by; "
                    "expected a model with the loss triplet");
  return static_cast<int32_t>(output);
}

}  // namespace nncc::cli
