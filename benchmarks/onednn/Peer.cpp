// nncc-onednn: a training loop over oneDNN's primitives, written by hand as well as that can be
// done, as a peer of bench.py.
//
//     nncc-onednn MODEL.json WEIGHTS.safetensors BATCHES.safetensors EPOCH THREADS
//
// Files and answers are those of peer.py, which says what they are.
//
// How it is written: convolutions and dense layers read and write the layouts that oneDNN
// chooses for each direction, with relu fused into them; a flatten is the dense layer's own; each
// convolution is direct or Winograd, by direction, whichever is measured to be faster at start-up;
// weights live in the layout of their gradients, and are copied once a step where a direction
// reads another; a relu below a max-pool is undone on the pooled numbers. A step allocates
// nothing; Adam is one vectorized loop on all threads.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "Network.h"
#include "Safetensors.h"

using namespace onednn;
using nlohmann::json;

namespace {

// Class numbers, of targets of either type.
std::vector<int32_t> numbersOf(const Safetensors::Tensor &tensor) {
  if (tensor.dtype == "F32") {
    const float *values = reinterpret_cast<const float *>(tensor.bytes.data());
    return {values, values + tensor.bytes.size() / sizeof(float)};
  }
  const int32_t *values = reinterpret_cast<const int32_t *>(tensor.bytes.data());
  return {values, values + tensor.bytes.size() / sizeof(int32_t)};
}

class Trainer {
 public:
  Trainer(const Model &model, const std::string &weights, const Safetensors &data)
      : network(model, weights),
        batch(static_cast<size_t>(model.batch)),
        sampleBytes(static_cast<size_t>(model.height * model.width * model.channels)),
        images(data.find(model.input).bytes),
        labels(numbersOf(data.find("labels"))) {
    if (labels.size() < batch || labels.size() % batch ||
        images.size() != labels.size() * sampleBytes)
      throw Unsupported(data.path + " does not hold whole batches of this model's images");
  }

  // The next `steps` batches: {"seconds", "loss": the mean}.
  json train(int64_t steps) { return measure(steps, &Network::train, trained); }
  json evaluate(int64_t steps) { return measure(steps, &Network::evaluate, evaluated); }

 private:
  using Step = Score (Network::*)(const uint8_t *, const int32_t *);

  json measure(int64_t steps, Step step, size_t &done) {
    auto start = std::chrono::steady_clock::now();
    double loss = 0;
    for (int64_t i = 0; i < steps; ++i) {
      size_t first = done++ % (labels.size() / batch) * batch;
      loss += (network.*step)(reinterpret_cast<const uint8_t *>(images.data()) + first * sampleBytes, labels.data() + first).loss;
    }
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return {{"seconds", seconds.count()}, {"loss", loss / static_cast<double>(steps)}};
  }

  Network network;
  size_t batch, sampleBytes;
  std::vector<char> images;
  std::vector<int32_t> labels;
  size_t trained = 0, evaluated = 0;
};

// VmHWM: the most memory this process ever had resident.
int64_t peakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      int64_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
  throw std::runtime_error("/proc/self/status has no VmHWM");
}

json obey(Trainer &trainer, const json &command) {
  if (command["do"] == "train")
    return trainer.train(command["steps"]);
  if (command["do"] == "evaluate")
    return trainer.evaluate(command["steps"]);
  if (command["do"] == "status")
    return {{"peak_bytes", peakBytes()}, {"versions", {{"oneDNN", version()}}}};
  throw Unsupported("unknown command " + command.dump());
}

void serve(const std::string &model, const std::string &weights, const std::string &data) {
  Trainer trainer(readModel(model), weights, Safetensors(data));
  std::cout << json{{"loss", trainer.train(1)["loss"]}} << std::endl;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << obey(trainer, json::parse(line)) << std::endl;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 6 || std::atoi(argv[5]) < 1) {
    std::cerr << "usage: nncc-onednn MODEL.json WEIGHTS.safetensors BATCHES.safetensors EPOCH THREADS\n";
    return 2;
  }
  useThreads(std::atoi(argv[5]));
  try {
    serve(argv[1], argv[2], argv[3]);
  } catch (const std::exception &error) {  // oneDNN's, JSON's or Unsupported
    std::cout << json{{"error", error.what()}} << std::endl;
    return 1;
  }
  return 0;
}
