#include "CompiledKernel.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "Process.h"

namespace nncc::ops {

namespace fs = std::filesystem;
using schedule::ElementType;
using schedule::TensorType;

static const char symbol[] = "kernel_under_test";

static std::string workerPath() {
  const char *given = std::getenv("NNCC_KERNEL_WORKER");
  return given ? given : NNCC_KERNEL_WORKER;
}

static std::string read(const fs::path &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

static const std::string &workerHash() {
  static const std::string hash = schedule::hashOf(read(workerPath()));
  return hash;
}

// A name in the cache's folder that nobody else uses.
static fs::path temporary(const std::string &suffix) {
  static std::atomic<int> count = 0;
  return fs::path(NNCC_KERNEL_CACHE) /
         ("new." + std::to_string(getpid()) + "." + std::to_string(count++) + suffix);
}

// Written aside and renamed: other tests look at the same files.
static void write(const fs::path &path, const std::string &text) {
  const fs::path aside = temporary(".text");
  std::ofstream stream(aside, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream)
    throw std::runtime_error("cannot write " + aside.string());
  fs::rename(aside, path);
}

static fs::path cached(const std::string &hash, const std::string &suffix) {
  fs::create_directories(NNCC_KERNEL_CACHE);
  return fs::path(NNCC_KERNEL_CACHE) / (hash + suffix);
}

// The files that the worker reads, and the words that name them.
static std::vector<std::string> workerOn(const KernelSpec &spec, const Target &target) {
  const std::string specText = spec.toJson(), targetText = toJson(target);
  const fs::path specPath = cached(schedule::hashOf(specText), ".spec.json");
  const fs::path targetPath = cached(schedule::hashOf(targetText), ".target.json");
  if (!fs::exists(specPath))
    write(specPath, specText);
  if (!fs::exists(targetPath))
    write(targetPath, targetText);
  return {workerPath(), specPath, "--target", targetPath, "--symbol", symbol};
}

static void append(std::vector<std::string> &to, std::vector<std::string> words) {
  to.insert(to.end(), words.begin(), words.end());
}

static std::vector<std::string> commandOf(const Job &job, const std::string &object,
                                          const std::string &info) {
  std::vector<std::string> command = workerOn(*job.spec, job.target);
  append(command, {"--object", object, "--info", info});
  if (!job.candidate.empty())
    append(command, {"--schedule", job.candidate});
  return command;
}

std::string Job::command() const { return quoted(commandOf(*this, "kernel.o", "kernel.json")); }

static Outcome runOrThrow(const std::vector<std::string> &command) {
  Outcome outcome = runProcess(command);
  if (!outcome.ok())
    throw std::runtime_error(quoted(command) + "\nfailed with status " +
                             std::to_string(outcome.status) + ":\n" + outcome.output +
                             outcome.errors);
  return outcome;
}

void compileObject(const Job &job, const std::string &object, const std::string &info) {
  runOrThrow(commandOf(job, object, info));
}

static const char *cTypeOf(ElementType type) {
  switch (type) {
  case ElementType::U8:
    return "uint8_t";
  case ElementType::I32:
    return "int32_t";
  case ElementType::I64:
    return "int64_t";
  case ElementType::F32:
    return "float";
  case ElementType::F64:
    return "double";
  }
  throw std::logic_error("element type out of range");
}

// C source that calls the kernel with an array of addresses: scalars are passed by value,
// so each signature needs its own call.
static std::string callerOf(const KernelSpec &spec, const KernelInfo &info) {
  std::string parameters, values;
  int count = 0;
  auto add = [&](const std::string &type, bool byAddress) {
    const std::string comma = count ? ", " : "";
    const std::string address = "a[" + std::to_string(count++) + "]";
    parameters += comma + type;
    values += comma + (byAddress ? address : "*(" + type + " *)" + address);
  };
  for (const TensorType &argument : spec.arguments)
    if (argument.shape.empty())
      add(cTypeOf(argument.element), false);
    else
      add("struct halide_buffer_t *", true);
  if (spec.accumulates() || info.keeps())
    add("int32_t", false);
  for (size_t b = 0; b < spec.results.size() + info.scratch.size(); b++)
    add("struct halide_buffer_t *", true);
  return "#include <stdint.h>\nstruct halide_buffer_t;\nint " + std::string(symbol) + "(" +
         parameters + ");\nint call_kernel(void **a) { return " + symbol + "(" + values +
         "); }\n";
}

// A kernel is serial code without a run-time library: nothing of Halide's, no heap.
static void checkSymbols(const std::string &object) {
  std::istringstream lines(runOrThrow({"nm", "--undefined-only", "--format=posix", object}).output);
  std::string line, found;
  while (std::getline(lines, line)) {
    const std::string name = line.substr(0, line.find(' '));
    for (const char *heap : {"malloc", "free", "calloc", "realloc", "posix_memalign",
                             "aligned_alloc", "memalign"})
      if (name == heap)
        found += " " + name;
    if (name.rfind("halide_", 0) == 0 || name.rfind("_Z", 0) == 0)
      found += " " + name;
  }
  if (!found.empty())
    throw std::runtime_error(object + " refers to" + found);
}

Compiled compile(const Job &job) {
  const std::string hash = schedule::hashOf(job.spec->toJson() + toJson(job.target) +
                                            job.candidate + "\n" + workerHash());
  Compiled compiled;
  compiled.library = cached(hash, ".so");
  compiled.object = cached(hash, ".o");
  const fs::path infoPath = cached(hash, ".info.json");
  if (!fs::exists(compiled.library)) {
    const fs::path object = temporary(".o"), info = temporary(".json"), library = temporary(".so");
    const fs::path caller = temporary(".c");
    compileObject(job, object, info);
    compiled.info = KernelInfo::fromJson(read(info));
    checkSymbols(object);
    write(caller, callerOf(*job.spec, compiled.info));
    runOrThrow({NNCC_C_COMPILER, "-shared", "-fPIC", "-o", library, caller, object,
                "-Wl,--no-undefined", "-lm"});
    fs::remove(caller);
    fs::rename(object, compiled.object);
    fs::rename(info, infoPath);
    fs::rename(library, compiled.library);
  }
  compiled.info = KernelInfo::fromJson(read(infoPath));
  return compiled;
}

std::vector<std::string> candidatesFor(const KernelSpec &spec, const Target &target) {
  const std::string hash =
      schedule::hashOf(spec.toJson() + toJson(target) + "candidates\n" + workerHash());
  const fs::path path = cached(hash, ".candidates");
  if (!fs::exists(path)) {
    std::vector<std::string> command = workerOn(spec, target);
    command.push_back("--list-candidates");
    write(path, runOrThrow(command).output);
  }
  // A line is a name, a tab, and "fits", "reference" or "refused: REASON", a tab, and cycles.
  std::istringstream lines(read(path));
  std::vector<std::string> candidates;
  for (std::string line; std::getline(lines, line);) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos)
      throw std::runtime_error("a candidate without a verdict: " + line);
    if (line.compare(tab + 1, 7, "refused") != 0)
      candidates.push_back(line.substr(0, tab));
  }
  if (candidates.empty())
    throw std::runtime_error("no candidate, not even a reference schedule: " +
                             quoted(workerOn(spec, target)) + " --list-candidates");
  return candidates;
}

void inParallel(size_t count, const std::function<void(size_t)> &task) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  auto work = [&] {
    for (size_t i; (i = next++) < count;)
      try {
        task(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!failure)
          failure = std::current_exception();
      }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 1; t < std::min(2u, std::max(1u, std::thread::hardware_concurrency())); t++)
      threads.emplace_back(work);
    work();
  }
  if (failure)
    std::rethrow_exception(failure);
}

LoadedKernel::LoadedKernel(const Compiled &compiled)
    : library(dlopen(compiled.library.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (!library)
    throw std::runtime_error(dlerror());
  function = reinterpret_cast<int (*)(void **)>(dlsym(library, "call_kernel"));
  if (!function)
    throw std::runtime_error(dlerror());
}

LoadedKernel::~LoadedKernel() { dlclose(library); }

const std::vector<Level> &levels() {
  static const std::vector<Level> all = {
      {"x86-64", true},
      {"x86-64-v3", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi2")},
      {"x86-64-v4", __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl")},
  };
  return all;
}

}  // namespace nncc::ops
