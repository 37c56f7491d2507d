#include "prepare/Duplicates.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>

#include "data/Parallel.h"
#include "prepare/Likeness.h"

namespace nncc::prepare {

namespace {

// Seen on CIFAR-10: of 198 pairs above the first of these between its test and its training part all show one thing,
// taken at one moment; of 40 between 0.88 and there five are different ships. Where more than `natural` of the
// samples have one like them, looking alike is in the nature of the data (digits, faces), and the next one is taken.
constexpr double likenesses[] = {0.92, 0.96, 0.98, 0.99, 0.995}, natural = 0.05;

// Of a sample's inputs, 128 bits: two of 64 with multipliers that have nothing in common.
struct Digest {
  uint64_t high = 0xCBF29CE484222325u, low = 0x9E3779B97F4A7C15u;

  void add(const std::byte *bytes, int64_t count) {
    for (; count >= 8; bytes += 8, count -= 8) {
      uint64_t word;
      std::memcpy(&word, bytes, sizeof word);
      add(word);
    }
    uint64_t rest = static_cast<uint64_t>(count) << 56;
    std::memcpy(&rest, bytes, count);
    add(rest);
  }
  auto operator<=>(const Digest &) const = default;

 private:
  void add(uint64_t word) {
    high = (high ^ word) * 0x9FB21C651E98DF25u;
    high ^= high >> 32;
    low = (low ^ word) * 0xD6E8FEB86659FD93u;
    low ^= low >> 29;
  }
};

class Search {
 public:
  Search(const Samples &samples, int threads, int shown) : samples(samples), threads(threads), shown(shown) {
    for (int part = 0; part < static_cast<int>(samples.parts.size()); ++part) {
      if (!samples.parts[part].sameAs.empty()) continue;
      for (int64_t i = 0; i < samples.parts[part].samples.size(); ++i) ids.push_back({part, i});
    }
  }

  Duplicates run() {
    exact();
    // Clips look alike by their backgrounds, and by the black frames behind short ones.
    const Column &input = samples.inputs[0];
    if (samples.inputs.size() == 1 && input.isImage() && formOf(input.tensor).frames == 1) near();
    std::ranges::stable_sort(kept, [](const Duplicate &a, const Duplicate &b) {
      auto rank = [](const Duplicate &pair) { return std::pair{pair.first.part == pair.second.part, !pair.differs}; };
      return rank(a) != rank(b) ? rank(a) < rank(b) : a.likeness > b.likeness;
    });
    std::map<std::tuple<bool, int, int>, int> counts;
    for (const Duplicate &pair : kept)
      if (counts[{pair.exact, pair.first.part, pair.second.part}]++ < shown) found.pairs.push_back(pair);
    return std::move(found);
  }

 private:
  bool areEqual(SampleId a, SampleId b) const {
    return std::ranges::all_of(samples.inputs, [&](const Column &column) {
      return !std::memcmp(samples.bytes(a, column), samples.bytes(b, column), data::sampleBytes(column.tensor));
    });
  }

  // Parts may have other classes each.
  bool areOfTwoClasses(SampleId a, SampleId b) const {
    return samples.label(a) >= 0 && samples.className(a) != samples.className(b);
  }

  void add(SampleId first, SampleId second, bool isExact, double likeness) {
    Duplicate pair{std::min(first, second), std::max(first, second), isExact, likeness, false};
    pair.differs = areOfTwoClasses(first, second);
    found.differing += pair.differs;
    kept.push_back(pair);
  }

  // `represented` are then the numbers of samples that have no equal one before them.
  void exact() {
    std::vector<Digest> digests(ids.size());
    data::parallelFor(static_cast<int64_t>(ids.size()), threads,
                      [&] {
                        return [&](int64_t i) {
                          for (const Column &column : samples.inputs)
                            digests[i].add(samples.bytes(ids[i], column), data::sampleBytes(column.tensor));
                        };
                      },
                      {});
    std::vector<uint32_t> order(ids.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](uint32_t i) { return std::pair(digests[i], i); });
    std::vector<bool> isCopy(ids.size());
    for (size_t begin = 0, end; begin < order.size(); begin = end) {
      for (end = begin + 1; end < order.size() && digests[order[end]] == digests[order[begin]];) ++end;
      std::vector<uint32_t> firsts(samples.parts.size(), kNone);
      SampleId first = ids[order[begin]];
      for (size_t i = begin; i < end; ++i) {
        SampleId id = ids[order[i]];
        if (!areEqual(first, id)) continue;
        for (int part = 0; part < id.part; ++part)
          if (firsts[part] != kNone) ++found.exact[{part, id.part}];
        if (firsts[id.part] != kNone) ++found.exact[{id.part, id.part}];
        if (i > begin) add(first, id, true, 1);
        isCopy[order[i]] = i > begin;
        if (firsts[id.part] == kNone) firsts[id.part] = order[i];
      }
    }
    for (uint32_t i = 0; i < ids.size(); ++i)
      if (!isCopy[i]) represented.push_back(i);
  }

  void near() {
    const Column &column = samples.inputs[0];
    SmallCopies copies(formOf(column.tensor), static_cast<int64_t>(represented.size()));
    std::vector<uint64_t> hashes(represented.size());
    data::parallelFor(static_cast<int64_t>(represented.size()), threads,
                      [&] {
                        return [&](int64_t i) {
                          copies.set(i, samples.bytes(ids[represented[i]], column));
                          hashes[i] = copies.hash(i);
                        };
                      },
                      {});
    HashIndex index(hashes);
    // Of each sample the one most like it in each part before it: as many pairs as samples at most, however many
    // look alike.
    struct Best {
      uint32_t other = kNone;
      double likeness = 0;
    };
    size_t parts = samples.parts.size();
    std::vector<Best> alike(represented.size() * parts);
    data::parallelFor(
        static_cast<int64_t>(represented.size()), threads,
        [&] {
          return [&](int64_t i) {
            index.before(static_cast<uint32_t>(i), [&](uint32_t other) {
              double likeness = copies.likeness(i, other);
              if (likeness < likenesses[0]) return;
              Best &best = alike[i * parts + ids[represented[other]].part];
              // The order in which they are found says nothing: equal ones go by number.
              if (best.other == kNone || std::pair(likeness, other) > std::pair(best.likeness, best.other))
                best = {other, likeness};
            });
          };
        },
        {});
    for (double least : likenesses) {
      found.leastLikeness = least;
      int64_t number = 0;
      for (size_t i = 0; i < represented.size(); ++i)
        number += std::any_of(alike.begin() + i * parts, alike.begin() + (i + 1) * parts,
                              [&](const Best &best) { return best.other != kNone && best.likeness >= least; });
      if (static_cast<double>(number) <= natural * static_cast<double>(represented.size())) break;
    }
    for (size_t i = 0; i < alike.size(); ++i) {
      if (alike[i].other == kNone || alike[i].likeness < found.leastLikeness) continue;
      SampleId id = ids[represented[i / parts]], before = ids[represented[alike[i].other]];
      ++found.near[{before.part, id.part}];
      add(before, id, false, alike[i].likeness);
    }
  }

  static constexpr uint32_t kNone = ~0u;
  const Samples &samples;
  int threads, shown;
  std::vector<SampleId> ids;
  std::vector<uint32_t> represented;
  std::vector<Duplicate> kept;
  Duplicates found;
};

}  // namespace

Duplicates findDuplicates(const Samples &samples, int threads, int shown) {
  return Search(samples, threads, shown).run();
}

}  // namespace nncc::prepare
