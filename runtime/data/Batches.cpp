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
#include "error.h"

namespace nncc::data {

void shuffledOrder(uint64_t seed, int64_t epoch, std::span<uint32_t> order) {
  std::iota(order.begin(), order.end(), 0u);
  Random random(seed, Purpose::Shuffle, static_cast<uint64_t>(epoch));
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i, i + 1)]);
}

Grouping groupingOf(const NnccComponent &batches) {
  Grouping grouping;
  for (int32_t i = 0; batches.kind && i < batches.num_options; ++i) {
    const NnccOption &option = batches.options[i];
    std::string_view key = option.key;
    if (key == "by") grouping.byLength = std::string_view(option.text) == "length";
    if (key == "classes_per_batch") grouping.classes = static_cast<int32_t>(option.number);
    if (key == "samples_per_class") grouping.samplesPerClass = static_cast<int32_t>(option.number);
  }
  return grouping;
}

std::string textOf(const Grouping &grouping) {
  if (grouping.byLength) return "batch_by: length";
  if (!grouping.byClasses()) return {};
  return "classes_per_batch: " + std::to_string(grouping.classes) +
         " and samples_per_class: " + std::to_string(grouping.samplesPerClass);
}

int64_t batchesPerEpoch(int64_t samples, int32_t batchSize, const Grouping &grouping) {
  if (grouping.byClasses())
    return std::max<int64_t>(1, samples / (int64_t{grouping.classes} * grouping.samplesPerClass));
  return (samples + batchSize - 1) / batchSize;
}

int64_t samplesPerEpoch(int64_t samples, int32_t batchSize, const Grouping &grouping) {
  if (!grouping.byClasses()) return samples;
  return batchesPerEpoch(samples, batchSize, grouping) * grouping.classes * grouping.samplesPerClass;
}

namespace {

constexpr int64_t kBatchesOfARun = 32;

// The samples of each class that has some, in order.
struct ClassMembers {
  std::vector<int32_t> labels;
  std::vector<std::vector<uint32_t>> members;

  explicit ClassMembers(const Dataset &dataset) {
    int column = dataset.labelColumn();
    if (column < 0)
      throw UserError(dataset.source() + ": batches by classes need class numbers as targets, i32 [], which the model's "
                      "loss doesn't take");
    std::vector<std::vector<uint32_t>> all;
    for (int64_t i = 0; i < dataset.size(); ++i) {
      int32_t label = dataset.integer(column, i);
      if (label < 0) throw UserError(dataset.source() + ": sample " + std::to_string(i) + " (from 0) has a negative class number");
      if (static_cast<size_t>(label) >= all.size()) all.resize(label + 1);
      all[label].push_back(static_cast<uint32_t>(i));
    }
    for (size_t label = 0; label < all.size(); ++label)
      if (!all[label].empty()) {
        labels.push_back(static_cast<int32_t>(label));
        members.push_back(std::move(all[label]));
      }
  }

  void require(const Dataset &dataset, const Grouping &grouping) const {
    int64_t classes = static_cast<int64_t>(members.size());
    if (classes < grouping.classes)
      throw UserError(dataset.source() + ": has samples of " + std::to_string(classes) +
                      (classes == 1 ? " class" : " classes") + ", but a batch takes classes_per_batch: " +
                      std::to_string(grouping.classes) + "; use a smaller number, or add classes");
    for (size_t i = 0; i < members.size(); ++i) {
      if (static_cast<int64_t>(members[i].size()) >= grouping.samplesPerClass) continue;
      size_t label = labels[i];
      std::string name = label < dataset.classNames().size() ? dataset.classNames()[label] : std::to_string(label);
      throw UserError(dataset.place(members[i].front()) + ": class '" + name + "' has " +
                      std::to_string(members[i].size()) + (members[i].size() == 1 ? " sample" : " samples") +
                      ", but a batch takes samples_per_class: " + std::to_string(grouping.samplesPerClass) +
                      " of each of its classes; add samples, leave the class out, or use a smaller number");
    }
  }
};

// Fisher-Yates with the numbers of `random` from `first` on.
void shuffle(std::span<uint32_t> order, const Random &random, uint64_t first) {
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(first + i, i + 1)]);
}

std::vector<uint32_t> orderByClasses(const Dataset &dataset, const Grouping &grouping, uint64_t seed, int64_t epoch) {
  ClassMembers all(dataset);
  all.require(dataset, grouping);
  size_t classes = all.members.size(), perClass = grouping.samplesPerClass;
  size_t batchesOfARound = classes / grouping.classes;
  Random classRandom(seed, Purpose::BatchClasses, static_cast<uint64_t>(epoch)),
      sampleRandom(seed, Purpose::BatchSamples, static_cast<uint64_t>(epoch));
  // Where each class's numbers begin in a round of the samples, and how often it has been visited.
  std::vector<uint64_t> begins(classes), visits(classes);
  for (size_t c = 1; c < classes; ++c) begins[c] = begins[c - 1] + all.members[c - 1].size();
  std::vector<uint32_t> round(classes), order;
  int64_t batches = batchesPerEpoch(dataset.size(), 1, grouping);
  for (int64_t batch = 0; batch < batches; ++batch) {
    size_t place = batch % batchesOfARound;
    if (place == 0) {
      std::iota(round.begin(), round.end(), 0u);
      shuffle(round, classRandom, static_cast<uint64_t>(batch / batchesOfARound) * classes);
    }
    for (int32_t i = 0; i < grouping.classes; ++i) {
      size_t c = round[place * grouping.classes + i];
      std::vector<uint32_t> &members = all.members[c];
      size_t visitsOfARound = members.size() / perClass, visit = visits[c]++;
      if (visit % visitsOfARound == 0) {
        std::ranges::sort(members);
        shuffle(members, sampleRandom,
                visit / visitsOfARound * static_cast<uint64_t>(dataset.size()) + begins[c]);
      }
      auto first = members.begin() + visit % visitsOfARound * perClass;
      order.insert(order.end(), first, first + perClass);
    }
  }
  return order;
}

