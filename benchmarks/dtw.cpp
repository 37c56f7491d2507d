// nncc-dtw: which class a sequence is of, by the nearest of others: what a network has to be better than.
//
//     nncc-dtw FILE [--threads N]
//
// FILE has a sample a line, as the gestures of uWave: class,group,a,b,n and n steps of 3 values, behind comments
// (#). The distance of two sequences is that of dynamic time warping: the least sum of squared euclidean
// distances between their steps over all ways to walk both from the first steps to the last, one step of
// either or of both at a time. Each sample gets the class of the nearest one of all other groups. Prints a line
// for each group, "GROUP RIGHT OF".
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr size_t kWidth = 3;
constexpr float kFar = std::numeric_limits<float>::infinity();

struct Sample {
  std::string label, group;
  std::vector<float> steps;
  size_t size() const { return steps.size() / kWidth; }
};

[[noreturn]] void fail(const std::string &text) {
  std::fprintf(stderr, "error: %s\n", text.c_str());
  std::exit(1);
}

std::vector<Sample> read(const std::string &path) {
  std::ifstream file(path);
  if (!file) fail(path + ": can't be opened");
  std::vector<Sample> samples;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    auto wrong = [&](const std::string &text) { fail(path + ":" + std::to_string(number) + ": " + text); };
    std::istringstream cells(line);
    Sample sample;
    std::string skipped, count, cell;
    std::getline(cells, sample.label, ',');
    std::getline(cells, sample.group, ',');
    for (int i = 0; i < 2; ++i) std::getline(cells, skipped, ',');
    std::getline(cells, count, ',');
    while (std::getline(cells, cell, ',')) {
      char *end;
      sample.steps.push_back(std::strtof(cell.c_str(), &end));
      if (end == cell.c_str() || *end || !std::isfinite(sample.steps.back()))
        wrong("'" + cell + "' is no number; expected class,group,a,b,n and n steps of " + std::to_string(kWidth));
    }
    if (sample.steps.empty() || sample.steps.size() % kWidth || count != std::to_string(sample.size()))
      wrong("n is '" + count + "' with " + std::to_string(sample.steps.size()) +
            " values behind it; expected n steps of " + std::to_string(kWidth));
    samples.push_back(std::move(sample));
  }
  if (std::ranges::all_of(samples, [&](const Sample &each) { return each.group == samples[0].group; }))
    fail(path + ": all samples are of one group, or there is none; expected two groups or more");
  return samples;
}

// The least and largest value of each place of the steps.
struct Box {
  float low[kWidth], high[kWidth];
  explicit Box(const Sample &sample) {
    for (size_t k = 0; k < kWidth; ++k) {
      low[k] = kFar;
      high[k] = -kFar;
      for (size_t i = k; i < sample.steps.size(); i += kWidth) {
        low[k] = std::min(low[k], sample.steps[i]);
        high[k] = std::max(high[k], sample.steps[i]);
      }
    }
  }
};

// rest[i]: what the steps of `a` from the i-th on add to a distance at least, as each goes with some step of a
// sequence in the box.
void bound(const Sample &a, const Box &box, std::vector<float> &rest) {
  rest.assign(a.size() + 1, 0);
  for (size_t i = a.size(); i-- > 0;) {
    float sum = rest[i + 1];
    for (size_t k = 0; k < kWidth; ++k) {
      float value = a.steps[i * kWidth + k], off = std::max({box.low[k] - value, value - box.high[k], 0.0f});
      sum += off * off;
    }
    rest[i] = sum;
  }
}

// The distance, or something not below `limit` where it isn't.
float distance(const Sample &a, const Sample &b, const std::vector<float> &rest, float limit, std::vector<float> &row) {
  size_t width = b.size();
  row.assign(width + 1, kFar);  // row[j]: of the steps of `a` so far and the first j of `b`
  row[0] = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float *x = &a.steps[i * kWidth];
    float diagonal = row[0], least = kFar;
    row[0] = kFar;
    for (size_t j = 0; j < width; ++j) {
      const float *y = &b.steps[j * kWidth];
      float d0 = x[0] - y[0], d1 = x[1] - y[1], d2 = x[2] - y[2];
      // row[j] is the newest: few operations behind it, as each waits for the one before.
      float best = std::min(std::min(diagonal, row[j + 1]), row[j]) + (d0 * d0 + d1 * d1 + d2 * d2);
      diagonal = row[j + 1];
      row[j + 1] = best;
      least = std::min(least, best);
    }
    // A little below the bound, which is rounded in another order.
    if (least + rest[i + 1] * 0.9999f >= limit) return kFar;
  }
  return row[width];
}

// The class of the nearest sample of another group.
const std::string &nearest(const Sample &sample, const std::vector<Sample> &samples, const std::vector<Box> &boxes) {
  struct Candidate {
    float least;
    size_t number;
  };
  std::vector<Candidate> candidates;
  std::vector<float> rest, row;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].group == sample.group) continue;
    bound(sample, boxes[i], rest);
    candidates.push_back({rest[0] * 0.9999f, i});
  }
  // Those that may be nearest first: what is found is soon nearer than the others can be.
  std::ranges::stable_sort(candidates, {}, &Candidate::least);
  float limit = kFar;
  const Sample *found = &sample;
  for (const Candidate &candidate : candidates) {
    if (candidate.least >= limit) break;
    const Sample &other = samples[candidate.number];
    bound(sample, boxes[candidate.number], rest);
    float d = distance(sample, other, rest, limit, row);
    if (d >= limit) continue;
    limit = d;
    found = &other;
  }
  return found->label;
}

}  // namespace

int main(int argc, char **argv) {
  int threads = argc == 4 && std::string(argv[2]) == "--threads" ? std::atoi(argv[3]) : argc == 2 ? 1 : 0;
  if (threads < 1) {
    std::fprintf(stderr, "usage: nncc-dtw FILE [--threads N]\n");
    return 2;
  }
  std::vector<Sample> samples = read(argv[1]);
  std::vector<Box> boxes(samples.begin(), samples.end());
  std::vector<char> right(samples.size());
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next++) < samples.size();) right[i] = nearest(samples[i], samples, boxes) == samples[i].label;
  };
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  for (std::thread &thread : pool) thread.join();
  std::map<std::string, std::pair<size_t, size_t>> groups;
  for (size_t i = 0; i < samples.size(); ++i) {
    groups[samples[i].group].first += right[i];
    ++groups[samples[i].group].second;
  }
  for (const auto &[group, counts] : groups) std::printf("%s %zu %zu\n", group.c_str(), counts.first, counts.second);
}
