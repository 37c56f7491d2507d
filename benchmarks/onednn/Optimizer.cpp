#include "Optimizer.h"

#include <cmath>

#include "Buffer.h"
#include "Library.h"

namespace onednn {

namespace {

class State {
 public:
  explicit State(size_t count) : buffer(count * sizeof(float)) {}
  float *values() const { return reinterpret_cast<float *>(buffer.bytes()); }

 private:
  Buffer buffer;
};

class Adam : public Optimizer {
 public:
  Adam(const nlohmann::json &options, size_t count)
      : rate(options["learning_rate"]),
        beta1(options["beta_1"]),
        beta2(options["beta_2"]),
        epsilon(options["epsilon"]),
        count(count),
        means(count),
        squares(count) {}

  void update(float *values, const float *gradients) override {
    ++steps;
    const auto step = static_cast<float>(rate * std::sqrt(1 - std::pow(beta2, steps)) /
                                         (1 - std::pow(beta1, steps)));
    const auto b1 = static_cast<float>(1 - beta1), b2 = static_cast<float>(1 - beta2);
    const auto smallest = static_cast<float>(epsilon);
    float *m = means.values(), *v = squares.values();
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < count; ++i) {
      m[i] += (gradients[i] - m[i]) * b1;
      v[i] += (gradients[i] * gradients[i] - v[i]) * b2;
      values[i] -= step * m[i] / (std::sqrt(v[i]) + smallest);
    }
  }

 private:
  double rate, beta1, beta2, epsilon;
  size_t count;
  State means, squares;
  int64_t steps = 0;
};

class GradientDescent : public Optimizer {
 public:
  GradientDescent(const nlohmann::json &options, size_t count)
      : rate(options["learning_rate"]),
        momentum(options["momentum"]),
        nesterov(options["nesterov"]),
        count(count),
        velocities(momentum != 0 ? count : 0) {}

  void update(float *values, const float *gradients) override {
    if (momentum == 0) {
#pragma omp parallel for simd schedule(static)
      for (size_t i = 0; i < count; ++i)
        values[i] -= rate * gradients[i];
      return;
    }
    float *v = velocities.values();
    // Nesterov's form goes the next step's momentum ahead.
    const float old = nesterov ? momentum * momentum : momentum;
    const float fresh = rate * (nesterov ? 1 + momentum : 1);
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < count; ++i) {
      values[i] += old * v[i] - fresh * gradients[i];
      v[i] = momentum * v[i] - rate * gradients[i];
    }
  }

 private:
  float rate, momentum;
  bool nesterov;
  size_t count;
  State velocities;
};

}  // namespace

std::unique_ptr<Optimizer> makeOptimizer(const nlohmann::json &options, size_t count) {
  if (!options["learning_rate"].is_number())
    throw Unsupported("the oneDNN loop does not know learning-rate schedules");
  if (options["name"] == "adam")
    return std::make_unique<Adam>(options, count);
  if (options["name"] == "sgd")
    return std::make_unique<GradientDescent>(options, count);
  throw Unsupported("the oneDNN loop does not know the optimizer " +
                    options["name"].get<std::string>());
}

}  // namespace onednn