void sortByLength(const Dataset &dataset, int32_t batchSize, bool shuffled, uint64_t seed, int64_t epoch,
                  std::vector<uint32_t> &order) {
  int column = dataset.lengthsColumn();
  auto length = [&](uint32_t sample) { return dataset.integer(column, sample); };
  int64_t batches = static_cast<int64_t>(order.size()) / batchSize, run = kBatchesOfARun * batchSize,
          whole = batches * batchSize;
  for (int64_t begin = 0; begin < whole; begin += run)
    std::ranges::stable_sort(order.begin() + begin, order.begin() + std::min(begin + run, whole), {}, length);
  if (!shuffled) return;
  std::vector<uint32_t> turn(batches), sorted(order.begin(), order.begin() + whole);
  std::iota(turn.begin(), turn.end(), 0u);
  shuffle(turn, Random(seed, Purpose::BatchOrder, static_cast<uint64_t>(epoch)), 0);
  for (int64_t batch = 0; batch < batches; ++batch)
    std::copy_n(sorted.begin() + int64_t{turn[batch]} * batchSize, batchSize, order.begin() + batch * batchSize);
}

}  // namespace

void requireGrouping(const Dataset &dataset, const Grouping &grouping) {
  if (grouping.byLength && dataset.lengthsColumn() < 0)
    throw UserError(dataset.source() + ": batches by length need samples with lengths; give the model's input "
                    "`lengths: true`, or leave `batch_by` out");
  if (grouping.byClasses()) ClassMembers(dataset).require(dataset, grouping);
}

std::vector<uint32_t> epochOrder(const Dataset &dataset, int32_t batchSize, bool shuffle, const Grouping &grouping,
                                 uint64_t seed, int64_t epoch) {
  if (grouping.byClasses()) return orderByClasses(dataset, grouping, seed, epoch);
  std::vector<uint32_t> order(dataset.size());
  if (shuffle) shuffledOrder(seed, epoch, order);
  else std::iota(order.begin(), order.end(), 0u);
  if (grouping.byLength) sortByLength(dataset, batchSize, shuffle, seed, epoch, order);
  return order;
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
    requireGrouping(dataset, options.grouping);
    if (options.grouping.byClasses() &&
        options.batchSize != int64_t{options.grouping.classes} * options.grouping.samplesPerClass)
      throw std::invalid_argument("Batches: another size than that of the classes' samples");
    perEpoch = data::batchesPerEpoch(dataset.size(), options.batchSize, options.grouping);
    epoch = options.epoch + options.batch / perEpoch;
    batch = options.batch % perEpoch;
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
      plan();
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

  void plan() {
    if (options.shuffle || options.grouping.any())
      order = epochOrder(dataset, options.batchSize, options.shuffle, options.grouping, options.seed, epoch);
  }

  // To the batch after the one that was gathered last.
  void advance() {
    if (++batch < perEpoch) return;
    batch = 0;
    ++epoch;
    plan();
  }

  void gatherAll() {
    try {
      plan();
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
    int64_t samples = order.empty() ? dataset.size() : static_cast<int64_t>(order.size());
    int32_t count = static_cast<int32_t>(std::min<int64_t>(options.batchSize, samples - first));
    for (int32_t i = 0; i < count; ++i)
      slot.samples[i] = order.empty() ? static_cast<uint32_t>(first + i) : order[first + i];
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
  std::vector<uint32_t> order;  // of the epoch; empty: the reader's

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
                bool shuffle, const Grouping &grouping) {
  int64_t batch = std::min<int64_t>(batchSize, samples);
  int64_t slot = batch * static_cast<int64_t>(sizeof(uint32_t));
  for (int64_t bytes : sampleBytes) slot += aligned(bytes * batch);
  // The order, and while it is made a copy of it or the members of the classes.
  int64_t lists = grouping.any() ? 2 : shuffle ? 1 : 0;
  return slots * slot + lists * samples * static_cast<int64_t>(sizeof(uint32_t));
}

}  // namespace

int64_t Batches::bytes() const {
  std::vector<int64_t> columns;
  for (int c = 0; c < state->dataset.columns(); ++c)
    columns.push_back(state->dataset.sampleBytes(c));
  const BatchOptions &options = state->options;
  return bytesOf(columns, state->dataset.size(), options.batchSize, options.shuffle, options.grouping);
}

int64_t Batches::bytes(std::span<const NnccTensor> columns, int64_t samples, int32_t batchSize,
                       bool shuffle, const Grouping &grouping) {
  std::vector<int64_t> sizes;
  for (const NnccTensor &column : columns) sizes.push_back(sampleBytes(column));
  return bytesOf(sizes, samples, batchSize, shuffle, grouping);
}

}  // namespace nncc::data
