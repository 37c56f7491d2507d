#include "data/Batches.h"

#include <algorithm>
#include <atomic>
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

// Copying so much takes about as long as waking a thread.
constexpr int64_t kCopiedByCaller = 32 << 10;

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

struct Job {
  const Slot *slot = nullptr;
  int32_t samples = 0;
  int64_t epoch = 0;
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
    int64_t batchBytes = 0;
    for (int c = 0; c < dataset.columns(); ++c) batchBytes += dataset.sampleBytes(c) * options.batchSize;
    byCaller = !options.transform && batchBytes <= kCopiedByCaller;
    for (Slot &slot : slot) {
      for (int c = 0; c < dataset.columns(); ++c) {
        int64_t bytes = std::max<int64_t>(aligned(dataset.sampleBytes(c) * options.batchSize), 1);
        slot.columns.emplace_back(
            static_cast<std::byte *>(::operator new[](bytes, std::align_val_t{NNCC_ALIGNMENT})));
        slot.inputs.push_back(slot.columns.back().get());
      }
      slot.samples.resize(options.batchSize);
    }
    if (byCaller) {
      shuffle();
      return;
    }
    try {
      // Copying alone is as fast as memory, whoever does it.
      if (options.transform)
        for (int i = 1; i < options.threads; ++i) helpers.emplace_back([this] { help(); });
      thread = std::thread([this] { gatherAll(); });
    } catch (...) {
      join();
      throw;
    }
  }

  ~State() { join(); }

  void join() {
    {
      std::lock_guard lock(mutex);
      stop = true;
    }
    changed.notify_all();
    helpWanted.notify_all();
    if (thread.joinable()) thread.join();
    for (std::thread &helper : helpers) helper.join();
  }

  void shuffle() {
    if (options.shuffle) shuffledOrder(options.seed, epoch, order);
  }

  // To the batch after the one that was gathered last.
  void advance() {
    if (++batch < perEpoch) return;
    batch = 0;
    ++epoch;
    shuffle();
  }

  void gatherAll() {
    try {
      shuffle();
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
        advance();
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
    if (options.transform) transformAll(slot, count);
    slot.batch = {epoch,       batch,
                  count,       batch + 1 == perEpoch,
                  slot.inputs, std::span(slot.samples).first(count)};
  }

  // The background thread transforms a batch, with those who help it.
  void transformAll(const Slot &slot, int32_t count) {
    {
      std::lock_guard lock(mutex);
      job = {&slot, count, epoch};
      nextOfJob = 0;
      if (callerWaits) helpWanted.notify_all();
    }
    std::exception_ptr failure = transformSome(job, options.transform);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return helping == 0; });
    job = {};
    if (!failure) failure = helpersFailure;
    if (failure) std::rethrow_exception(failure);
  }

  void help() {
    auto transform = options.transform;
    std::unique_lock lock(mutex);
    while (true) {
      helpWanted.wait(lock, [&] { return stop || (callerWaits && nextOfJob < job.samples); });
      if (stop) return;
      ++helping;
      Job mine = job;
      lock.unlock();
      std::exception_ptr failure = transformSome(mine, transform);
      lock.lock();
      if (failure) helpersFailure = failure;
      if (--helping == 0) changed.notify_all();
    }
  }

  // Takes samples of a job until there are none left, or one fails.
  template <typename Transform>
  std::exception_ptr transformSome(const Job &job, Transform &transform) {
    try {
      std::vector<void *> columns(dataset.columns());
      for (int32_t i; (i = nextOfJob.fetch_add(1)) < job.samples;) {
        for (int c = 0; c < dataset.columns(); ++c)
          columns[c] = job.slot->columns[c].get() + i * dataset.sampleBytes(c);
        transform(job.epoch, job.slot->samples[i], columns);
      }
      return nullptr;
    } catch (...) {
      nextOfJob = job.samples;
      return std::current_exception();
    }
  }

  // The caller is done with batch `taken - 1` and wants batch `taken`.
  const Batch &next() {
    if (byCaller) return gatherNow();
    std::unique_lock lock(mutex);
    int64_t wanted = taken++;
    changed.notify_all();
    auto ready = [&] { return gathered > wanted || error; };
    if (!ready()) {
      auto start = std::chrono::steady_clock::now();
      callerWaits = true;
      helpWanted.notify_all();
      changed.wait(lock, ready);
      callerWaits = false;
      waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    if (gathered <= wanted) std::rethrow_exception(error);
    return slot[wanted % slots].batch;
  }

  const Batch &gatherNow() {
    auto start = std::chrono::steady_clock::now();
    if (taken++ > 0) advance();
    gather(slot[0]);
    waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return slot[0].batch;
  }

  const Dataset &dataset;
  BatchOptions options;
  bool byCaller;  // there is no background thread
  int64_t perEpoch;
  double waited = 0;  // the caller's

  // The background thread's.
  int64_t epoch, batch;  // to be gathered next
  std::vector<uint32_t> order;

  // The batch being transformed; its slot is null where there is none. Written by the background
  // thread while nobody helps.
  Job job;
  std::atomic<int32_t> nextOfJob = 0;
  int helping = 0;
  bool callerWaits = false;
  std::exception_ptr helpersFailure;
  std::condition_variable helpWanted;

  // Batch number n since the start is in slot n % slots. After `taken` calls of next() the
  // caller uses batch taken - 1, so the thread may write those up to slots - 1 behind it; before
  // the first call all slots are free.
  Slot slot[slots];
  std::mutex mutex;
  std::condition_variable changed;
  int64_t gathered = 0, taken = 0;
  bool stop = false;
  std::exception_ptr error;

  std::vector<std::thread> helpers;
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
