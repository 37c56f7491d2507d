// nncc-peak: what this machine can do at most, for the rooflines of bench.py.
//
//     nncc-peak [--threads N] [--level x86-64|x86-64-v3|x86-64-v4] [--seconds S] [--all]
//
// Prints one JSON object: "gflops" is the highest rate of float multiply-adds (2 FLOPs each)
// of N threads at the best instruction set that both the CPU and the level have, "isa" its name,
// "bandwidth_gbs" the rate of reading an array of 256 MB, "cache_gbs" that of copying between two that
// together take half of a thread's 512 KiB of L2. --all adds "all": every instruction
// set for 1..N threads. Each number is the best of several short repetitions: a peak is what the
// machine does when nothing disturbs it.
//
// The loop holds 12 (SSE, AVX2: 16 registers) or 24 (AVX-512: 32 registers) independent
// accumulators, more than the latency (4 to 5 cycles) times the units (2).
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Variables of their own rather than an array, which GCC would keep in memory.
#define FOR_12_CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define FOR_24_CHAINS(X)                                                                        \
  FOR_12_CHAINS(X) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)

// Each returns the FLOPs done in `rounds` rounds. `sink` keeps the result alive; the empty asm
// keeps the compiler from folding two rounds into one. Plain x86-64 has no fused multiply-add:
// a multiplication and an addition, as a kernel for it would do.
double multiplyAddSse(int64_t rounds, float *sink) {
  __m128 factor = _mm_set1_ps(0.999f), term = _mm_set1_ps(1e-3f);
#define DECLARE(i) __m128 sum##i = _mm_set1_ps(static_cast<float>(i));
#define STEP(i)                                                                                 \
  sum##i = _mm_add_ps(_mm_mul_ps(sum##i, factor), term);                                        \
  asm volatile("" : "+x"(sum##i));
#define KEEP(i) *sink += _mm_cvtss_f32(sum##i);
  FOR_12_CHAINS(DECLARE)
  for (int64_t round = 0; round < rounds; ++round) {
    FOR_12_CHAINS(STEP)
  }
  FOR_12_CHAINS(KEEP)
#undef DECLARE
#undef STEP
#undef KEEP
  return 2.0 * 4 * 12 * static_cast<double>(rounds);
}

__attribute__((target("avx2,fma"))) double multiplyAddAvx2(int64_t rounds, float *sink) {
  __m256 factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(1e-3f);
#define DECLARE(i) __m256 sum##i = _mm256_set1_ps(static_cast<float>(i));
#define STEP(i)                                                                                 \
  sum##i = _mm256_fmadd_ps(sum##i, factor, term);                                               \
  asm volatile("" : "+x"(sum##i));
#define KEEP(i) *sink += _mm256_cvtss_f32(sum##i);
  FOR_12_CHAINS(DECLARE)
  for (int64_t round = 0; round < rounds; ++round) {
    FOR_12_CHAINS(STEP)
  }
  FOR_12_CHAINS(KEEP)
#undef DECLARE
#undef STEP
#undef KEEP
  return 2.0 * 8 * 12 * static_cast<double>(rounds);
}

__attribute__((target("avx512f"))) double multiplyAddAvx512(int64_t rounds, float *sink) {
  __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(1e-3f);
#define DECLARE(i) __m512 sum##i = _mm512_set1_ps(static_cast<float>(i));
#define STEP(i)                                                                                 \
  sum##i = _mm512_fmadd_ps(sum##i, factor, term);                                               \
  asm volatile("" : "+v"(sum##i));
#define KEEP(i) *sink += _mm512_cvtss_f32(sum##i);
  FOR_24_CHAINS(DECLARE)
  for (int64_t round = 0; round < rounds; ++round) {
    FOR_24_CHAINS(STEP)
  }
  FOR_24_CHAINS(KEEP)
#undef DECLARE
#undef STEP
#undef KEEP
  return 2.0 * 16 * 24 * static_cast<double>(rounds);
}

struct InstructionSet {
  const char *name;
  int level;  // the x86-64 level that has it
  bool supported;
  double (*run)(int64_t rounds, float *sink);
};

// Best first.
std::vector<InstructionSet> instructionSets() {
  __builtin_cpu_init();
  return {
      {"AVX-512", 4, __builtin_cpu_supports("avx512f") != 0, multiplyAddAvx512},
      {"AVX2", 3, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
       multiplyAddAvx2},
      {"SSE", 1, true, multiplyAddSse},
  };
}

// Runs `work(thread)` on all threads at the same time; the seconds until the last is done.
template <typename Work> double together(int threads, Work work) {
  std::atomic<int> waiting{threads};
  std::atomic<bool> go{false};
  std::vector<std::thread> pool;
  for (int thread = 0; thread < threads; ++thread)
    pool.emplace_back([&, thread] {
      --waiting;
      while (!go.load(std::memory_order_acquire)) {
      }
      work(thread);
    });
  while (waiting.load() != 0)
    std::this_thread::yield();
  Clock::time_point start = Clock::now();
  go.store(true, std::memory_order_release);
  for (std::thread &thread : pool)
    thread.join();
  return secondsSince(start);
}

double gflops(const InstructionSet &set, int threads, double budget) {
  std::vector<float> sinks(static_cast<size_t>(threads) * 16);
  int64_t rounds = 1 << 16;
  double best = 0;
  Clock::time_point start = Clock::now();
  do {
    std::vector<double> flops(static_cast<size_t>(threads) * 8);
    double seconds = together(threads, [&](int thread) {
      flops[static_cast<size_t>(thread) * 8] =
          set.run(rounds, &sinks[static_cast<size_t>(thread) * 16]);
    });
    double total = 0;
    for (double part : flops)
      total += part;
    best = std::max(best, total / seconds * 1e-9);
    if (seconds < budget / 10)
      rounds *= 2;  // so that starting the threads does not count
  } while (secondsSince(start) < budget);
  return best;
}

// Gigabytes (1e9) a second of reading memory that no cache holds.
double bandwidth(int threads, double budget) {
  std::vector<uint64_t> data((size_t{256} << 20) / sizeof(uint64_t), 1);
  std::vector<uint64_t> sums(static_cast<size_t>(threads) * 8);
  size_t share = data.size() / static_cast<size_t>(threads);
  double best = 0;
  Clock::time_point start = Clock::now();
  do {
    double seconds = together(threads, [&](int thread) {
      const uint64_t *values = data.data() + share * static_cast<size_t>(thread);
      uint64_t sum[8] = {};
      for (size_t i = 0; i + 8 <= share; i += 8)
        for (size_t j = 0; j < 8; ++j)
          sum[j] += values[i + j];
      for (uint64_t part : sum)
        sums[static_cast<size_t>(thread) * 8] += part;
    });
    double bytes = static_cast<double>(share * static_cast<size_t>(threads)) * sizeof(uint64_t);
    best = std::max(best, bytes / seconds * 1e-9);
  } while (secondsSince(start) < budget);
  if (sums[0] == 0)
    std::abort();  // keeps the sums alive
  return best;
}

// Gigabytes a second, read and written, of copies within each thread's L2.
double cacheBandwidth(int threads, double budget) {
  constexpr size_t bytes = 128 << 10;
  std::vector<std::vector<char>> buffers(static_cast<size_t>(threads), std::vector<char>(2 * bytes, 1));
  constexpr int copies = 2000;
  double best = 0;
  Clock::time_point start = Clock::now();
  do {
    double seconds = together(threads, [&](int thread) {
      char *from = buffers[static_cast<size_t>(thread)].data(), *to = from + bytes;
      for (int i = 0; i < copies; ++i) {
        std::memcpy(i % 2 ? from : to, i % 2 ? to : from, bytes);
        asm volatile("" : : "r"(from), "r"(to) : "memory");
      }
    });
    best = std::max(best, 2.0 * bytes * copies * threads / seconds * 1e-9);
  } while (secondsSince(start) < budget);
  return best;
}

[[noreturn]] void usage(const char *what) {
  std::fprintf(stderr,
               "nncc-peak: %s\nusage: nncc-peak [--threads N] [--level x86-64|x86-64-v3|"
               "x86-64-v4] [--seconds S] [--all]\n",
               what);
  std::exit(2);
}

}  // namespace

int main(int argc, char **argv) {
  int threads = std::max(1u, std::thread::hardware_concurrency());
  int level = 4;
  double seconds = 0.5;
  bool all = false;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--all") {
      all = true;
      continue;
    }
    if (i + 1 == argc)
      usage(("no value for " + name).c_str());
    const char *value = argv[++i];
    if (name == "--threads")
      threads = std::atoi(value);
    else if (name == "--seconds")
      seconds = std::atof(value);
    else if (name == "--level" && !std::strcmp(value, "x86-64"))
      level = 1;
    else if (name == "--level" && !std::strcmp(value, "x86-64-v3"))
      level = 3;
    else if (name == "--level" && !std::strcmp(value, "x86-64-v4"))
      level = 4;
    else
      usage(("not known: " + name + " " + value).c_str());
  }
  if (threads < 1 || threads > 1024 || !(seconds > 0))
    usage("--threads wants 1..1024, --seconds more than 0");

  std::vector<InstructionSet> sets = instructionSets();
  std::erase_if(sets, [&](const InstructionSet &set) { return !set.supported; });
  // A wider set is not faster on every CPU: the peak is that of the fastest one allowed.
  const char *isa = "";
  double best = 0;
  for (const InstructionSet &set : sets) {
    if (set.level > level)
      continue;
    if (double rate = gflops(set, threads, seconds); rate > best) {
      best = rate;
      isa = set.name;
    }
  }
  std::printf("{\"isa\": \"%s\", \"threads\": %d, \"gflops\": %.1f, \"bandwidth_gbs\": %.1f, \"cache_gbs\": %.1f",
              isa, threads, best, bandwidth(threads, seconds), cacheBandwidth(threads, seconds / 4));
  if (all) {
    std::printf(", \"all\": [");
    const char *separator = "";
    for (const InstructionSet &set : sets)
      for (int count = 1; count <= threads; ++count) {
        std::printf("%s{\"isa\": \"%s\", \"threads\": %d, \"gflops\": %.1f}", separator, set.name,
                    count, gflops(set, count, seconds));
        separator = ", ";
      }
    std::printf("]");
  }
  std::printf("}\n");
  return 0;
}
