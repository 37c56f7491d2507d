#include "data/Batches.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <utility>

#include "data/Random.h"

namespace nncc::data {

void shuffledOrder(uint64_t seed, int64_t epoch, std::span<uint32_t> order) {
  std::iota(order.begin(), order.end(), 0u);
  Random random(seed, Purpose::Shuffle, static_cast<uint64_t>(epoch));
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i, i + 1)]);
}

namespace {

constexpr int slots = 2;  // one that the caller works on, one that is being gathered

int64_t aligned(int64_t bytes) {
  return (bytes + NNCC_ALIGNMENT - 1) / NNCC_ALIGNMENT * NNCC_ALIGNMENT;
}

struct Free {
  void operator()(std::byte *data) const {
    ::operator delete[](data, std::align_val_t{NNCC_ALIGNMENT});
  }
};

struct Slot {
  std::vector<std::unique_ptr<std::byte[], Free>> columns;
  std::vector<const void *> inputs;
  std::vector<uint32_t> samples;
  Batch batch{};
};

}  // namespace

struct Batches::State {
  State(const Dataset &dataset, BatchOptions given) : dataset(dataset), options(std::move(given)) {
    if (dataset.size() < 1 || dataset.size() > UINT32_MAX || options.batchSize < 1 ||
        options.epoch < 0 || options.batch < 0)
      throw std::invalid_argument("Batches: sizes and positions out of range");
    options.batchSize = static_cast<int32_t>(std::min<int64_t>(options.batchSize, dataset.size()));
    perEpoch = (dataset.size() + options.batchSize - 1) / options.batchSize;
    epoch = options.epoch + options.batch / perEpoch;
    batch = options.batch % perEpoch;
    if (options.shuffle) order.resize(dataset.size());
    for (Slot &slot : slot) {
      for (int c = 0; c < dataset.columns(); ++c) {
        int64_t bytes = std::max<int64_t>(aligned(dataset.sampleBytes(c) * options.batchSize), 1);
        slot.columns.emplace_back(
            static_cast<std::byte *>(::operator new[](bytes, std::align_val_t{NNCC_ALIGNMENT})));
        slot.inputs.push_back(slot.columns.back().get());
      }
      slot.samples.resize(options.batchSize);
    }
    columnPointers.resize(dataset.columns());
    thread = std::thread([this] { gatherAll(); });
  }

  ~State() {
    {
      std::lock_guard lock(mutex);
      stop = true;
    }
    changed.notify_all();
    thread.join();
  }

  void gatherAll() {
    try {
      if (options.shuffle) shuffledOrder(options.seed, epoch, order);
      for (int64_t number = 0;; ++number) {
        {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return stop || number < inUse() + slots; });
          if (stop) return;
        }
        gather(slot[number % slots]);
        {
          std::lock_guard lock(mutex);
          gathered = number + 1;
        }
        changed.notify_all();
        if (++batch == perEpoch) {
          batch = 0;
          ++epoch;
          if (options.shuffle) shuffledOrder(options.seed, epoch, order);
        }
      }
    } catch (...) {
      {
        std::lock_guard lock(mutex);
        error = std::current_exception();
      }
      changed.notify_all();
    }
  }

  // The number of the batch that the caller may be working on.
  int64_t inUse() const { return std::max<int64_t>(taken, 1) - 1; }

  void gather(Slot &slot) {
    int64_t first = batch * options.batchSize;
    int32_t count =
        static_cast<int32_t>(std::min<int64_t>(options.batchSize, dataset.size() - first));
    for (int32_t i = 0; i < count; ++i)
      slot.samples[i] = options.shuffle ? order[first + i] : static_cast<uint32_t>(first + i);
    for (int c = 0; c < dataset.columns(); ++c) {
      int64_t bytes = dataset.sampleBytes(c);
      std::byte *to = slot.columns[c].get();
      for (int32_t i = 0; i < count; ++i, to += bytes)
        std::memcpy(to, dataset.sample(c, slot.samples[i]), bytes);
    }
    if (options.transform)
      for (int32_t i = 0; i < count; ++i) {
        for (int c = 0; c < dataset.columns(); ++c)
          columnPointers[c] = slot.columns[c].get() + i * dataset.sampleBytes(c);
        options.transform(epoch, slot.samples[i], columnPointers);
      }
    slot.batch = {epoch,       batch,
                  count,       batch + 1 == perEpoch,
                  slot.inputs, std::span(slot.samples).first(count)};
  }

  // The caller is done with batch `taken - 1` and wants batch `taken`.
  const Batch &next() {
    std::unique_lock lock(mutex);
    int64_t wanted = taken++;
    changed.notify_all();
    auto ready = [&] { return gathered > wanted || error; };
    if (!ready()) {
      auto start = std::chrono::steady_clock::now();
      changed.wait(lock, ready);
      waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    if (gathered <= wanted) std::rethrow_exception(error);
    return slot[wanted % slots].batch;
  }

  const Dataset &dataset;
  BatchOptions options;
  int64_t perEpoch;
  double waited = 0;  // the caller's

  // The background thread's.
  int64_t epoch, batch;  // to be gathered next
  std::vector<uint32_t> order;
  std::vector<void *> columnPointers;

  // Batch number n since the start is in slot n % slots. After `taken` calls of next() the
  // caller uses batch taken - 1, so the thread may write those up to slots - 1 behind it; before
  // the first call all slots are free.
  Slot slot[slots];
  std::mutex mutex;
  std::condition_variable changed;
  int64_t gathered = 0, taken = 0;
  bool stop = false;
  std::exception_ptr error;

  std::thread thread;
};

Batches::Batches(const Dataset &dataset, BatchOptions options)
    : state(std::make_unique<State>(dataset, std::move(options))) {}

Batches::~Batches() = default;

int64_t Batches::batchesPerEpoch() const { return state->perEpoch; }

const Batch &Batches::next() { return state->next(); }

double Batches::secondsWaited() const { return state->waited; }

namespace {

int64_t bytesOf(std::span<const int64_t> sampleBytes, int64_t samples, int32_t batchSize,
                bool shuffle) {
  int64_t batch = std::min<int64_t>(batchSize, samples);
  int64_t slot = batch * static_cast<int64_t>(sizeof(uint32_t));
  for (int64_t bytes : sampleBytes) slot += aligned(bytes * batch);
  return slots * slot + (shuffle ? samples * static_cast<int64_t>(sizeof(uint32_t)) : 0);
}

}  // namespace

int64_t Batches::bytes() const {
  std::vector<int64_t> columns;
  for (int c = 0; c < state->dataset.columns(); ++c)
    columns.push_back(state->dataset.sampleBytes(c));
  return bytesOf(columns, state->dataset.size(), state->options.batchSize, state->options.shuffle);
}

int64_t Batches::bytes(std::span<const NnccTensor> columns, int64_t samples, int32_t batchSize,
                       bool shuffle) {
  std::vector<int64_t> sizes;
  for (const NnccTensor &column : columns) sizes.push_back(sampleBytes(column));
  return bytesOf(sizes, samples, batchSize, shuffle);
}

}  // namespace nncc::data
