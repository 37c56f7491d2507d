#include "TinyProgram.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nncc::tests {

// Not a variable: TinyTrainer sets it while variables are still being initialized.
std::function<void(const NnccCall &)> &beforeTinyStep() {
  static std::function<void(const NnccCall &)> function;
  return function;
}

TinyBug tinyBug = TinyBug::None;

namespace {

constexpr int kIn = 32 * 32 * 3, kHidden = 6, kOut = 10, kLanes = 4, kSlice = 1;

constexpr int64_t aligned(int64_t bytes) {
  return (bytes + NNCC_ALIGNMENT - 1) / NNCC_ALIGNMENT * NNCC_ALIGNMENT;
}

// The parameter block, a lane's gradients and both halves of the state look like this.
template <typename T>
struct Layout {
  static constexpr int64_t kernel1 = 0;
  static constexpr int64_t bias1 = aligned(kernel1 + kIn * kHidden * sizeof(T));
  static constexpr int64_t kernel2 = aligned(bias1 + kHidden * sizeof(T));
  static constexpr int64_t bias2 = aligned(kernel2 + kHidden * kOut * sizeof(T));
  static constexpr int64_t bytes = aligned(bias2 + kOut * sizeof(T));
  static constexpr int64_t elements = bytes / sizeof(T);
};

template <typename T>
struct Weights {
  T *kernel1, *bias1, *kernel2, *bias2;

  explicit Weights(void *block) {
    char *base = static_cast<char *>(block);
    kernel1 = reinterpret_cast<T *>(base + Layout<T>::kernel1);
    bias1 = reinterpret_cast<T *>(base + Layout<T>::bias1);
    kernel2 = reinterpret_cast<T *>(base + Layout<T>::kernel2);
    bias2 = reinterpret_cast<T *>(base + Layout<T>::bias2);
  }
};

// A worker's scratch: what one sample needs.
template <typename T>
struct Scratch {
  T hidden[kHidden], scores[kOut], diffHidden[kHidden];
};
template <typename T>
constexpr int64_t kScratchBytes = aligned(sizeof(Scratch<T>));

template <typename T>
Scratch<T> &scratchOf(const NnccCall *call, int64_t arenaBytes, int32_t worker) {
  return *reinterpret_cast<Scratch<T> *>(static_cast<char *>(call->arena) + arenaBytes +
                                         worker * kScratchBytes<T>);
}

bool dropped(const NnccCall *call, int sample, int unit) {
  uint64_t x = call->seed * 0x9E3779B97F4A7C15u + static_cast<uint64_t>(call->iteration) * 1000003u +
               static_cast<uint64_t>(sample * kHidden + unit);
  x = (x ^ (x >> 31)) * 0xBF58476D1CE4E5B9u;
  return ((x ^ (x >> 29)) & 15) == 0;
}

// Scores become probabilities.
template <typename T>
void forward(const NnccCall *call, int sample, bool dropout, Scratch<T> &s) {
  Weights<T> w(call->parameters);
  const uint8_t *image = static_cast<const uint8_t *>(call->inputs[0]) + int64_t{sample} * kIn;
  for (int h = 0; h < kHidden; ++h) s.hidden[h] = w.bias1[h];
  for (int i = 0; i < kIn; ++i)
    for (int h = 0; h < kHidden; ++h)
      s.hidden[h] += static_cast<T>(image[i]) / 255 * w.kernel1[i * kHidden + h];
  for (int h = 0; h < kHidden; ++h) {
    s.hidden[h] = std::max(s.hidden[h], T(0));
    if (dropout && dropped(call, sample, h)) s.hidden[h] = 0;
  }
  for (int o = 0; o < kOut; ++o) {
    s.scores[o] = w.bias2[o];
    for (int h = 0; h < kHidden; ++h) s.scores[o] += s.hidden[h] * w.kernel2[h * kOut + o];
  }
  T most = *std::max_element(s.scores, s.scores + kOut), sum = 0;
  for (T &score : s.scores) sum += score = std::exp(score - most);
  for (T &score : s.scores) score /= sum;
}

template <typename T>
void writeLoss(const NnccCall *call, int sample, const Scratch<T> &s, bool metrics) {
  int label = static_cast<const int32_t *>(call->inputs[1])[sample];
  static_cast<T *>(call->outputs[0])[sample] = -std::log(s.scores[label]);
  if (metrics)
    static_cast<T *>(call->outputs[1])[sample] =
        std::max_element(s.scores, s.scores + kOut) - s.scores == label;
}

template <typename T>
void backward(const NnccCall *call, int sample, Scratch<T> &s, Weights<T> diff) {
  Weights<T> w(call->parameters);
  const uint8_t *image = static_cast<const uint8_t *>(call->inputs[0]) + int64_t{sample} * kIn;
  int label = static_cast<const int32_t *>(call->inputs[1])[sample];
  std::fill(s.diffHidden, s.diffHidden + kHidden, T(0));
  for (int o = 0; o < kOut; ++o) {
    T diffScore = (s.scores[o] - (o == label)) / static_cast<T>(call->samples);
    if (tinyBug != TinyBug::OutputBiasZero) diff.bias2[o] += diffScore;
    for (int h = 0; h < kHidden; ++h) {
      diff.kernel2[h * kOut + o] += s.hidden[h] * diffScore;
      s.diffHidden[h] += w.kernel2[h * kOut + o] * diffScore;
    }
  }
  for (int h = 0; h < kHidden; ++h) {
    if (tinyBug != TinyBug::ForgottenRelu && s.hidden[h] <= 0) s.diffHidden[h] = 0;
    diff.bias1[h] += s.diffHidden[h];
  }
  for (int i = 0; i < kIn; ++i)
    for (int h = 0; h < kHidden; ++h)
      diff.kernel1[i * kHidden + h] += static_cast<T>(image[i]) / 255 * s.diffHidden[h];
}

template <typename T>
constexpr int64_t kLaneArena = kLanes * Layout<T>::bytes;

template <typename T>
T *lane(const NnccCall *call, int number) {
  return reinterpret_cast<T *>(static_cast<char *>(call->arena) + number * Layout<T>::bytes);
}

// Stage 1: a lane walks its slices in order.
template <typename T>
void laneTask(const NnccCall *call, int32_t task, int32_t worker) {
  Scratch<T> &s = scratchOf<T>(call, kLaneArena<T>, worker);
  bool training = call->state != nullptr;
  std::memset(lane<T>(call, task), 0, Layout<T>::bytes);
  for (int slice = task; slice * kSlice < call->samples; slice += kLanes)
    for (int i = slice * kSlice; i < std::min((slice + 1) * kSlice, call->samples); ++i) {
      forward(call, i, training, s);
      writeLoss(call, i, s, training);
      backward(call, i, s, Weights<T>(lane<T>(call, task)));
    }
}

template <typename T>
T laneSum(const NnccCall *call, int64_t i) {
  return (lane<T>(call, 0)[i] + lane<T>(call, 1)[i]) + (lane<T>(call, 2)[i] + lane<T>(call, 3)[i]);
}

// Stage 2: lanes summed, Adam.
constexpr int64_t kChunk = 2048;
void updateTask(const NnccCall *call, int32_t task, int32_t worker) {
  constexpr int64_t count = Layout<float>::elements;
  float *p = static_cast<float *>(call->parameters);
  float *m = static_cast<float *>(call->state), *v = m + count;
  double t = static_cast<double>(call->iteration);
  float alpha = static_cast<float>(call->learning_rate * std::sqrt(1 - std::pow(0.999, t)) /
                                   (1 - std::pow(0.9, t)));
  for (int64_t i = task * kChunk; i < std::min((task + 1) * kChunk, count); ++i) {
    float g = laneSum<float>(call, i);
    m[i] += (g - m[i]) * 0.1f;
    v[i] += (g * g - v[i]) * 0.001f;
    p[i] -= alpha * m[i] / (std::sqrt(v[i]) + 1e-7f);
  }
}

void trainStep(const NnccCall *call) {
  if (beforeTinyStep()) beforeTinyStep()(*call);
  call->run_tasks(call->pool, kLanes, laneTask<float>, call);
  call->run_tasks(call->pool, static_cast<int32_t>((Layout<float>::elements + kChunk - 1) / kChunk),
                  updateTask, call);
}

template <typename T>
void evaluateTask(const NnccCall *call, int32_t task, int32_t worker) {
  Scratch<T> &s = scratchOf<T>(call, 0, worker);
  forward(call, task, false, s);
  writeLoss(call, task, s, true);
}

template <typename T>
void evaluate(const NnccCall *call) {
  call->run_tasks(call->pool, call->samples, evaluateTask<T>, call);
}

void predictTask(const NnccCall *call, int32_t task, int32_t worker) {
  Scratch<float> &s = scratchOf<float>(call, 0, worker);
  forward(call, task, false, s);
  std::copy(s.scores, s.scores + kOut, static_cast<float *>(call->outputs[0]) + task * kOut);
}

void predict(const NnccCall *call) {
  call->run_tasks(call->pool, call->samples, predictTask, call);
}

void gradients(const NnccCall *call) {
  call->run_tasks(call->pool, kLanes, laneTask<double>, call);
  constexpr int64_t offsets[] = {Layout<double>::kernel1, Layout<double>::bias1,
                                 Layout<double>::kernel2, Layout<double>::bias2};
  constexpr int64_t counts[] = {kIn * kHidden, kHidden, kHidden * kOut, kOut};
  for (int tensor = 0; tensor < 4; ++tensor)
    for (int64_t i = 0; i < counts[tensor]; ++i)
      static_cast<double *>(call->outputs[tensor + 1])[i] =
          laneSum<double>(call, offsets[tensor] / static_cast<int64_t>(sizeof(double)) + i);
  double *kernel1 = static_cast<double *>(call->outputs[1]);
  if (tinyBug == TinyBug::HiddenKernelTenPercentOff)
    for (int64_t i = 0; i < counts[0]; ++i) kernel1[i] *= 1.1;
  if (tinyBug == TinyBug::OneElementWrong) static_cast<double *>(call->outputs[3])[7] *= 1.001;
}

constexpr int64_t kImageShape[] = {32, 32, 3}, kHiddenShape[] = {kHidden}, kOutShape[] = {kOut};
constexpr int64_t kKernel1Shape[] = {kIn, kHidden}, kKernel2Shape[] = {kHidden, kOut};

constexpr NnccTensor kImage = {"input", NNCC_U8, 3, kImageShape};
constexpr NnccTensor kLabel = {"label", NNCC_I32, 0, nullptr};
constexpr NnccTensor kWithLabel[] = {kImage, kLabel};
constexpr NnccTensor kValues[] = {{"loss", NNCC_F32, 0, nullptr}, {"accuracy", NNCC_F32, 0, nullptr}};
constexpr NnccTensor kValues64[] = {{"loss", NNCC_F64, 0, nullptr},
                                    {"accuracy", NNCC_F64, 0, nullptr}};
constexpr NnccTensor kScores[] = {{"output", NNCC_F32, 1, kOutShape}};
constexpr NnccTensor kGradients[] = {{"loss", NNCC_F64, 0, nullptr},
                                     {"hidden.kernel", NNCC_F64, 2, kKernel1Shape},
                                     {"hidden.bias", NNCC_F64, 1, kHiddenShape},
                                     {"output.kernel", NNCC_F64, 2, kKernel2Shape},
                                     {"output.bias", NNCC_F64, 1, kOutShape}};

constexpr NnccComponent kGlorot = {"glorot_uniform", nullptr, 0}, kZeros = {"zeros", nullptr, 0};

template <typename T, int32_t type>
constexpr NnccParameter kParameters[] = {
    {{"hidden.kernel", type, 2, kKernel1Shape}, Layout<T>::kernel1, kGlorot, kIn, kHidden, 1},
    {{"hidden.bias", type, 1, kHiddenShape}, Layout<T>::bias1, kZeros, kHidden, kHidden, 1},
    {{"output.kernel", type, 2, kKernel2Shape}, Layout<T>::kernel2, kGlorot, kHidden, kOut, 1},
    {{"output.bias", type, 1, kOutShape}, Layout<T>::bias2, kZeros, kOut, kOut, 1},
};

constexpr int64_t kV = Layout<float>::bytes;
constexpr NnccSlot kSlots[] = {
    {{"adam.m.hidden.kernel", NNCC_F32, 2, kKernel1Shape}, Layout<float>::kernel1},
    {{"adam.m.hidden.bias", NNCC_F32, 1, kHiddenShape}, Layout<float>::bias1},
    {{"adam.m.output.kernel", NNCC_F32, 2, kKernel2Shape}, Layout<float>::kernel2},
    {{"adam.m.output.bias", NNCC_F32, 1, kOutShape}, Layout<float>::bias2},
    {{"adam.v.hidden.kernel", NNCC_F32, 2, kKernel1Shape}, kV + Layout<float>::kernel1},
    {{"adam.v.hidden.bias", NNCC_F32, 1, kHiddenShape}, kV + Layout<float>::bias1},
    {{"adam.v.output.kernel", NNCC_F32, 2, kKernel2Shape}, kV + Layout<float>::kernel2},
    {{"adam.v.output.bias", NNCC_F32, 1, kOutShape}, kV + Layout<float>::bias2},
};

constexpr NnccEntry kEntries[] = {
    {NNCC_TRAIN_STEP, kTinyBatch, kWithLabel, 2, kValues, 2, kLaneArena<float>,
     kScratchBytes<float>, trainStep, nullptr},
    {NNCC_EVALUATE, kTinyBatch, kWithLabel, 2, kValues, 2, 0, kScratchBytes<float>,
     evaluate<float>, nullptr},
    {NNCC_PREDICT, kTinyBatch, kWithLabel, 1, kScores, 1, 0, kScratchBytes<float>, predict,
     nullptr},
};
constexpr NnccEntry kEntries64[] = {
    {NNCC_EVALUATE, kTinyBatch, kWithLabel, 2, kValues64, 2, 0, kScratchBytes<double>,
     evaluate<double>, nullptr},
    {NNCC_GRADIENTS, kTinyBatch, kWithLabel, 2, kGradients, 5, kLaneArena<double>,
     kScratchBytes<double>, gradients, nullptr},
};

constexpr NnccLayer kLayers[] = {
    {"flatten", "flatten", nullptr, 1, kKernel1Shape, 0},
    {"hidden", "dense", "flatten", 1, kHiddenShape, kIn *kHidden + kHidden},
    {"output", "dense", "hidden", 1, kOutShape, kHidden *kOut + kOut},
};

constexpr NnccOption kAdamOptions[] = {{"learning_rate", "0.0002", 0.0002}};
constexpr NnccOption kTrainOptions[] = {{"path", "tiny", NAN}, {"files", "train*.bin", NAN}};
constexpr NnccOption kTestOptions[] = {{"path", "tiny", NAN}, {"files", "test*.bin", NAN}};
constexpr NnccJudged kJudged[] = {
    {{"output", NNCC_F32, 1, kOutShape}, {"sparse_categorical_crossentropy", nullptr, 0}, 1, 1}};
constexpr NnccTrain kTrain = {
    kJudged, 1, nullptr, 0, {"adam", kAdamOptions, 1}, kTinyBatch, kTinyEpochs};
constexpr NnccComponent kTestReader = {"cifar10_binary", kTestOptions, 2};
constexpr NnccData kData = {{"cifar10_binary", kTrainOptions, 2}, kTestReader, kTestReader, {}};

}  // namespace

const NnccProgram tinyProgram = {
    NNCC_ABI_MAGIC, NNCC_ABI_VERSION, "tiny", "by hand", "x86-64", "sse2",
    kLayers, 3, kParameters<float, NNCC_F32>, 4, Layout<float>::bytes, kSlots, 8,
    2 * Layout<float>::bytes, kEntries, 3, kTrain, kData, nullptr, 0x1234567890abcdefu, {}, nullptr, 0, 0};

const NnccProgram tinyProgram64 = {
    NNCC_ABI_MAGIC, NNCC_ABI_VERSION, "tiny", "by hand", "x86-64", "sse2",
    kLayers, 3, kParameters<double, NNCC_F64>, 4, Layout<double>::bytes, nullptr, 0,
    0, kEntries64, 2, kTrain, kData, nullptr, 0x1234567890abcdf0u, {}, nullptr, 0, 0};

}  // namespace nncc::tests
